//! How much room a disk has, and whose files are. It must not know what is written there.

use std::{
    io,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

/// A file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// All of it.
    pub size_bytes: u64,
    /// What this process may still use.
    pub free_bytes: u64,
}

/// The file system on which a file or a folder lies.
pub fn disk(path: &Path) -> io::Result<Disk> {
    let found = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Disk { size_bytes: bytes(found.f_blocks), free_bytes: bytes(found.f_bavail) })
}

/// Bytes that this process may still write on the file system of a path.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    Ok(disk(path)?.free_bytes)
}

/// Gives what root makes for a box to the user that owns the box's files, who could not touch it otherwise.
pub fn own_like(model: &Path, made: &Path) -> io::Result<()> {
    let (model, own) = (std::fs::metadata(model)?, std::fs::metadata(made)?);
    if (model.uid(), model.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    chown(made, Some(model.uid()), Some(model.gid()))
}

/// As [`own_like`], for a file of the database's own beside it: it goes to whoever owns the database or, where there is none,
/// the folder. What cannot be given away is told of, and stays.
pub fn leave_to_owner(database: &Path, made: &Path) {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let model = if database.exists() { database } else { folder };
    if let Err(error) = own_like(model, made) {
        tracing::warn!(%error, file = %made.display(), "the file could not be given to the owner of the database");
    }
}
