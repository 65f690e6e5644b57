//! The sender: one pass at a time. A pass looks at what is due, sends one batch and settles it.

mod ahead;
mod decided;
mod refusal;
mod window;

use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use super::parts::{Parts, Pass};
use super::{
    client::Request,
    high_water::{self, Finding, HighWater, Standing},
    link::State,
    preset::Wire,
    reply::{Failure, Outcome},
    settings::{Credentials, Settings},
    verdict::{Acknowledgement, Hold, Sent, Verdict, judge},
};
use crate::{
    model::{
        Error, Result,
        event::Event,
        queue::{Frozen, Progress},
    },
    ops::{
        gauges,
        outbox::{self, Due},
    },
    store::Reader,
};

/// Bytes of events in the first batch; doubled after a quick send.
const FIRST_BATCH_BYTES: usize = 32 << 10;
/// Bytes below which no batch is made smaller.
const LEAST_BATCH_BYTES: usize = 1 << 10;
/// A send that takes no longer is a quick one, in milliseconds.
const QUICK_SEND_MS: i64 = 1000;
/// Least time between two full states told because a receiver asked, in milliseconds.
const RESYNC_APART_MS: i64 = 10 * 60_000;
/// Wait after a fault of the box itself, in milliseconds.
const FAULT_WAIT_MS: i64 = 10_000;
/// What status says of such a fault; the log says more.
const FAULT: &str = "the database or the high-water file cannot be read or written";

/// The sender.
pub struct Sender {
    parts: Parts,
    reader: Reader,
    credentials: Credentials,
    /// Compared with the high-water file.
    checked: bool,
    bound_seq: i64,
    next_try_ms: i64,
    next_heartbeat_ms: i64,
    failures: u32,
    probes: u32,
    batch_bytes: usize,
    /// Events in a batch while an event that is refused is looked for.
    narrowed_to: Option<usize>,
    /// Subjects parked one after the other without a delivery between.
    parked_in_a_row: Vec<String>,
    clock_offset_ms: i64,
    compacted_at_bytes: i64,
    resynced_at_ms: Option<i64>,
    ahead: Option<ahead::Ahead>,
    /// When an epoch was last opened because the receiver had seen later numbers.
    overtaken_at_ms: Option<i64>,
    window: window::Window,
}

impl Sender {
    /// Prepares a sender. Nothing is sent before the first pass.
    pub fn new(mut parts: Parts) -> std::result::Result<Self, crate::store::OpenError> {
        let reader = parts.store.reader()?;
        let now = parts.clock.monotonic_ms();
        let jitter = (parts.settings.start_jitter_ms as f64 * (parts.dice)()) as i64;
        let mut sender = Self {
            reader,
            credentials: Credentials::default(),
            checked: false,
            bound_seq: 0,
            next_try_ms: now + jitter,
            next_heartbeat_ms: now,
            failures: 0,
            probes: 0,
            batch_bytes: FIRST_BATCH_BYTES.min(parts.settings.max_batch_bytes),
            narrowed_to: None,
            parked_in_a_row: Vec::new(),
            clock_offset_ms: 0,
            compacted_at_bytes: 0,
            resynced_at_ms: None,
            ahead: None,
            overtaken_at_ms: None,
            window: window::Window::default(),
            parts,
        };
        sender.read_credentials();
        sender.say(State::Starting, None, Some(jitter));
        Ok(sender)
    }

    /// Takes one step. Never fails: what goes wrong is logged and tried again later.
    pub fn run_once(&mut self) -> Pass {
        self.pass().unwrap_or_else(|error| {
            tracing::warn!(%error, "upstream: a step could not be taken; trying again");
            self.say(State::Fault, Some(FAULT.to_owned()), Some(FAULT_WAIT_MS));
            Pass::Wait(self.now() + FAULT_WAIT_MS)
        })
    }

    /// Tries at once, whatever it was waiting for, with the credentials as they are now.
    pub fn try_now(&mut self) {
        self.read_credentials();
        self.next_try_ms = self.now();
        self.checked = false;
    }

    /// Writes down how far was sent, before the box stops.
    pub fn stop(&mut self) {
        if self.checked
            && let Err(error) = self.write_high_water(self.bound_seq)
        {
            tracing::warn!(%error, "upstream: the high-water file could not be written");
        }
    }

