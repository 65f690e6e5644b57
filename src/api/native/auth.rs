//! Credentials of the native dialect: an API key as bearer token, or HTTP Basic with login and password.

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
