//! Table `outbox`: events in order. What they tell is written by [`journal`](super::journal).

use rusqlite::{Row, types::Value};
use std::rc::Rc;
use uuid::{NoContext, Timestamp, Uuid};

use super::{Read, Write, site};
use crate::model::{
    Error, Result,
    event::{Event, Position},
};

const COLUMNS: &str = "seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data";

/// An event to be written down.
pub(super) struct NewEvent<'a> {
    /// The kind of thing.
    pub kind: &'a str,
    /// What happened to it.
    pub what: &'a str,
    pub subject: &'a str,
    pub version: i64,
    pub data: String,
}

/// Gives an event its number and its id and writes it down.
pub(super) fn insert(write: &Write<'_>, new: &NewEvent<'_>) -> Result<()> {
    let NewEvent { kind, what, subject, version, data } = new;
    append(write, &format!("io.orgbox.{kind}.{what}.v1"), subject, *version, write.now_ms(), data)
}

fn append(write: &Write<'_>, kind: &str, subject: &str, version: i64, at_ms: i64, data: &str) -> Result<()> {
    site::count_event(write, data.len())?;
    let id = event_uuid(write.now_ms()).into_bytes();
    write.event_recorded();
    let sql = "INSERT INTO outbox (seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data) \
               SELECT last_seq, ?1, epoch_uuid, ?2, ?3, ?4, ?5, ?6 FROM site";
    let written = write.connection.prepare_cached(sql)?.execute((id, kind, subject, version, at_ms, data))?;
    if written == 1 { Ok(()) } else { Err(Error::internal()) }
}

/// A UUIDv7 of the transaction's moment; a clock before 1970 gives the moment zero.
fn event_uuid(now_ms: i64) -> Uuid {
    let now_ms = u64::try_from(now_ms).unwrap_or_default();
    let nanos = u32::try_from(now_ms % 1000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, now_ms / 1000, nanos))
}

