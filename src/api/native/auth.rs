//! Credentials of the native dialect: an API key as bearer token, or HTTP Basic with login and password; nothing at all
//! where the operator asks through the local socket.

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

/// Who asks.
pub async fn signed_in(call: &Call) -> Result<Actor, Failure> {
    if !call.request().headers().contains_key(AUTHORIZATION)
        && let Some(operator) = auth::local_operator(call)
    {
        return Ok(operator);
    }
    let header = call.header("authorization").ok_or(Edge::NoCredentials)?;
    if let Some(token) = auth::strip_scheme(header, "bearer") {
        return auth::authenticate(call, auth::split_key(token).ok_or(Edge::BadKey)?).await;
    }
    let (login, password) = auth::basic(header).ok_or(Edge::NoCredentials)?;
    auth::authenticate(call, Credential::Password { login: &login, password: &password }).await
}

/// Who asks, where only administrators may.
pub async fn administrator(call: &Call) -> Result<Actor, Failure> {
    let actor = signed_in(call).await?;
    let _grant = load::administer(&actor, Action::Administer)?;
    Ok(actor)
}

/// Who asks, where only super administrators may.
pub async fn super_administrator(call: &Call) -> Result<Actor, Failure> {
    let actor = signed_in(call).await?;
    let _grant = load::administer(&actor, Action::AdministerAdministrators)?;
    Ok(actor)
}
