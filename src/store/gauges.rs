//! Table `upstream_gauges`: by which second the usage of each organization was told last.

use rusqlite::OptionalExtension;

use super::{Read, Write};
use crate::model::Result;

/// The second, since 1970, by which the usage of an organization was told last; `None` where it never was.
pub fn second(read: &Read<'_>, subject: &str) -> Result<Option<i64>> {
    let sql = "SELECT second FROM upstream_gauges WHERE subject = ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([subject], |row| row.get(0)).optional()?)
}

/// Remembers the second by which the usage of an organization was told.
pub fn set_second(write: &Write<'_>, subject: &str, second: i64) -> Result<()> {
    let sql = "INSERT INTO upstream_gauges (subject, second) VALUES (?1, ?2) \
               ON CONFLICT DO UPDATE SET second = excluded.second";
    write.connection.prepare_cached(sql)?.execute((subject, second))?;
    Ok(())
}
