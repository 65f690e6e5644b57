//! Credentials of WoTKit: HTTP Basic with login and password, or with the two halves of an API key.

use actix_web::http::header::AUTHORIZATION;

use crate::{
    api::{
        auth::{self, Credential},
        call::Call,
        failure::{Edge, Failure},
    },
    model::actor::{Action, Actor},
    ops::load,
};

/// Who asks, where a call is public: without credentials nobody in particular, unless the directory is closed.
pub async fn anybody(call: &Call) -> Result<Actor, Failure> {
    let has_credentials = call.request().headers().contains_key(AUTHORIZATION);
    if !has_credentials && call.settings().wotkit_public_directory {
        return Ok(Actor::anonymous());
    }
    signed_in(call).await
}

/// Who asks, where only administrators may.
pub async fn administrator(call: &Call) -> Result<Actor, Failure> {
    let actor = signed_in(call).await?;
    let _grant = load::administer(&actor, Action::Administer)?;
    Ok(actor)
}

async fn signed_in(call: &Call) -> Result<Actor, Failure> {
    let header = call.request().headers().get(AUTHORIZATION).ok_or(Edge::NoCredentials)?;
    let (name, password) = header.to_str().ok().and_then(auth::basic).ok_or(Edge::BadPassword)?;
    match auth::split_key(&format!("{name}{password}")) {
        Some(key) if name.len() == 16 && password.len() == 16 => auth::authenticate(call, key).await,
        _ => auth::authenticate(call, Credential::Password { login: &name, password: &password }).await,
    }
}