/// The events with these numbers, ascending; those that are gone are left out.
pub fn by_seqs(read: &Read<'_>, seqs: &[i64]) -> Result<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE seq IN rarray(?1) ORDER BY seq");
    let wanted = Rc::new(seqs.iter().map(|seq| Value::from(*seq)).collect::<Vec<_>>());
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([wanted], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many of these numbers are those of events.
pub fn count(read: &Read<'_>, seqs: &[i64]) -> Result<usize> {
    let sql = "SELECT count(*) FROM outbox WHERE seq IN rarray(?1)";
    let wanted = Rc::new(seqs.iter().map(|seq| Value::from(*seq)).collect::<Vec<_>>());
    let found: i64 = read.connection.prepare_cached(sql)?.query_row([wanted], |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or_default())
}

/// Which of the events with these numbers have one of these ids, ascending.
pub fn among(read: &Read<'_>, seqs: &[i64], ids: &[Uuid]) -> Result<Vec<Event>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE seq IN rarray(?1) AND event_uuid IN rarray(?2) ORDER BY seq");
    let seqs = Rc::new(seqs.iter().map(|seq| Value::from(*seq)).collect::<Vec<_>>());
    let ids = Rc::new(ids.iter().map(|id| Value::from(id.into_bytes().to_vec())).collect::<Vec<_>>());
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([seqs, ids], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes what is delivered and lies behind the window: everything up to `seq`, at most `rows_max` at once. Returns how
/// many went.
pub fn prune(write: &Write<'_>, seq: i64, rows_max: i64) -> Result<usize> {
    let sql = "SELECT max(seq) FROM (SELECT seq FROM outbox WHERE seq <= ?1 ORDER BY seq LIMIT ?2)";
    let last: Option<i64> = write.connection.prepare_cached(sql)?.query_row([seq, rows_max], |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    site::pruned(write, last)?;
    Ok(write.connection.prepare_cached("DELETE FROM outbox WHERE seq <= ?1")?.execute([last])?)
}

/// Bytes of data of the events behind `seq` up to `last`.
pub(super) fn bytes_between(read: &Read<'_>, seq: i64, last: i64) -> Result<i64> {
    let sql = "SELECT coalesce(sum(octet_length(data)), 0) FROM outbox WHERE seq > ?1 AND seq <= ?2";
    Ok(read.connection.prepare_cached(sql)?.query_row([seq, last], |row| row.get(0))?)
}

/// When the first event behind `seq` was recorded, in milliseconds since 1970.
pub fn first_at_ms(read: &Read<'_>, seq: i64) -> Result<Option<i64>> {
    let sql = "SELECT at_ms FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT 1";
    let mut statement = read.connection.prepare_cached(sql)?;
    let mut rows = statement.query([seq])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// The number from which on the newest events, at most so many, take no more than so many bytes of data. Reads as many rows.
pub fn newest_within(read: &Read<'_>, bytes_max: i64, rows_max: i64) -> Result<i64> {
    let sql = "SELECT seq, octet_length(data) FROM outbox ORDER BY seq DESC LIMIT ?1";
    let mut statement = read.connection.prepare_cached(sql)?;
    let mut rows = statement.query([rows_max])?;
    let (mut first, mut bytes): (i64, i64) = (0, 0);
    while let Some(row) = rows.next()? {
        let (seq, length): (i64, i64) = (row.get(0)?, row.get(1)?);
        bytes += length;
        if bytes > bytes_max {
            return Ok(seq + 1);
        }
        first = seq;
    }
    Ok(first)
}

/// Of each subject keeps only the newest event behind `seq`, and every event that is not behind it. That an epoch begins
/// stays; a heartbeat goes, for it tells of a moment between events of which some are gone now.
pub fn compact(write: &Write<'_>, seq: i64) -> Result<usize> {
    let sql = "DELETE FROM outbox WHERE seq > ?1 AND type <> 'io.orgbox.site.epoch.v1' AND (\
               type = 'io.orgbox.site.heartbeat.v1' OR type = 'io.orgbox.site.snapshot.v1' OR seq NOT IN \
               (SELECT max(seq) FROM outbox WHERE seq > ?1 GROUP BY subject))";
    Ok(write.connection.prepare_cached(sql)?.execute([seq])?)
}

/// Removes heartbeats behind `seq`, and that the full state was told.
pub fn remove_summaries(write: &Write<'_>, seq: i64) -> Result<usize> {
    let sql =
        "DELETE FROM outbox WHERE seq > ?1 AND type IN ('io.orgbox.site.heartbeat.v1', 'io.orgbox.site.snapshot.v1')";
    Ok(write.connection.prepare_cached(sql)?.execute([seq])?)
}

/// True where it waits behind `seq` that the full state was told.
pub fn awaits_end_of_snapshot(read: &Read<'_>, seq: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE seq > ?1 AND type = 'io.orgbox.site.snapshot.v1')";
    Ok(read.connection.prepare_cached(sql)?.query_row([seq], |row| row.get(0))?)
}

/// Of the events behind `seq` keeps only those that tell that something is gone. Nothing stands for the others, so whoever
/// follows the change feed and has not read them begins anew.
pub fn keep_tombstones(write: &Write<'_>, seq: i64) -> Result<usize> {
    let newest: i64 = write.connection.prepare_cached("SELECT last_seq FROM site")?.query_row([], |row| row.get(0))?;
    site::pruned(write, newest)?;
    let sql = "DELETE FROM outbox WHERE seq > ?1 AND type NOT LIKE 'io.orgbox.%.deleted.v1' \
               AND type <> 'io.orgbox.site.epoch.v1'";
    Ok(write.connection.prepare_cached(sql)?.execute([seq])?)
}

/// Events behind `seq`: how many, the bytes of their data, and when the oldest was recorded.
pub fn waiting(read: &Read<'_>, seq: i64) -> Result<(i64, i64, Option<i64>)> {
    let sql = "SELECT count(*), coalesce(sum(octet_length(data)), 0), min(at_ms) FROM outbox WHERE seq > ?1";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// Those events behind `seq` that tell that something is gone.
pub fn tombstones(read: &Read<'_>, seq: i64) -> Result<Vec<Event>> {
    let sql =
        format!("SELECT {COLUMNS} FROM outbox WHERE seq > ?1 AND type LIKE 'io.orgbox.%.deleted.v1' ORDER BY seq");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([seq], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes an event down once more, under a new number and id, in the present epoch.
pub fn repeat(write: &Write<'_>, event: &Event) -> Result<()> {
    let Event { position: _, id: _, kind, subject, version, at_ms, data } = event;
    append(write, kind, subject, *version, *at_ms, data)
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        position: Position { seq: row.get(0)?, epoch: Uuid::from_bytes(row.get(2)?) },
        id: Uuid::from_bytes(row.get(1)?),
        kind: row.get(3)?,
        subject: row.get(4)?,
        version: row.get(5)?,
        at_ms: row.get(6)?,
        data: row.get(7)?,
    })
}

/// Events of this epoch behind this number, in order: at most `events_max`, and none after the one that takes their data past
/// `bytes_max`.
pub fn after(read: &Read<'_>, position: Position, events_max: usize, bytes_max: usize) -> Result<Vec<Event>> {
    let sql = "SELECT seq, event_uuid, type, subject, version, at_ms, data FROM outbox \
               WHERE seq > ?1 AND epoch_uuid = ?2 ORDER BY seq LIMIT ?3";
    let mut statement = read.connection.prepare_cached(sql)?;
    let limit = i64::try_from(events_max).unwrap_or(i64::MAX);
    let mut rows = statement.query((position.seq, position.epoch.into_bytes(), limit))?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let event = Event {
            position: Position { seq: row.get(0)?, ..position },
            id: Uuid::from_bytes(row.get(1)?),
            kind: row.get(2)?,
            subject: row.get(3)?,
            version: row.get(4)?,
            at_ms: row.get(5)?,
            data: row.get(6)?,
        };
        bytes += event.data.len();
        events.push(event);
        if bytes >= bytes_max {
            break;
        }
    }
    Ok(events)
}

/// The number of the oldest event that is kept of this epoch; `None` where none is.
pub fn oldest(read: &Read<'_>, epoch: Uuid) -> Result<Option<i64>> {
    // By the key, and not `min(seq)`: events of other epochs come before, and few.
    let sql = "SELECT seq FROM outbox WHERE epoch_uuid = ?1 ORDER BY seq LIMIT 1";
    let mut statement = read.connection.prepare_cached(sql)?;
    let mut rows = statement.query([epoch.into_bytes()])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}
