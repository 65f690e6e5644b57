//! Carrying the queue by file, for a site without any link: which events the next file holds, freezing them, and settling
//! them by the receipt that comes back. Only administrators carry.
//!
//! A file is one batch, frozen before it is handed out: until its receipt is here, every copy is the same to the letter. What
//! a file looks like is not known here.

use uuid::Uuid;

use super::{load, outbox as queue, snapshot};
use crate::{
    model::{
        Error, Kind, Result,
        actor::{Action, Actor, Who},
        event::{Event, Position},
        queue::{Decision, Frozen, Progress, Receipt},
    },
    store::{Read, Write, decisions, outbox, site, upstream},
};

/// Events that one file holds at most.
pub const EVENTS_MAX: usize = 50_000;
/// Bytes of their data from which on a file ends: a box with little memory must be able to write it.
pub const BYTES_MAX: i64 = 16 << 20;
/// Events that are read at once.
pub const PAGE_EVENTS: usize = 500;
/// Bytes of data that are read at once.
const PAGE_BYTES: usize = 256 << 10;
/// Subjects of the full state that one transaction tells.
const TOLD_AT_ONCE: i64 = 200;

/// What the next file may hold.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The lowest number that its first event stands for.
    pub from_seq: i64,
    /// The events, ascending.
    pub seqs: Vec<i64>,
    /// Those among them whose subject was set aside: they follow it there.
    pub following: Vec<i64>,
    /// The batch that is under way already, in place of all that.
    pub frozen: Option<Frozen>,
}

/// What stands at the head of a file.
#[derive(Debug, Clone)]
pub struct Label {
    /// Names the box.
    pub site: Uuid,
    /// The epoch of the events.
    pub epoch: Uuid,
    /// The chain that the receiver should have.
    pub chain: Vec<u8>,
    /// The events.
    pub batch: Frozen,
    /// When they were frozen, in milliseconds since 1970.
    pub frozen_at_ms: i64,
}

/// What a receipt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Events that are delivered by it.
    pub delivered: usize,
    /// Events of the file that were set aside.
    pub rejected: usize,
    /// It was taken before, and nothing was done.
    pub already: bool,
}

/// Tells more of the full state, where that is under way and there is room in the next file. True as long as there is more.
pub fn tell_more(write: &Write<'_>, who: &Who) -> Result<bool> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    check(write)?;
    if upstream::frozen(write)?.is_some() {
        return Ok(false);
    }
    let has_room = upstream::progress(write)?.queued_bytes < BYTES_MAX;
    if has_room && snapshot::tell_more(write, TOLD_AT_ONCE, BYTES_MAX)? {
        return Ok(true);
    }
    let Progress { acked_seq, snapshot_at, .. } = upstream::progress(write)?;
    // The digest at its end lets the receiver find out whether it has everything.
    if snapshot_at.is_none() && outbox::first_at_ms(write, acked_seq)?.is_some() {
        queue::heartbeat(write)?;
    }
    Ok(false)
}

/// What the next file may hold. `each` is shown its events page by page, with the lowest number that the first of a page
/// stands for.
pub fn draft(read: &Read<'_>, actor: &Actor, mut each: impl FnMut(Uuid, i64, &[Event]) -> Result<()>) -> Result<Draft> {
    let _grant = load::administer(actor, Action::Administer)?;
    let (site, epoch) = check(read)?;
    let from_seq = upstream::progress(read)?.delivered_seq + 1;
    let mut draft = Draft { from_seq, seqs: Vec::new(), following: Vec::new(), frozen: upstream::frozen(read)? };
    if let Some(frozen) = &draft.frozen {
        let mut from = frozen.from_seq;
        for seqs in frozen.seqs.chunks(PAGE_EVENTS) {
            each(site, from, &outbox::by_seqs(read, seqs)?)?;
            from = seqs.last().map_or(from, |last| last + 1);
        }
        return Ok(draft);
    }
    let (mut at, mut from, mut bytes) = (from_seq - 1, from_seq, 0_usize);
    while draft.seqs.len() < EVENTS_MAX && bytes < BYTES_MAX as usize {
        let found = outbox::after(read, Position { epoch, seq: at }, PAGE_EVENTS, PAGE_BYTES)?;
        let Some(last) = found.last() else { break };
        at = last.position.seq;
        let mut page = Vec::with_capacity(found.len());
        for event in found {
            let follows = upstream::is_parked(read, &event.subject)?;
            if follows { draft.following.push(event.position.seq) } else { page.push(event) }
        }
        each(site, from, &page)?;
        from = page.last().map_or(from, |last| last.position.seq + 1);
        bytes += page.iter().map(|event| event.data.len()).sum::<usize>();
        draft.seqs.extend(page.iter().map(|event| event.position.seq));
    }
    Ok(draft)
}

