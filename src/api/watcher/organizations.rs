//! Organizations in Watcher's terms.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    auth, input,
    page::Page,
    wire::{DONE, Domain, Folder, FullOrganization, NewOrganization},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        Error, Field, OrgId, Result,
        organization::{Order, OrganizationFilter, Search},
    },
    ops::organization::{self, Children, Deletion, Own},
};

/// Greatest page that is read at once, on the thread that serves.
const INLINE_MAX: u64 = 1000;

/// `GET /organizations`: by title; `search`, `limit`, `offset`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let Page { search, limit, offset } = Page::of(&call)?;
    let domain = Domain::of(&call);
    let inline = search.is_none() && limit.is_some_and(|limit| limit <= INLINE_MAX) && offset <= INLINE_MAX;
    let filter = OrganizationFilter {
        search: search.map(Search::Title),
        order: Order::Title,
        limit,
        offset,
        ..OrganizationFilter::default()
    };
    if inline {
        let found = call.read(|read| organization::list_own(read, &actor, &filter))?;
        return call.json(StatusCode::OK, &full(&found, &domain));
    }
    // A list of everything takes as long to write down as to read.
    let written =
        call.scan(move |read| written(&full(&organization::list_own(read, &actor, &filter)?, &domain))).await?;
    call.json(StatusCode::OK, &written)
}

/// `POST /organizations` → the short object.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let new = input::new_organization(&body::fields(&call).await?)?;
    let made = call
        .write(actor, move |write, who| {
            let made = organization::create(write, who, new)?;
            organization::view_own(write, &who.actor, made.id)
        })
        .await?;
    call.json(StatusCode::OK, &NewOrganization::new(&made, &Domain::of(&call)))
}

/// `GET /organizations/{id}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| organization::view_own(read, &actor, id))?;
    call.json(StatusCode::OK, &FullOrganization::new(&found, &Domain::of(&call)))
}

/// `PUT /organizations/{id}` → the full object.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let patch = input::organization_patch(&body::fields(&call).await?)?;
    let changed = call
        .write(actor, move |write, who| {
            organization::view_own(write, &who.actor, id)?;
            organization::update(write, who, id, patch)?;
            organization::view_own(write, &who.actor, id)
        })
        .await?;
    call.json(StatusCode::OK, &FullOrganization::new(&changed, &Domain::of(&call)))
}

/// `DELETE /organizations/{id}` with the header `force` → `{"success":true}`.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    call.read(|read| organization::may_delete(read, &actor, id))?;
    if call.header("force").and_then(input::truth) != Some(true) {
        let message =
            "an organization cannot be deleted while it has its folder; send the header force: 1 to delete both";
        return Err(Error::refused(Field::Wire("force"), "force_needed", message).into());
    }
    let deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
    call.write(actor, move |write, who| {
        organization::may_delete(write, &who.actor, id)?;
        organization::delete(write, who, id, deletion)
    })
    .await?;
    call.json(StatusCode::OK, &DONE)
}

/// `GET /organizations/{id}/folders`: the one folder, which is why `force` exists.
pub async fn folders(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| organization::view_own(read, &actor, id))?;
    call.json(StatusCode::OK, &[Folder::from(&found.organization)])
}

/// The organization that the path names.
pub fn id(call: &Call) -> std::result::Result<OrgId, Failure> {
    OrgId::parse(call.path("id")).ok_or_else(|| Call::no_such("organization"))
}

/// Writes an answer down where it was read, off the thread that serves.
pub fn written(answer: &impl Serialize) -> Result<Box<RawValue>> {
    to_raw_value(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Error::internal()
    })
}

fn full<'a>(found: &'a [Own], domain: &'a Domain) -> Vec<FullOrganization<'a>> {
    found.iter().map(|own| FullOrganization::new(own, domain)).collect()
}
