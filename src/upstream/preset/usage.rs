//! Presets `openmeter` and `lago`: what organizations use, as absolute values and never as increments, so that a value told
//! twice or late changes nothing that was billed.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Wire;
use crate::{envelope, model::event::Event};

/// What is told of each organization: its name, and the field of the state that holds it.
const GAUGES: [(&str, &str); 4] = [
    ("cameras", "camera_count"),
    ("members", "user_count"),
    ("dvr_limit_gb", "dvr_limit_gb"),
    ("purge_days", "purge_days"),
];

/// One value of one organization.
struct Gauge<'a> {
    event: &'a Event,
    name: &'static str,
    value: i64,
}

#[derive(Serialize)]
struct Meter<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    r#type: String,
    subject: String,
    time: Option<String>,
    data: &'a Value,
}

pub(super) fn openmeter(site: Uuid, events: &[Event]) -> serde_json::Result<Option<Wire>> {
    let gauges = gauges(events)?;
    let values: Vec<Value> = gauges.iter().map(|gauge| json!({ "value": gauge.value })).collect();
    let meters = gauges.iter().zip(&values).map(|(gauge, data)| Meter {
        specversion: "1.0",
        id: gauge.id(),
        source: format!("urn:uuid:{}", site.hyphenated()),
        r#type: format!("orgbox.{}", gauge.name),
        subject: gauge.subject(site),
        time: envelope::time(gauge.event.at_ms / 1000 * 1000),
        data,
    });
    wire(meters.collect::<Vec<_>>())
}

pub(super) fn lago(site: Uuid, events: &[Event]) -> serde_json::Result<Option<Wire>> {
    let gauges = gauges(events)?;
    let entries = gauges.iter().map(|gauge| {
        json!({
            "transaction_id": gauge.id(),
            "external_subscription_id": gauge.subject(site),
            "code": format!("orgbox_{}", gauge.name),
            "timestamp": gauge.event.at_ms / 1000,
            "properties": { "value": gauge.value },
        })
    });
    let entries: Vec<Value> = entries.collect();
    let count = entries.len();
    let body = serde_json::to_vec(&json!({ "events": entries }))?;
    Ok((count > 0).then_some(Wire { body, entries: count }))
}

fn wire<T: Serialize>(entries: Vec<T>) -> serde_json::Result<Option<Wire>> {
    if entries.is_empty() {
        return Ok(None);
    }
    Ok(Some(Wire { body: serde_json::to_vec(&entries)?, entries: entries.len() }))
}

/// The values after these events. That no two of an organization share a second is seen to where the events are chosen.
fn gauges(events: &[Event]) -> serde_json::Result<Vec<Gauge<'_>>> {
    let mut gauges = Vec::with_capacity(events.len() * GAUGES.len());
    for event in events.iter().filter(|event| event.is_of_organization()) {
        let data: Value = serde_json::from_str(&event.data)?;
        for (name, field) in GAUGES {
            // What is gone uses nothing.
            let value = data["state"].get(field).and_then(Value::as_i64).unwrap_or_default();
            gauges.push(Gauge { event, name, value });
        }
    }
    Ok(gauges)
}

impl Gauge<'_> {
    fn id(&self) -> String {
        format!("{}-{}", self.event.id.hyphenated(), self.name)
    }

    /// The organization among those of all boxes.
    fn subject(&self, site: Uuid) -> String {
        format!("{}/{}", site.hyphenated(), self.event.subject)
    }
}
