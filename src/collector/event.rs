//! One CloudEvent of a batch, as far as anything depends on it. It must not know what is held already.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Longest id, type and subject of an event, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// The kinds of subjects whose state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `organization/42`
    Organization,
    /// `member/42-7`
    Member,
    /// `camera/3`
    Camera,
    /// `user/7`
    User,
}

impl Kind {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Kind; 4] = [Kind::Organization, Kind::Member, Kind::Camera, Kind::User];

    /// As subjects, event types and counts spell it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Organization => "organization",
            Kind::Member => "member",
            Kind::Camera => "camera",
            Kind::User => "user",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An event of a batch.
#[derive(Debug)]
pub struct Event<'a> {
    /// Its id: once for ever.
    pub id: String,
    /// `organization/42`; empty where there is none.
    pub subject: String,
    /// Its number in the epoch, where it has one.
    pub sequence: Option<i64>,
    /// The lowest number that it stands for.
    pub from: Option<i64>,
    /// The epoch that it says it belongs to.
    pub epoch: Option<Uuid>,
    /// What it says.
    pub meaning: Meaning<'a>,
    /// The event byte for byte.
    pub text: &'a str,
    /// Hash of what must never change under the same id: type, subject, version and data.
    pub content: [u8; 32],
}

/// What an event says.
#[derive(Debug)]
pub enum Meaning<'a> {
    /// The whole state of a subject, byte for byte.
    State {
        /// The kind of the subject.
        kind: Kind,
        /// `obxver`
        version: i64,
        /// A JSON object.
        state: &'a str,
    },
    /// A subject is gone.
    Gone {
        /// The kind of the subject.
        kind: Kind,
        /// `obxver`
        version: i64,
    },
    /// A new epoch begins.
    Epoch(Opening),
    /// Everything has been named.
    Complete(Complete),
    /// The box says what it holds.
    Heartbeat(Heartbeat),
    /// Nothing that is known here: kept in the history, otherwise let be.
    Other,
    /// Of a known type, but it cannot be used. The word is the code of the rejection.
    Unusable(&'static str),
}

/// Data of `io.orgbox.site.epoch.v1`.
#[derive(Debug, Default, Deserialize)]
pub struct Opening {
    /// The epoch that it follows.
    #[serde(default)]
    pub old_epoch: Option<String>,
    /// Why there is a new one.
    #[serde(default)]
    pub reason: String,
    /// The box's title.
    #[serde(default)]
    pub title: Option<String>,
}

/// Data of `io.orgbox.site.snapshot.v1`.
#[derive(Debug, Default, Deserialize)]
pub struct Complete {
    /// False where it ends nothing.
    #[serde(default)]
    pub complete: bool,
    /// How many live subjects there are of each kind.
    #[serde(default)]
    pub counts: Option<BTreeMap<String, i64>>,
}

/// Data of `io.orgbox.site.heartbeat.v1`.
#[derive(Debug, Default)]
pub struct Heartbeat {
    /// The last number given when it was made.
    pub last_seq: Option<i64>,
    /// How many live subjects there are of each kind.
    pub counts: Option<BTreeMap<String, i64>>,
    /// See [`super::digest`].
    pub digest: Option<String>,
    /// Events that the box has set aside: with any of them the states differ with reason.
    pub parked: i64,
    /// The box's title.
    pub title: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    specversion: String,
    id: String,
    source: String,
    r#type: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default, borrow)]
    sequence: Option<&'a RawValue>,
    #[serde(default, borrow)]
    obxfrom: Option<&'a RawValue>,
    #[serde(default, borrow)]
    obxver: Option<&'a RawValue>,
    #[serde(default)]
    obxepoch: Option<String>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StateData<'a> {
    #[serde(default, borrow)]
    state: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct HeartbeatData<'a> {
    #[serde(default, borrow)]
    last_seq: Option<&'a RawValue>,
    #[serde(default)]
    counts: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    parked: i64,
    #[serde(default)]
    title: Option<String>,
}

