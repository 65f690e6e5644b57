//! Events as CloudEvents 1.0 in JSON: written here once, for whoever fetches them and for whoever is sent them, so that both
//! get the same to the letter. Knows no wire and no table.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::model::event::Event;

/// The media type of one event.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// The JSON text of an event of this site.
pub fn cloud_event(site: Uuid, event: &Event) -> serde_json::Result<Box<RawValue>> {
    let Event { position, id, kind, subject, version, at_ms, data } = event;
    serde_json::value::to_raw_value(&CloudEvent {
        specversion: "1.0",
        id: id.hyphenated().to_string(),
        source: format!("urn:uuid:{}", site.hyphenated()),
        kind,
        subject,
        time: time(*at_ms),
        datacontenttype: "application/json",
        sequence: format!("{:020}", position.seq),
        partitionkey: subject,
        obxepoch: position.epoch.hyphenated().to_string(),
        obxver: version.to_string(),
        data: serde_json::from_str(data)?,
    })
}

/// The order of the fields is that of the document that describes them.
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: &'a str,
    subject: &'a str,
    time: Option<String>,
    datacontenttype: &'static str,
    sequence: String,
    partitionkey: &'a str,
    obxepoch: String,
    obxver: String,
    data: &'a RawValue,
}

/// RFC 3339 in UTC; `None` for a time that no calendar has.
fn time(at_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(at_ms).ok().map(|time| time.to_string())
}
