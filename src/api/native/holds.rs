//! Legal holds of organizations and cameras. Whoever sees what is held sees the hold; super administrators set and lift it.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use super::{
    auth,
    input::{Body, segment},
    page::Page,
    query::{Query, moment},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        CameraId, Error, Field, OrgId,
        hold::{Held, Hold},
    },
    ops::{hold, load},
};

/// A hold on the wire: what it was set on, why, by whom and since when.
#[derive(Serialize)]
pub struct HoldBody {
    organization_id: Option<i64>,
    camera_id: Option<i64>,
    reason: String,
    author: String,
    since: Option<String>,
}

impl From<Hold> for HoldBody {
    fn from(hold: Hold) -> Self {
        let Hold { on, reason, author, since_ms } = hold;
        let (organization_id, camera_id) = match on {
            Held::Organization(id) => (Some(id.0), None),
            Held::Camera(id) => (None, Some(id.0)),
        };
        Self { organization_id, camera_id, reason, author, since: moment(since_ms) }
    }
}

/// `GET /holds?limit=&cursor=`: every hold on what the caller sees, those on organizations first, each by id.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let after = query.position::<(Option<i64>, i64)>()?.map(|(organization, camera)| match organization {
        Some(id) => Held::Organization(OrgId(id)),
        None => Held::Camera(CameraId(camera)),
    });
    let one_more = usize::try_from(limit + 1).unwrap_or(usize::MAX);
    let found = call.scan(move |read| hold::list(read, &actor, after, one_more)).await?;
    let page = Page::new(found, limit, |hold| match hold.on {
        Held::Organization(id) => (Some(id.0), 0),
        Held::Camera(id) => (None, id.0),
    });
    call.json(StatusCode::OK, &page.map(HoldBody::from))
}

/// `GET /organizations/{org}/hold`: the hold over it, its own or the nearest above it; 404 where there is none.
pub async fn of_organization(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let found = call.read(|read| {
        let id = load::identify(read, &segment(&call, "org"))?;
        hold::over_organization(read, &actor, id)
    })?;
    answer(&call, found)
}

/// `GET /cameras/{id}/hold`: the hold over it, its own or the nearest over its organization; 404 where there is none.
pub async fn of_camera(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = camera(&call)?;
    let found = call.read(|read| hold::over_camera(read, &actor, id))?;
    answer(&call, found)
}

/// `PUT /organizations/{org}/hold` `{"reason"}`.
pub async fn set_on_organization(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let name = segment(&call, "org");
    let reason = reason(&call).await?;
    let set = call
        .write(actor, move |write, who| {
            let id = load::identify(write, &name)?;
            hold::set(write, who, Held::Organization(id), &reason)
        })
        .await?;
    answer(&call, Some(set))
}

/// `PUT /cameras/{id}/hold` `{"reason"}`.
pub async fn set_on_camera(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let id = camera(&call)?;
    let reason = reason(&call).await?;
    let set = call.write(actor, move |write, who| hold::set(write, who, Held::Camera(id), &reason)).await?;
    answer(&call, Some(set))
}

/// `DELETE /organizations/{org}/hold`: lifts the hold that was set on this very organization.
pub async fn lift_from_organization(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let name = segment(&call, "org");
    call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        hold::lift(write, who, Held::Organization(id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /cameras/{id}/hold`: lifts the hold that was set on this very camera.
pub async fn lift_from_camera(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let id = camera(&call)?;
    call.write(actor, move |write, who| hold::lift(write, who, Held::Camera(id))).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn reason(call: &Call) -> Result<String, Failure> {
    const REASON: Field = Field::Wire("reason");
    let body = body::json_object(call).await?;
    let mut body = Body::of(&body);
    let reason = body.text(REASON);
    let reason = body.required(REASON, reason);
    body.finish()?;
    Ok(reason)
}

fn camera(call: &Call) -> Result<CameraId, Failure> {
    CameraId::parse(call.path("id")).ok_or_else(|| Call::no_such("camera"))
}

fn answer(call: &Call, hold: Option<Hold>) -> Outcome {
    let hold = hold.ok_or_else(|| Error::not_found("hold"))?;
    call.json(StatusCode::OK, &HoldBody::from(hold))
}
