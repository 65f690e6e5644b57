//! Credentials of Watcher: a session, the system key, or a user's key together with that user's login.

use super::{error, wire::DOMAIN_ID};
use crate::{
    api::{
        auth::{self, Credential},
        call::Call,
        failure::{Edge, Failure},
    },
    model::{Error, Kind, actor::Actor, credential::SessionKind},
};

/// Who asks. A path through a domain that does not exist is refused here, so that no alias forgets it.
pub async fn signed_in(call: &Call) -> Result<Actor, Failure> {
    let actor = match (session(call), key(call)) {
        (Some(token), _) => auth::authenticate(call, Credential::Session { kind: SessionKind::Watcher, token }).await?,
        (None, Some(key)) => by_key(call, key).await?,
        (None, None) => return Err(Edge::NoCredentials.into()),
    };
    check_domain(call)?;
    Ok(actor)
}

/// The session that the request carries: in its own header, or else as a bearer.
pub fn session(call: &Call) -> Option<&str> {
    let own = call.header("x-vsaas-session").map(str::trim).filter(|token| !token.is_empty());
    let bearer = || {
        if key(call).is_some() { None } else { auth::strip_scheme(call.header("authorization")?, "bearer") }
    };
    own.or_else(bearer)
}

fn check_domain(call: &Call) -> Result<(), Failure> {
    match call.request().match_info().get("domain_id") {
        Some(id) if id != DOMAIN_ID.to_string() => Err(Call::no_such("domain")),
        _ => Ok(()),
    }
}

fn key(call: &Call) -> Option<&str> {
    call.header("x-vsaas-api-key").map(str::trim).filter(|key| !key.is_empty())
}

async fn by_key(call: &Call, key: &str) -> Result<Actor, Failure> {
    let login = login(call)?;
    if auth::is_system_key(call, key) {
        return match login {
            None => Ok(Actor::system_key()),
            Some(login) => match auth::impersonate(call, login) {
                // The audit trail must not take what was done in somebody's name for that user's own doing.
                Ok(mut actor) => {
                    actor.name = format!("{} (system key)", actor.name);
                    Ok(actor)
                }
                Err(Failure::Edge(Edge::BadPassword)) => {
                    Err(Error::forbidden("x-vsaas-user names no user that may sign in").into())
                }
                Err(failure) => Err(failure),
            },
        };
    }
    let actor = auth::authenticate(call, auth::split_key(key).ok_or(Edge::BadKey)?).await?;
    if login == Some(actor.name.as_str()) {
        return Ok(actor);
    }
    let message = "x-vsaas-user must be the login of the user whose key x-vsaas-api-key is";
    Err(Error::new(Kind::Forbidden, error::WRONG_KEY, message).into())
}

/// The login in `x-vsaas-user`. One that cannot be read must not pass for none: without it a system key can do anything.
fn login(call: &Call) -> Result<Option<&str>, Failure> {
    let Some(value) = call.request().headers().get("x-vsaas-user") else { return Ok(None) };
    match std::str::from_utf8(value.as_bytes()) {
        Ok(login) => Ok(Some(login.trim())),
        Err(_) => Err(Error::forbidden("x-vsaas-user must be a login in UTF-8").into()),
    }
}
