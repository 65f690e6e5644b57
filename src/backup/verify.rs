//! Whether a backup can be put back: its bytes are those that its manifest tells of, and the database in it is sound.

use std::path::Path;

use super::manifest;
use crate::{
    model::{
        Fault,
        backup::{Facts, Manifest},
    },
    store::{OpenError, backup},
};

/// What a sound backup is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What it holds.
    pub facts: Facts,
    /// What is told beside it; `None` where nothing is, so that only the database itself was looked at.
    pub manifest: Option<Manifest>,
}

/// Why a backup cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// There is no box in it.
    #[error("it is of a box that was never set up")]
    Empty,
    /// Its bytes are others.
    #[error("it is not the file that its manifest tells of: {0}")]
    Changed(&'static str),
    /// It cannot be read, is not an orgbox database, is of a newer orgbox, or is damaged.
    #[error("{}", unfit(.0))]
    Unfit(#[from] OpenError),
}

/// What is wrong with a backup, said of the backup: what the same refusal advises for the box's own database is wrong here.
fn unfit(error: &OpenError) -> String {
    match error {
        OpenError::NoFile { detail, .. } => format!("it cannot be read: {detail}"),
        OpenError::Permission { .. } => "permission denied: read it as root or as the user that runs orgbox".to_owned(),
        OpenError::NotOurs { .. } => "it is not an orgbox database".to_owned(),
        OpenError::TooNew { found, known, .. } => {
            format!(
                "it has schema version {found}, and this orgbox knows only up to {known}: install the one that wrote it"
            )
        }
        OpenError::Storage { fault: fault @ Fault::Corrupt, detail, .. } => {
            format!("it is damaged, {} ({detail})", fault.name())
        }
        OpenError::Storage { .. } | OpenError::SqliteTooOld { .. } => error.to_string(),
    }
}

/// Reads a whole backup.
///
/// # Errors
/// It must not be put back, and why.
pub fn verify(path: &Path) -> Result<Verified, Flaw> {
    let manifest = manifest::read(path);
    if let Some(manifest) = &manifest {
        compare_bytes(path, manifest)?;
    }
    let facts = backup::inspect(path)?;
    match &manifest {
        _ if facts.site.is_none() => Err(Flaw::Empty),
        Some(manifest) if manifest.facts != facts => Err(Flaw::Changed("it holds something else")),
        _ => Ok(Verified { facts, manifest }),
    }
}

/// Whether its bytes are right, or, where nothing is told of them, whether it is sound. Reads the whole file.
pub(super) fn is_good(path: &Path) -> bool {
    match manifest::read(path) {
        Some(manifest) => compare_bytes(path, &manifest).is_ok(),
        None => backup::inspect(path).is_ok(),
    }
}

fn compare_bytes(path: &Path, manifest: &Manifest) -> Result<(), Flaw> {
    let unread = |error: std::io::Error| Flaw::Unfit(crate::store::open::io_error(path, &error));
    if std::fs::metadata(path).map_err(unread)?.len() != manifest.bytes {
        return Err(Flaw::Changed("it has another size"));
    }
    if manifest::hash(path).map_err(unread)? != manifest.sha256 {
        return Err(Flaw::Changed("its SHA-256 is another"));
    }
    Ok(())
}