/// Freezes a draft as the batch of a file, in place of one under way whose content is another. Refused where the queue has
/// changed since it was drafted.
pub fn freeze(write: &Write<'_>, who: &Who, draft: &Draft, body_hash: [u8; 32]) -> Result<Option<Frozen>> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    check(write)?;
    let under_way = upstream::frozen(write)?;
    let same = under_way.as_ref().map(|frozen| frozen.id) == draft.frozen.as_ref().map(|frozen| frozen.id);
    let delivered_seq = upstream::progress(write)?.delivered_seq;
    let all = draft.seqs.iter().chain(&draft.following).copied().collect::<Vec<_>>();
    if !same || delivered_seq + 1 != draft.from_seq || outbox::count(write, &all)? != all.len() {
        return Err(Error::new(Kind::Busy, "queue_changed", "the queue has changed meanwhile; try again"));
    }
    if let Some(frozen) = under_way {
        if frozen.body_hash == body_hash {
            return Ok(Some(frozen));
        }
        tracing::warn!("the batch under way was not written as a file; its events go into another");
        upstream::thaw(write)?;
        return Ok(None);
    }
    for seqs in draft.following.chunks(PAGE_EVENTS) {
        for event in outbox::by_seqs(write, seqs)? {
            upstream::follow(write, &event)?;
        }
    }
    if draft.seqs.is_empty() {
        if let Some(last) = draft.following.last() {
            upstream::pass_over(write, *last)?;
        }
        return Err(Error::new(Kind::Refused, "nothing_waits", "nothing waits to be carried"));
    }
    let frozen = Frozen { id: Uuid::new_v4(), from_seq: draft.from_seq, seqs: draft.seqs.clone(), body_hash };
    upstream::freeze(write, &frozen)?;
    decisions::record(write, who, &Decision::Export(&frozen))?;
    Ok(Some(frozen))
}

/// The head of the file under way; `None` where there is none.
pub fn label(read: &Read<'_>, actor: &Actor) -> Result<Option<Label>> {
    let _grant = load::administer(actor, Action::Administer)?;
    let (site, epoch) = check(read)?;
    let Some(batch) = upstream::frozen(read)? else { return Ok(None) };
    let chain = upstream::progress(read)?.chain;
    let frozen_at_ms = upstream::frozen_at_ms(read)?.unwrap_or_default();
    Ok(Some(Label { site, epoch, chain, batch, frozen_at_ms }))
}

/// The events of these numbers. Refused where one is gone.
pub fn page(read: &Read<'_>, actor: &Actor, seqs: &[i64]) -> Result<Vec<Event>> {
    let _grant = load::administer(actor, Action::Administer)?;
    let events = outbox::by_seqs(read, seqs)?;
    if events.len() == seqs.len() { Ok(events) } else { Err(Error::not_found("event of the file")) }
}

/// Settles the file under way by its receipt, as the sender does by an acknowledgement.
pub fn settle(write: &Write<'_>, who: &Who, receipt: &Receipt) -> Result<Settled> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let (site, epoch) = check(write)?;
    let Receipt { batch, site: of_site, epoch: of_epoch, acked_seq, rejected, resync } = receipt;
    let wrong = |message: &str| Err(Error::new(Kind::Refused, "wrong_receipt", message));
    if *of_site != site {
        return wrong("the receipt is of another box");
    }
    if *of_epoch != epoch {
        return wrong("the receipt is of another epoch: everything is told anew since; export again");
    }
    let Some(frozen) = upstream::frozen(write)?.filter(|frozen| frozen.id == *batch) else {
        if *acked_seq <= upstream::progress(write)?.acked_seq {
            return Ok(Settled { delivered: 0, rejected: 0, already: true });
        }
        return wrong("the receipt is of a file that this box does not know");
    };
    if frozen.seqs.last() != Some(acked_seq) {
        return wrong("the receipt does not end where the file does");
    }
    decisions::record(write, who, &Decision::Receipt { batch: &frozen, rejected })?;
    queue::delivered(write, &frozen, rejected, &[])?;
    if *resync {
        upstream::ask_for_epoch(write, "resync")?;
    }
    let rejected = rejected.len();
    Ok(Settled { delivered: frozen.seqs.len().saturating_sub(rejected), rejected, already: false })
}

/// The box and its epoch, where events are kept to be carried.
fn check(read: &Read<'_>) -> Result<(Uuid, Uuid)> {
    let site = site::get(read)?.ok_or_else(Error::internal)?;
    let Progress { epoch, quarantine, epoch_due, .. } = upstream::progress(read)?;
    if let Some(quarantine) = quarantine {
        let message = format!("nothing is told until an operator decides: {quarantine}");
        return Err(Error::new(Kind::Refused, "quarantined", message));
    }
    if epoch != Some(site.epoch_uuid) || epoch_due.is_some() {
        let message = "the server has not begun to keep events for billing yet; let it run, and try again";
        return Err(Error::new(Kind::Refused, "not_begun", message));
    }
    Ok((site.site_uuid, site.epoch_uuid))
}
