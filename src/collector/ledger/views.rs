//! What is shown of the collector's file: sites with their alarms, states, the history.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use super::{Book, epochs::Counts, sites::Tally};
use crate::collector::{batch::Link, event::Kind, refusal::Refusal};

/// Epochs of a site that are shown: the newest.
pub const EPOCHS_SHOWN_MAX: i64 = 20;
/// Open gaps of a site that are shown: the newest.
pub const GAPS_SHOWN_MAX: i64 = 20;

/// A site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteView {
    /// The box's name towards billing.
    pub uuid: String,
    /// As it last called itself.
    pub title: Option<String>,
    /// The last batch, in milliseconds since 1970.
    pub heard_at_ms: i64,
    /// Live subjects of each kind in the state that is shown.
    pub counts: Counts,
    /// What the last comparison found.
    pub difference: Option<String>,
    /// The last heartbeat that agreed.
    pub agreed_at_ms: Option<i64>,
    /// A full state was asked for and has not come yet.
    pub resync_pending: bool,
    /// Gaps that are open in the newest epoch: first, last, when noticed.
    pub gaps: Vec<(i64, i64, i64)>,
    /// How often something happened, and when last; absent where it never did.
    pub tallies: BTreeMap<String, (i64, i64)>,
    /// The epochs, the newest first.
    pub epochs: Vec<EpochView>,
}

/// An epoch of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochView {
    /// Its name.
    pub uuid: String,
    /// Which one it follows, by its own word.
    pub old_epoch: Option<String>,
    /// Why it was opened, by its own word.
    pub reason: String,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// When its snapshot was complete.
    pub completed_at_ms: Option<i64>,
    /// When a newer one was opened.
    pub superseded_at_ms: Option<i64>,
    /// The highest number that was covered.
    pub acked_seq: i64,
    /// The chain as it stands.
    pub chain: Link,
}

/// A live subject of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectView {
    /// `organization/42`
    pub subject: String,
    /// `obxver`
    pub version: i64,
    /// The state byte for byte.
    pub state: String,
    /// When it came.
    pub received_at_ms: i64,
}

/// An event of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView {
    /// Its place in the order of arrival.
    pub number: i64,
    /// The site.
    pub site: String,
    /// The epoch.
    pub epoch: String,
    /// Its id.
    pub event_id: String,
    /// What it is about.
    pub subject: String,
    /// What became of it.
    pub outcome: String,
    /// When it came.
    pub received_at_ms: i64,
    /// The event byte for byte; `None` where it was too long to keep.
    pub text: Option<String>,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this site.
    pub site: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// Older than this place in the order of arrival.
    pub before: Option<i64>,
}

impl SiteView {
    /// How often something happened.
    pub fn count(&self, tally: Tally) -> i64 {
        self.tallies.get(tally.name()).map_or(0, |(count, _)| *count)
    }
}

