//! The queue of events on their way upstream: what is due, freezing a batch, settling it, keeping it small.
//!
//! Only the sender calls what changes the queue, one step after the other; recording goes on beside it and only appends.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{gauges, snapshot};
use crate::{
    model::{
        Error, Result,
        event::{Event, Position},
        queue::{Frozen, Parked, Progress, Rejected, SnapshotAt},
    },
    store::{
        Read, Write, digest, journal, outbox,
        site::{self, Site},
        upstream,
    },
};

/// Events that the change feed keeps though they are delivered.
pub const WINDOW_EVENTS: i64 = 10_000;
/// Bytes of data that it keeps at most.
pub const WINDOW_BYTES: i64 = 16 << 20;
/// Events that one transaction prunes at most: others wait for it.
const PRUNED_AT_ONCE: i64 = 2000;
/// Subjects of the full state that one transaction tells.
const TOLD_AT_ONCE: i64 = 200;
/// Time within which so many parked events stop all parking, in milliseconds.
const PARKED_WITHIN_MS: i64 = 3_600_000;
/// Events parked within that time, past which nothing more is parked.
pub const PARKED_MAX: i64 = 10;

/// What the next batch may be made of.
#[derive(Debug, Clone)]
pub struct Due {
    /// Names the box.
    pub site: Uuid,
    /// The epoch of the events.
    pub epoch: Uuid,
    /// The chain that the receiver should have.
    pub chain: Vec<u8>,
    /// The lowest number that the first event stands for.
    pub from_seq: i64,
    /// The events, ascending; empty where nothing is due.
    pub events: Vec<Event>,
    /// Those among them whose subject was set aside: they follow it there.
    pub following: Vec<Event>,
    /// The batch under way, where there is one: `events` are its events.
    pub frozen: Option<Frozen>,
    /// The last event that was looked at, where none was found that is to be sent.
    pub passed_seq: Option<i64>,
    /// True where events wait for the second to end in which they were recorded.
    pub held_back: bool,
}

/// Where sending stands.
pub fn progress(read: &Read<'_>) -> Result<Progress> {
    upstream::progress(read)
}

/// The batch under way, or what the next one may hold: at most so many events, and none behind the one that takes their
/// data past so many bytes.
pub fn due(read: &Read<'_>, events_max: usize, bytes_max: usize) -> Result<Due> {
    let Some(frozen) = upstream::frozen(read)? else {
        let Progress { acked_seq, delivered_seq, .. } = upstream::progress(read)?;
        return Ok(Due { from_seq: delivered_seq + 1, ..due_behind(read, acked_seq, events_max, bytes_max)? });
    };
    let Site { site_uuid: site, epoch_uuid: epoch, .. } = site::get(read)?.ok_or_else(Error::internal)?;
    let Progress { chain, .. } = upstream::progress(read)?;
    let events = outbox::by_seqs(read, &frozen.seqs)?;
    let (from_seq, following) = (frozen.from_seq, Vec::new());
    let frozen = Some(frozen);
    Ok(Due { site, epoch, chain, from_seq, events, following, frozen, passed_seq: None, held_back: false })
}

/// What the batch behind this number may hold, whatever is under way.
pub fn due_behind(read: &Read<'_>, seq: i64, events_max: usize, bytes_max: usize) -> Result<Due> {
    let Site { site_uuid: site, epoch_uuid: epoch, .. } = site::get(read)?.ok_or_else(Error::internal)?;
    let Progress { chain, .. } = upstream::progress(read)?;
    let found = outbox::after(read, Position { epoch, seq }, events_max, bytes_max)?;
    let passed_seq = found.last().map(|event| event.position.seq);
    let any_parked = upstream::any_parked(read)?;
    let (mut events, mut following) = (Vec::new(), Vec::new());
    for event in found {
        // What the box tells of itself stands alone: a heartbeat that was refused keeps no later one back.
        let of_site = event.kind.starts_with("io.orgbox.site.");
        let follows = any_parked && !of_site && upstream::is_parked(read, &event.subject)?;
        if follows { following.push(event) } else { events.push(event) }
    }
    Ok(Due { site, epoch, chain, from_seq: seq + 1, events, following, frozen: None, passed_seq, held_back: false })
}

/// The batch under way.
pub fn under_way(read: &Read<'_>) -> Result<Option<Frozen>> {
    upstream::frozen(read)
}

/// Freezes a batch, and sets aside what follows something that was.
pub fn freeze(write: &Write<'_>, batch: &Frozen, following: &[Event]) -> Result<()> {
    set_aside(write, following)?;
    upstream::freeze(write, batch)
}

/// Deals with events of which nothing is to be sent.
pub fn pass_over(write: &Write<'_>, seq: i64, following: &[Event]) -> Result<()> {
    set_aside(write, following)?;
    upstream::pass_over(write, seq)
}