impl<'a> Event<'a> {
    /// Reads an event of this site. The refusal says what makes the whole batch unreadable; what only makes this event
    /// useless is a [`Meaning::Unusable`].
    pub fn parse(raw: &'a RawValue, site: Uuid) -> Result<Self, &'static str> {
        let text = raw.get();
        let envelope: Envelope<'a> = serde_json::from_str(text).map_err(|_| "is no CloudEvent")?;
        if envelope.specversion != "1.0" {
            return Err("has another specversion than 1.0");
        }
        if !is_name(&envelope.id) || !is_name(&envelope.r#type) {
            return Err("has no id or no type that could be kept");
        }
        let source = envelope.source.strip_prefix("urn:uuid:").and_then(|uuid| Uuid::try_parse(uuid).ok());
        if source != Some(site) {
            return Err("has another source than the site of the batch");
        }
        let number = |raw: Option<&RawValue>, what| raw.map(|raw| number(raw).ok_or(what)).transpose();
        let sequence = number(envelope.sequence, "has a sequence that is no number")?;
        let from = number(envelope.obxfrom, "has an obxfrom that is no number")?;
        let uuid = |text: &String| Uuid::try_parse(text).map_err(|_| "has an obxepoch that is no UUID");
        let epoch = envelope.obxepoch.as_ref().map(uuid).transpose()?;
        let meaning = envelope.meaning();
        let content = envelope.content();
        let Envelope { id, subject, .. } = envelope;
        Ok(Self { id, subject: subject.unwrap_or_default(), sequence, from, epoch, meaning, text, content })
    }
}

impl<'a> Envelope<'a> {
    fn meaning(&self) -> Meaning<'a> {
        let of = self.r#type.strip_prefix("io.orgbox.").and_then(|rest| rest.strip_suffix(".v1"));
        let Some((thing, what)) = of.and_then(|rest| rest.split_once('.')) else { return Meaning::Other };
        match (thing, what, Kind::parse(thing)) {
            ("site", "epoch", _) => or_unusable(self.data().map(Meaning::Epoch)),
            ("site", "snapshot", _) => or_unusable(self.data().map(Meaning::Complete)),
            ("site", "heartbeat", _) => or_unusable(self.heartbeat().map(Meaning::Heartbeat)),
            ("usage", "reported", _) => self.subject_event(Kind::Organization, what).unwrap_or_else(Meaning::Unusable),
            (_, "created" | "updated" | "snapshot" | "deleted", Some(kind)) => {
                self.subject_event(kind, what).unwrap_or_else(Meaning::Unusable)
            }
            _ => Meaning::Other,
        }
    }

    fn subject_event(&self, kind: Kind, what: &str) -> Result<Meaning<'a>, &'static str> {
        let subject = self.subject.as_deref().unwrap_or_default();
        let names_one = subject.strip_prefix(kind.name()).and_then(|rest| rest.strip_prefix('/'));
        if names_one.is_none_or(str::is_empty) || !is_name(subject) {
            return Err("bad_subject");
        }
        if self.sequence.is_none() {
            return Err("no_sequence");
        }
        let version = self.obxver.and_then(number).ok_or("bad_version")?;
        if what == "deleted" {
            return Ok(Meaning::Gone { kind, version });
        }
        let data: Option<StateData<'a>> = self.data();
        let state = data.and_then(|data| data.state).map(RawValue::get).filter(|state| state.starts_with('{'));
        Ok(Meaning::State { kind, version, state: state.ok_or("no_state")? })
    }

    fn heartbeat(&self) -> Option<Heartbeat> {
        let HeartbeatData { last_seq, counts, digest, parked, title } = self.data()?;
        let last_seq = last_seq.map(|raw| number(raw).ok_or(())).transpose().ok()?;
        Some(Heartbeat { last_seq, counts, digest, parked, title })
    }

