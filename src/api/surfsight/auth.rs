//! Credentials of Surfsight: `POST /authenticate` gives a token, which the other calls bear.

use actix_web::http::StatusCode;

use super::wire;
use crate::{
    api::{
        auth::{self, Credential, Naming},
        body,
        call::Call,
        failure::{Edge, Failure, Outcome},
    },
    model::{
        actor::{Action, Actor},
        credential::SessionKind,
    },
    ops::{load, user},
};

/// Random bytes of a token: 43 characters in base64url.
const TOKEN_BYTES: usize = 32;

/// `POST /authenticate` → 200, a token for 24 hours, and the organization that the user belongs to first.
pub async fn authenticate(call: Call) -> Outcome {
    let wire::SignIn { email, password } = wire::sign_in(&body::json_object(&call).await?)?;
    let kind = SessionKind::Surfsight;
    let (user, token) = auth::sign_in::<TOKEN_BYTES>(&call, Naming::Email, &email, &password, kind).await?;
    let organization_id = if user.role.is_admin() {
        // A partner belongs to no one organization.
        None
    } else {
        call.read(|read| user::organizations(read, user.id))?.first().copied()
    };
    call.json(StatusCode::OK, &wire::signed_in(&token, organization_id))
}

/// Who asks: the bearer of a token, with or without the scheme in front of it [client].
pub async fn signed_in(call: &Call) -> Result<Actor, Failure> {
    let header = call.header("authorization").ok_or(Edge::NoCredentials)?;
    let token = auth::strip_scheme(header, "bearer").unwrap_or(header.trim());
    auth::authenticate(call, Credential::Session { kind: SessionKind::Surfsight, token }).await
}

/// Who asks, where only partners may.
pub async fn partner(call: &Call) -> Result<Actor, Failure> {
    let actor = signed_in(call).await?;
    let _grant = load::administer(&actor, Action::Administer)?;
    Ok(actor)
}
