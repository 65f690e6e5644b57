//! Table `subjects`.

use rusqlite::OptionalExtension;

use super::Book;
use crate::collector::{event::Kind, refusal::Refusal};

/// What is held of a subject.
#[derive(Debug, Clone, Copy)]
pub(in crate::collector) struct Held {
    pub(in crate::collector) version: i64,
    /// What it adds to the digest; `None` where it is gone.
    pub(in crate::collector) weight: Option<u64>,
}

impl Book<'_> {
    /// What an epoch says of a subject so far.
    pub(in crate::collector) fn held(&self, epoch: i64, kind: Kind, subject: &str) -> Result<Option<Held>, Refusal> {
        let sql = "SELECT version, weight FROM subjects WHERE epoch_id = ?1 AND kind = ?2 AND subject = ?3";
        let found = self.0.prepare_cached(sql)?.query_row((epoch, kind.name(), subject), |row| {
            Ok(Held { version: row.get(0)?, weight: row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned) })
        });
        Ok(found.optional()?)
    }

    /// Replaces what an epoch says of a subject: its state and what that adds to the digest, or that it is gone.
    pub(in crate::collector) fn put_subject(
        &self,
        epoch: i64,
        (kind, subject): (Kind, &str),
        version: i64,
        state: Option<(&str, u64)>,
        now_ms: i64,
    ) -> Result<(), Refusal> {
        let (state, weight) = state.unzip();
        let sql = "INSERT INTO subjects (epoch_id, kind, subject, version, state, weight, received_at_ms) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (epoch_id, kind, subject) DO UPDATE SET version = excluded.version, \
                   state = excluded.state, weight = excluded.weight, received_at_ms = excluded.received_at_ms";
        let values = (epoch, kind.name(), subject, version, state, weight.map(u64::cast_signed), now_ms);
        self.0.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Forgets what all epochs of a site have said but for these two.
    pub(in crate::collector) fn keep_subjects_of(&self, site: i64, epochs: [Option<i64>; 2]) -> Result<(), Refusal> {
        let sql = "DELETE FROM subjects WHERE epoch_id IN \
                   (SELECT id FROM epochs WHERE site_id = ?1 AND id IS NOT ?2 AND id IS NOT ?3)";
        self.0.prepare_cached(sql)?.execute((site, epochs[0], epochs[1]))?;
        Ok(())
    }
}
