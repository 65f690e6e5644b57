//! Bringing a database to today's schema: a new one from `schema.sql`, an older one step by step after a backup.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::open::{APPLICATION_ID, OpenError, io_error, sqlite_error};

/// Today's schema.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Every step from nothing to today, in order; `user_version` is the number of steps taken. The first is the first
/// schema as it was; none is ever changed once released.
pub const STEPS: &[&str] = &[include_str!("migrations/0001_first.sql")];

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
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if found > known {
        return Err(OpenError::TooNew { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        let backup = back_up(connection, path, found, now_ms)?;
        tracing::info!(from = found, to = known, backup = %backup.display(), "upgrading the database");
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let now: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if now == known {
        // Another process has done it while this one waited for the lock.
        return Ok(());
    }
    if found == 0 {
        transaction.execute_batch(schema).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    } else {
        for step in steps.iter().skip(usize::try_from(found).unwrap_or_default()) {
            transaction.execute_batch(step).map_err(failed)?;
        }
    }
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// Copies the database beside itself as `NAME.before-vN-TIME`, complete and synced.
fn back_up(connection: &Connection, path: &Path, version: i64, now_ms: i64) -> Result<PathBuf, OpenError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-v{}-{now_ms}", version + 1));
    let target = path.with_file_name(name);
    let copied = |error| sqlite_error(&target, &error);
    let mut copy = Connection::open(&target).map_err(copied)?;
    let backup = rusqlite::backup::Backup::new(connection, &mut copy).map_err(copied)?;
    backup.run_to_completion(1024, std::time::Duration::ZERO, None).map_err(copied)?;
    drop(backup);
    copy.close().map_err(|(_, error)| copied(error))?;
    let synced = |error: std::io::Error| io_error(&target, &error);
    let file = std::fs::File::open(&target).map_err(synced)?;
    let private = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
    file.set_permissions(private).map_err(synced)?;
    file.sync_all().map_err(synced)?;
    Ok(target)
}
