//! Members of organizations in Watcher's terms.

use actix_web::http::StatusCode;

use super::{
    auth, input, organizations,
    wire::{DONE, OrganizationUser},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::UserId,
    ops::{member, organization},
};

/// `GET /organizations/{id}/users`: by login.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = organizations::id(&call)?;
    let members = call
        .scan(move |read| {
            organization::view_own(read, &actor, id)?;
            member::list(read, &actor, id)
        })
        .await?;
    call.json(StatusCode::OK, &members.iter().map(OrganizationUser::from).collect::<Vec<_>>())
}

/// `POST /organizations/{id}/users`: who is a member already gets the rights that are mentioned.
pub async fn add(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = organizations::id(&call)?;
    let (user, rights) = input::new_member(&body::fields(&call).await?)?;
    let added = call
        .write(actor, move |write, who| {
            organization::view_own(write, &who.actor, id)?;
            member::add(write, who, id, user, rights)
        })
        .await?;
    call.json(StatusCode::OK, &OrganizationUser::from(&added))
}

/// `PUT /organizations/{id}/users/{user_id}`: the rights that are mentioned.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let (id, user) = (organizations::id(&call)?, user_id(&call)?);
    let rights = input::rights(&body::fields(&call).await?)?;
    let changed = call
        .write(actor, move |write, who| {
            organization::view_own(write, &who.actor, id)?;
            member::update(write, who, id, user, rights)
        })
        .await?;
    call.json(StatusCode::OK, &OrganizationUser::from(&changed))
}

/// `DELETE /organizations/{id}/users/{user_id}`
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let (id, user) = (organizations::id(&call)?, user_id(&call)?);
    call.write(actor, move |write, who| {
        organization::view_own(write, &who.actor, id)?;
        member::remove(write, who, id, user)
    })
    .await?;
    call.json(StatusCode::OK, &DONE)
}

fn user_id(call: &Call) -> Result<UserId, Failure> {
    UserId::parse(call.path("user_id")).ok_or_else(|| Call::no_such("member"))
}