/// Lets events follow to where one of their subject was set aside. The next batch covers their numbers.
fn set_aside(write: &Write<'_>, following: &[Event]) -> Result<()> {
    following.iter().try_for_each(|event| upstream::follow(write, event))
}

/// The chain behind a batch.
pub fn chain_behind(chain: &[u8], body_hash: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(chain).chain_update(body_hash).finalize().into()
}

/// The chain at the start of an epoch.
pub fn chain_start(epoch: Uuid) -> [u8; 32] {
    Sha256::digest(epoch.as_bytes()).into()
}

fn acknowledge(write: &Write<'_>, batch: &Frozen, refused: &[&Rejected]) -> Result<()> {
    let Progress { chain, .. } = upstream::progress(write)?;
    let last = batch.seqs.last().copied().unwrap_or_default();
    upstream::acknowledge(write, last, &chain_behind(&chain, &batch.body_hash))?;
    for event in named(write, batch, refused)? {
        if let Some(refused) = refused.iter().find(|refused| refused.id == event.id) {
            upstream::park(write, &event, &format!("the receiver refuses it: {}", refused.code))?;
        }
    }
    if refused.is_empty() { Ok(()) } else { forget_summaries(write, last) }
}

/// The batch under way is delivered, but for what the receiver took out of it: that is set aside, or told again where the
/// receiver says that this may help. `again` are subjects to be told again besides.
pub fn delivered(write: &Write<'_>, batch: &Frozen, rejected: &[Rejected], again: &[String]) -> Result<()> {
    let (again_later, refused): (Vec<_>, Vec<_>) = rejected.iter().partition(|rejected| rejected.retryable);
    let events = named(write, batch, &again_later)?;
    acknowledge(write, batch, &refused)?;
    for subject in again {
        retry(write, subject)?;
    }
    events.iter().try_for_each(|event| snapshot::tell_again(write, event))
}

/// The events of a batch that a receiver names.
fn named(read: &Read<'_>, batch: &Frozen, rejected: &[&Rejected]) -> Result<Vec<Event>> {
    let ids: Vec<Uuid> = rejected.iter().map(|rejected| rejected.id).collect();
    if ids.is_empty() { Ok(Vec::new()) } else { outbox::among(read, &batch.seqs, &ids) }
}

/// Tells the present state of a subject again of which events were set aside.
pub fn retry(write: &Write<'_>, subject: &str) -> Result<()> {
    let newest = upstream::newest_parked(write, subject)?;
    upstream::unpark(write, subject)?;
    newest.map_or(Ok(()), |event| snapshot::tell_again(write, &event))
}

/// Names the box.
pub fn site(read: &Read<'_>) -> Result<Uuid> {
    Ok(site::get(read)?.ok_or_else(Error::internal)?.site_uuid)
}

/// Stops sending until an operator decides.
pub fn quarantine(write: &Write<'_>, why: &str) -> Result<()> {
    upstream::set_quarantine(write, Some(why))
}

/// Lets go of the batch under way, which was not accepted.
pub fn thaw(write: &Write<'_>) -> Result<()> {
    upstream::thaw(write)
}

/// Sets the one event of the batch under way aside. False where too many were in the last hour: then nothing is done, and
/// the fault is taken for the receiver's.
pub fn park(write: &Write<'_>, batch: &Frozen, reason: &str) -> Result<bool> {
    if upstream::parked_since(write, write.now_ms() - PARKED_WITHIN_MS)? >= PARKED_MAX {
        return Ok(false);
    }
    let last = batch.seqs.last().copied().unwrap_or_default();
    let events = outbox::by_seqs(write, &batch.seqs)?;
    // It counts as dealt with and not as delivered, so that the next batch covers its number: a receiver would take it for
    // lost on the way.
    upstream::pass_over(write, last)?;
    for event in &events {
        upstream::park(write, event, reason)?;
    }
    upstream::thaw(write)?;
    forget_summaries(write, last)?;
    Ok(true)
}

/// What waits behind an event that was set aside and sums everything up counts that event in. A receiver would miss it
/// and ask for everything anew, so a heartbeat goes, and that the full state was told is said again.
fn forget_summaries(write: &Write<'_>, seq: i64) -> Result<()> {
    if outbox::awaits_end_of_snapshot(write, seq)? {
        upstream::set_snapshot(write, Some(SnapshotAt::End))?;
    }
    outbox::remove_summaries(write, seq)?;
    upstream::recount(write)
}

/// Subjects that were set aside since anything was delivered, in order.
pub fn parked_since_delivery(read: &Read<'_>) -> Result<Vec<String>> {
    upstream::parked_since_delivery(read, PARKED_MAX)
}

/// What was set aside.
pub fn parked(read: &Read<'_>) -> Result<Vec<Parked>> {
    upstream::parked(read, 0, usize::MAX)
}

