//! Tables `outbox` and `audit`: every change once for billing and once for the audit trail, in the change's transaction.

use serde_json::{Map, Value, json};

pub use super::overrides_json::Applied;
use super::{
    Change, FieldChange, Read, Told, Write, audit, digest, image_json,
    object::{self, Difference, Object, Writing},
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
        let (before, after) = (image_json::object(before)?, image_json::object(after)?);
        for Difference { field, from, to } in object::differences(&before, &after) {
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
    let after = json!({ name: "changed" }).to_string();
    let story = Story { kept: Sides { before: None, after: Some(after) }, ..Story::bare(Operation::Update) };
    append(write, change.subject(), who, concerned(change.subject(), None), &story)
}

/// Records in the audit trail that what the files say was applied: one entry, with the first
/// [`TOLD_MAX`](overrides_json::TOLD_MAX) organizations that it changed. Billing has heard of each of them.
pub fn record_overrides(write: &Write<'_>, change: Change, who: &Who, applied: &Applied<'_>) -> Result<()> {
    let [before, after] = overrides_json::texts(applied).map(Some);
    let story = Story { kept: Sides { before, after }, ..Story::bare(Operation::Update) };
    append(write, change.subject(), who, concerned(change.subject(), None), &story)
}

/// Records in the audit trail what somebody did with the box as a whole, and what of it is worth keeping.
pub fn note(write: &Write<'_>, who: &Who, operation: Operation, subject: &str, facts: &[(&str, &str)]) -> Result<()> {
    let facts: Map<String, Value> = facts.iter().map(|(name, fact)| ((*name).to_owned(), Value::from(*fact))).collect();
    let facts = Value::Object(facts).to_string();
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation: operation.name(),
        subject,
        organization_id: None,
        before: None,
        after: (operation != Operation::Delete).then_some(facts.as_str()),
    };
    audit::append(write, &row)
}

/// What is told of a change.
struct Story {
    operation: Operation,
    /// The fields that changed.
    changed: Vec<&'static str>,
    /// The whole state on either side.
    before: Option<Object>,
    after: Option<Object>,
    /// What the audit trail keeps, where that is not the whole state.
    kept: Sides,
}

/// JSON texts before and after.
#[derive(Default)]
struct Sides {
    before: Option<String>,
    after: Option<String>,
}

impl Story {
    fn bare(operation: Operation) -> Self {
        Self { operation, changed: Vec::new(), before: None, after: None, kept: Sides::default() }
    }

    /// `None` where nothing changed.
    fn of(record: &Record<'_>) -> serde_json::Result<Option<Self>> {
        let before = record.before.map(image_json::object).transpose()?;
        let after = record.after.map(image_json::object).transpose()?;
        let mut story = match (&before, &after) {
            (None, None) => return Ok(None),
            (None, Some(_)) => Self::bare(Operation::Create),
            (Some(_), None) => Self::bare(Operation::Delete),
            (Some(before), Some(after)) => {
                let differences = object::differences(before, after);
                if differences.is_empty() {
                    return Ok(None);
                }
                let (mut from, mut to) = (Writing::begin(0), Writing::begin(0));
                for difference in &differences {
                    from.json(difference.field, difference.from);
                    to.json(difference.field, difference.to);
                }
                let kept = Sides { before: Some(from.end()?.into_text()), after: Some(to.end()?.into_text()) };
                let changed = differences.iter().map(|difference| difference.field).collect();
                Self { changed, kept, ..Self::bare(Operation::Update) }
            }
        };
        (story.before, story.after) = (before, after);
        Ok(Some(story))
    }
}

fn append(write: &Write<'_>, subject: Subject, who: &Who, organization_id: Option<OrgId>, story: &Story) -> Result<()> {
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation: story.operation.name(),
        subject: &subject.to_string(),
        organization_id,
        before: story.kept.before.as_deref().or(story.before.as_ref().map(Object::text)),
        after: story.kept.after.as_deref().or(story.after.as_ref().map(Object::text)),
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
struct Data<'a> {
    subject: Subject,
    op: &'a str,
    changed: &'a [&'static str],
    cause: &'a str,
    actor: &'a str,
    state: Option<&'a Object>,
}

impl Data<'_> {
    fn text(&self) -> serde_json::Result<String> {
        let Self { subject, op, changed, cause, actor, state } = self;
        let state = state.map_or("null", Object::text);
        let mut data = Writing::begin(state.len() + DATA_BYTES);
        data.field("id", &subject_id(*subject))?;
        data.field("op", op)?;
        data.field("changed", changed)?;
        data.field("cause", cause)?;
        data.field("actor", actor)?;
        data.json("state", state);
        Ok(data.end()?.into_text())
    }
}

/// About what an event's data take beside the state.
const DATA_BYTES: usize = 256;

fn enqueue(write: &Write<'_>, subject: Subject, record: &Record<'_>, story: &Story) -> Result<()> {
    let Story { operation, changed, before, after, kept: _ } = story;
    let (cause, actor) = (cause(record.who.origin.dialect), &record.who.actor.name);
    let data = Data { subject, op: operation.name(), changed, cause, actor, state: after.as_ref() };
    let data = data.text().map_err(|error| unwritable(&error))?;
    let (kind, what) = type_of(subject, *operation, changed);
    let name = subject.to_string();
    if upstream::is_told(write, subject)? {
        digest::change(write, &name, before.as_ref().map(Object::text), after.as_ref().map(Object::text))?;
    }
    outbox::insert(write, &NewEvent { kind, what, subject: &name, version: record.version, data })
}

/// What the VMS reports of an organization, and nobody decided.
const REPORTED: [&str; 2] = ["mosaic_count", "dvr_used_gb"];

/// The words of an event's type. A report alone has a type of its own, and is the organization's state like every other.
fn type_of(subject: Subject, operation: Operation, changed: &[&str]) -> (&'static str, &'static str) {
    let reported = !changed.is_empty() && changed.iter().all(|field| REPORTED.contains(field));
    match subject {
        Subject::Organization(_) if reported => ("usage", "reported"),
        _ => (subject.kind(), operation.past()),
    }
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
    let state = image_json::object(image).map_err(|error| unwritable(&error))?;
    let system = "system";
    let data = Data { subject, op: "snapshot", changed: &[], cause: system, actor: system, state: Some(&state) };
    let data = data.text().map_err(|error| unwritable(&error))?;
    let name = subject.to_string();
    if count == Count::First {
        digest::change(write, &name, None, Some(state.text()))?;
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