    fn pass(&mut self) -> Result<Pass> {
        let progress = self.reader.read(outbox::progress)?;
        // First of all: a queue that cannot be sent grows most of all.
        if self.keep_small(&progress)? {
            return Ok(Pass::Again);
        }
        if progress.quarantine.is_some() {
            self.say(State::Quarantined, progress.quarantine, None);
            self.checked = false;
            return Ok(Pass::Wait(self.now() + FAULT_WAIT_MS));
        }
        if let Some(reason) = &progress.epoch_due {
            return self.open_epoch_asked_for(reason);
        }
        if !self.checked {
            return self.check();
        }
        if self.parts.settings.url.is_empty() {
            return self.keep(&progress);
        }
        if self.now() >= self.next_heartbeat_ms {
            self.parts.store.housekeeping(outbox::heartbeat)?;
            self.next_heartbeat_ms = self.now() + self.heartbeat_wait();
        }
        if self.now() < self.next_try_ms {
            return Ok(Pass::Wait(self.next_try_ms.min(self.next_heartbeat_ms)));
        }
        if let Some(pass) = self.send_ahead(&progress)? {
            return Ok(pass);
        }
        let (events_max, bytes_max) = self.batch_limits();
        let now_ms = self.parts.clock.now_ms();
        let due = if self.parts.settings.preset.is_usage() {
            self.reader.read(|read| gauges::due(read, events_max, bytes_max, now_ms))?
        } else {
            self.reader.read(|read| outbox::due(read, events_max, bytes_max))?
        };
        self.deliver(due, &progress)
    }

    /// Compares the database with the high-water file, once after the start.
    fn check(&mut self) -> Result<Pass> {
        let fault = |error: std::io::Error| {
            tracing::error!(%error, "upstream: the high-water file cannot be used");
            Error::internal()
        };
        let path = high_water::path(&self.parts.database);
        let file = high_water::read(&path).map_err(fault)?;
        let fingerprint = self.fingerprint().map_err(fault)?;
        let standing = self.standing()?;
        match high_water::compare(&standing, file.as_ref(), &fingerprint) {
            Finding::Same => self.bound_seq = file.map_or(0, |file| file.bound_seq),
            Finding::NewEpoch(reason) => self.open_epoch(reason)?,
            Finding::Refuse(reason) => {
                self.parts.store.housekeeping(move |write| outbox::quarantine(write, reason))?;
                return Ok(Pass::Again);
            }
        }
        // However often the box starts: a receiver that refuses everything has no more set aside for it.
        self.parked_in_a_row = self.reader.read(outbox::parked_since_delivery)?;
        self.checked = true;
        Ok(Pass::Again)
    }

    fn open_epoch(&mut self, reason: &str) -> Result<()> {
        let fingerprint = self.fingerprint().map_err(|error| {
            tracing::error!(%error, "upstream: the database file cannot be looked at");
            Error::internal()
        })?;
        let told = reason.to_owned();
        let epoch = self.parts.store.housekeeping(move |write| outbox::open_epoch(write, &told, &fingerprint))?;
        if reason == high_water::FIRST_START {
            tracing::info!(%epoch, "upstream: the full state is told for the first time");
        } else {
            tracing::warn!(%epoch, reason, "upstream: a new epoch was opened; the full state follows");
        }
        self.bound_seq = 0;
        self.narrowed_to = None;
        Ok(())
    }

    fn fingerprint(&self) -> std::io::Result<String> {
        let Settings { url, preset, .. } = &self.parts.settings;
        high_water::fingerprint(&self.parts.database, &format!("{} {url}", preset.name()))
    }

    /// Compacts where the queue has grown by much since the last time that was tried. True where it did: things stand
    /// differently now.
    fn keep_small(&mut self, progress: &Progress) -> Result<bool> {
        let budget = self.parts.settings.queue_bytes;
        if progress.queued_bytes < self.compacted_at_bytes {
            self.compacted_at_bytes = progress.queued_bytes;
        }
        let grown = progress.queued_bytes - self.compacted_at_bytes > budget / 8;
        let due = progress.queued_bytes > budget / 2 && grown;
        if due {
            self.parts.store.housekeeping(move |write| outbox::compact(write, budget))?;
            self.compacted_at_bytes = self.reader.read(outbox::progress)?.queued_bytes;
        }
        Ok(due)
    }