/// Opens an epoch: what waited is dropped but for tombstones, and the full state is told from its beginning.
pub fn open_epoch(write: &Write<'_>, reason: &str, fingerprint: &str) -> Result<Uuid> {
    let before = site::get(write)?.ok_or_else(Error::internal)?;
    let progress = upstream::progress(write)?;
    let tombstones = outbox::tombstones(write, progress.acked_seq)?;
    gauges::may_be_told(write)?;
    let epoch = site::open_epoch(write)?;
    upstream::begin(write, epoch, before.last_seq, &chain_start(epoch), fingerprint)?;
    // What it was told of the box itself is of the old epoch.
    upstream::unpark(write, &journal::site_subject(write)?)?;
    let old = progress.epoch.map_or("null".to_owned(), |old| format!("\"{}\"", old.hyphenated()));
    let reason = serde_json_text(reason);
    journal::tell_of_site(write, "epoch", format!(r#"{{"old_epoch":{old},"reason":{reason}}}"#))?;
    for tombstone in &tombstones {
        outbox::repeat(write, tombstone)?;
    }
    upstream::recount(write)?;
    Ok(epoch)
}

/// Tells more of the full state where that is under way, within an eighth of the budget; `held_back` says that events wait
/// already. True where it told some.
pub fn refill(write: &Write<'_>, budget_bytes: i64, held_back: bool) -> Result<bool> {
    let Progress { snapshot_at, queued_bytes, .. } = upstream::progress(write)?;
    if snapshot_at.is_none() || (held_back && queued_bytes >= budget_bytes / 8) {
        return Ok(false);
    }
    snapshot::tell_more(write, TOLD_AT_ONCE, budget_bytes / 8)?;
    Ok(true)
}

/// Tells how the box is: last number, chain, counts, digest.
pub fn heartbeat(write: &Write<'_>) -> Result<()> {
    let Progress { chain, snapshot_at, last_seq, .. } = upstream::progress(write)?;
    let counts = snapshot::counts_json(write)?;
    // While the full state is being told the digest is that of a part, which no receiver could compare.
    let digest = if snapshot_at.is_none() { format!("\"{}\"", digest::hex(write)?) } else { "null".to_owned() };
    let parked = upstream::parked_since(write, 0)?;
    let chain: String = chain.iter().map(|byte| format!("{byte:02x}")).collect();
    let data =
        format!(r#"{{"last_seq":{last_seq},"chain":"{chain}","counts":{counts},"digest":{digest},"parked":{parked}}}"#);
    journal::tell_of_site(write, "heartbeat", data)
}

/// Keeps the queue within its budget: past half of it only the newest event of each subject stays, past the whole only what
/// is gone, and the full state will be told. Returns whether anything was given up.
pub fn compact(write: &Write<'_>, budget_bytes: i64) -> Result<bool> {
    let Progress { acked_seq, queued_bytes, .. } = upstream::progress(write)?;
    if queued_bytes <= budget_bytes / 2 {
        return Ok(false);
    }
    let under_way = upstream::frozen(write)?.and_then(|frozen| frozen.seqs.last().copied());
    let behind = under_way.unwrap_or(acked_seq).max(acked_seq);
    if outbox::awaits_end_of_snapshot(write, behind)? {
        // What comes before it is gone now or comes later: it is to be said again, at the end.
        upstream::set_snapshot(write, Some(SnapshotAt::End))?;
    }
    outbox::compact(write, behind)?;
    upstream::recount(write)?;
    if upstream::progress(write)?.queued_bytes > budget_bytes {
        outbox::keep_tombstones(write, behind)?;
        upstream::restart_snapshot(write)?;
        upstream::recount(write)?;
    }
    Ok(true)
}

/// Removes what is delivered and lies behind the window of the change feed. True where there may be more to remove.
pub fn prune(write: &Write<'_>, window_events: i64) -> Result<bool> {
    let Progress { acked_seq, .. } = upstream::progress(write)?;
    let kept_from = outbox::newest_within(write, WINDOW_BYTES, window_events)?;
    let pruned = outbox::prune(write, acked_seq.min(kept_from - 1), PRUNED_AT_ONCE)?;
    Ok(pruned as i64 == PRUNED_AT_ONCE)
}

/// Where nothing is sent upstream, everything recorded is dealt with, and who is told one day is told everything.
pub fn send_nothing(write: &Write<'_>) -> Result<()> {
    let Progress { last_seq, acked_seq, epoch, .. } = upstream::progress(write)?;
    if epoch.is_none() && acked_seq == last_seq { Ok(()) } else { upstream::forget(write, last_seq) }
}

/// A text as JSON; this layer knows no serde.
fn serde_json_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .filter(|char| !char.is_control())
        .flat_map(|char| matches!(char, '"' | '\\').then_some('\\').into_iter().chain([char]))
        .collect();
    format!("\"{escaped}\"")
}
