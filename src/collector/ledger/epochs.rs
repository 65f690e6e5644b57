//! Tables `epochs` and `gaps`.

use rusqlite::{OptionalExtension, Row};
use uuid::Uuid;

use super::Book;
use crate::collector::{
    batch::Link,
    digest::{SUMS_BYTES, Sums},
    event::Kind,
    refusal::Refusal,
};

/// Gaps kept for each epoch: the newest.
pub const GAPS_MAX: i64 = 1000;

/// Live subjects of each kind, in the order of [`Kind::ALL`].
pub type Counts = [i64; Kind::ALL.len()];

/// A run of sequence numbers as the decisions need it.
#[derive(Debug)]
pub(in crate::collector) struct Epoch {
    pub(in crate::collector) id: i64,
    pub(in crate::collector) completed_at_ms: Option<i64>,
    /// The highest number that a batch covered.
    pub(in crate::collector) acked_seq: i64,
    /// The highest number of an event about a subject.
    pub(in crate::collector) top_seq: i64,
    /// How many links the chain has.
    pub(in crate::collector) batches: i64,
    pub(in crate::collector) chain: Link,
    pub(in crate::collector) sums: Sums,
    pub(in crate::collector) counts: Counts,
}

impl Book<'_> {
    /// An epoch of a site that has sent before.
    pub(in crate::collector) fn epoch(&self, site: i64, uuid: Uuid) -> Result<Option<Epoch>, Refusal> {
        let sql = "SELECT id, completed_at_ms, acked_seq, top_seq, batches, chain, sums, organizations, members, cameras, \
                   users FROM epochs WHERE site_id = ?1 AND uuid = ?2";
        Ok(self.0.prepare_cached(sql)?.query_row((site, uuid.to_string()), read).optional()?)
    }

    /// Opens an epoch with its chain as it begins; all others of the site are superseded.
    pub(in crate::collector) fn new_epoch(
        &self,
        site: i64,
        uuid: Uuid,
        (old, reason): (Option<&str>, &str),
        chain: &Link,
        now_ms: i64,
    ) -> Result<Epoch, Refusal> {
        let supersede = "UPDATE epochs SET superseded_at_ms = ?2 WHERE site_id = ?1 AND superseded_at_ms IS NULL";
        self.0.prepare_cached(supersede)?.execute((site, now_ms))?;
        let sums = Sums::default();
        let sql = "INSERT INTO epochs (site_id, uuid, old_epoch, reason, opened_at_ms, acked_seq, top_seq, batches, chain, \
                   sums) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?7)";
        let values = (site, uuid.to_string(), old, reason, now_ms, chain, sums.bytes());
        self.0.prepare_cached(sql)?.execute(values)?;
        let id = self.0.last_insert_rowid();
        let chain = *chain;
        Ok(Epoch { id, completed_at_ms: None, acked_seq: 0, top_seq: 0, batches: 0, chain, sums, counts: [0; 4] })
    }

    /// Keeps what a batch has changed.
    pub(in crate::collector) fn save_epoch(&self, epoch: &Epoch) -> Result<(), Refusal> {
        let Epoch { id, completed_at_ms, acked_seq, top_seq, batches, chain, sums, counts } = epoch;
        let [organizations, members, cameras, users] = counts;
        let sql = "UPDATE epochs SET completed_at_ms = ?2, acked_seq = ?3, top_seq = ?4, batches = ?5, chain = ?6, \
                   sums = ?7, organizations = ?8, members = ?9, cameras = ?10, users = ?11 WHERE id = ?1";
        self.0.prepare_cached(sql)?.execute((
            id,
            completed_at_ms,
            acked_seq,
            top_seq,
            batches,
            chain,
            sums.bytes(),
            organizations,
            members,
            cameras,
            users,
        ))?;
        Ok(())
    }

    /// Notes numbers that did not come.
    pub(in crate::collector) fn new_gap(&self, epoch: i64, first: i64, last: i64, now_ms: i64) -> Result<(), Refusal> {
        let sql = "INSERT INTO gaps (epoch_id, first, last, noticed_at_ms) VALUES (?1, ?2, ?3, ?4)";
        self.0.prepare_cached(sql)?.execute((epoch, first, last, now_ms))?;
        let prune = "DELETE FROM gaps WHERE epoch_id = ?1 AND id <= \
                     (SELECT id FROM gaps WHERE epoch_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        self.0.prepare_cached(prune)?.execute((epoch, GAPS_MAX))?;
        Ok(())
    }

    /// Takes numbers that came late out of the gaps.
    pub(in crate::collector) fn fill_gaps(&self, epoch: i64, first: i64, last: i64) -> Result<(), Refusal> {
        // The parts on either side stay.
        let before = "INSERT INTO gaps (epoch_id, first, last, noticed_at_ms) SELECT epoch_id, first, ?2 - 1, \
                      noticed_at_ms FROM gaps WHERE epoch_id = ?1 AND first < ?2 AND last BETWEEN ?2 AND ?3";
        let after = "INSERT INTO gaps (epoch_id, first, last, noticed_at_ms) SELECT epoch_id, ?3 + 1, last, \
                     noticed_at_ms FROM gaps WHERE epoch_id = ?1 AND last > ?3 AND first BETWEEN ?2 AND ?3";
        let around = "INSERT INTO gaps (epoch_id, first, last, noticed_at_ms) SELECT epoch_id, first, ?2 - 1, \
                      noticed_at_ms FROM gaps WHERE epoch_id = ?1 AND first < ?2 AND last > ?3";
        let around_after = "UPDATE gaps SET first = ?3 + 1 WHERE epoch_id = ?1 AND first < ?2 AND last > ?3";
        let filled = "DELETE FROM gaps WHERE epoch_id = ?1 AND last >= ?2 AND first <= ?3";
        for sql in [around, around_after, before, after, filled] {
            self.0.prepare_cached(sql)?.execute((epoch, first, last))?;
        }
        Ok(())
    }

    /// Forgets all gaps of a site: a full state has taken their place.
    pub(in crate::collector) fn forget_gaps(&self, site: i64) -> Result<(), Refusal> {
        let sql = "DELETE FROM gaps WHERE epoch_id IN (SELECT id FROM epochs WHERE site_id = ?1)";
        self.0.prepare_cached(sql)?.execute([site])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Epoch> {
    let sums: [u8; SUMS_BYTES] = row.get(6)?;
    Ok(Epoch {
        id: row.get(0)?,
        completed_at_ms: row.get(1)?,
        acked_seq: row.get(2)?,
        top_seq: row.get(3)?,
        batches: row.get(4)?,
        chain: row.get(5)?,
        sums: Sums::from_bytes(&sums),
        counts: [row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?],
    })
}
