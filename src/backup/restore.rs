//! Putting a backup in the database's place, so that at every moment of it a crash leaves the one or the other.
//!
//! # How
//! The backup is copied to `orgbox.db.restoring`, brought to today's schema, marked, and written to disk. Then it is renamed
//! to `orgbox.db.restored`: from here on the new database is the one that counts, and before it the old one. What is left is
//! done by [`finish`], here or, after a crash, at the next start: the old file and its log get a name of their own, and the
//! new one takes the old one's. The log is why this is no single rename: an old log beside a new file would be read as its.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use super::folder::{self, discard};
use crate::{
    clock::Clock,
    model,
    ops::upkeep,
    store::{
        OpenError, Options, Store,
        backup::{self, beside, log_of},
        open::io_error,
        room,
    },
};

/// Why no backup was put back. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup could not be read, or the new database not be written.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The new database could not be marked.
    #[error("{0}")]
    Rule(#[from] model::Error),
    /// There is no room for a second database.
    #[error(
        "{path}: the restored database takes {needed_bytes} bytes beside the present one, but only {free_bytes} are free"
    )]
    NoRoom {
        /// Where it would be.
        path: PathBuf,
        /// What it takes.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
}

/// Puts a backup in the database's place. To be called only with the database's lock held and the backup verified. Returns
/// where the old database is kept, where there was one.
///
/// # Errors
/// The database is as it was.
pub fn restore(from: &Path, database: &Path, clock: &Clock) -> Result<Option<PathBuf>, RestoreError> {
    let failed = |error: io::Error| io_error(database, &error);
    let staged = staged(database);
    clear(database);
    weigh(from, database)?;
    if let Err(error) = stage(from, &staged, database, clock) {
        clear(database);
        return Err(error);
    }
    fs::rename(&staged, restored(database)).map_err(failed)?;
    folder::sync(&folder::of(database)).map_err(failed)?;
    // What cannot be finished here is at the next start: the new database counts from the rename on.
    Ok(finish(database).map_err(failed)?)
}

/// Finishes a restore that has come to its turning point, if there is one, and removes what is left of one that has not. To
/// be called with the database's lock held, before the database is opened. Returns where the old database is kept, where it was moved.
///
/// # Errors
/// A file could not be renamed; it is to be called again.
pub fn finish(database: &Path) -> io::Result<Option<PathBuf>> {
    clear(database);
    let new = restored(database);
    let Ok(found) = fs::metadata(&new) else { return Ok(None) };
    // The same name whenever it is called for the same restore: the old file and its log must not be parted.
    let since_1970 = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let kept = beside(database, &format!(".replaced-{}", since_1970.as_millis()));
    let folder = folder::of(database);
    rename_if_there(&log_of(database), &log_of(&kept))?;
    rename_if_there(database, &kept)?;
    discard(&beside(database, "-shm"));
    folder::sync(&folder)?;
    fs::rename(&new, database)?;
    folder::sync(&folder)?;
    Ok(kept.exists().then_some(kept))
}

/// The new database before the turning point.
fn staged(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

/// Removes it. Its journal as well: SQLite would put what that holds into a later file of the same name.
fn clear(database: &Path) {
    let staged = staged(database);
    ["", "-journal", "-wal", "-shm"].into_iter().for_each(|suffix| discard(&beside(&staged, suffix)));
}

/// The new database between the turning point and its name.
fn restored(database: &Path) -> PathBuf {
    beside(database, ".restored")
}

fn stage(from: &Path, staged: &Path, database: &Path, clock: &Clock) -> Result<(), RestoreError> {
    let failed = |error: io::Error| io_error(staged, &error);
    backup::copy_at_rest(from, staged)?;
    backup::upgrade(staged)?;
    let source = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let store = Store::open(staged, clock.clone(), Options::default())?;
    let marked = store.write(move |write| upkeep::mark_restored(write, &source));
    store.stop();
    drop(store);
    marked?;
    // Whose the old one is, or the folder where there is none: root restores, and a service user serves.
    let model = if database.exists() { database.to_owned() } else { folder::of(database) };
    room::own_like(&model, staged).map_err(failed)?;
    // All of it is in the one file, and that is sound, or it does not come to the turning point.
    backup::inspect(staged)?;
    discard(&log_of(staged));
    discard(&beside(staged, "-shm"));
    fs::File::open(staged).and_then(|file| file.sync_all()).map_err(failed)?;
    Ok(())
}

fn weigh(from: &Path, database: &Path) -> Result<(), RestoreError> {
    let folder = folder::of(database);
    let failed = |error: io::Error| io_error(database, &error);
    let free_bytes = room::free_bytes(&folder).map_err(failed)?;
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let needed_bytes = bytes(from) + bytes(&log_of(from));
    if free_bytes >= needed_bytes {
        return Ok(());
    }
    Err(RestoreError::NoRoom { path: database.to_owned(), needed_bytes, free_bytes })
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
