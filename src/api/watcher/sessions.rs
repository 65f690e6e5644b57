//! Signing in and out in Watcher's terms. A client signs in before every call and never out, so it must be cheap.

use actix_web::http::StatusCode;

use super::{
    auth, input,
    users::numbers,
    wire::{DOMAIN_ID, DONE, Session},
};
use crate::{
    api::{
        auth::{Naming, sign_in, sign_out},
        body,
        call::Call,
        failure::Outcome,
    },
    model::{OrgId, actor::Actor, credential::SessionKind, user::User},
    ops::user,
};

/// Random bytes of a session: 27 characters in base64url.
const SESSION_BYTES: usize = 20;

/// `POST /auth/login` with `login` and `password`, as JSON or as a form.
pub async fn login(call: Call) -> Outcome {
    let (login, password) = input::sign_in(&body::fields(&call).await?)?;
    let (user, token) = sign_in::<SESSION_BYTES>(&call, Naming::Login, &login, &password, SessionKind::Watcher).await?;
    let organizations = call.read(|read| user::organizations(read, user.id))?;
    call.json(StatusCode::OK, &of_user(Some(&token), &user, user.role.is_admin(), &organizations))
}

/// `GET /auth/whoami`: the keys of a login.
pub async fn whoami(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let token = auth::session(&call);
    let Some(id) = actor.user_id else { return call.json(StatusCode::OK, &of_nobody(&actor)) };
    let (user, organizations) = call.read(|read| {
        let user = user::view(read, &actor, id)?;
        let organizations = user::organizations_seen(read, &actor, std::slice::from_ref(&user))?.concat();
        Ok((user, organizations))
    })?;
    call.json(StatusCode::OK, &of_user(token, &user, actor.is_admin(), &organizations))
}

/// `POST /auth/logout`: ends the session that was sent; a key is none and stays.
pub async fn logout(call: Call) -> Outcome {
    auth::signed_in(&call).await?;
    if let Some(token) = auth::session(&call) {
        sign_out(&call, token).await?;
    }
    call.json(StatusCode::OK, &DONE)
}

fn of_user<'a>(session: Option<&'a str>, user: &'a User, is_admin: bool, organizations: &[OrgId]) -> Session<'a> {
    Session {
        session,
        id: Some(user.id.0),
        login: &user.login,
        is_admin,
        is_logged_in: true,
        organizations: numbers(organizations),
        domain_id: DOMAIN_ID,
        can_edit_organizations: is_admin,
        can_view_organizations: is_admin || !organizations.is_empty(),
        locale: &user.contact.locale,
        notification_email: &user.contact.email,
    }
}

/// The system key: an administrator who is no user.
fn of_nobody(actor: &Actor) -> Session<'_> {
    let is_admin = actor.is_admin();
    Session {
        session: None,
        id: None,
        login: &actor.name,
        is_admin,
        is_logged_in: true,
        organizations: Vec::new(),
        domain_id: DOMAIN_ID,
        can_edit_organizations: is_admin,
        can_view_organizations: is_admin,
        locale: "",
        notification_email: "",
    }
}
