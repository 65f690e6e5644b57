//! Tables `outbox` and `audit`: every change once for billing and once for the audit trail, in the change's transaction.

use serde::Serialize;
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use uuid::{NoContext, Timestamp, Uuid};

use super::{Change, FieldChange, Told, Write, audit, image_json, site};
use crate::model::{
    Error, OrgId, Result,
    actor::Who,
    event::{Image, Operation, Subject},
};

/// One change with its state before and after. Exactly one of the two is `None` where it was created or deleted.
#[derive(Debug)]
pub struct Record<'a> {
    /// Who did it and from where.
    pub who: &'a Who,
    /// Rises per subject; a receiver keeps the greatest.
    pub version: i64,
    /// The state before.
    pub before: Option<&'a Image>,
    /// The state after.
    pub after: Option<&'a Image>,
}

/// Records a change. An update that left everything as it was is recorded nowhere.
pub fn record(write: &Write<'_>, change: Change, record: &Record<'_>) -> Result<()> {
    let subject = change.subject();
    rehearse(write, subject, record).map_err(|error| unwritable(&error))?;
    let Some(story) = Story::of(record).map_err(|error| unwritable(&error))? else { return Ok(()) };
    append(write, subject, record.who, concerned(subject, record.after.or(record.before)), &story)?;
    if subject.goes_upstream() { enqueue(write, subject, record, &story) } else { Ok(()) }
}

/// Keeps for a rehearsal what it would have recorded.
fn rehearse(write: &Write<'_>, subject: Subject, record: &Record<'_>) -> serde_json::Result<()> {
    if write.working().borrow().told.is_none() {
        return Ok(());
    }
    let mut fields = Vec::new();
    if let (Some(before), Some(after)) = (record.before, record.after) {
        let old = image_json::map(before)?;
        for (field, to) in image_json::map(after)? {
            let from = old.get(&field).unwrap_or(&Value::Null);
            if *from != to {
                fields.push(FieldChange { field, from: from.to_string(), to: to.to_string() });
            }
        }
    }
    let told = Told { subject, before: record.before.cloned(), after: record.after.cloned(), fields };
    if let Some(all) = &mut write.working().borrow_mut().told {
        all.push(told);
    }
    Ok(())
}

/// Records in the audit trail that a secret was changed, and never the secret. Billing does not hear of it. The change
/// itself is still to be recorded.
pub fn record_secret(write: &Write<'_>, change: &Change, who: &Who, name: &str) -> Result<()> {
    let after = to_raw_value(&serde_json::json!({ name: "changed" })).map_err(|error| unwritable(&error))?;
    let story =
        Story { operation: Operation::Update, changed: Vec::new(), before: None, after: Some(after), state: None };
    append(write, change.subject(), who, concerned(change.subject(), None), &story)
}

/// What is told of a change: the fields that changed, their values on either side, and the whole state afterwards.
struct Story {
    operation: Operation,
    changed: Vec<String>,
    before: Option<Box<RawValue>>,
    /// Where it is not the whole state.
    after: Option<Box<RawValue>>,
    state: Option<Box<RawValue>>,
}

impl Story {
    fn of(record: &Record<'_>) -> serde_json::Result<Option<Self>> {
        let story =
            |operation, before, state| Some(Self { operation, changed: Vec::new(), before, after: None, state });
        Ok(match (record.before, record.after) {
            (None, None) => None,
            (None, Some(after)) => story(Operation::Create, None, Some(image_json::text(after)?)),
            (Some(before), None) => story(Operation::Delete, Some(image_json::text(before)?), None),
            (Some(before), Some(after)) => Self::of_update(before, after)?,
        })
    }

    fn of_update(before: &Image, after: &Image) -> serde_json::Result<Option<Self>> {
        let state = image_json::text(after)?;
        let (mut old, mut new) = (image_json::map(before)?, image_json::map(after)?);
        let changed: Vec<String> = new.keys().filter(|key| old.get(*key) != new.get(*key)).cloned().collect();
        if changed.is_empty() {
            return Ok(None);
        }
        let differs = |key: &String, _: &mut Value| changed.contains(key);
        old.retain(differs);
        new.retain(differs);
        let text = |map: Map<String, Value>| to_raw_value(&map).map(Some);
        Ok(Some(Self {
            operation: Operation::Update,
            before: text(old)?,
            after: text(new)?,
            state: Some(state),
            changed,
        }))
    }
}

fn append(write: &Write<'_>, subject: Subject, who: &Who, organization_id: Option<OrgId>, story: &Story) -> Result<()> {
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation: story.operation.name(),
        subject: &subject.to_string(),
        organization_id,
        before: story.before.as_deref().map(RawValue::get),
        after: story.after.as_deref().or(story.state.as_deref()).map(RawValue::get),
    };
    audit::append(write, &row)
}

/// The organization that a change concerns, as far as it is one's.
fn concerned(subject: Subject, image: Option<&Image>) -> Option<OrgId> {
    match (subject, image) {
        (Subject::Organization(id) | Subject::Member(id, _), _) => Some(id),
        (Subject::Camera(_), Some(Image::Camera(camera))) => Some(camera.organization_id),
        (Subject::Camera(_) | Subject::User(_) | Subject::Key(_) | Subject::Branding(_) | Subject::Igrp(_), _) => None,
    }
}

/// The `data` of a CloudEvent; the envelope is made when it is sent.
#[derive(Serialize)]
struct Data<'a> {
    id: Value,
    op: &'a str,
    changed: &'a [String],
    cause: &'a str,
    actor: &'a str,
    state: Option<&'a RawValue>,
}

fn enqueue(write: &Write<'_>, subject: Subject, record: &Record<'_>, story: &Story) -> Result<()> {
    let data = Data {
        id: subject_id(subject),
        op: story.operation.name(),
        changed: &story.changed,
        cause: cause(record.who.origin.dialect),
        actor: &record.who.actor.name,
        state: story.state.as_deref(),
    };
    let data = serde_json::to_string(&data).map_err(|error| unwritable(&error))?;
    let (seq, epoch) = site::next_seq(write)?;
    let sql = "INSERT INTO outbox (seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    write.event_recorded();
    write.connection.prepare_cached(sql)?.execute((
        seq,
        event_uuid(write.now_ms()).into_bytes(),
        epoch,
        format!("io.orgbox.{}.{}.v1", subject.kind(), story.operation.past()),
        subject.to_string(),
        record.version,
        write.now_ms(),
        data,
    ))?;
    Ok(())
}

/// A UUIDv7 of the transaction's moment; a clock before 1970 gives the moment zero.
fn event_uuid(now_ms: i64) -> Uuid {
    let now_ms = u64::try_from(now_ms).unwrap_or_default();
    let nanos = u32::try_from(now_ms % 1000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, now_ms / 1000, nanos))
}

fn subject_id(subject: Subject) -> Value {
    match subject {
        Subject::Organization(id) => id.0.into(),
        Subject::Camera(id) => id.0.into(),
        Subject::User(id) => id.0.into(),
        Subject::Key(id) => id.0.into(),
        Subject::Branding(id) => id.0.into(),
        Subject::Igrp(id) => id.0.into(),
        Subject::Member(organization, user) => format!("{organization}-{user}").into(),
    }
}

fn cause(dialect: &str) -> &str {
    match dialect {
        "cli" | "system" => dialect,
        _ => "api",
    }
}

fn unwritable(error: &serde_json::Error) -> Error {
    tracing::error!(%error, "a change could not be written as JSON");
    Error::internal()
}
