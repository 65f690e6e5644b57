//! A database that is damaged, or gone though there once was one: what is told then, and what is never done, which is to
//! begin with an empty one.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use super::StartError;
use crate::{
    backup::folder::Folder,
    config::Config,
    model::Fault,
    store::{OpenError, Store, backup::log_of, site},
    upstream::high_water,
};

/// A site's name in a lock file is no longer.
const NAME_BYTES_MAX: u64 = 64;

/// Refuses to start where the database is missing and something shows that there once was one.
pub(super) fn refuse_if_gone(config: &Config, lock: &File) -> Result<(), StartError> {
    let database = &config.database.path;
    // What cannot be asked about is opened all the same: opening says best what is wrong.
    let is_there =
        fs::metadata(database).map_or_else(|error| error.kind() != std::io::ErrorKind::NotFound, |file| file.len() > 0);
    if is_there {
        return Ok(());
    }
    let signs = signs(config, lock);
    if signs.is_empty() {
        return Ok(());
    }
    Err(StartError::Gone { path: database.clone(), signs: signs.join(" and "), way_out: way_out(config) })
}

/// Writes into the lock file that there is a database now, so that it is missed if it goes.
pub(super) fn remember(lock: &mut File, store: &Store) -> Result<(), StartError> {
    let Some(site) = store.reader()?.read(site::get)? else { return Ok(()) };
    if named_in(lock).is_some() {
        return Ok(());
    }
    let written = writeln!(lock, "{}", site.site_uuid).and_then(|()| lock.sync_all());
    if let Err(error) = written {
        // It serves as well without: only the loss of the whole file would be noticed less surely.
        tracing::warn!(%error, "the lock file could not be written");
    }
    Ok(())
}

/// A refusal of the store, with the way out where the database is damaged.
pub(super) fn explain(config: &Config, error: OpenError) -> StartError {
    match error {
        OpenError::Storage { path, fault: Fault::Corrupt, detail } => {
            StartError::Damaged { path, detail, way_out: way_out(config) }
        }
        error => StartError::Open(error),
    }
}

/// Tells of damage that the box serves with, and of the way out.
pub(super) fn tell(config: &Config, store: &Store) {
    if store.health().is_some_and(|health| health.fault == Fault::Corrupt) {
        tracing::error!("what can still be read is served, nothing is written. {}", way_out(config));
    }
}

/// How to have a good database again, in one line.
fn way_out(config: &Config) -> String {
    let folder = Folder::new(&config.backup_folder(), &config.database.path);
    match folder.newest_good() {
        Some(newest) => {
            let newest = std::path::absolute(&newest).unwrap_or(newest);
            format!("Stop the box and run: orgbox restore {}", newest.display())
        }
        None => format!(
            "There is no good backup in {}; with one from elsewhere run: orgbox restore FILE",
            folder.path().display()
        ),
    }
}

/// What shows that there once was a database, each with its path.
fn signs(config: &Config, lock: &File) -> Vec<String> {
    let database = &config.database.path;
    let mut signs = Vec::new();
    let mut sign = |what: &str, path: PathBuf| signs.push(format!("{what} {}", path.display()));
    if named_in(lock).is_some() {
        sign("the name of its site in", lock_path(database));
    }
    if high_water::path(database).exists() {
        sign("the record of what was sent in", high_water::path(database));
    }
    if fs::metadata(log_of(database)).is_ok_and(|log| log.len() > 0) {
        sign("its log", log_of(database));
    }
    let folder = Folder::new(&config.backup_folder(), database);
    if folder.list().is_ok_and(|backups| !backups.is_empty()) {
        sign("its backups in", folder.path().to_owned());
    }
    signs
}

/// Where the lock file of a database is.
pub(super) fn lock_path(database: &Path) -> PathBuf {
    crate::store::backup::beside(database, ".lock")
}

fn named_in(mut lock: &File) -> Option<String> {
    let mut text = String::new();
    std::io::Seek::seek(&mut lock, std::io::SeekFrom::Start(0)).ok()?;
    lock.take(NAME_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|name| !name.is_empty())
}
