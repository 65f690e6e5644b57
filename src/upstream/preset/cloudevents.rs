//! Preset `cloudevents`: a JSON batch of CloudEvents 1.0.

use uuid::Uuid;

use super::Wire;
use crate::{envelope, model::event::Event};

/// About what an event takes beside its data.
const ENVELOPE_BYTES: usize = 512;

pub(super) fn encode(site: Uuid, from_seq: i64, events: &[Event]) -> serde_json::Result<Option<Wire>> {
    let mut from = from_seq;
    let mut batch = Vec::with_capacity(events.len());
    for event in events {
        batch.push(envelope::cloud_event(site, event, Some(from))?);
        from = event.position.seq + 1;
    }
    if batch.is_empty() {
        return Ok(None);
    }
    // Room for all of it from the start: it would otherwise be moved a dozen times as it grows.
    let data: usize = events.iter().map(|event| event.data.len()).sum();
    let mut body = Vec::with_capacity(data + ENVELOPE_BYTES * events.len());
    serde_json::to_writer(&mut body, &batch)?;
    Ok(Some(Wire { body, entries: batch.len() }))
}