    fn deliver(&mut self, due: Due, progress: &Progress) -> Result<Pass> {
        let Due { events, frozen, .. } = &due;
        if events.is_empty() {
            return match due.passed_seq {
                Some(last) => {
                    let following = due.following;
                    self.parts.store.housekeeping(move |write| outbox::pass_over(write, last, &following))?;
                    Ok(Pass::Again)
                }
                None if frozen.is_some() => {
                    // Its events are gone, as after an operator's doing.
                    self.parts.store.housekeeping(outbox::thaw)?;
                    Ok(Pass::Again)
                }
                None => self.rest(due.held_back, progress),
            };
        }
        let wire = self.parts.settings.preset.encode(due.site, due.from_seq, events).map_err(|error| {
            tracing::error!(%error, "upstream: a batch cannot be written");
            Error::internal()
        })?;
        let last = events.last().map_or(0, |event| event.position.seq);
        let Some(wire) = wire else {
            let following = due.following;
            self.parts.store.housekeeping(move |write| outbox::pass_over(write, last, &following))?;
            return Ok(Pass::Again);
        };
        let body_hash: [u8; 32] = Sha256::digest(&wire.body).into();
        let frozen = match &due.frozen {
            Some(frozen) if frozen.body_hash == body_hash => frozen.clone(),
            Some(_) => {
                tracing::warn!("upstream: this version writes the batch under way differently; it is sent as another");
                self.parts.store.housekeeping(outbox::thaw)?;
                return Ok(Pass::Again);
            }
            None => self.freeze(&due, body_hash)?,
        };
        self.raise_high_water(last)?;
        self.send(&due, &frozen, &wire)
    }

    /// Nothing is due: tells more of the full state, or tidies up.
    fn rest(&mut self, held_back: bool, progress: &Progress) -> Result<Pass> {
        let budget = self.parts.settings.queue_bytes;
        let telling = progress.snapshot_at.is_some();
        if telling && self.parts.store.housekeeping(move |write| outbox::refill(write, budget, held_back))? {
            return Ok(Pass::Again);
        }
        if self.window.is_due(progress.acked_seq) {
            if self.parts.store.housekeeping(|write| outbox::prune(write, outbox::WINDOW_EVENTS))? {
                return Ok(Pass::Again);
            }
            self.window.looked(progress.acked_seq);
        }
        if self.failures == 0 && self.probes == 0 {
            self.say(State::Up, None, None);
        }
        if held_back {
            let second_ends_ms = self.now() + gauges::second_left_ms(self.parts.clock.now_ms());
            return Ok(Pass::Wait(second_ends_ms.min(self.next_heartbeat_ms)));
        }
        Ok(Pass::Idle(self.next_heartbeat_ms))
    }

    fn freeze(&mut self, due: &Due, body_hash: [u8; 32]) -> Result<Frozen> {
        let seqs = due.events.iter().map(|event| event.position.seq).collect();
        let frozen = Frozen { id: Uuid::new_v4(), from_seq: due.from_seq, seqs, body_hash };
        let (batch, following) = (frozen.clone(), due.following.clone());
        self.parts.store.housekeeping(move |write| outbox::freeze(write, &batch, &following))?;
        Ok(frozen)
    }

    fn send(&mut self, due: &Due, frozen: &Frozen, wire: &Wire) -> Result<Pass> {
        let settings = &self.parts.settings;
        let (strict_ack, duplicates) = (settings.strict_ack, settings.preset.duplicates());
        let started_ms = self.now();
        let signed_at_ms = self.parts.clock.now_ms() + self.clock_offset_ms;
        let (headers, body) = super::request::build(settings, &self.credentials, due, frozen, wire, signed_at_ms)?;
        self.parts.status.sends(true);
        let mut outcome = self.parts.post.post(&Request { url: &settings.url, headers: &headers, body: &body });
        self.parts.status.sends(false);
        if let Outcome::Replied(reply) = &mut outcome {
            self.credentials.blot_out(&mut reply.body);
        }
        let took_ms = self.now() - started_ms;
        self.learn_clock(&outcome);
        let epoch = due.epoch.hyphenated().to_string();
        let last_seq = frozen.seqs.last().copied().unwrap_or_default();
        let sent = Sent { last_seq, epoch: &epoch, events: wire.entries, strict_ack, signed_at_ms, duplicates };
        let verdict = judge(&outcome, &sent, self.parts.clock.now_ms()).by_event(due.events.len(), wire.entries);
        if matches!(outcome, Outcome::Failed(Failure::Timeout)) {
            self.batch_bytes = (self.batch_bytes / 2).max(LEAST_BATCH_BYTES);
        }
        tracing::debug!(batch = %frozen.id, events = due.events.len(), bytes = wire.body.len(), took_ms, ?verdict, "upstream");
        self.settle(verdict, frozen, &due.events, signed_at_ms, took_ms)
    }

