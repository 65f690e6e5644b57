//! Tables `upstream`, `upstream_batch` and `upstream_parked`: where sending stands, the batch under way, what was set aside.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::{Read, Write, digest, outbox, site};
use crate::model::{
    Error, Result,
    event::{Event, Subject},
    queue::{Frozen, Parked, Progress, SnapshotAt},
};

/// Where sending stands.
pub fn progress(read: &Read<'_>) -> Result<Progress> {
    let sql = "SELECT upstream.epoch_uuid, acked_seq, chain, snapshot_at, fingerprint, quarantine, last_success_ms, \
               coalesce(queued_bytes, 0), coalesce(last_seq, 0), epoch_due, delivered_seq FROM upstream LEFT JOIN site";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| {
        let snapshot_at: Option<String> = row.get(3)?;
        Ok(Progress {
            epoch: row.get::<_, Option<[u8; 16]>>(0)?.map(Uuid::from_bytes),
            acked_seq: row.get(1)?,
            chain: row.get(2)?,
            snapshot_at: snapshot_at.map(|text| SnapshotAt::parse(&text).unwrap_or(SnapshotAt::START)),
            fingerprint: row.get(4)?,
            quarantine: row.get(5)?,
            last_success_ms: row.get(6)?,
            queued_bytes: row.get(7)?,
            last_seq: row.get(8)?,
            epoch_due: row.get(9)?,
            delivered_seq: row.get(10)?,
        })
    })?)
}

/// True where the digest counts a subject already: the walk through the full state is over, or past it.
pub(super) fn is_told(read: &Read<'_>, subject: Subject) -> Result<bool> {
    let sql = "SELECT snapshot_at FROM upstream";
    let at: Option<String> = read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let Some(at) = at else { return Ok(true) };
    Ok(match (SnapshotAt::parse(&at).unwrap_or(SnapshotAt::START), subject) {
        (SnapshotAt::Organization(at), Subject::Organization(id)) => id <= at,
        (SnapshotAt::Organization(_), _) => false,
        (SnapshotAt::Member(organization, user), Subject::Member(of, id)) => (of, id) <= (organization, user),
        (SnapshotAt::Member(..), subject) => matches!(subject, Subject::Organization(_)),
        (SnapshotAt::Camera(at), Subject::Camera(id)) => id <= at,
        (SnapshotAt::Camera(_), subject) => !matches!(subject, Subject::User(_)),
        (SnapshotAt::User(at), Subject::User(id)) => id <= at,
        (SnapshotAt::User(_) | SnapshotAt::End, _) => true,
    })
}

/// Begins in an epoch: nothing of it is delivered, and the full state is to be told.
pub fn begin(write: &Write<'_>, epoch: Uuid, acked_seq: i64, chain: &[u8; 32], fingerprint: &str) -> Result<()> {
    let sql = "UPDATE upstream SET epoch_uuid = ?1, acked_seq = ?2, delivered_seq = ?2, chain = ?3, fingerprint = ?4, quarantine = NULL, \
               snapshot_at = ?5, epoch_due = NULL";
    let start = SnapshotAt::START.to_string();
    write.connection.prepare_cached(sql)?.execute((epoch.into_bytes(), acked_seq, chain, fingerprint, start))?;
    digest::clear(write)?;
    thaw(write)
}

/// Has the full state told from its beginning within the epoch.
pub fn restart_snapshot(write: &Write<'_>) -> Result<()> {
    set_snapshot(write, Some(SnapshotAt::START))?;
    digest::clear(write)
}

/// Remembers how far the full state was told.
pub fn set_snapshot(write: &Write<'_>, at: Option<SnapshotAt>) -> Result<()> {
    let sql = "UPDATE upstream SET snapshot_at = ?1";
    write.connection.prepare_cached(sql)?.execute([at.map(|at| at.to_string())])?;
    Ok(())
}

