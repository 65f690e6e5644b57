//! Table `site`: who this box is, and its counter of events.

use rusqlite::OptionalExtension;

use super::{Read, Write};
use crate::model::Result;

/// The box's identity towards billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Names the box.
    pub site_uuid: uuid::Uuid,
    /// Names this run of sequence numbers.
    pub epoch_uuid: uuid::Uuid,
    /// The sequence number last given.
    pub last_seq: i64,
}

/// How much there is of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the number of rows of that table")]
pub struct Counts {
    pub organizations: i64,
    pub users: i64,
    pub members: i64,
    pub cameras: i64,
    pub api_keys: i64,
}

/// How much there is of each. Reads each table's smallest index from end to end.
pub fn counts(read: &Read<'_>) -> Result<Counts> {
    let sql =
        "SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users), (SELECT count(*) FROM members),
               (SELECT count(*) FROM cameras), (SELECT count(*) FROM api_keys)";
    let counts = read.connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(Counts {
            organizations: row.get(0)?,
            users: row.get(1)?,
            members: row.get(2)?,
            cameras: row.get(3)?,
            api_keys: row.get(4)?,
        })
    });
    Ok(counts?)
}

/// Up to this number events may be gone from the change feed with nothing in their place.
pub fn pruned_seq(read: &Read<'_>) -> Result<i64> {
    Ok(read.connection.prepare_cached("SELECT pruned_seq FROM site")?.query_row([], |row| row.get(0))?)
}

/// The box's identity; `None` before the first start.
pub fn get(read: &Read<'_>) -> Result<Option<Site>> {
    let sql = "SELECT site_uuid, epoch_uuid, last_seq FROM site";
    let mut statement = read.connection.prepare_cached(sql)?;
    let found = statement.query_row([], |row| {
        Ok(Site {
            site_uuid: uuid::Uuid::from_bytes(row.get(0)?),
            epoch_uuid: uuid::Uuid::from_bytes(row.get(1)?),
            last_seq: row.get(2)?,
        })
    });
    Ok(found.optional()?)
}

/// When the box was set up, in milliseconds since 1970; `None` before that.
pub fn founded_at_ms(read: &Read<'_>) -> Result<Option<i64>> {
    let mut statement = read.connection.prepare_cached("SELECT created_at_ms FROM site")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// Names the box, once.
pub fn found(write: &Write<'_>) -> Result<()> {
    let sql = "INSERT INTO site (id, site_uuid, epoch_uuid, created_at_ms) VALUES (1, ?1, ?2, ?3)";
    let names = (uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes(), write.now_ms());
    write.connection.prepare_cached(sql)?.execute(names)?;
    Ok(())
}

/// Counts on to the next event's number, and an event with so many bytes of data in.
pub(super) fn count_event(write: &Write<'_>, bytes: usize) -> Result<()> {
    let sql = "UPDATE site SET last_seq = last_seq + 1, queued_bytes = queued_bytes + ?1";
    write.connection.prepare_cached(sql)?.execute([i64::try_from(bytes).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Events with so many bytes of data are dealt with.
pub(super) fn waits_no_longer(write: &Write<'_>, bytes: i64) -> Result<()> {
    let sql = "UPDATE site SET queued_bytes = max(0, queued_bytes - ?1)";
    write.connection.prepare_cached(sql)?.execute([bytes])?;
    Ok(())
}

/// Notes that events up to this number are gone with nothing in their place.
pub(super) fn pruned(write: &Write<'_>, seq: i64) -> Result<()> {
    write.connection.prepare_cached("UPDATE site SET pruned_seq = max(pruned_seq, ?1)")?.execute([seq])?;
    Ok(())
}

/// Begins another run of sequence numbers. The numbers themselves go on, so that none comes again; those up to here are of
/// other epochs, and not to be read in this one.
pub fn open_epoch(write: &Write<'_>) -> Result<uuid::Uuid> {
    let epoch = uuid::Uuid::new_v4();
    write
        .connection
        .prepare_cached("UPDATE site SET epoch_uuid = ?1, pruned_seq = last_seq")?
        .execute([epoch.into_bytes()])?;
    Ok(epoch)
}

/// Takes another name, for a box that was copied from one that goes on.
pub fn rename(write: &Write<'_>) -> Result<uuid::Uuid> {
    let site = uuid::Uuid::new_v4();
    write.connection.prepare_cached("UPDATE site SET site_uuid = ?1")?.execute([site.into_bytes()])?;
    Ok(site)
}
