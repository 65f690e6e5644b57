//! Table `audit`: what operators decide about sending upstream. Billing does not hear of it.

use serde_json::{Value, json, value::RawValue};

use super::{Write, audit};
use crate::model::{
    Error, OrgId, Result,
    actor::Who,
    event::Event,
    queue::{Decision, Frozen, Parked, Rejected, SnapshotAt},
};

/// What the trail calls the sending itself.
const SUBJECT: &str = "upstream";
/// Refused events of one receipt that the trail names; of more it tells the number.
const REJECTED_MAX: usize = 100;

/// Records a decision.
pub fn record(write: &Write<'_>, who: &Who, decision: &Decision<'_>) -> Result<()> {
    let (operation, about, before, after) = texts(decision).map_err(|error| {
        tracing::error!(%error, "a decision could not be written as JSON");
        Error::internal()
    })?;
    let (before, after) = (before.map(|value| value.to_string()), after.to_string());
    let row = audit::NewRow {
        who,
        actor_key: who.actor.key.as_ref().map(|key| key.name.as_str()),
        operation,
        subject: SUBJECT,
        organization_id: about.and_then(organization),
        before: before.as_deref(),
        after: Some(&after),
    };
    audit::append(write, &row)
}

type Texts<'a> = (&'static str, Option<&'a Parked>, Option<Value>, Value);

fn texts<'a>(decision: &Decision<'a>) -> serde_json::Result<Texts<'a>> {
    let update = |before, after| ("update", None, before, after);
    Ok(match *decision {
        Decision::Retry(parked) => (
            "update",
            Some(parked),
            Some(json!({ "parked": set_aside(parked)? })),
            json!({ "retried": subject(parked) }),
        ),
        Decision::Drop { parked, newest, reason } => {
            let newest = if parked.followers > 0 { told(newest)? } else { Value::Null };
            let before = json!({ "parked": set_aside(parked)?, "newest": newest });
            ("delete", Some(parked), Some(before), json!({ "dropped": subject(parked), "reason": reason }))
        }
        Decision::Resume { quarantine } => {
            update(Some(json!({ "quarantine": quarantine })), json!({ "quarantine": null }))
        }
        Decision::NewSite { from, to } => {
            update(Some(json!({ "site": from.to_string() })), json!({ "site": to.to_string() }))
        }
        Decision::Resync => update(None, json!({ "resync": true })),
        Decision::Try => update(None, json!({ "try": true })),
        Decision::Export(batch) => update(None, json!({ "exported": file(batch) })),
        Decision::Receipt { batch, rejected } => {
            let refused = rejected.iter().take(REJECTED_MAX);
            let refused = refused.map(|Rejected { id, code, retryable }| {
                json!({ "id": id.to_string(), "code": code, "retryable": retryable })
            });
            let (count, refused) = (rejected.len(), refused.collect::<Vec<_>>());
            update(None, json!({ "acknowledged": file(batch), "rejected_count": count, "rejected": refused }))
        }
    })
}

fn set_aside(parked: &Parked) -> serde_json::Result<Value> {
    let Parked { event, reason, followers, parked_at_ms } = parked;
    Ok(json!({ "event": told(event)?, "reason": reason, "followers": followers, "parked_at_ms": parked_at_ms }))
}

/// All of an event: what is given up is told here for the last time.
fn told(event: &Event) -> serde_json::Result<Value> {
    let Event { position, id, kind, subject, version, at_ms, data } = event;
    let data: &RawValue = serde_json::from_str(data)?;
    Ok(json!({
        "id": id.to_string(),
        "position": position.to_string(),
        "type": kind,
        "subject": subject,
        "version": version,
        "at_ms": at_ms,
        "data": data,
    }))
}

fn file(batch: &Frozen) -> Value {
    let last = batch.seqs.last().copied().unwrap_or_default();
    json!({ "batch": batch.id.to_string(), "first_seq": batch.from_seq, "last_seq": last, "events": batch.seqs.len() })
}

fn subject(parked: &Parked) -> &str {
    &parked.event.subject
}

/// The organization that an event is about, as far as its name says it.
fn organization(parked: &Parked) -> Option<OrgId> {
    match SnapshotAt::of_subject(&parked.event.subject)? {
        SnapshotAt::Organization(id) | SnapshotAt::Member(id, _) => Some(id),
        SnapshotAt::Camera(_) | SnapshotAt::User(_) | SnapshotAt::End => None,
    }
}
