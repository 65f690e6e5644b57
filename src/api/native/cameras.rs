//! Cameras: register, list, view, move and change, remove; and what the VMS keeps by.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::ETAG},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    auth, etag,
    holds::HoldBody,
    idempotency::{self, Created},
    input::Body,
    page::Page,
    query::Query,
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        CameraId, Error, Field, Kind, OrgId, Result, UserId,
        actor::Actor,
        camera::{Camera, CameraFilter, CameraKind, CameraPatch, CameraRetention, NewCamera, PlacedCamera},
        overrides::{Place, Source},
    },
    ops::{
        camera::{self, Shown},
        load, site, version,
    },
};

const ORGANIZATION: Field = Field::Wire("organization_id");

#[derive(Serialize)]
struct CameraBody {
    id: i64,
    organization_id: i64,
    organization: String,
    name: String,
    r#type: i64,
    partner_id: Option<i64>,
    purge_days: i64,
    purge_days_source: Decided,
    hold: Option<HoldBody>,
    version: i64,
}

/// Where a purge time comes from: the field that decides, and where its value comes from; of a file the line, too.
#[derive(Serialize)]
struct Decided {
    field: &'static str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl Decided {
    fn new(field: Field, source: Source) -> Self {
        let (source, place) = match source {
            Source::Default => ("default", None),
            Source::Stored => ("stored", None),
            Source::File { place, stored: _ } => ("file", Some(place)),
            Source::Held { stored: _ } => ("legal_hold", None),
        };
        let (file, line) = place.map(|Place { file, line }| (file, line)).unzip();
        Self { field: field.core_name(), source, file, line }
    }
}

impl From<Shown> for CameraBody {
    fn from(shown: Shown) -> Self {
        let Shown { placed: PlacedCamera { camera, organization, purge }, hold, source } = shown;
        // What is shown is the hold over it, which may be the organization's.
        let Camera { id, version, organization_id, name, kind, partner_id, hold: _ } = camera;
        Self {
            id: id.0,
            organization_id: organization_id.0,
            organization,
            name,
            r#type: kind.number(),
            partner_id: partner_id.map(|id| id.0),
            purge_days: purge.days,
            purge_days_source: Decided::new(purge.field, source),
            hold: hold.map(HoldBody::from),
            version,
        }
    }
}

/// `GET /cameras?organization=&below=&search=&limit=&cursor=`: those that the caller sees, by id.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["organization", "below", "search", "limit", "cursor"])?;
    let limit = query.limit()?;
    let mut filter = CameraFilter {
        search: query.text("search").map(str::to_owned),
        after: query.position::<i64>()?.map(CameraId),
        limit: Some(limit + 1),
        ..CameraFilter::default()
    };
    let text = |name: &str| query.text(name).map(str::to_owned);
    let (organization, below) = (text("organization"), text("below"));
    let found = call
        .scan(move |read| {
            let resolve = |name: Option<String>| name.map(|name| load::identify(read, &name)).transpose();
            filter.organization = resolve(organization)?;
            filter.below = resolve(below)?;
            camera::search(read, &actor, &filter)
        })
        .await?;
    let page = Page::new(found, limit, |shown| shown.placed.camera.id.0);
    call.json(StatusCode::OK, &page.map(CameraBody::from))
}

/// `GET /cameras/{id}`.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let shown = call.read(|read| camera::view(read, &actor, id))?;
    answer(&call, shown)
}

/// `POST /cameras` `{"organization_id", "name", "type", "partner_id"?}`.
pub async fn register(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let body = body::json_object(&call).await?;
    idempotency::create(&call, actor, body, |write, who, body| {
        let camera = camera::register(write, who, &new(body)?).map_err(named)?;
        let shown = camera::view(write, &who.actor, camera.id)?;
        Created::new(format!("/cameras/{}", camera.id), camera.version, &CameraBody::from(shown))
    })
    .await
}

/// `PATCH /cameras/{id}`: another name, type or organization.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let (id, version) = (id(&call)?, etag::demanded(&call)?);
    let patch = patch(&body::json_object(&call).await?)?;
    let shown = call
        .write(actor, move |write, who| {
            version::of_camera(write, &who.actor, id, version)?;
            camera::update(write, who, id, patch).map_err(named)?;
            camera::view(write, &who.actor, id)
        })
        .await?;
    answer(&call, shown)
}

