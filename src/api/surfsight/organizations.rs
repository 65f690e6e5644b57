//! Organizations in Surfsight's terms. Every call checks in the same order: who asks (401), the id in the path (400),
//! whether it may (403), the body (400).

use actix_web::http::StatusCode;
use serde_json::json;

use super::{
    auth,
    wire::{self, Data, Listed, Single},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{Error, Field, Kind, OrgId, Organization, organization::OrganizationFilter},
    ops::organization::{self, Children, Deletion},
};

/// `GET /organizations`: everything that the caller sees, oldest first.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let filter = OrganizationFilter::default();
    let (found, _) = call.scan(move |read| organization::list::<Organization>(read, &actor, &filter)).await?;
    call.json(StatusCode::OK, &Data { data: found.iter().map(Listed::from).collect::<Vec<_>>() })
}

/// `GET /organizations/{orgId}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = org_id(&call)?;
    let (found, sso_secret) = call.read(|read| {
        let found = organization::view(read, &actor, id)?;
        let sso_secret = match organization::sso_secret(read, &actor, id) {
            Err(Error { kind: Kind::Forbidden, .. }) => None,
            secret => Some(secret?),
        };
        Ok((found, sso_secret))
    })?;
    call.json(StatusCode::OK, &Data { data: Single::new(&found, sso_secret) })
}

/// `POST /organizations` → 200, the id and the secret for single sign-on.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::partner(&call).await?;
    let new = wire::new_organization(&body::json_object(&call).await?)?;
    let (id, sso_secret) = call
        .write(actor, move |write, who| {
            let made = organization::create(write, who, new)?;
            Ok((made.id, organization::sso_secret(write, &who.actor, made.id)?))
        })
        .await?;
    call.json(StatusCode::OK, &wire::created(id, &sso_secret))
}

/// `PATCH /organizations/{orgId}` → 200, the request's id.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = org_id(&call).map_err(hide_unknown)?;
    let _grant = call.read(|read| organization::may_update(read, &actor, id)).map_err(hide_unknown)?;
    let mut patch = wire::patch(&body::json_object(&call).await?, call.settings().surfsight_max_purge_days)?;
    let changed = call.write(actor, move |write, who| {
        // What a call does not mention is kept as it is, also where it would follow the general purge time.
        patch.retention.keep_types(&organization::view(write, &who.actor, id)?.retention);
        organization::update(write, who, id, patch)
    });
    changed.await.map_err(hide_unknown)?;
    done(&call)
}

/// `DELETE /organizations/{orgId}` → 200, the request's id; refused while it has devices.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = org_id(&call)?;
    let deletion = Deletion { children: Children::Rehang, refuse_cameras: true };
    call.write(actor, move |write, who| organization::delete(write, who, id, deletion)).await?;
    done(&call)
}

fn done(call: &Call) -> Outcome {
    call.json(StatusCode::OK, &json!({ "requestId": call.request_id().to_string() }))
}

/// The id in the path: digits that do not start with 0. One that is greater than any the box gives is unknown.
fn org_id(call: &Call) -> Result<OrgId, Failure> {
    let text = call.path("orgId");
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.is_empty() || text.starts_with('0') {
        return Err(Error::invalid(Field::Wire("orgId"), "must be a whole number of at least 1").into());
    }
    OrgId::parse(text).ok_or_else(|| Call::no_such("organization"))
}

/// PATCH documents no 404: what does not exist is as forbidden as what is somebody else's.
fn hide_unknown(failure: Failure) -> Failure {
    match failure {
        Failure::Rule(Error { kind: Kind::NotFound, message, .. }) => Error::forbidden(message).into(),
        failure => failure,
    }
}
