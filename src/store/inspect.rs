//! Looking into a database that this process has not opened: whether it is sound, and how much is in it. Nothing of it is
//! changed, and nobody who uses it is held up.

use std::{
    path::Path,
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension};

use super::open::{self, OpenError};

/// What is wrong is listed up to so many lines.
const PROBLEMS_MAX: usize = 20;
/// Users whose names are read at most.
const PEOPLE_MAX: i64 = 200_000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The version of its schema.
    pub schema: i64,
    /// What SQLite's own check finds, at most 20 lines; empty where the file is sound.
    pub damage: Vec<String>,
    /// Rows whose reference leads nowhere, at most 20 counted.
    pub dangling: usize,
    /// Bytes within the file that hold nothing.
    pub free_bytes: i64,
    /// The newest moment in it, in milliseconds since 1970.
    pub newest_ms: Option<i64>,
    /// Rows of each table.
    pub rows: Vec<(String, i64)>,
    /// Its tables and indexes, as SQL.
    pub sql: String,
    /// It took too long, and what is not told was not looked at.
    pub cut_short: bool,
}

/// Looks into a database for a bounded time.
///
/// # Errors
/// The file cannot be opened, or is none of orgbox.
pub fn inspect(path: &Path, at_most: Duration) -> Result<Inspection, OpenError> {
    let connection = open::reader(path)?;
    open::check_ours(&connection, path)?;
    let interrupt = connection.get_interrupt_handle();
    let (done, waits) = channel::<()>();
    let mut found = Inspection::default();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(move || {
            if waits.recv_timeout(at_most) == Err(RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
        let outcome = look(&connection, &mut found);
        drop(done);
        outcome
    });
    match outcome {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => {
            found.cut_short = true;
        }
        // A file so damaged that it cannot be asked further has been found damaged.
        Err(error) => found.damage.push(error.to_string()),
        Ok(()) => {}
    }
    Ok(found)
}

/// Logins, names and addresses of the users, to keep them out of what is handed on; `None` where they cannot be read.
pub fn people(path: &Path) -> Option<Vec<String>> {
    let connection = open::reader(path).ok()?;
    let sql = "SELECT login || ' ' || name || ' ' || email FROM users LIMIT ?1";
    let mut statement = connection.prepare(sql).ok()?;
    let rows = statement.query_map([PEOPLE_MAX], |row| row.get(0)).ok()?;
    rows.collect::<rusqlite::Result<_>>().ok()
}

/// What takes no time comes first, so that it is there when the rest takes too long.
fn look(connection: &Connection, found: &mut Inspection) -> rusqlite::Result<()> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    found.schema = number("PRAGMA user_version")?;
    found.free_bytes = number("PRAGMA freelist_count")? * number("PRAGMA page_size")?;
    let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let objects: Vec<(String, String)> = objects.collect::<rusqlite::Result<_>>()?;
    found.sql = objects.iter().map(|(_, sql)| format!("{sql};\n")).collect();
    let newest = "SELECT max(at_ms) FROM (SELECT at_ms FROM (SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1000) \
                  UNION ALL SELECT at_ms FROM (SELECT at_ms FROM outbox ORDER BY seq DESC LIMIT 1000))";
    found.newest_ms = connection.query_row(newest, [], |row| row.get(0)).optional()?.flatten();
    let mut statement = connection.prepare(&format!("PRAGMA quick_check({PROBLEMS_MAX})"))?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in lines {
        let line = line?;
        if line != "ok" {
            found.damage.extend(line.lines().take(PROBLEMS_MAX).map(str::to_owned));
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    found.dangling = statement.query_map([], |_| Ok(()))?.take(PROBLEMS_MAX).count();
    for (name, _) in objects.iter().filter(|(_, sql)| sql.starts_with("CREATE TABLE")) {
        found.rows.push((name.clone(), number(&format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\"")))?));
    }
    Ok(())
}