/// `DELETE /cameras/{id}`.
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let (id, version) = (id(&call)?, etag::demanded(&call)?);
    call.write(actor, move |write, who| {
        version::of_camera(write, &who.actor, id, version)?;
        camera::remove(write, who, id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Serialize)]
struct Retention {
    epoch: String,
    last_seq: i64,
    cameras: Vec<Kept>,
}

#[derive(Serialize)]
struct Kept {
    id: i64,
    organization_id: i64,
    r#type: i64,
    purge_days: i64,
    hold: bool,
}

impl From<CameraRetention> for Kept {
    fn from(camera: CameraRetention) -> Self {
        let CameraRetention { id, organization_id, kind, purge, held } = camera;
        Self { id: id.0, organization_id: organization_id.0, r#type: kind.number(), purge_days: purge.days, hold: held }
    }
}

/// `GET /retention`: how long the footage of every camera that the caller sees is kept, all in one answer, by organization
/// and camera. Whatever changes it is an event, so the `ETag` is that of the last event, and `If-None-Match` costs nothing.
pub async fn retention(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let known = call.header("if-none-match").unwrap_or_default();
    let standing = tag(&actor, call.read(site::identity)?.ok_or_else(Error::internal)?);
    if known.split(',').any(|text| text.trim().trim_start_matches("W/") == standing) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, standing)).finish());
    }
    let (site, body, actor) = call
        .scan(move |read| {
            // Site and cameras are of one snapshot, so that the tag is never newer than what it stands for.
            let site = site::identity(read)?.ok_or_else(Error::internal)?;
            let cameras = camera::retention(read, &actor)?.into_iter().map(Kept::from).collect();
            let body = Retention { epoch: site.epoch_uuid.to_string(), last_seq: site.last_seq, cameras };
            Ok((site, serde_json::to_vec(&body), actor))
        })
        .await?;
    let body = body.map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Error::internal()
    })?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(&actor, site))).content_type("application/json").body(body))
}

/// Callers see different cameras, so each has tags of its own.
fn tag(actor: &Actor, site: site::Site) -> String {
    let user = actor.user_id.map_or(0, |id| id.0);
    let key = actor.key.as_ref().map_or(0, |key| key.id.0);
    format!("\"{}-{}-{user}-{key}\"", site.epoch_uuid.simple(), site.last_seq)
}

fn new(body: &Map<String, Value>) -> Result<NewCamera> {
    let mut body = Body::of(body);
    let organization_id = body.number(ORGANIZATION);
    let organization_id = OrgId(body.required(ORGANIZATION, organization_id));
    let name = body.text(Field::Name);
    let name = body.required(Field::Name, name);
    let kind = body.number(Field::CameraKind);
    let kind = body.required(Field::CameraKind, kind);
    let partner_id = body.number(Field::Wire("partner_id")).into_set().map(UserId);
    body.finish()?;
    Ok(NewCamera { organization_id, name, kind: CameraKind::from_number(kind)?, partner_id })
}

/// The change that a body asks for.
pub(super) fn patch(body: &Map<String, Value>) -> Result<CameraPatch> {
    let mut body = Body::of(body);
    let organization_id = body.number(ORGANIZATION);
    let organization_id = body.given(ORGANIZATION, organization_id).map(OrgId);
    let name = body.text(Field::Name);
    let name = body.given(Field::Name, name);
    let kind = body.number(Field::CameraKind);
    let kind = body.given(Field::CameraKind, kind);
    body.finish()?;
    Ok(CameraPatch { organization_id, name, kind: kind.map(CameraKind::from_number).transpose()? })
}

/// The core speaks of a camera where this dialect has the field that names it.
pub(super) fn named(mut error: Error) -> Error {
    if error.kind == Kind::Invalid {
        let wrong = error.problems.iter_mut().filter(|problem| problem.field == Field::Camera);
        wrong.for_each(|problem| problem.field = Field::Name);
        return Error::invalid_all(error.problems);
    }
    error
}

pub(super) fn id(call: &Call) -> std::result::Result<CameraId, Failure> {
    CameraId::parse(call.path("id")).ok_or_else(|| Call::no_such("camera"))
}

fn answer(call: &Call, shown: Shown) -> Outcome {
    let version = shown.placed.camera.version;
    let mut answer = call.json(StatusCode::OK, &CameraBody::from(shown))?;
    etag::tell(&mut answer, version);
    Ok(answer)
}
