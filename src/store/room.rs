//! How much room a disk has, and whose files are. It must not know what is written there.

use std::{
    io,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

/// Bytes that this process may still write on the file system of a path.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Gives what root makes for a box to the user that owns the box's files, who could not touch it otherwise.
pub fn own_like(model: &Path, made: &Path) -> io::Result<()> {
    let (model, own) = (std::fs::metadata(model)?, std::fs::metadata(made)?);
    if (model.uid(), model.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    chown(made, Some(model.uid()), Some(model.gid()))
}