/// Stops sending until an operator decides, or lets it go on.
pub fn set_quarantine(write: &Write<'_>, why: Option<&str>) -> Result<()> {
    write.connection.prepare_cached("UPDATE upstream SET quarantine = ?1")?.execute([why])?;
    Ok(())
}

/// Has an epoch opened for this reason, by whoever sends, before anything else is sent. A quarantine stays.
pub fn ask_for_epoch(write: &Write<'_>, reason: &str) -> Result<()> {
    write.connection.prepare_cached("UPDATE upstream SET epoch_due = ?1")?.execute([reason])?;
    Ok(())
}

/// Forgets that anything was opened upstream: whoever is told next is told everything.
pub fn forget(write: &Write<'_>, acked_seq: i64) -> Result<()> {
    let sql = "UPDATE upstream SET epoch_uuid = NULL, acked_seq = ?1, delivered_seq = ?1, snapshot_at = NULL";
    write.connection.prepare_cached(sql)?.execute([acked_seq])?;
    write.connection.prepare_cached("UPDATE site SET queued_bytes = 0")?.execute([])?;
    thaw(write)
}

/// The batch under way.
pub fn frozen(read: &Read<'_>) -> Result<Option<Frozen>> {
    let sql = "SELECT batch_uuid, from_seq, seqs, body_hash FROM upstream_batch";
    let found = read.connection.prepare_cached(sql)?.query_row([], |row| {
        let seqs: String = row.get(2)?;
        Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?, seqs, row.get(3)?))
    });
    let Some((id, from_seq, seqs, body_hash)) = found.optional()? else { return Ok(None) };
    let seqs = serde_json::from_str(&seqs).map_err(|error| {
        tracing::error!(%error, "the batch under way cannot be read");
        Error::internal()
    })?;
    Ok(Some(Frozen { id, from_seq, seqs, body_hash }))
}

/// When the batch under way was frozen, in milliseconds since 1970.
pub fn frozen_at_ms(read: &Read<'_>) -> Result<Option<i64>> {
    let sql = "SELECT frozen_at_ms FROM upstream_batch";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// Freezes a batch.
pub fn freeze(write: &Write<'_>, batch: &Frozen) -> Result<()> {
    let Frozen { id, from_seq, seqs, body_hash } = batch;
    let sql = "INSERT INTO upstream_batch (id, batch_uuid, from_seq, seqs, body_hash, frozen_at_ms) \
               VALUES (1, ?1, ?2, ?3, ?4, ?5)";
    let seqs = serde_json::Value::from(seqs.clone()).to_string();
    write.connection.prepare_cached(sql)?.execute((id.into_bytes(), from_seq, seqs, body_hash, write.now_ms()))?;
    Ok(())
}

/// Lets go of the batch under way, which was not accepted.
pub fn thaw(write: &Write<'_>) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM upstream_batch")?.execute([])?;
    Ok(())
}

/// The batch under way is delivered up to this number.
pub fn acknowledge(write: &Write<'_>, seq: i64, chain: &[u8; 32]) -> Result<()> {
    pass_over(write, seq)?;
    let sql = "UPDATE upstream SET delivered_seq = max(delivered_seq, ?1), chain = ?2, last_success_ms = ?3";
    write.connection.prepare_cached(sql)?.execute((seq, chain, write.now_ms()))?;
    thaw(write)
}

/// Everything up to this number is dealt with, without a delivery.
pub fn pass_over(write: &Write<'_>, seq: i64) -> Result<()> {
    site::waits_no_longer(write, outbox::bytes_between(write, progress(write)?.acked_seq, seq)?)?;
    write.connection.prepare_cached("UPDATE upstream SET acked_seq = max(acked_seq, ?1)")?.execute([seq])?;
    Ok(())
}

/// Counts anew what waits behind what is delivered.
pub fn recount(write: &Write<'_>) -> Result<()> {
    let (_, bytes, _) = outbox::waiting(write, progress(write)?.acked_seq)?;
    write.connection.prepare_cached("UPDATE site SET queued_bytes = ?1")?.execute([bytes])?;
    Ok(())
}

/// Sets an event aside. It stays in the change feed.
pub fn park(write: &Write<'_>, event: &Event, reason: &str) -> Result<()> {
    let Event { position, id, kind, subject, version, at_ms, data } = event;
    let sql = "INSERT OR REPLACE INTO upstream_parked (seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data, \
               reason, parked_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    write.connection.prepare_cached(sql)?.execute((
        position.seq,
        id.into_bytes(),
        position.epoch.into_bytes(),
        kind,
        subject,
        version,
        at_ms,
        data,
        reason,
        write.now_ms(),
    ))?;
    Ok(())
}

