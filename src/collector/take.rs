//! What a batch means: whether it goes on from what is held, what each event changes, what is asked back. The whole of it
//! is one transaction; what is refused changes nothing.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::{
    batch::{Batch, first_link, next_link},
    digest::weight,
    event::{Complete, Event, Heartbeat, Kind, Meaning, Opening},
    ledger::{
        Book, Ledger,
        epochs::{Counts, Epoch},
        history::{Known, Outcome},
        sites::{Site, Tally},
    },
    refusal::Refusal,
};

/// A full state that was asked for and has not come is asked for again after this time, if it is still needed: the answer
/// that asked may have been lost.
pub const RESYNC_PATIENCE_MS: i64 = 60 * 60_000;
/// Longest title and reason that are kept, in characters.
const WORDS_MAX: usize = 200;

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The site's title, where it has told one.
    pub title: Option<String>,
    /// The batch had been acknowledged before; nothing was changed and everything below is zero.
    pub retry: bool,
    /// Why the epoch that it opened was opened.
    pub opened: Option<String>,
    /// Events that changed the state.
    pub applied: usize,
    /// Events that were older than what was held.
    pub ignored: usize,
    /// Events that were here already.
    pub duplicates: usize,
    /// Events that are about no subject.
    pub noted: usize,
    /// Events that could not be used, and why.
    pub rejected: Vec<(String, &'static str)>,
    /// The snapshot of the epoch is complete now.
    pub completed: bool,
    /// Numbers that did not come before this batch: first and last.
    pub gap: Option<(i64, i64)>,
    /// What a comparison found.
    pub difference: Option<String>,
    /// A full state is asked for.
    pub resync: bool,
    /// The acknowledgement, as JSON.
    pub answer: String,
}

/// Takes a batch. What is returned as `Ok` is on disk.
pub(super) fn take(ledger: &mut Ledger, batch: &Batch<'_>, now_ms: i64) -> Result<Taken, Refusal> {
    let outcome = ledger.write(|book| within(book, batch, now_ms));
    if let Err(refusal) = &outcome
        && let Some(tally) = alarm(refusal)
    {
        // Counted on its own: all else that the batch would have done is undone.
        ledger.write(|book| match book.site(batch.head.site)? {
            Some(site) => book.tally(site.id, tally, 1, now_ms),
            None => Ok(()),
        })?;
    }
    outcome
}

fn alarm(refusal: &Refusal) -> Option<Tally> {
    match refusal {
        Refusal::BatchConflict => Some(Tally::BatchConflicts),
        Refusal::EventConflict(_) => Some(Tally::EventConflicts),
        Refusal::Behind => Some(Tally::Behind),
        Refusal::DuplicateSite => Some(Tally::DuplicateSites),
        _ => None,
    }
}

fn within(book: &Book<'_>, batch: &Batch<'_>, now_ms: i64) -> Result<Taken, Refusal> {
    let head = &batch.head;
    let site = book.site(head.site)?;
    if let Some(site) = &site
        && let Some(known) = book.acknowledged(site.id, head.batch)?
    {
        if known.body_hash != batch.body_hash {
            return Err(Refusal::BatchConflict);
        }
        book.tally(site.id, Tally::Retries, 1, now_ms)?;
        book.save_site(site, now_ms)?;
        return Ok(Taken { title: site.title.clone(), retry: true, answer: known.answer, ..Taken::default() });
    }
    let known = site.as_ref().map(|site| book.epoch(site.id, head.epoch)).transpose()?.flatten();
    let (site, epoch, opened) = match (site, known) {
        (Some(site), Some(epoch)) if site.newest_epoch != Some(epoch.id) => return Err(Refusal::DuplicateSite),
        (Some(_), Some(epoch)) if epoch.chain != head.chain => return Err(Refusal::Behind),
        (Some(site), Some(epoch)) => (site, epoch, None),
        (site, _) => open(book, batch, site, now_ms)?,
    };
    let taken = Taken { opened, ..Taken::default() };
    let was_pending = site.resync_pending;
    let mut work = Work { book, batch, site, epoch, taken, now_ms, needs_resync: false };
    work.numbers()?;
    for event in &batch.events {
        work.event(event)?;
    }
    work.finish(was_pending)
}

/// Opens an epoch, and a site that is not known yet. Whoever goes on with an epoch that was never opened here, because
/// this collector has lost its file, is asked to open a new one.
fn open(
    book: &Book<'_>,
    batch: &Batch<'_>,
    site: Option<Site>,
    now_ms: i64,
) -> Result<(Site, Epoch, Option<String>), Refusal> {
    let head = &batch.head;
    let chain = first_link(head.epoch);
    let Some(Opening { old_epoch, reason, title }) = batch.opening().filter(|_| head.chain == chain) else {
        return Err(Refusal::Behind);
    };
    let mut site = match site {
        Some(site) => site,
        None => book.new_site(head.site, now_ms)?,
    };
    let old = old_epoch.as_deref().and_then(|uuid| Uuid::try_parse(uuid).ok()).map(|uuid| uuid.to_string());
    let reason = words(reason);
    let epoch = book.new_epoch(site.id, head.epoch, (old.as_deref(), &reason), &chain, now_ms)?;
    site.newest_epoch = Some(epoch.id);
    site.shown_epoch = site.shown_epoch.or(site.newest_epoch);
    site.title = title.as_deref().map(words).or(site.title);
    // A state that was never completed and is not shown either is of no use to anybody.
    book.keep_subjects_of(site.id, [site.newest_epoch, site.shown_epoch])?;
    Ok((site, epoch, Some(reason)))
}

