//! The operator's side of sending upstream: how it stands, what was set aside, and the decisions that only a person takes.
//! Each of them stands in the audit trail. Only administrators look, and only they decide.
//!
//! What is decided here is carried out by whoever sends: this layer reaches no network and no file.

use uuid::Uuid;

use super::{load, outbox as queue};
use crate::{
    model::{
        Error, Kind, Result,
        actor::{Action, Actor, Who},
        hold::validate_reason,
        queue::{Decision, Parked, Standing},
    },
    store::{Read, Write, decisions, outbox, site, upstream},
};

/// How the queue stands. Reads all that waits.
pub fn standing(read: &Read<'_>, actor: &Actor) -> Result<Standing> {
    let _grant = load::administer(actor, Action::Administer)?;
    let brief = standing_in_brief(read)?;
    let (events, bytes, oldest_ms) = outbox::waiting(read, brief.progress.acked_seq)?;
    Ok(Standing { events: Some(events), bytes, oldest_ms, ..brief })
}

/// How the queue stands, without counting what waits: for whoever may look without signing in, as often as they like.
pub fn standing_in_brief(read: &Read<'_>) -> Result<Standing> {
    let progress = upstream::progress(read)?;
    Ok(Standing {
        site: site::get(read)?.ok_or_else(Error::internal)?.site_uuid,
        events: None,
        bytes: progress.queued_bytes,
        oldest_ms: outbox::first_at_ms(read, progress.acked_seq)?,
        parked: upstream::parked_since(read, 0)?,
        progress,
    })
}

/// The first `limit` events that were set aside behind the one of this number.
pub fn parked(read: &Read<'_>, actor: &Actor, after_seq: i64, limit: usize) -> Result<Vec<Parked>> {
    let _grant = load::administer(actor, Action::Administer)?;
    upstream::parked(read, after_seq, limit)
}

/// Tells the subject of an event that was set aside again, as it is now.
pub fn retry(write: &Write<'_>, who: &Who, event: Uuid) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    retry_one(write, who, &found(write, event)?)
}

/// Tells everything again that was set aside. Returns how many subjects that were.
pub fn retry_all(write: &Write<'_>, who: &Who) -> Result<usize> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let all = queue::parked(write)?;
    all.iter().try_for_each(|parked| retry_one(write, who, parked))?;
    Ok(all.len())
}

fn retry_one(write: &Write<'_>, who: &Who, parked: &Parked) -> Result<()> {
    decisions::record(write, who, &Decision::Retry(parked))?;
    queue::retry(write, &parked.event.subject)
}

/// Gives up an event that was set aside, and what came later of its subject: billing never hears of them. The audit trail
/// keeps them. The subject itself is not given up: its next change tells all of it, and so does a full state, for which a
/// receiver asks that compares digests. Billing is to end up with the state of the box, and a drop is no change of that.
pub fn drop(write: &Write<'_>, who: &Who, event: Uuid, reason: &str) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    validate_reason(reason)?;
    let parked = found(write, event)?;
    let subject = &parked.event.subject;
    let newest = upstream::newest_parked(write, subject)?.ok_or_else(Error::internal)?;
    decisions::record(write, who, &Decision::Drop { parked: &parked, newest: &newest, reason })?;
    upstream::unpark(write, subject).map(std::mem::drop)
}

/// Ends a quarantine: what the database says is true. A new epoch is opened, whose full state replaces what billing has.
pub fn resume(write: &Write<'_>, who: &Who) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let Some(quarantine) = upstream::progress(write)?.quarantine else {
        return Err(Error::new(Kind::Refused, "not_quarantined", "sending is not stopped: there is nothing to resume"));
    };
    decisions::record(write, who, &Decision::Resume { quarantine: &quarantine })?;
    upstream::set_quarantine(write, None)?;
    upstream::ask_for_epoch(write, &format!("an operator resumed; {quarantine}"))
}

/// Makes a box that was copied from another one a site of its own. Returns its new name.
pub fn new_site(write: &Write<'_>, who: &Who) -> Result<Uuid> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let from = queue::site(write)?;
    let to = site::rename(write)?;
    decisions::record(write, who, &Decision::NewSite { from, to })?;
    upstream::set_quarantine(write, None)?;
    upstream::ask_for_epoch(write, &format!("a site of its own: it was copied from {from}"))?;
    Ok(to)
}

/// Has everything told anew, in a new epoch.
pub fn resync(write: &Write<'_>, who: &Who) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    if upstream::progress(write)?.quarantine.is_some() {
        let message = "sending is stopped: decide with resume or new-site whether this is the box that billing knows";
        return Err(Error::new(Kind::Refused, "quarantined", message));
    }
    decisions::record(write, who, &Decision::Resync)?;
    upstream::ask_for_epoch(write, "an operator asked for it")
}

/// Writes down that an operator has the next try made at once.
pub fn note_try(write: &Write<'_>, who: &Who) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    decisions::record(write, who, &Decision::Try)
}

fn found(read: &Read<'_>, event: Uuid) -> Result<Parked> {
    upstream::parked_event(read, event)?.ok_or_else(|| Error::not_found("parked event"))
}
