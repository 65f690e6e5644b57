//! Copying a database while others write it, and looking at a copy: is it one of ours, is it sound, what is in it.
//!
//! # Why a copy comes to an end under constant writes
//! SQLite's backup begins anew whenever another connection commits to the source between two steps, and the box's writer
//! commits all day. Here the reading connection is inside a read transaction from before the first step to behind the last:
//! in WAL mode that is one snapshot, which no commit changes, so nothing begins anew and all pages are of one moment. The
//! writer is never waited for and never waits; only the WAL cannot be cut back behind the snapshot until the copy is done.
//! `VACUUM INTO` would read from a snapshot as well, but in one statement: it can be neither paced nor watched.

use std::{
    convert::Infallible,
    fs::{self, File, OpenOptions},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags, OptionalExtension,
    backup::{Backup, StepResult},
};
use uuid::Uuid;

use super::{
    error, migrate,
    open::{self, APPLICATION_ID, OpenError, io_error, sqlite_error},
};
use crate::model::{Fault, backup::Facts};

/// Pages copied between two looks at the disk and at who wants to stop: 1 MiB.
const PAGES_AT_ONCE: i32 = 256;
/// The tables that a manifest counts.
const TABLES: [&str; 7] = ["organizations", "users", "members", "cameras", "api_keys", "holds", "audit"];
/// What a check tells of at most.
const FINDINGS_MAX: usize = 3;

/// Copies the database at `from`, whoever writes it, into the new private file `to`, synced. `between` is called after
/// every [`PAGES_AT_ONCE`] pages with the bytes copied so far; what it refuses with ends the copy. What was written of `to`
/// is left to the caller where this fails.
pub fn copy<E>(
    from: &Path,
    to: &Path,
    between: impl FnMut(u64) -> Result<(), E>,
) -> Result<Result<Facts, E>, OpenError> {
    copy_of(&open::reader(from)?, from, to, between)
}

/// As [`copy`], of a database that nobody writes, and in one go.
pub fn copy_at_rest(from: &Path, to: &Path) -> Result<Facts, OpenError> {
    match copy_of(&open_at_rest(from)?, from, to, |_| Ok::<_, Infallible>(()))? {
        Ok(facts) => Ok(facts),
        Err(never) => match never {},
    }
}

fn copy_of<E>(
    source: &Connection,
    from: &Path,
    to: &Path,
    mut between: impl FnMut(u64) -> Result<(), E>,
) -> Result<Result<Facts, E>, OpenError> {
    let read = |error| sqlite_error(from, &error);
    let written = |error| sqlite_error(to, &error);
    source.execute_batch("BEGIN").map_err(read)?;
    // The first read is what takes the snapshot.
    let facts = facts(source, from)?;
    let private = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let file = private.map_err(|error| io_error(to, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(written)?;
    // A copy that is cut short is thrown away, and a whole one is synced at its end: no journal is needed.
    target.pragma_update(None, "journal_mode", "OFF").map_err(written)?;
    target.pragma_update(None, "synchronous", "OFF").map_err(written)?;
    let page_bytes = source.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0)).map_err(read)?;
    let backup = Backup::new(source, &mut target).map_err(written)?;
    loop {
        // What goes wrong may be of either file; of which it is, the caller's check of the source tells.
        match backup.step(PAGES_AT_ONCE).map_err(written)? {
            StepResult::Done => break,
            // The target is nobody else's, and the source is read from a snapshot: neither is ever busy for long.
            _ => {
                let copied = backup.progress();
                let pages = copied.pagecount.saturating_sub(copied.remaining);
                let bytes = u64::try_from(pages).unwrap_or_default().saturating_mul(u64::from(page_bytes));
                if let Err(refusal) = between(bytes) {
                    return Ok(Err(refusal));
                }
            }
        }
    }
    drop(backup);
    // One file that any SQLite reads from anywhere, also where nothing can be written beside it.
    target.pragma_update(None, "journal_mode", "DELETE").map_err(written)?;
    target.close().map_err(|(_, error)| written(error))?;
    file.sync_all().map_err(|error| io_error(to, &error))?;
    Ok(Ok(facts))
}

