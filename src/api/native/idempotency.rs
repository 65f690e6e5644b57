//! Creates that may be sent twice [draft-ietf-httpapi-idempotency-key-header]: with the header `Idempotency-Key` the
//! answer is kept for a day in the create's own transaction, and the same request gets it again with
//! `Idempotency-Replayed: true`. Another request with the same key is refused.
//!
//! A handler hands its create to [`create`] and says with [`Created`] what is answered:
//! ```text
//! idempotency::create(&call, actor, body, move |write, who, body| {
//!     let made = camera::register(write, who, &wire::new_camera(body)?)?;
//!     Created::new(format!("/cameras/{}", made.id), made.version, &wire::Camera::from(&made))
//! })
//! .await
//! ```

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::ContentType},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{PREFIXES, etag};
use crate::{
    api::{
        call::{Call, Write},
        failure::{Failure, Outcome},
    },
    model::{
        Error, Field, Result,
        actor::{Actor, Who},
        repeat::{Answer, Repeat, is_key},
    },
    ops::{idempotency, key},
};

const HEADER: &str = "idempotency-key";

/// Members of a body that are no part of what makes a request the same: a fast hash of a password is not kept, not even
/// for a day.
const SECRETS: [&str; 1] = ["password"];

/// What a create answers: 201 with `Location` and `ETag`.
pub struct Created {
    location: String,
    version: Option<i64>,
    body: String,
    kept: Option<String>,
}

impl Created {
    /// What was made. `path` is its path below the dialect's prefix.
    pub fn new(path: String, version: i64, body: &impl Serialize) -> Result<Self> {
        let location = format!("{}{path}", PREFIXES[0]);
        Ok(Self { location, version: Some(version), body: text(body)?, kept: None })
    }

    /// As [`Created::new`], of something that has no version.
    pub fn unversioned(path: String, body: &impl Serialize) -> Result<Self> {
        Ok(Self { version: None, ..Self::new(path, 0, body)? })
    }

    /// What a repetition is answered in place of the body, which holds a secret that is shown once.
    pub fn keeping(self, body: &impl Serialize) -> Result<Self> {
        Ok(Self { kept: Some(text(body)?), ..self })
    }

    fn answer(&self, body: &str) -> Answer {
        let mut headers = vec![("location".to_owned(), self.location.clone())];
        headers.extend(self.version.map(etag::header).map(|(name, version)| (name.to_string(), version)));
        Answer { status: StatusCode::CREATED.as_u16(), headers, body: body.to_owned() }
    }
}

/// Makes something from a body, once for each `Idempotency-Key` where the request has one.
pub async fn create(
    call: &Call,
    actor: Actor,
    body: Map<String, Value>,
    work: impl FnOnce(&Write<'_>, &Who, &Map<String, Value>) -> Result<Created> + Send + 'static,
) -> Outcome {
    let repeat = repeat(call, &body)?;
    let keep = |made: &Created| made.answer(made.kept.as_deref().unwrap_or(&made.body));
    let outcome = call
        .write(actor, move |write, who| {
            idempotency::once(write, who, repeat.as_ref(), keep, || work(write, who, &body))
        })
        .await?;
    Ok(match outcome {
        idempotency::Outcome::Made(made) => respond(&made.answer(&made.body), false),
        idempotency::Outcome::Replayed(answer) => respond(&answer, true),
    })
}

/// Whether the request has an `Idempotency-Key`, so that it may have been sent before.
pub fn is_repeatable(call: &Call) -> bool {
    call.request().headers().contains_key(HEADER)
}

fn repeat(call: &Call, body: &Map<String, Value>) -> std::result::Result<Option<Repeat>, Failure> {
    let Some(value) = call.request().headers().get(HEADER) else { return Ok(None) };
    let wrong = || Error::invalid(Field::Wire("Idempotency-Key"), "must be 1 to 255 printable ASCII characters");
    let key = value.to_str().ok().map(str::trim).filter(|key| is_key(key)).ok_or_else(wrong)?;
    let mut body = body.clone();
    body.retain(|name, _| !SECRETS.contains(&name.as_str()));
    let request = format!("{} {}\n{}", call.request().method(), call.request().uri(), Value::from(body));
    Ok(Some(Repeat { key: key.to_owned(), request_hash: key::hash(&request) }))
}

fn respond(answer: &Answer, replayed: bool) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED));
    for (name, value) in &answer.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    if replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    response.content_type(ContentType::json()).body(answer.body.clone())
}

fn text(body: &impl Serialize) -> Result<String> {
    serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Error::internal()
    })
}
