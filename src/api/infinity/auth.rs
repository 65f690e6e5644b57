//! Credentials of Infinity: HTTP Basic with login and password, or `Authorization: ApiKey <key>`, on both versions.

use crate::{
    api::{
        auth::{self, Credential},
        call::Call,
        failure::{Edge, Failure},
    },
    model::actor::Actor,
};

/// Who asks. There is nothing here that needs no credentials.
pub async fn signed_in(call: &Call) -> Result<Actor, Failure> {
    let header = call.header("authorization").ok_or(Edge::NoCredentials)?;
    if let Some(key) = auth::strip_scheme(header, "apikey") {
        return auth::authenticate(call, auth::split_key(key).ok_or(Edge::BadKey)?).await;
    }
    let (login, password) = auth::basic(header).ok_or(Edge::BadPassword)?;
    auth::authenticate(call, Credential::Password { login: &login, password: &password }).await
}
