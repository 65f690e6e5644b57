//! Table `outbox`, as its readers see it: events in order. What is written there is written by [`journal`](super::journal).

use uuid::Uuid;

use super::Read;
use crate::model::{
    Result,
    event::{Event, Position},
};

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
