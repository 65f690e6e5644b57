//! Tables `outbox` and `audit`: every change once for billing and once for the audit trail, in the change's transaction.

use serde::{Serialize, Serializer};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};

pub use super::overrides_json::Applied;
use super::{
    Change, FieldChange, Read, Told, Write, audit, digest,
    image_json::{self, Difference},
    outbox::{self, NewEvent},
    overrides_json, site, upstream,
};
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
    // Files change a hundred thousand organizations at once; `record_overrides` tells of all of them.
    if !record.who.is_file() {
        append(write, subject, record.who, concerned(subject, record.after.or(record.before)), &story)?;
    }
    if subject.goes_upstream() { enqueue(write, subject, record, &story) } else { Ok(()) }
}

/// Keeps for a rehearsal what it would have recorded.
fn rehearse(write: &Write<'_>, subject: Subject, record: &Record<'_>) -> serde_json::Result<()> {
    if write.working().borrow().told.is_none() {
        return Ok(());
    }
    let mut fields = Vec::new();
    if let (Some(before), Some(after)) = (record.before, record.after) {
        let (before, after) = (image_json::text(before)?, image_json::text(after)?);
        for Difference { field, from, to } in image_json::differences(&before, &after)? {
            fields.push(FieldChange { field: field.to_owned(), from: from.to_string(), to: to.to_string() });
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
    let kept = Sides { before: None, after: Some(after) };
    let story = Story { operation: Operation::Update, changed: Vec::new(), whole: Sides::default(), kept };
    append(write, change.subject(), who, concerned(change.subject(), None), &story)
}

/// Records in the audit trail that what the files say was applied: one entry, with the first
/// [`TOLD_MAX`](overrides_json::TOLD_MAX) organizations that it changed. Billing has heard of each of them.
pub fn record_overrides(write: &Write<'_>, change: Change, who: &Who, applied: &Applied<'_>) -> Result<()> {
    let [before, after] = overrides_json::texts(applied).map_err(|error| unwritable(&error))?;
    let kept = Sides { before: Some(before), after: Some(after) };
    let story = Story { operation: Operation::Update, changed: Vec::new(), whole: Sides::default(), kept };
    append(write, change.subject(), who, concerned(change.subject(), None), &story)
}

/// Records in the audit trail what somebody did with the box as a whole, and what of it is worth keeping.
pub fn note(write: &Write<'_>, who: &Who, operation: Operation, subject: &str, facts: &[(&str, &str)]) -> Result<()> {
    let facts: Map<String, Value> = facts.iter().map(|(name, fact)| ((*name).to_owned(), Value::from(*fact))).collect();
    let facts = to_raw_value(&facts).map_err(|error| unwritable(&error))?;
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation: operation.name(),
        subject,
        organization_id: None,
        before: None,
        after: (operation != Operation::Delete).then(|| facts.get()),
    };
    audit::append(write, &row)
}

/// What is told of a change.
struct Story {
    operation: Operation,
    /// The fields that changed.
    changed: Vec<String>,
    /// The whole state on either side.
    whole: Sides,
    /// What the audit trail keeps, where that is not the whole state.
    kept: Sides,
}

/// JSON texts before and after.
#[derive(Default)]
struct Sides {
    before: Option<Box<RawValue>>,
    after: Option<Box<RawValue>>,
}

impl Story {
    /// `None` where nothing changed.
    fn of(record: &Record<'_>) -> serde_json::Result<Option<Self>> {
        let before = record.before.map(image_json::text).transpose()?;
        let after = record.after.map(image_json::text).transpose()?;
        let (operation, changed, kept) = match (&before, &after) {
            (None, None) => return Ok(None),
            (None, Some(_)) => (Operation::Create, Vec::new(), Sides::default()),
            (Some(_), None) => (Operation::Delete, Vec::new(), Sides::default()),
            (Some(before), Some(after)) => {
                let differences = image_json::differences(before, after)?;
                if differences.is_empty() {
                    return Ok(None);
                }
                let before = to_raw_value(&Side(&differences, |difference| difference.from))?;
                let after = to_raw_value(&Side(&differences, |difference| difference.to))?;
                let changed = differences.iter().map(|difference| difference.field.to_owned()).collect();
                (Operation::Update, changed, Sides { before: Some(before), after: Some(after) })
            }
        };
        Ok(Some(Self { operation, changed, whole: Sides { before, after }, kept }))
    }
}

/// One side of what differs, as an object.
struct Side<'a>(&'a [Difference<'a>], fn(&Difference<'a>) -> &'a RawValue);

impl Serialize for Side<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|difference| (difference.field, self.1(difference))))
    }
}

