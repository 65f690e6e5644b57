//! Making one backup: a copy beside others, checked, with its manifest, under its name only when all of it is on disk.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{folder, manifest};
use crate::{
    clock::Clock,
    model::{
        Fault,
        backup::{Facts, Manifest},
    },
    store::{OpenError, backup, room},
};

/// What must stay free on the disk of a backup: whoever else writes there goes on.
pub const RESERVE_BYTES: u64 = 64 << 20;
/// Bytes after which what was copied is flushed: a large flush at the end would hold up the commits of the box.
const FLUSHED_AT_ONCE_BYTES: u64 = 4 << 20;
/// The longest rest after a flush.
const REST_MS: i64 = 250;

/// Asks a backup under way to end.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

/// Why no backup was made. The sentence is the operator's at the console; clients are told the code and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// One is being made.
    #[error("a backup is being made already")]
    UnderWay,
    /// The disk is too full.
    #[error(
        "{folder}: a backup takes {needed_bytes} bytes here and {} must stay free, but only {free_bytes} are free",
        RESERVE_BYTES
    )]
    NoRoom {
        /// Where it would be.
        folder: PathBuf,
        /// What it takes, or takes still.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// The process ends.
    #[error("the box is stopping")]
    Stopping,
    /// The copy is not what was copied.
    #[error("the copy does not pass its check: {0}")]
    Unsound(String),
    /// There is a file of this name.
    #[error("{0} is there already: name another file")]
    Exists(PathBuf),
    /// The database could not be read, or the copy not be written.
    #[error(transparent)]
    Copy(OpenError),
    /// A file could not be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Stop {
    /// From now on.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Refusal {
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        // The error is told of once more where it is logged; it cannot be cloned.
        Refusal::Io { path: path.to_owned(), source: io::Error::new(error.kind(), error.to_string()) }
    }

    /// The stable name that status, log and clients are told.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnderWay => "backup_under_way",
            Refusal::NoRoom { .. } => "backup_no_room",
            Refusal::Stopping => Fault::Stopping.name(),
            Refusal::Unsound(_) => "backup_unsound",
            Refusal::Exists(_) | Refusal::Io { .. } => "backup_failed",
            Refusal::Copy(OpenError::Storage { fault, .. }) => fault.name(),
            Refusal::Copy(_) => "backup_failed",
        }
    }

    /// What an operator does about it, one sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Refusal::UnderWay => "Wait for the backup under way to end.",
            Refusal::NoRoom { .. } => "Free space on the disk of the backups, or lower [backup] keep and max_mib.",
            Refusal::Stopping => Fault::Stopping.remedy(),
            Refusal::Unsound(_) => "The database may be damaged: look at `orgbox status`.",
            Refusal::Exists(_) => "Name another file.",
            Refusal::Io { .. } | Refusal::Copy(OpenError::NoFile { .. } | OpenError::Permission { .. }) => {
                "Make the folder of the backups writable for the user that runs orgbox; the log says more."
            }
            Refusal::Copy(OpenError::Storage { fault, .. }) => fault.remedy(),
            Refusal::Copy(_) => "The log says why.",
        }
    }
}

/// Backs the database up to a new file, and writes its manifest beside it. Whoever writes the database goes on.
///
/// # Errors
/// Nothing is left under either name.
pub fn write(database: &Path, to: &Path, clock: &Clock, stop: &Stop) -> Result<Manifest, Refusal> {
    if to.exists() {
        return Err(Refusal::Exists(to.to_owned()));
    }
    let folder = folder::of(to);
    weigh(database, &folder)?;
    let unfinished = folder::unfinished(to);
    let unfinished_manifest = manifest::path(&unfinished);
    folder::discard(&unfinished);
    let made = finish(database, to, (&unfinished, &unfinished_manifest), clock, stop);
    if made.is_err() {
        for path in [&unfinished, &unfinished_manifest, &manifest::path(to)] {
            folder::discard(path);
        }
    }
    made
}

fn finish(
    database: &Path,
    to: &Path,
    (copy, told): (&Path, &Path),
    clock: &Clock,
    stop: &Stop,
) -> Result<Manifest, Refusal> {
    let taken_at_ms = clock.now_ms();
    let facts = paced(database, copy, clock, stop)?;
    // Looked at as it lies on the disk, before it has a name that somebody trusts.
    let found = backup::inspect(copy).map_err(|error| Refusal::Unsound(error.to_string()))?;
    if found != facts {
        return Err(Refusal::Unsound(format!("it holds {found:?}, and the database held {facts:?}")));
    }
    if stop.is_asked() {
        return Err(Refusal::Stopping);
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| Refusal::io(&path, &error)
    };
    let manifest = Manifest {
        name: to.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        taken_at_ms,
        bytes: fs::metadata(copy).map_err(failed(copy))?.len(),
        sha256: manifest::hash(copy).map_err(failed(copy))?,
        orgbox: env!("CARGO_PKG_VERSION").to_owned(),
        facts,
    };
    manifest::write(&manifest, told).map_err(failed(told))?;
    for made in [copy, told] {
        room::own_like(database, made).map_err(failed(made))?;
    }
    // The manifest first, so that no backup is ever seen without it.
    fs::rename(told, manifest::path(to)).map_err(failed(told))?;
    fs::rename(copy, to).map_err(failed(to))?;
    folder::sync(&folder::of(to)).map_err(failed(to))?;
    Ok(manifest)
}

/// Copies a few megabytes at a time and rests after each as long as the disk took for them, so that the box's own commits
/// wait for no more than those.
fn paced(database: &Path, copy: &Path, clock: &Clock, stop: &Stop) -> Result<Facts, Refusal> {
    let folder = folder::of(copy);
    let total_bytes = bytes_of(database);
    let mut flushed_bytes = 0;
    let copied = backup::copy(database, copy, |copied_bytes| {
        if stop.is_asked() {
            return Err(Refusal::Stopping);
        }
        if copied_bytes - flushed_bytes < FLUSHED_AT_ONCE_BYTES {
            return Ok(());
        }
        flushed_bytes = copied_bytes;
        enough(&folder, total_bytes.saturating_sub(copied_bytes))?;
        let began_ms = clock.monotonic_ms();
        File::open(copy).and_then(|file| file.sync_data()).map_err(|error| Refusal::io(copy, &error))?;
        let rest_ms = (clock.monotonic_ms() - began_ms).clamp(0, REST_MS);
        std::thread::park_timeout(Duration::from_millis(rest_ms.unsigned_abs()));
        Ok(())
    });
    copied.map_err(Refusal::Copy)?
}

/// Makes the folder, private and its owner the database's, and refuses where the disk is too full.
fn weigh(database: &Path, folder: &Path) -> Result<(), Refusal> {
    if !folder.exists() {
        let made = folder::make(folder).and_then(|()| room::own_like(database, folder));
        made.map_err(|error| Refusal::io(folder, &error))?;
    }
    enough(folder, bytes_of(database))
}

fn enough(folder: &Path, needed_bytes: u64) -> Result<(), Refusal> {
    let free_bytes = room::free_bytes(folder).map_err(|error| Refusal::io(folder, &error))?;
    if free_bytes >= needed_bytes.saturating_add(RESERVE_BYTES) {
        return Ok(());
    }
    Err(Refusal::NoRoom { folder: folder.to_owned(), needed_bytes, free_bytes })
}

/// What a copy may take: the file, and what its log may add to it.
fn bytes_of(database: &Path) -> u64 {
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    bytes(database) + bytes(&backup::log_of(database))
}
