//! Tables `batches` and `events`: what came, so that what comes again is known.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::{Book, epochs::Epoch};
use crate::collector::{batch::Link, event::Event, refusal::Refusal};

/// Batches kept for each epoch. A box has one under way at a time, so that the last would do.
pub const BATCHES_MAX: i64 = 100;
/// Events kept, of all sites together. What is older is told by its version alone.
pub const EVENTS_MAX: i64 = 100_000;
/// Longest event whose text is kept in the history, in bytes; the state keeps every text whole.
pub const TEXT_BYTES_MAX: usize = 16 << 10;

/// A batch that was acknowledged.
#[derive(Debug)]
pub(in crate::collector) struct Acknowledged {
    pub(in crate::collector) body_hash: Link,
    pub(in crate::collector) answer: String,
}

/// What is known of an event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::collector) enum Known {
    /// Nothing, or only from another epoch.
    New,
    /// The same was here before.
    Same,
    /// Something else was.
    Other,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It changed the state.
    Applied,
    /// What is held is as new or newer.
    Ignored,
    /// It is about no subject: an epoch, a snapshot's end, a heartbeat, or a type that is not known here.
    Noted,
    /// It could not be used.
    Rejected,
}

impl Outcome {
    /// As it is kept and shown.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Ignored => "ignored",
            Outcome::Noted => "noted",
            Outcome::Rejected => "rejected",
        }
    }
}

impl Book<'_> {
    /// The batch of this id, if the site has sent it before.
    pub(in crate::collector) fn acknowledged(&self, site: i64, batch: Uuid) -> Result<Option<Acknowledged>, Refusal> {
        let sql = "SELECT body_hash, answer FROM batches WHERE site_id = ?1 AND uuid = ?2";
        let found = self.0.prepare_cached(sql)?.query_row((site, batch.to_string()), |row| {
            Ok(Acknowledged { body_hash: row.get(0)?, answer: row.get(1)? })
        });
        Ok(found.optional()?)
    }

    /// Keeps a batch with its answer, and forgets the oldest of the epoch.
    pub(in crate::collector) fn keep_batch(
        &self,
        site: i64,
        epoch: &Epoch,
        (batch, body_hash): (Uuid, &Link),
        answer: &str,
    ) -> Result<(), Refusal> {
        let sql = "INSERT INTO batches (site_id, epoch_id, number, uuid, body_hash, answer) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = (site, epoch.id, epoch.batches, batch.to_string(), body_hash, answer);
        self.0.prepare_cached(sql)?.execute(values)?;
        let prune = "DELETE FROM batches WHERE epoch_id = ?1 AND number <= ?2";
        self.0.prepare_cached(prune)?.execute((epoch.id, epoch.batches - BATCHES_MAX))?;
        Ok(())
    }

    /// Whether the site has sent this event before.
    pub(in crate::collector) fn known(&self, site: i64, epoch: i64, event: &Event<'_>) -> Result<Known, Refusal> {
        // What was rejected may come again and is looked at anew.
        let sql = "SELECT epoch_id, content FROM events WHERE event_id = ?1 AND site_id = ?2 AND outcome <> 'rejected'";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query((&event.id, site))?;
        let mut known = Known::New;
        while let Some(row) = rows.next()? {
            let content: Link = row.get(1)?;
            if content != event.content {
                return Ok(Known::Other);
            }
            if row.get::<_, i64>(0)? == epoch {
                known = Known::Same;
            }
        }
        Ok(known)
    }

    /// Keeps an event in the history.
    pub(in crate::collector) fn keep_event(
        &self,
        site: i64,
        epoch: i64,
        event: &Event<'_>,
        outcome: Outcome,
        now_ms: i64,
    ) -> Result<(), Refusal> {
        let sql = "INSERT INTO events (site_id, epoch_id, event_id, content, subject, outcome, received_at_ms, text) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let text = (event.text.len() <= TEXT_BYTES_MAX).then_some(event.text);
        let values = (site, epoch, &event.id, event.content, &event.subject, outcome.name(), now_ms, text);
        self.0.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Forgets the oldest events.
    pub(in crate::collector) fn prune_events(&self) -> Result<(), Refusal> {
        let sql = "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?1";
        self.0.prepare_cached(sql)?.execute([EVENTS_MAX])?;
        Ok(())
    }
}
