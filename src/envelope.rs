//! Events as CloudEvents 1.0 in JSON: written here once, for whoever fetches them and for whoever is sent them, so that both
//! get the same to the letter. Knows no wire and no table.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::model::event::Event;

/// The media type of one event.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// An event of this site, to be serialized. `from_seq` is the lowest number it stands for, where those between were replaced
/// or left out; `None` where nothing is said of that.
pub fn cloud_event(site: Uuid, event: &Event, from_seq: Option<i64>) -> serde_json::Result<CloudEvent<'_>> {
    let Event { position, id, kind, subject, version, at_ms, data } = event;
    Ok(CloudEvent {
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
        obxfrom: from_seq.map(|seq| format!("{seq:020}")),
        data: serde_json::from_str(data)?,
    })
}

/// An event in its envelope. The order of the fields is that of the document that describes them.
#[derive(Serialize)]
pub struct CloudEvent<'a> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    obxfrom: Option<String>,
    data: &'a RawValue,
}

/// RFC 3339 in UTC; `None` for a time that no calendar has.
pub fn time(at_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(at_ms).ok().map(|time| time.to_string())
}
