//! `orgbox restore`: the database is locked, the backup looked at, what would be lost told, and only then is it put back.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{StartError, lock};
use crate::{
    backup::{restore, verify},
    clock::Clock,
    config::Config,
    model::backup::Facts,
    store::backup,
    upstream::high_water,
};

/// A restore before it is done. The database is locked as long as this lives.
pub struct Restoring {
    from: PathBuf,
    database: PathBuf,
    /// What the backup holds and tells of itself.
    pub verified: verify::Verified,
    /// What the present database holds; `None` where there is none, or none that can be read.
    pub present: Option<Facts>,
    /// True where this box has told billing of another site: then nothing is told until an operator decides.
    pub awaits_decision: bool,
    _lock: File,
}

/// Why nothing is put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoringError {
    /// The database is in use, or cannot be locked.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The backup must not be put back.
    #[error("{path} cannot be restored: {flaw}")]
    Flawed {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        flaw: verify::Flaw,
    },
    /// The database is as it was.
    #[error(transparent)]
    Failed(#[from] restore::RestoreError),
}

/// Locks the database and looks at the backup. Nothing is changed, but for a restore that was cut short before: that one
/// is finished.
///
/// # Errors
/// The database is served, or the backup must not be put back.
pub fn prepare(config: &Config, from: &Path) -> Result<Restoring, RestoringError> {
    let database = config.database.path.clone();
    let lock = lock(&database)?;
    finish(&database)?;
    let flawed = |flaw| RestoringError::Flawed { path: from.to_owned(), flaw };
    let verified = verify::verify(from).map_err(flawed)?;
    let present = if database.exists() { backup::glance(&database).ok() } else { None };
    let told = high_water::read(&high_water::path(&database)).ok().flatten();
    let awaits_decision = told.is_some_and(|told| Some(told.site) != verified.facts.site);
    Ok(Restoring { from: from.to_owned(), database, verified, present, awaits_decision, _lock: lock })
}

impl Restoring {
    /// Puts the backup in the database's place. Returns where the old one is kept, where there was one.
    ///
    /// # Errors
    /// The database is as it was.
    pub fn go(self) -> Result<Option<PathBuf>, RestoringError> {
        let kept = restore::restore(&self.from, &self.database, &Clock::system())?;
        Ok(kept)
    }
}

/// Finishes a restore that was cut short behind its turning point.
pub(super) fn finish(database: &Path) -> Result<(), StartError> {
    let failed = |source| StartError::System { what: "finishing a restore that was cut short", source };
    if let Some(kept) = restore::finish(database).map_err(failed)? {
        tracing::warn!(kept = %kept.display(), "a restore that was cut short is finished; the old database is kept");
    }
    Ok(())
}
