//! Previews of patches and deletes: what would change, what would be gone, which footage could be purged. Nothing is done.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::{auth, cameras, error::Refusal, input::segment, organization_input, organizations, wire::Single};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{Error, Field, Result, event::Subject},
    ops::{
        camera, load, organization,
        organization::{Children, Deletion},
        preview::{self, Deleted, Footage, Preview, Rows},
    },
};

/// A preview on the wire.
#[derive(Serialize)]
pub struct PreviewBody {
    changes: List<ChangeBody>,
    deleted: List<DeletedBody>,
    footage: List<FootageBody>,
    refused: Option<Refusal>,
}

/// The first thousand rows, and how many there are.
#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    total: usize,
}

#[derive(Serialize)]
struct ChangeBody {
    subject: String,
    field: String,
    from: Box<RawValue>,
    to: Box<RawValue>,
}

#[derive(Serialize)]
struct DeletedBody {
    kind: &'static str,
    id: String,
    name: String,
}

/// What is older than `to_days` could be purged at once; it would have been kept for `from_days`.
#[derive(Serialize)]
struct FootageBody {
    camera: i64,
    name: String,
    organization_id: i64,
    from_days: i64,
    to_days: i64,
}

impl TryFrom<Preview> for PreviewBody {
    type Error = serde_json::Error;

    fn try_from(preview: Preview) -> serde_json::Result<Self> {
        let Preview { changes, deleted, footage, refused } = preview;
        let change = |(subject, field): (Subject, preview::FieldChange)| {
            let preview::FieldChange { field, from, to } = field;
            let (from, to) = (RawValue::from_string(from)?, RawValue::from_string(to)?);
            Ok(ChangeBody { subject: subject.to_string(), field, from, to })
        };
        let Rows { rows, total } = changes;
        let items = rows.into_iter().map(change).collect::<serde_json::Result<_>>()?;
        Ok(Self {
            changes: List { items, total },
            deleted: List::of(deleted, |Deleted { subject, name }| {
                let text = subject.to_string();
                let id = text.split_once('/').map_or_else(String::new, |(_, id)| id.to_owned());
                DeletedBody { kind: subject.kind(), id, name }
            }),
            footage: List::of(footage, |Footage { camera, name, organization_id, from_days, to_days }| FootageBody {
                camera: camera.0,
                name,
                organization_id: organization_id.0,
                from_days,
                to_days,
            }),
            refused: refused.map(Refusal::from),
        })
    }
}

impl PreviewBody {
    /// The preview as it is answered.
    pub fn written(found: Preview) -> Result<Self> {
        Self::try_from(found).map_err(|error| {
            tracing::error!(%error, "a preview could not be written as JSON");
            Error::internal()
        })
    }
}

impl<T> List<T> {
    fn of<U>(Rows { rows, total }: Rows<U>, convert: impl FnMut(U) -> T) -> Self {
        Self { items: rows.into_iter().map(convert).collect(), total }
    }
}

/// `POST /organizations/{org}/preview` with the patch or the delete that would be sent.
pub async fn of_organization(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let wanted = Wanted::of(body::json_object(&call).await?)?;
    let name = segment(&call, "org");
    let found = call
        .rehearse(actor, move |rehearsal, who| {
            let id = load::identify(rehearsal, &name)?;
            match wanted {
                Wanted::Patch(body) => {
                    let _grant = organization::may_update(rehearsal, &who.actor, id)?;
                    preview::of(rehearsal, |write| {
                        let present = Single::read(write, &who.actor, id)?;
                        let patch = organization_input::patch(write, &who.actor, &body, &present)?;
                        organization::update(write, who, id, patch)
                    })
                }
                Wanted::Delete(children) => {
                    let deletion = Deletion { children, refuse_cameras: false };
                    preview::of(rehearsal, |write| organization::delete(write, who, id, deletion))
                }
            }
        })
        .await?;
    answer(&call, found)
}

/// `POST /cameras/{id}/preview` with the patch or the delete that would be sent.
pub async fn of_camera(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let wanted = Wanted::of(body::json_object(&call).await?)?;
    let id = cameras::id(&call)?;
    let found = call
        .rehearse(actor, move |rehearsal, who| match wanted {
            Wanted::Patch(body) => preview::of(rehearsal, |write| {
                let patch = cameras::patch(&body)?;
                camera::update(write, who, id, patch).map_err(cameras::named)
            }),
            Wanted::Delete(_) => preview::of(rehearsal, |write| camera::remove(write, who, id)),
        })
        .await?;
    answer(&call, found)
}

enum Wanted {
    Patch(Map<String, Value>),
    Delete(Children),
}

impl Wanted {
    /// Exactly one of `{"patch": {…}}` and `{"delete": {"children": …}}`.
    fn of(body: Map<String, Value>) -> std::result::Result<Self, Failure> {
        let wrong = || Error::invalid(Field::Wire("body"), "must be {\"patch\": {…}} or {\"delete\": {…}}");
        let mut members = body.into_iter();
        let (Some((verb, Value::Object(argument))), None) = (members.next(), members.next()) else {
            return Err(wrong().into());
        };
        match verb.as_str() {
            "patch" => Ok(Wanted::Patch(argument)),
            "delete" => Ok(Wanted::Delete(children(&argument)?)),
            _ => Err(wrong().into()),
        }
    }
}

/// Where nothing is said they stand in the way.
fn children(argument: &Map<String, Value>) -> Result<Children> {
    if argument.keys().any(|key| key != "children") {
        return Err(Error::invalid(Field::Wire("delete"), "has unknown fields; known here: children"));
    }
    let Some(given) = argument.get("children") else { return Ok(Children::Refuse) };
    let word = organizations::CHILDREN.into_iter().find(|(word, _)| given.as_str() == Some(word));
    let wrong = || Error::invalid(Field::Wire("children"), "must be refuse, reattach or cascade");
    word.map(|(_, children)| children).ok_or_else(wrong)
}

fn answer(call: &Call, found: Preview) -> Outcome {
    call.json(StatusCode::OK, &PreviewBody::written(found)?)
}