impl Book<'_> {
    /// Sites in the order of their names, after this one.
    pub(in crate::collector) fn sites(&self, after: &str, limit: i64) -> Result<Vec<SiteView>, Refusal> {
        let sql = "SELECT id, uuid, title, heard_at_ms, difference, agreed_at_ms, resync_pending, shown_epoch, \
                   newest_epoch FROM sites WHERE uuid > ?1 ORDER BY uuid LIMIT ?2";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query((after, limit))?;
        let mut sites = Vec::new();
        while let Some(row) = rows.next()? {
            sites.push(self.site_view(row)?);
        }
        Ok(sites)
    }

    fn site_view(&self, row: &Row<'_>) -> Result<SiteView, Refusal> {
        let id: i64 = row.get(0)?;
        Ok(SiteView {
            uuid: row.get(1)?,
            title: row.get(2)?,
            heard_at_ms: row.get(3)?,
            counts: self.counts(row.get(7)?)?,
            difference: row.get(4)?,
            agreed_at_ms: row.get(5)?,
            resync_pending: row.get(6)?,
            gaps: self.gaps(row.get(8)?)?,
            tallies: self.tallies(id)?,
            epochs: self.epochs(id)?,
        })
    }

    fn counts(&self, epoch: Option<i64>) -> Result<Counts, Refusal> {
        let sql = "SELECT organizations, members, cameras, users FROM epochs WHERE id = ?1";
        let read = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]);
        Ok(self.0.prepare_cached(sql)?.query_row([epoch], read).optional()?.unwrap_or_default())
    }

    fn gaps(&self, epoch: Option<i64>) -> Result<Vec<(i64, i64, i64)>, Refusal> {
        let sql = "SELECT first, last, noticed_at_ms FROM gaps WHERE epoch_id = ?1 ORDER BY first DESC LIMIT ?2";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map((epoch, GAPS_SHOWN_MAX), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn tallies(&self, site: i64) -> Result<BTreeMap<String, (i64, i64)>, Refusal> {
        let sql = "SELECT name, count, at_ms FROM tallies WHERE site_id = ?1";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([site], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn epochs(&self, site: i64) -> Result<Vec<EpochView>, Refusal> {
        let sql = "SELECT uuid, old_epoch, reason, opened_at_ms, completed_at_ms, superseded_at_ms, acked_seq, chain \
                   FROM epochs WHERE site_id = ?1 ORDER BY id DESC LIMIT ?2";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map((site, EPOCHS_SHOWN_MAX), |row| {
            Ok(EpochView {
                uuid: row.get(0)?,
                old_epoch: row.get(1)?,
                reason: row.get(2)?,
                opened_at_ms: row.get(3)?,
                completed_at_ms: row.get(4)?,
                superseded_at_ms: row.get(5)?,
                acked_seq: row.get(6)?,
                chain: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Live subjects of a site in the order of their names, after this one; `None` where there is no such site.
    pub(in crate::collector) fn subjects(
        &self,
        site: &str,
        kind: Kind,
        after: &str,
        limit: i64,
    ) -> Result<Option<Vec<SubjectView>>, Refusal> {
        let shown = "SELECT shown_epoch FROM sites WHERE uuid = ?1";
        let shown: Option<Option<i64>> =
            self.0.prepare_cached(shown)?.query_row([site], |row| row.get(0)).optional()?;
        let Some(epoch) = shown else { return Ok(None) };
        let sql = "SELECT subject, version, state, received_at_ms FROM subjects WHERE epoch_id = ?1 AND kind = ?2 \
                   AND subject > ?3 AND state IS NOT NULL ORDER BY subject LIMIT ?4";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map((epoch, kind.name(), after, limit), |row| {
            Ok(SubjectView {
                subject: row.get(0)?,
                version: row.get(1)?,
                state: row.get(2)?,
                received_at_ms: row.get(3)?,
            })
        })?;
        Ok(Some(rows.collect::<Result<_, _>>()?))
    }

    /// Events, the newest first.
    pub(in crate::collector) fn events(&self, filter: &EventFilter, limit: i64) -> Result<Vec<EventView>, Refusal> {
        let EventFilter { site, subject, before } = filter;
        // A plan for each question: with optional conditions SQLite could use no index. Each names its parameter.
        let of_site = if site.is_some() { "e.site_id = (SELECT id FROM sites WHERE uuid = ?2)" } else { "?2 IS NULL" };
        let of_subject = if subject.is_some() { "e.subject = ?3" } else { "?3 IS NULL" };
        let sql = format!(
            "SELECT e.id, s.uuid, p.uuid, e.event_id, e.subject, e.outcome, e.received_at_ms, e.text FROM events e \
             JOIN sites s ON s.id = e.site_id JOIN epochs p ON p.id = e.epoch_id \
             WHERE e.id < ?1 AND {of_site} AND {of_subject} ORDER BY e.id DESC LIMIT ?4"
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map((before.unwrap_or(i64::MAX), site, subject, limit), |row| {
            Ok(EventView {
                number: row.get(0)?,
                site: row.get(1)?,
                epoch: row.get(2)?,
                event_id: row.get(3)?,
                subject: row.get(4)?,
                outcome: row.get(5)?,
                received_at_ms: row.get(6)?,
                text: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