/// A batch under way.
struct Work<'b> {
    book: &'b Book<'b>,
    batch: &'b Batch<'b>,
    site: Site,
    epoch: Epoch,
    taken: Taken,
    now_ms: i64,
    needs_resync: bool,
}

impl Work<'_> {
    /// Looks at the numbers that the batch covers.
    fn numbers(&mut self) -> Result<(), Refusal> {
        let (first, last) = (self.batch.head.first, self.batch.head.last);
        if first <= last {
            self.book.fill_gaps(self.epoch.id, first, last)?;
        }
        let expected = self.epoch.acked_seq + 1;
        // A new epoch begins with the number that it likes.
        if self.epoch.batches > 0 && first > expected {
            self.book.new_gap(self.epoch.id, expected, first - 1, self.now_ms)?;
            self.book.tally(self.site.id, Tally::Gaps, 1, self.now_ms)?;
            self.taken.gap = Some((expected, first - 1));
            self.needs_resync = true;
        }
        self.epoch.acked_seq = self.epoch.acked_seq.max(last);
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Refusal> {
        match self.book.known(self.site.id, self.epoch.id, event)? {
            Known::Other => return Err(Refusal::EventConflict(event.id.clone())),
            Known::Same => {
                self.taken.duplicates += 1;
                return Ok(());
            }
            Known::New => {}
        }
        let outcome = match &event.meaning {
            Meaning::State { kind, version, state } => self.subject(event, *kind, *version, Some(state))?,
            Meaning::Gone { kind, version } => self.subject(event, *kind, *version, None)?,
            Meaning::Complete(complete) => {
                self.complete(complete)?;
                Outcome::Noted
            }
            Meaning::Heartbeat(heartbeat) => {
                self.heartbeat(heartbeat)?;
                Outcome::Noted
            }
            Meaning::Epoch(_) | Meaning::Other => Outcome::Noted,
            Meaning::Unusable(code) => {
                self.taken.rejected.push((event.id.clone(), code));
                Outcome::Rejected
            }
        };
        match outcome {
            Outcome::Applied => self.taken.applied += 1,
            Outcome::Ignored => self.taken.ignored += 1,
            Outcome::Noted => self.taken.noted += 1,
            Outcome::Rejected => {}
        }
        self.book.keep_event(self.site.id, self.epoch.id, event, outcome, self.now_ms)
    }

    /// The newest version of a subject stays, whatever the order in which versions come.
    fn subject(
        &mut self,
        event: &Event<'_>,
        kind: Kind,
        version: i64,
        state: Option<&str>,
    ) -> Result<Outcome, Refusal> {
        let subject = event.subject.as_str();
        self.epoch.top_seq = self.epoch.top_seq.max(event.sequence.unwrap_or(0));
        let held = self.book.held(self.epoch.id, kind, subject)?;
        if held.is_some_and(|held| version <= held.version) {
            return Ok(Outcome::Ignored);
        }
        let count = &mut self.epoch.counts[kind as usize];
        if let Some(before) = held.and_then(|held| held.weight) {
            self.epoch.sums.remove(subject, before);
            *count -= 1;
        }
        let state = state.map(|state| (state, weight(subject, state)));
        if let Some((_, after)) = state {
            self.epoch.sums.add(subject, after);
            *count += 1;
        }
        self.book.put_subject(self.epoch.id, (kind, subject), version, state, self.now_ms)?;
        Ok(Outcome::Applied)
    }

    fn complete(&mut self, complete: &Complete) -> Result<(), Refusal> {
        if !complete.complete {
            return Ok(());
        }
        self.show_epoch()?;
        let found = complete.counts.as_ref().and_then(|counts| counts_differ(&self.epoch.counts, counts));
        self.compared(found)
    }

    /// From here on this epoch's state is the site's; what only older epochs have named is gone.
    fn show_epoch(&mut self) -> Result<(), Refusal> {
        self.taken.completed = true;
        self.epoch.completed_at_ms = Some(self.now_ms);
        self.site.shown_epoch = Some(self.epoch.id);
        self.book.keep_subjects_of(self.site.id, [self.site.shown_epoch, None])?;
        self.book.forget_gaps(self.site.id)
    }

    fn heartbeat(&mut self, heartbeat: &Heartbeat) -> Result<(), Refusal> {
        let Heartbeat { last_seq, counts, digest, parked, title } = heartbeat;
        self.site.title = title.as_deref().map(words).or(self.site.title.take());
        // Of a moment when there was more than has come so far, or less: nothing to hold the state against.
        let early = last_seq.is_some_and(|last| last > self.epoch.acked_seq);
        let late = last_seq.is_some_and(|last| last < self.epoch.top_seq);
        let Some(digest) = digest.as_deref().filter(|_| *parked == 0 && !early && !late) else { return Ok(()) };
        let found = self.differences(digest, counts.as_ref());
        if self.epoch.completed_at_ms.is_none() {
            // While a snapshot is under way the states differ with reason. Where nothing does, the word that it is complete
            // was lost, but all of it is here.
            if found.is_some() || counts.is_none() {
                return Ok(());
            }
            self.show_epoch()?;
        }
        if found.is_none() {
            self.site.agreed_at_ms = Some(self.now_ms);
        }
        self.compared(found)
    }

    fn differences(&self, digest: &str, counts: Option<&BTreeMap<String, i64>>) -> Option<String> {
        let buckets = match self.epoch.sums.differing(digest) {
            None => Some("the digest is not 256 hexadecimal digits".to_owned()),
            Some(buckets) if buckets.is_empty() => None,
            Some(buckets) => {
                let named: Vec<String> = buckets.iter().map(|bucket| format!("{bucket:x}")).collect();
                Some(format!("the digests differ in bucket {}", named.join(", ")))
            }
        };
        let counts = counts.and_then(|counts| counts_differ(&self.epoch.counts, counts));
        let found: Vec<String> = [buckets, counts].into_iter().flatten().collect();
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// What the last comparison found stands; agreement settles what was open.
    fn compared(&mut self, found: Option<String>) -> Result<(), Refusal> {
        match &found {
            Some(_) => {
                self.book.tally(self.site.id, Tally::Differences, 1, self.now_ms)?;
                self.needs_resync = true;
            }
            None => self.site.resync_pending = false,
        }
        self.taken.difference.clone_from(&found);
        self.site.difference = found;
        Ok(())
    }

    /// Links the chain, counts, and writes the answer.
    fn finish(mut self, was_pending: bool) -> Result<Taken, Refusal> {
        if self.needs_resync {
            let asked_ms = self.site.resync_asked_at_ms.filter(|_| was_pending);
            // By a clock that may have been set back.
            let lately = asked_ms.is_some_and(|at_ms| self.now_ms.abs_diff(at_ms) < RESYNC_PATIENCE_MS.unsigned_abs());
            self.site.resync_pending = true;
            if !lately {
                self.taken.resync = true;
                self.site.resync_asked_at_ms = Some(self.now_ms);
            }
        }
        let (book, head) = (self.book, &self.batch.head);
        self.epoch.chain = next_link(&self.epoch.chain, &self.batch.body_hash);
        self.epoch.batches += 1;
        self.taken.answer = self.answer();
        self.taken.title.clone_from(&self.site.title);
        book.save_epoch(&self.epoch)?;
        book.save_site(&self.site, self.now_ms)?;
        book.keep_batch(self.site.id, &self.epoch, (head.batch, &self.batch.body_hash), &self.taken.answer)?;
        book.prune_events()?;
        for (tally, by) in [
            (Tally::Batches, 1),
            (Tally::Applied, self.taken.applied),
            (Tally::Ignored, self.taken.ignored),
            (Tally::Duplicates, self.taken.duplicates),
            (Tally::Rejected, self.taken.rejected.len()),
            (Tally::Resyncs, usize::from(self.taken.resync)),
        ] {
            book.tally(self.site.id, tally, by, self.now_ms)?;
        }
        Ok(self.taken)
    }

    /// The acknowledgement names this batch's own last number: that is what the sender holds it against.
    fn answer(&self) -> String {
        let head = &self.batch.head;
        let rejected = self.taken.rejected.iter();
        let rejected: Vec<_> =
            rejected.map(|(id, code)| json!({ "id": id, "code": code, "retryable": false })).collect();
        let mut answer =
            json!({ "acked_seq": head.last.to_string(), "epoch": head.epoch.to_string(), "rejected": rejected });
        if self.taken.resync {
            answer["resync"] = true.into();
        }
        answer.to_string()
    }
}

/// Names the kinds of which there are more or fewer here than there.
fn counts_differ(here: &Counts, there: &BTreeMap<String, i64>) -> Option<String> {
    let differing = Kind::ALL.iter().zip(here).filter_map(|(kind, here)| {
        let there = there.get(kind.name()).filter(|there| *there != here)?;
        Some(format!("{} {here} here, {there} there", kind.name()))
    });
    let differing: Vec<String> = differing.collect();
    (!differing.is_empty()).then(|| differing.join(", "))
}

/// Somebody else's words on one line, cut.
fn words(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(WORDS_MAX).collect()
}
