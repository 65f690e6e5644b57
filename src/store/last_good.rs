//! Table `last_good`: the configuration's files as they were read last without a mistake.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, types};

use super::{Read, Write, open};
use crate::model::Result;

/// The files that were in order last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// The absolute path of the main file.
    pub main: String,
    /// Name and text of each file, in file order.
    pub files: Vec<(String, String)>,
}

/// What is kept, if anything is.
pub fn get(read: &Read<'_>) -> Result<Option<LastGood>> {
    Ok(found(read.connection)?)
}

/// What a database keeps that this process has not opened. `None` also where there is no such database, or one without
/// files: whoever asks is about to say what is wrong with the files that are there.
pub fn peek(database: &Path) -> Option<LastGood> {
    found(&open::reader(database).ok()?).ok()?
}

/// Keeps these files in the place of those before.
pub fn put(write: &Write<'_>, last_good: &LastGood) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO last_good (id, main, files) VALUES (1, ?1, ?2)";
    let files: Vec<_> = last_good.files.iter().map(|(name, text)| serde_json::json!([name, text])).collect();
    let values = (&last_good.main, serde_json::Value::from(files).to_string());
    write.connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Forgets them.
pub fn forget(write: &Write<'_>) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM last_good")?.execute([])?;
    Ok(())
}

fn found(connection: &Connection) -> rusqlite::Result<Option<LastGood>> {
    connection.prepare_cached("SELECT main, files FROM last_good")?.query_row([], last_good).optional()
}

fn last_good(row: &Row<'_>) -> rusqlite::Result<LastGood> {
    let unreadable =
        |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(1, types::Type::Text, error.into());
    let files = serde_json::from_str(row.get_ref(1)?.as_str()?).map_err(unreadable)?;
    Ok(LastGood { main: row.get(0)?, files })
}
