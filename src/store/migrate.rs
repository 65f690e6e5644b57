//! Bringing a database to today's schema: a new one from `schema.sql`, an older one step by step after a backup.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, TransactionBehavior};

use super::{
    audit_chain, backup,
    open::{APPLICATION_ID, OpenError, io_error, sqlite_error},
    room,
};

/// Today's schema.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Every step from nothing to today, in order; `user_version` is the number of steps taken. The first is the first
/// schema as it was; none is ever changed once released.
pub const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_native.sql"),
    include_str!("migrations/0003_audit.sql"),
    include_str!("migrations/0004_overrides.sql"),
    include_str!("migrations/0005_last_good.sql"),
    include_str!("migrations/0006_upstream.sql"),
    include_str!("migrations/0007_gauges.sql"),
    include_str!("migrations/0008_operator.sql"),
];

/// Makes the schema of a new database, or takes the steps that an older one lacks. A newer one is refused.
pub fn bring_up_to_date(connection: &mut Connection, path: &Path, now_ms: i64) -> Result<(), OpenError> {
    take_steps(connection, path, now_ms, SCHEMA, STEPS)
}

/// As [`bring_up_to_date`], with the schema and the steps given.
pub fn take_steps(
    connection: &mut Connection,
    path: &Path,
    now_ms: i64,
    schema: &str,
    steps: &[&str],
) -> Result<(), OpenError> {
    let failed = |error| sqlite_error(path, &error);
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found = version(connection).map_err(failed)?;
    if found > known {
        return Err(OpenError::TooNew { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found == 0 {
        return create(connection, path, known, schema);
    }
    let findings = backup::quick_check(connection).map_err(failed)?;
    if !findings.is_empty() {
        // A step rewrites whole tables: what is left of a damaged one would be taken for all there is.
        return Err(backup::damaged(path, findings.join("; ")));
    }
    let backup = back_up(connection, path, found, now_ms)?;
    tracing::info!(from = found, to = known, backup = %backup.display(), "upgrading the database");
    let upgraded = upgrade(connection, path, known, steps);
    if upgraded.is_err() {
        // The database is as it was, and a service that is started again and again must not fill the disk with copies.
        discard(&backup);
    }
    upgraded
}

/// Takes the steps that a copy lacks. Nothing is copied before: it is a copy.
pub fn take_missing_steps(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if version(connection).map_err(|error| sqlite_error(path, &error))? == known {
        return Ok(());
    }
    upgrade(connection, path, known, STEPS)
}

fn create(connection: &mut Connection, path: &Path, known: i64, schema: &str) -> Result<(), OpenError> {
    let failed = |error| sqlite_error(path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    if version(&transaction).map_err(failed)? != 0 {
        // Another process has done it while this one waited for the lock.
        return Ok(());
    }
    transaction.execute_batch(schema).map_err(failed)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// All steps or none. Foreign keys are off meanwhile, because a step that makes a table anew would otherwise delete what
/// refers to it; what refers to nothing afterwards fails the upgrade.
fn upgrade(connection: &mut Connection, path: &Path, known: i64, steps: &[&str]) -> Result<(), OpenError> {
    let failed = |error| sqlite_error(path, &error);
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    let taken = take(connection, known, steps);
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    taken.map_err(failed)
}

fn take(connection: &mut Connection, known: i64, steps: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have taken steps while this one waited for the lock.
    let done = usize::try_from(version(&transaction)?).unwrap_or_default();
    audit_chain::register(&transaction)?;
    for step in steps.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    let dangling = transaction.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if dangling {
        let constraint = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        return Err(rusqlite::Error::SqliteFailure(constraint, Some("a step left dangling references".to_owned())));
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Copies the database beside itself as `NAME.before-vN-TIME`, complete and synced, or leaves nothing.
fn back_up(connection: &Connection, path: &Path, version: i64, now_ms: i64) -> Result<PathBuf, OpenError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-v{}-{now_ms}", version + 1));
    let target = path.with_file_name(name);
    let copied = copy(connection, &target);
    if copied.is_err() {
        discard(&target);
    }
    copied?;
    room::leave_to_owner(path, &target);
    Ok(target)
}

fn copy(connection: &Connection, target: &Path) -> Result<(), OpenError> {
    let copied = |error| sqlite_error(target, &error);
    let synced = |error: std::io::Error| io_error(target, &error);
    // Made first, and private: it holds what the database holds.
    let private = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(target);
    private.map(drop).map_err(synced)?;
    let mut copy = Connection::open(target).map_err(copied)?;
    let backup = rusqlite::backup::Backup::new(connection, &mut copy).map_err(copied)?;
    backup.run_to_completion(1024, std::time::Duration::ZERO, None).map_err(copied)?;
    drop(backup);
    copy.close().map_err(|(_, error)| copied(error))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(synced)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(synced)
}

fn discard(backup: &Path) {
    if let Err(error) = std::fs::remove_file(backup)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, backup = %backup.display(), "a needless backup could not be removed");
    }
}