/// Lets a later event of a subject that was set aside follow it there. Of several the newest tells everything; one that has
/// followed already, before a batch that had to be made anew, is not counted again.
pub fn follow(write: &Write<'_>, event: &Event) -> Result<()> {
    let Event { position, id: _, kind, subject, version, at_ms, data } = event;
    let sql = "UPDATE upstream_parked SET followers = followers + 1, newest_type = ?2, newest_version = ?3, \
               newest_at_ms = ?4, newest_data = ?5, newest_seq = ?6 WHERE subject = ?1 AND coalesce(newest_seq, seq) < ?6";
    write.connection.prepare_cached(sql)?.execute((subject, kind, version, at_ms, data, position.seq))?;
    Ok(())
}

const PARKED_COLUMNS: &str =
    "seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data, reason, followers, parked_at_ms";

/// The first `limit` events that were set aside behind this number, in order.
pub fn parked(read: &Read<'_>, after_seq: i64, limit: usize) -> Result<Vec<Parked>> {
    let sql = format!("SELECT {PARKED_COLUMNS} FROM upstream_parked WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([after_seq, limit], parked_from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The event of this id, if it was set aside.
pub fn parked_event(read: &Read<'_>, event: Uuid) -> Result<Option<Parked>> {
    let sql = format!("SELECT {PARKED_COLUMNS} FROM upstream_parked WHERE event_uuid = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([event.into_bytes()], parked_from_row).optional()?)
}

fn parked_from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Parked> {
    let (reason, followers) = (row.get(8)?, row.get(9)?);
    Ok(Parked { event: outbox::from_row(row)?, reason, followers, parked_at_ms: row.get(10)? })
}

/// The newest event of a subject that was set aside.
pub fn newest_parked(read: &Read<'_>, subject: &str) -> Result<Option<Event>> {
    let sql = "SELECT seq, event_uuid, epoch_uuid, coalesce(newest_type, type), subject, coalesce(newest_version, version), \
               coalesce(newest_at_ms, at_ms), coalesce(newest_data, data) FROM upstream_parked WHERE subject = ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([subject], outbox::from_row).optional()?)
}

/// True where an event of this subject was set aside.
pub fn is_parked(read: &Read<'_>, subject: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM upstream_parked WHERE subject = ?1)";
    Ok(read.connection.prepare_cached(sql)?.query_row([subject], |row| row.get(0))?)
}

/// True where anything was set aside.
pub fn any_parked(read: &Read<'_>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM upstream_parked)";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// How many events were set aside since a moment; all of them from 0 on.
pub fn parked_since(read: &Read<'_>, since_ms: i64) -> Result<i64> {
    let sql = "SELECT count(*) FROM upstream_parked WHERE parked_at_ms >= ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([since_ms], |row| row.get(0))?)
}

/// The first subjects that were set aside since anything was delivered, in order.
pub fn parked_since_delivery(read: &Read<'_>, limit: i64) -> Result<Vec<String>> {
    let sql = "SELECT subject FROM upstream_parked \
               WHERE parked_at_ms > (SELECT coalesce(last_success_ms, 0) FROM upstream) ORDER BY seq LIMIT ?1";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets what was set aside of a subject.
pub fn unpark(write: &Write<'_>, subject: &str) -> Result<usize> {
    let sql = "DELETE FROM upstream_parked WHERE subject = ?1";
    Ok(write.connection.prepare_cached(sql)?.execute([subject])?)
}
