//! Preset `webhook`: one event a request, as Standard Webhooks recommends it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::Wire;
use crate::{envelope, model::event::Event};

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: Option<String>,
    data: Data<'a>,
}

/// The event's own data, and what tells it from others of its subject.
#[derive(Serialize)]
struct Data<'a> {
    subject: &'a str,
    version: i64,
    event: &'a RawValue,
}

pub(super) fn encode(events: &[Event]) -> serde_json::Result<Option<Wire>> {
    let Some(event) = events.first() else { return Ok(None) };
    let payload = Payload {
        r#type: &event.kind,
        timestamp: envelope::time(event.at_ms),
        data: Data { subject: &event.subject, version: event.version, event: serde_json::from_str(&event.data)? },
    };
    Ok(Some(Wire { body: serde_json::to_vec(&payload)?, entries: 1 }))
}