fn append(write: &Write<'_>, subject: Subject, who: &Who, organization_id: Option<OrgId>, story: &Story) -> Result<()> {
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation: story.operation.name(),
        subject: &subject.to_string(),
        organization_id,
        before: story.kept.before.as_deref().or(story.whole.before.as_deref()).map(RawValue::get),
        after: story.kept.after.as_deref().or(story.whole.after.as_deref()).map(RawValue::get),
    };
    audit::append(write, &row)
}

/// The organization that a change concerns, as far as it is one's.
fn concerned(subject: Subject, image: Option<&Image>) -> Option<OrgId> {
    match (subject, image) {
        (Subject::Organization(id) | Subject::Member(id, _), _) => Some(id),
        (Subject::Camera(_), Some(Image::Camera(camera))) => Some(camera.organization_id),
        (
            Subject::Camera(_)
            | Subject::User(_)
            | Subject::Key(_)
            | Subject::Branding(_)
            | Subject::Igrp(_)
            | Subject::Overrides,
            _,
        ) => None,
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
        state: story.whole.after.as_deref(),
    };
    let name = subject.to_string();
    if upstream::is_told(write, subject)? {
        let before = story.whole.before.as_deref();
        digest::change(write, &name, before.map(RawValue::get), data.state.map(RawValue::get))?;
    }
    let data = serde_json::to_string(&data).map_err(|error| unwritable(&error))?;
    outbox::insert(
        write,
        &NewEvent { kind: subject.kind(), what: story.operation.past(), subject: &name, version: record.version, data },
    )
}

/// Whether the digest counts a state that is told once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Not yet: the digest was begun anew since it was last told.
    First,
    /// Already.
    Counted,
}

/// Tells the present state of a subject once more, as a part of the full state. That is no change, so nothing is audited.
pub fn retell(write: &Write<'_>, subject: Subject, version: i64, image: &Image, count: Count) -> Result<()> {
    let state = image_json::text(image).map_err(|error| unwritable(&error))?;
    let data = Data {
        id: subject_id(subject),
        op: "snapshot",
        changed: &[],
        cause: "system",
        actor: "system",
        state: Some(&state),
    };
    let data = serde_json::to_string(&data).map_err(|error| unwritable(&error))?;
    let name = subject.to_string();
    if count == Count::First {
        digest::change(write, &name, None, Some(state.get()))?;
    }
    outbox::insert(write, &NewEvent { kind: subject.kind(), what: "snapshot", subject: &name, version, data })
}

/// Tells something of the box itself: `epoch`, `heartbeat`, `snapshot`. `data` is JSON.
pub fn tell_of_site(write: &Write<'_>, what: &str, data: String) -> Result<()> {
    let site = site::get(write)?.ok_or_else(Error::internal)?;
    let subject = site_subject(write)?;
    outbox::insert(write, &NewEvent { kind: "site", what, subject: &subject, version: site.last_seq + 1, data })
}

/// The box itself as the subject of an event.
pub fn site_subject(read: &Read<'_>) -> Result<String> {
    let site = site::get(read)?.ok_or_else(Error::internal)?;
    Ok(format!("site/{}", site.site_uuid.hyphenated()))
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
        Subject::Overrides => Value::Null,
    }
}

fn cause(dialect: &str) -> &str {
    match dialect {
        "cli" | "file" | "system" => dialect,
        _ => "api",
    }
}

fn unwritable(error: &serde_json::Error) -> Error {
    tracing::error!(%error, "a change could not be written as JSON");
    Error::internal()
}