/// Looks at a database that nobody writes, such as a backup, and changes nothing. A log beside it belongs to it.
///
/// # Errors
/// It is not one of ours, is of a newer orgbox, is damaged, or cannot be read.
pub fn inspect(path: &Path) -> Result<Facts, OpenError> {
    let connection = open_at_rest(path)?;
    let failed = |error| sqlite_error(path, &error);
    connection.execute_batch("BEGIN").map_err(failed)?;
    let facts = facts(&connection, path)?;
    let findings = quick_check(&connection).map_err(failed)?;
    if findings.is_empty() { Ok(facts) } else { Err(damaged(path, findings.join("; "))) }
}

/// What a database holds, of which nothing is checked; whoever writes it.
pub fn glance(path: &Path) -> Result<Facts, OpenError> {
    facts(&open::reader(path)?, path)
}

/// What is wrong with the pages of a database: nothing where it is sound.
pub(super) fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = format!("PRAGMA quick_check({FINDINGS_MAX})");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut findings = Vec::new();
    loop {
        match rows.next() {
            Ok(Some(row)) => findings.push(row.get::<_, String>(0)?),
            Ok(None) => break,
            // Of some damage the check tells, and of some it dies.
            Err(error) if error::fault(&error) == Some(Fault::Corrupt) => {
                findings.push(error.to_string());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    findings.retain(|finding| finding != "ok");
    Ok(findings)
}

/// A damaged database.
pub(super) fn damaged(path: &Path, detail: String) -> OpenError {
    OpenError::Storage { path: path.to_owned(), fault: Fault::Corrupt, detail }
}

/// Brings a copy that nobody else has open to today's schema, without another copy of it.
pub fn upgrade(path: &Path) -> Result<(), OpenError> {
    let mut connection = open::reopen(path)?;
    migrate::take_missing_steps(&mut connection, path)?;
    connection.close().map_err(|(_, error)| sqlite_error(path, &error))
}

fn open_at_rest(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| sqlite_error(path, &error);
    // Asked first, because SQLite says of most things only that it cannot open them.
    File::open(path).map_err(|error| io_error(path, &error))?;
    if fs::metadata(log_of(path)).is_ok_and(|log| log.len() > 0) {
        return open::reader(path);
    }
    // Nobody writes it, so that nothing need be locked, or made beside it.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(unchanging(path), flags).map_err(failed)?;
    open::configure(&connection, path)?;
    Ok(connection)
}

/// Where SQLite keeps what is not yet in the file.
pub fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// A file beside this one whose name goes on.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The address of a file that nobody writes.
fn unchanging(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let letters = absolute.as_os_str().as_bytes().iter();
    let letters: String =
        letters.map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect();
    format!("file:{letters}?immutable=1")
}

fn facts(connection: &Connection, path: &Path) -> Result<Facts, OpenError> {
    let failed = |error| sqlite_error(path, &error);
    let number = |pragma| connection.pragma_query_value::<i64, _>(None, pragma, |row| row.get(0)).map_err(failed);
    let (id, schema) = (number("application_id")?, number("user_version")?);
    if id != i64::from(APPLICATION_ID) {
        return Err(OpenError::NotOurs { path: path.to_owned() });
    }
    let known = i64::try_from(migrate::STEPS.len()).unwrap_or(i64::MAX);
    if schema > known {
        return Err(OpenError::TooNew { path: path.to_owned(), found: schema, known });
    }
    let mut facts = Facts { schema, ..Facts::default() };
    let site = connection.query_row("SELECT site_uuid, epoch_uuid, last_seq FROM site", [], |row| {
        Ok((Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?), row.get(2)?))
    });
    if let Some((site, epoch, last_seq)) = site.optional().map_err(failed)? {
        (facts.site, facts.epoch, facts.last_seq) = (Some(site), Some(epoch), last_seq);
    }
    for table in TABLES {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
        if connection.query_row(sql, [table], |row| row.get(0)).map_err(failed)? {
            let count = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
            facts.rows.push((table.to_owned(), count.map_err(failed)?));
        }
    }
    let newest = "SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1";
    facts.changed_at_ms = connection.query_row(newest, [], |row| row.get(0)).optional().map_err(failed)?;
    Ok(facts)
}
