//! Tables `sites` and `tallies`.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::Book;
use crate::collector::refusal::Refusal;

/// A site as the decisions need it.
#[derive(Debug)]
pub(in crate::collector) struct Site {
    pub(in crate::collector) id: i64,
    pub(in crate::collector) title: Option<String>,
    /// The only epoch that may send, by its row.
    pub(in crate::collector) newest_epoch: Option<i64>,
    /// The epoch whose state is shown, by its row.
    pub(in crate::collector) shown_epoch: Option<i64>,
    pub(in crate::collector) difference: Option<String>,
    pub(in crate::collector) agreed_at_ms: Option<i64>,
    pub(in crate::collector) resync_pending: bool,
    pub(in crate::collector) resync_asked_at_ms: Option<i64>,
}

/// What is counted for each site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// Batches that were acknowledged for the first time.
    Batches,
    /// Batches that came again and were acknowledged again.
    Retries,
    /// Events that changed the state.
    Applied,
    /// Events that were older than what was held.
    Ignored,
    /// Events that were here already.
    Duplicates,
    /// Events that could not be used.
    Rejected,
    /// Gaps in the numbers.
    Gaps,
    /// Comparisons that found a difference.
    Differences,
    /// Requests for a full state.
    Resyncs,
    /// Batches whose id was known with another body.
    BatchConflicts,
    /// Events whose id was known with another content.
    EventConflicts,
    /// Batches whose chain was another one.
    Behind,
    /// Batches of a superseded epoch.
    DuplicateSites,
}

impl Tally {
    /// All of them.
    pub const ALL: [Tally; 13] = [
        Tally::Batches,
        Tally::Retries,
        Tally::Applied,
        Tally::Ignored,
        Tally::Duplicates,
        Tally::Rejected,
        Tally::Gaps,
        Tally::Differences,
        Tally::Resyncs,
        Tally::BatchConflicts,
        Tally::EventConflicts,
        Tally::Behind,
        Tally::DuplicateSites,
    ];

    /// As it is kept and shown.
    pub fn name(self) -> &'static str {
        match self {
            Tally::Batches => "batches",
            Tally::Retries => "retries",
            Tally::Applied => "applied",
            Tally::Ignored => "ignored",
            Tally::Duplicates => "duplicates",
            Tally::Rejected => "rejected",
            Tally::Gaps => "gaps",
            Tally::Differences => "differences",
            Tally::Resyncs => "resyncs",
            Tally::BatchConflicts => "batch_conflicts",
            Tally::EventConflicts => "event_conflicts",
            Tally::Behind => "behind",
            Tally::DuplicateSites => "duplicate_site",
        }
    }
}

impl Book<'_> {
    /// A site that has sent before.
    pub(in crate::collector) fn site(&self, uuid: Uuid) -> Result<Option<Site>, Refusal> {
        let sql = "SELECT id, title, newest_epoch, shown_epoch, difference, agreed_at_ms, resync_pending, \
                   resync_asked_at_ms FROM sites WHERE uuid = ?1";
        let found = self.0.prepare_cached(sql)?.query_row([uuid.to_string()], |row| {
            Ok(Site {
                id: row.get(0)?,
                title: row.get(1)?,
                newest_epoch: row.get(2)?,
                shown_epoch: row.get(3)?,
                difference: row.get(4)?,
                agreed_at_ms: row.get(5)?,
                resync_pending: row.get(6)?,
                resync_asked_at_ms: row.get(7)?,
            })
        });
        Ok(found.optional()?)
    }

    /// A site that sends for the first time.
    pub(in crate::collector) fn new_site(&self, uuid: Uuid, now_ms: i64) -> Result<Site, Refusal> {
        let sql = "INSERT INTO sites (uuid, heard_at_ms) VALUES (?1, ?2)";
        self.0.prepare_cached(sql)?.execute((uuid.to_string(), now_ms))?;
        Ok(Site {
            id: self.0.last_insert_rowid(),
            title: None,
            newest_epoch: None,
            shown_epoch: None,
            difference: None,
            agreed_at_ms: None,
            resync_pending: false,
            resync_asked_at_ms: None,
        })
    }

    /// Keeps what a batch has changed, and that the site was heard.
    pub(in crate::collector) fn save_site(&self, site: &Site, now_ms: i64) -> Result<(), Refusal> {
        let Site { id, title, newest_epoch, shown_epoch, difference, agreed_at_ms, resync_pending, resync_asked_at_ms } =
            site;
        let sql = "UPDATE sites SET title = ?2, newest_epoch = ?3, shown_epoch = ?4, difference = ?5, agreed_at_ms = ?6, \
                   resync_pending = ?7, resync_asked_at_ms = ?8, heard_at_ms = ?9 WHERE id = ?1";
        self.0.prepare_cached(sql)?.execute((
            id,
            title,
            newest_epoch,
            shown_epoch,
            difference,
            agreed_at_ms,
            resync_pending,
            resync_asked_at_ms,
            now_ms,
        ))?;
        Ok(())
    }

    /// Counts; nothing for nothing.
    pub(in crate::collector) fn tally(&self, site: i64, tally: Tally, by: usize, now_ms: i64) -> Result<(), Refusal> {
        if by == 0 {
            return Ok(());
        }
        let sql = "INSERT INTO tallies (site_id, name, count, at_ms) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO UPDATE SET count = count + excluded.count, at_ms = excluded.at_ms";
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        self.0.prepare_cached(sql)?.execute((site, tally.name(), by, now_ms))?;
        Ok(())
    }
}