    fn settle(
        &mut self,
        verdict: Verdict,
        frozen: &Frozen,
        events: &[Event],
        signed_at_ms: i64,
        took_ms: i64,
    ) -> Result<Pass> {
        match verdict {
            Verdict::Acknowledged(ack) => self.acknowledged(ack, frozen, events, took_ms),
            Verdict::Again { why, asked_ms } => {
                self.failures += 1;
                let wait = self.parts.settings.backoff.wait_ms(self.failures, asked_ms, (self.parts.dice)());
                Ok(self.hold(State::Retrying, why, wait))
            }
            Verdict::Refused { why, at_fault } => self.refused(why, &at_fault, frozen, events),
            Verdict::TooLarge if events.len() > 1 => {
                self.batch_bytes = (self.batch_bytes / 2).max(LEAST_BATCH_BYTES);
                self.narrow(events.len() / 2)
            }
            Verdict::TooLarge => self.park("too large for the receiver (413)".to_owned(), frozen, events),
            Verdict::Hold(Hold::Clock, why) => {
                // Where the server's own time is known since, the same batch is signed by it at once.
                let estimate = self.parts.clock.now_ms() + self.clock_offset_ms;
                let learned = estimate.abs_diff(signed_at_ms) > super::verdict::CLOCK_TOLERANCE_MS.unsigned_abs();
                let wait = if learned { 0 } else { Hold::Clock.probe_ms(self.probes) };
                self.probes += 1;
                Ok(self.hold(State::Held(Hold::Clock), why, wait))
            }
            Verdict::Hold(hold, why) => {
                let wait = hold.probe_ms(self.probes);
                self.probes += 1;
                if hold == Hold::Credential {
                    self.read_credentials();
                }
                Ok(self.hold(State::Held(hold), why, wait))
            }
            Verdict::Behind => self.overtaken(),
            Verdict::DuplicateSite => {
                let why = "another box sends under this one's name: one of them is a copy";
                self.parts.store.housekeeping(move |write| outbox::quarantine(write, why))?;
                Ok(Pass::Again)
            }
        }
    }

    fn acknowledged(&mut self, ack: Acknowledgement, frozen: &Frozen, events: &[Event], took_ms: i64) -> Result<Pass> {
        let later = ack.rejected.iter().any(|rejected| rejected.retryable);
        // What was parked just before because everything was refused was not at fault itself.
        let was_refusing = self.parts.status.link().state == State::Refusing;
        let innocent = if was_refusing { std::mem::take(&mut self.parked_in_a_row) } else { Vec::new() };
        self.note_delivery(&ack, frozen, events, innocent)?;
        self.window.delivered(events);
        self.parked_in_a_row.clear();
        (self.failures, self.probes) = (if later { self.failures + 1 } else { 0 }, 0);
        self.next_try_ms = self.now();
        if took_ms <= QUICK_SEND_MS {
            self.batch_bytes = (self.batch_bytes * 2).min(self.parts.settings.max_batch_bytes);
        }
        self.narrowed_to = self.narrowed_to.map(|events| events * 2).filter(|max| *max < self.events_max());
        if ack.resync {
            self.resync()?;
        }
        tracing::debug!(events = events.len(), "upstream: delivered");
        if later {
            // It was told again already, and would be at once for ever.
            let wait = self.parts.settings.backoff.wait_ms(self.failures, None, (self.parts.dice)());
            return Ok(self.hold(State::Retrying, "the receiver asks for something again later".to_owned(), wait));
        }
        self.say(State::Up, None, None);
        Ok(Pass::Again)
    }

