//! Preset `cloudevents`: a JSON batch of CloudEvents 1.0.

use uuid::Uuid;

use super::Wire;
use crate::{envelope, model::event::Event};

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
    Ok(Some(Wire { body: serde_json::to_vec(&batch)?, entries: batch.len() }))
}
