//! Backups of the database: making them while the box is served, when one is due, which are kept, and putting one back.
//!
//! `make` writes one file and its `manifest`; `folder` knows the files that are kept; `schedule` says when one is due, and
//! `keeper` is the thread that waits for it; `restore` puts a backup in the database's place. It decides nothing about the
//! data: that is copied as it stands.

pub mod folder;
mod keeper;
pub mod make;
pub mod manifest;
pub mod restore;
pub mod schedule;
pub mod verify;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

use crate::{
    clock::Clock,
    model::backup::{Failure, Manifest, Standing},
    store::Store,
};
use folder::Folder;
pub use keeper::Keeper;
pub use make::Refusal;
use schedule::{Moment, TimeOfDay};

/// How backups are made and kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where they are.
    pub folder: PathBuf,
    /// When one is made every day; `None`: only when asked for.
    pub daily_at: Option<TimeOfDay>,
    /// How many are kept, at least 1.
    pub keep: usize,
    /// How much they may take together. The newest is kept whatever it takes.
    pub max_bytes: u64,
}

/// What others may ask of the backups. Cheap to clone.
#[derive(Clone)]
pub struct Backups(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    database: PathBuf,
    settings: Settings,
    clock: Clock,
    stop: make::Stop,
    /// Held by who makes or removes backups.
    working: Mutex<()>,
    seen: Mutex<Seen>,
}

/// What this process has seen.
#[derive(Debug, Clone)]
struct Seen {
    started: Moment,
    jitter_ms: i64,
    tried: Option<schedule::Tried>,
    failure: Option<Failure>,
}

impl Backups {
    /// For the backups of this database. `dice` is a random number from 0 to 1: not all boxes begin at the same moment.
    pub fn new(store: &Arc<Store>, database: PathBuf, settings: Settings, clock: Clock, dice: f64) -> Self {
        let seen = Seen {
            started: Moment::of(&clock),
            jitter_ms: (schedule::JITTER_MS as f64 * dice) as i64,
            tried: None,
            failure: None,
        };
        let (store, stop) = (Arc::clone(store), make::Stop::default());
        let seen = Mutex::new(seen);
        Self(Arc::new(Inner { store, database, settings, clock, stop, working: Mutex::default(), seen }))
    }

    /// Where backups are kept.
    pub fn folder(&self) -> Folder {
        Folder::new(&self.0.settings.folder, &self.0.database)
    }

    /// Makes a backup now, and removes those that are too many then. For threads that may block.
    ///
    /// # Errors
    /// Nothing was made, and nothing is left behind.
    pub fn create(&self) -> Result<Manifest, Refusal> {
        let made = match self.0.working.try_lock() {
            Ok(_working) => self.make(),
            Err(TryLockError::Poisoned(poisoned)) => {
                let _working = poisoned.into_inner();
                self.make()
            }
            // Another one is told of by who makes it.
            Err(TryLockError::WouldBlock) => return Err(Refusal::UnderWay),
        };
        let now = Moment::of(&self.0.clock);
        let mut seen = self.seen();
        seen.tried = Some(schedule::Tried { at: now, failed: made.is_err() });
        match &made {
            Ok(manifest) => {
                seen.failure = None;
                tracing::info!(backup = manifest.name, bytes = manifest.bytes, "the database was backed up");
            }
            Err(Refusal::Stopping) => seen.tried = None,
            Err(refusal) => {
                seen.failure = Some(Failure { at_ms: now.wall_ms, code: refusal.code(), remedy: refusal.remedy() });
                tracing::error!(error = %refusal, code = refusal.code(), remedy = refusal.remedy(), "no backup was made");
            }
        }
        made
    }

    /// Removes the backups that are too many. Returns their names.
    ///
    /// # Errors
    /// The folder cannot be read, or one is being made.
    pub fn prune(&self) -> Result<Vec<String>, Refusal> {
        let _working = match self.0.working.try_lock() {
            Ok(working) => working,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Refusal::UnderWay),
        };
        let Settings { keep, max_bytes, .. } = self.0.settings;
        self.folder().prune(keep, max_bytes, None).map_err(|error| Refusal::io(&self.0.settings.folder, &error))
    }

    /// How backing up stands. Reads the folder, so it is for threads that may block.
    pub fn standing(&self) -> Standing {
        let Settings { folder, daily_at, .. } = &self.0.settings;
        let backups = self.folder().list().unwrap_or_default();
        let next_at_ms = self.next_at_ms(&backups);
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        Standing {
            folder: absolute.display().to_string(),
            daily_at: daily_at.map(|time| time.to_string()),
            next_at_ms,
            backups,
            failure: self.seen().failure.clone(),
        }
    }

    fn make(&self) -> Result<Manifest, Refusal> {
        let Inner { database, settings, clock, stop, store, .. } = &*self.0;
        let folder = self.folder();
        folder.clear_unfinished();
        let path = folder.next_path(clock.now_ms()).map_err(|error| Refusal::io(&settings.folder, &error))?;
        let made = make::write(database, &path, clock, stop);
        if let Err(Refusal::Unsound(_)) = made {
            // A copy that is not sound is most likely that of a database that is not.
            store.check();
        }
        let manifest = made?;
        if let Err(error) = folder.prune(settings.keep, settings.max_bytes, Some(&manifest.name)) {
            tracing::warn!(%error, "backups that are too many could not be removed");
        }
        Ok(manifest)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