    /// A receiver that says so whatever it is sent would be told everything for ever.
    fn overtaken(&mut self) -> Result<Pass> {
        let now = self.now();
        if self.overtaken_at_ms.is_some_and(|at| now - at < RESYNC_APART_MS) {
            let why = "the receiver says again that this box is behind, though a new epoch was opened";
            return Ok(self.hold(State::Held(Hold::Configuration), why.to_owned(), refusal::REFUSING_PROBE_MS));
        }
        self.overtaken_at_ms = Some(now);
        self.open_epoch("the receiver has seen later numbers: the database went back in time")?;
        Ok(Pass::Again)
    }

    /// A receiver that asks again and again would be told everything for ever.
    fn resync(&mut self) -> Result<()> {
        let now = self.now();
        if self.resynced_at_ms.is_some_and(|at| now - at < RESYNC_APART_MS) {
            tracing::info!("upstream: the receiver asks for the full state again; it was told lately");
            return Ok(());
        }
        self.resynced_at_ms = Some(now);
        self.open_epoch("resync")
    }

    fn hold(&mut self, state: State, why: String, wait_ms: i64) -> Pass {
        self.next_try_ms = self.now() + wait_ms;
        self.say(state, Some(why), Some(wait_ms));
        Pass::Wait(self.next_try_ms.min(self.next_heartbeat_ms))
    }

    fn say(&self, state: State, why: Option<String>, wait_ms: Option<i64>) {
        let now_ms = self.parts.clock.now_ms();
        self.parts.status.set(state, why, self.failures, wait_ms.map(|wait| now_ms + wait), now_ms);
    }

    /// The receiver's `Date` has whole seconds: what differs by less is no difference.
    fn learn_clock(&mut self, outcome: &Outcome) {
        if let Outcome::Replied(reply) = outcome
            && let Some(date_ms) = reply.date_ms
        {
            let offset_ms = date_ms + 500 - self.parts.clock.now_ms();
            self.clock_offset_ms = if offset_ms.abs() < 2000 { 0 } else { offset_ms };
            self.parts.status.set_clock_offset(self.clock_offset_ms);
        }
    }

    fn read_credentials(&mut self) {
        match (self.parts.credentials)() {
            Ok(credentials) => self.credentials = credentials,
            Err(why) => tracing::error!(why, "upstream: the credentials cannot be read; the last ones are kept"),
        }
    }

    fn standing(&self) -> Result<Standing> {
        self.reader.read(|read| {
            let site = outbox::site(read)?;
            let Progress { epoch, acked_seq, chain, fingerprint, .. } = outbox::progress(read)?;
            Ok(Standing { site, epoch, acked_seq, chain: high_water::hex(&chain), fingerprint })
        })
    }

    fn raise_high_water(&mut self, last_seq: i64) -> Result<()> {
        high_water::next_bound(self.bound_seq, last_seq).map_or(Ok(()), |bound| self.write_high_water(bound))
    }

    fn write_high_water(&mut self, bound_seq: i64) -> Result<()> {
        let Standing { site, epoch, acked_seq, chain, .. } = self.standing()?;
        let Some(epoch) = epoch else { return Ok(()) };
        let file = HighWater { site, epoch, acked_seq, bound_seq, chain };
        high_water::write(&high_water::path(&self.parts.database), &file).map_err(|error| {
            tracing::error!(%error, "upstream: the high-water file cannot be written; nothing is sent");
            Error::internal()
        })?;
        self.bound_seq = bound_seq;
        Ok(())
    }

    fn heartbeat_wait(&mut self) -> i64 {
        let every = self.parts.settings.heartbeat_ms as f64;
        (every * (0.9 + 0.2 * (self.parts.dice)())) as i64
    }

    fn events_max(&self) -> usize {
        self.parts.settings.max_batch_events.min(self.parts.settings.preset.events_max())
    }

    fn batch_limits(&self) -> (usize, usize) {
        let events = self.events_max();
        (self.narrowed_to.map_or(events, |narrowed| narrowed.min(events)), self.batch_bytes)
    }

    fn now(&self) -> i64 {
        self.parts.clock.monotonic_ms()
    }
}