    fn data<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.data?.get()).ok()
    }

    fn content(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [
            Some(self.r#type.as_str()),
            self.subject.as_deref(),
            self.obxver.map(RawValue::get),
            self.data.map(RawValue::get),
        ] {
            let part = part.unwrap_or_default();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

fn or_unusable(meaning: Option<Meaning<'_>>) -> Meaning<'_> {
    meaning.unwrap_or(Meaning::Unusable("bad_data"))
}

fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && !text.contains(char::is_control)
}

/// A number that is written as one, or as a text of digits.
fn number(raw: &RawValue) -> Option<i64> {
    let text = raw.get();
    let digits = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SITE: Uuid = Uuid::from_u128(7);

    fn envelope() -> serde_json::Value {
        json!({
            "specversion": "1.0", "id": "e1", "source": format!("urn:uuid:{SITE}"),
            "type": "io.orgbox.organization.updated.v1", "subject": "organization/42",
            "sequence": "00000000000000000101", "obxver": "7", "obxfrom": "00000000000000000099",
            "data": { "state": { "title": "A" } },
        })
    }

    fn with(key: &str, value: serde_json::Value) -> String {
        let mut event = envelope();
        event[key] = value;
        event.to_string()
    }

    fn meaning_of(text: &str) -> String {
        let raw: &RawValue = serde_json::from_str(text).expect("it is JSON");
        match Event::parse(raw, SITE) {
            Err(refusal) => format!("batch: {refusal}"),
            Ok(event) => match event.meaning {
                Meaning::State { kind, version, state } => format!("{} {version} {state}", kind.name()),
                Meaning::Gone { kind, version } => format!("{} {version} gone", kind.name()),
                Meaning::Unusable(code) => code.to_owned(),
                Meaning::Other => "other".to_owned(),
                other => format!("{other:?}"),
            },
        }
    }

    #[test]
    fn states_keep_every_byte() {
        let text = envelope().to_string().replace(r#"{"title":"A"}"#, r#"{ "title" : "\u0041", "n":1.00 }"#);
        assert_eq!(meaning_of(&text), r#"organization 7 { "title" : "\u0041", "n":1.00 }"#);
        assert_eq!(meaning_of(&with("type", json!("io.orgbox.organization.deleted.v1"))), "organization 7 gone");
        let updated = meaning_of(&with("type", json!("io.orgbox.organization.updated.v1")));
        assert_eq!(meaning_of(&with("type", json!("io.orgbox.usage.reported.v1"))), updated);
        assert_eq!(meaning_of(&with("obxver", json!(8))), r#"organization 8 {"title":"A"}"#);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (key, value, expected) in [
            ("subject", json!("camera/42"), "bad_subject"),
            ("subject", json!("organization/"), "bad_subject"),
            ("subject", json!(null), "bad_subject"),
            ("subject", json!("organization/\u{7}"), "bad_subject"),
            ("sequence", json!(null), "no_sequence"),
            ("obxver", json!("-1"), "bad_version"),
            ("obxver", json!("99999999999999999999"), "bad_version"),
            ("data", json!({ "state": [] }), "no_state"),
            ("data", json!({ "state": null }), "no_state"),
            ("data", json!(7), "no_state"),
            ("type", json!("io.orgbox.usage.hourly.v1"), "other"),
            ("type", json!("com.example.thing"), "other"),
            ("type", json!("io.orgbox.site.heartbeat.v1"), "Heartbeat("),
            ("specversion", json!("0.3"), "batch: has another specversion than 1.0"),
            ("source", json!("urn:uuid:00000000-0000-0000-0000-000000000008"), "batch: has another source"),
            ("source", json!("elsewhere"), "batch: has another source"),
            ("sequence", json!("+5"), "batch: has a sequence that is no number"),
            ("obxfrom", json!("x"), "batch: has an obxfrom that is no number"),
            ("obxepoch", json!("x"), "batch: has an obxepoch that is no UUID"),
            ("id", json!(""), "batch: has no id"),
            ("id", json!(7), "batch: is no CloudEvent"),
        ] {
            let found = meaning_of(&with(key, value.clone()));
            assert!(found.starts_with(expected), "{key} {value}: {found}");
        }
        assert_eq!(meaning_of("[]"), "batch: is no CloudEvent");
    }

    #[test]
    fn content_is_what_must_not_change() {
        let content = |text: &str| {
            Event::parse(serde_json::from_str(text).expect("it is JSON"), SITE).expect("it is an event").content
        };
        let same = content(&envelope().to_string());
        assert_eq!(content(&with("obxfrom", json!("100"))), same, "what was compacted meanwhile changes this");
        assert_eq!(content(&with("time", json!("2027-01-01T00:00:00Z"))), same);
        assert_ne!(content(&with("obxver", json!("8"))), same);
        assert_ne!(content(&with("subject", json!("organization/43"))), same);
        assert_ne!(content(&with("data", json!({ "state": {} }))), same);
    }
}
