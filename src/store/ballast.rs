//! The ballast: a file that takes up room beside the database for nothing, so that there is something to give up once the
//! disk is full. It must not know what is written into the room that it makes.
//!
//! A file without content says that the ballast was given up and has not been made again, also across a restart.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FallocateFlags, fallocate},
    io::Errno,
};

use super::room;

/// Room below which a disk counts as full though it still takes a page or two.
pub(super) const ROOM_BYTES: u64 = 256 * 1024;
/// Zeros written at once where the file system cannot set room aside by itself.
const BLOCK_BYTES: usize = 1 << 20;

/// The file and how it stands.
pub(super) struct Ballast {
    database: PathBuf,
    path: PathBuf,
    bytes: u64,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It takes its room.
    Held,
    /// It was given up, and is made again before the disk counts as usable.
    GivenUp,
    /// None is wanted, or there has never been room for one.
    None,
}

impl Ballast {
    /// The ballast of this database as it is found. No size: none is wanted, and one that is there goes.
    pub(super) fn find(database: &Path, bytes: u64) -> Self {
        let path = database.with_extension("ballast");
        let mut ballast = Self { database: database.to_owned(), path, bytes, standing: Standing::None };
        let found = fs::symlink_metadata(&ballast.path).ok().filter(fs::Metadata::is_file);
        match found {
            Some(_) if bytes == 0 => ballast.remove(),
            Some(found) if found.len() == bytes && found.blocks() * 512 >= bytes => ballast.standing = Standing::Held,
            Some(found) if found.len() == 0 => ballast.standing = Standing::GivenUp,
            // Of another size, because the configuration has changed: it goes before the new one is weighed.
            Some(_) => ballast.remove(),
            None => {}
        }
        ballast
    }

    /// True where it was given up and there is no room for it yet.
    pub(super) fn is_given_up(&self) -> bool {
        self.standing == Standing::GivenUp
    }

    /// True where one is wanted and there is none: it may find room later.
    pub(super) fn is_missing(&self) -> bool {
        self.bytes > 0 && self.standing == Standing::None
    }

    /// Gives its room back to the disk. True where it did.
    pub(super) fn release(&mut self) -> bool {
        if self.standing != Standing::Held {
            return false;
        }
        // Cut to nothing, not removed: on a full disk the name may not find room again.
        let cut = OpenOptions::new().write(true).open(&self.path).and_then(|file| {
            file.set_len(0)?;
            file.sync_all()
        });
        if let Err(error) = cut {
            tracing::error!(%error, "the ballast could not be given up");
            return false;
        }
        self.standing = Standing::GivenUp;
        true
    }

    /// Makes it where there is room for it and for what is written next. False as long as one that was given up is
    /// missing.
    pub(super) fn restore(&mut self) -> bool {
        let beside = match self.standing {
            Standing::Held => return true,
            Standing::None if self.bytes == 0 => return true,
            // Some room is to be left, or else it would be given up again at once.
            Standing::GivenUp => (self.bytes / 4).max(ROOM_BYTES),
            // For the first time only where it takes no more than half of what is free.
            Standing::None => self.bytes.max(ROOM_BYTES),
        };
        let may = free_bytes(&self.database).is_some_and(|free| free >= self.bytes.saturating_add(beside));
        let first = self.standing == Standing::None;
        match may.then(|| allocate(&self.path, self.bytes)) {
            Some(Ok(())) => {
                // A command of root's may make it, and the box that gives it up is not root.
                room::leave_to_owner(&self.database, &self.path);
                self.standing = Standing::Held;
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "the ballast could not be made");
                // What there is of it must not take the room that is missing.
                if first {
                    self.remove();
                } else if let Ok(file) = OpenOptions::new().write(true).open(&self.path) {
                    drop(file.set_len(0));
                }
            }
            None => {}
        }
        first || self.standing == Standing::Held
    }

    fn remove(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "the ballast could not be removed");
        }
    }
}

/// What a user without privileges could still write to the disk of this file, in bytes; `None` where it cannot be asked.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    room::free_bytes(folder).ok()
}

/// Fills the file up to this size with room that is really taken, and syncs it and its folder.
fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => {}
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros(&mut file, bytes)?,
        Err(error) => return Err(error.into()),
    }
    file.sync_all()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_zeros(file: &mut File, bytes: u64) -> io::Result<()> {
    let block = vec![0; BLOCK_BYTES];
    let mut left = bytes;
    while left > 0 {
        let length = BLOCK_BYTES.min(usize::try_from(left).unwrap_or(BLOCK_BYTES));
        file.write_all(&block[..length])?;
        left -= length as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_its_room_gives_it_up_and_says_so_across_a_restart() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("orgbox.db");
        let file = folder.path().join("orgbox.ballast");
        let taken = || fs::metadata(&file).map(|file| (file.len(), file.blocks() * 512 >= 1 << 20)).unwrap_or_default();
        let mut ballast = Ballast::find(&database, 1 << 20);
        assert!(ballast.restore());
        assert_eq!(taken(), (1 << 20, true));
        assert!(ballast.release() && ballast.is_given_up() && !ballast.release());
        assert_eq!(taken(), (0, false));
        // As on a disk without room for it: this much no disk has.
        let mut huge = Ballast::find(&database, 1 << 60);
        assert!(!huge.restore() && huge.is_given_up());
        assert!(ballast.restore() && !ballast.is_given_up());
        assert_eq!(taken(), (1 << 20, true));
        assert!(Ballast::find(&database, 2 << 20).restore());
        assert_eq!(taken(), (2 << 20, true));
        assert!(Ballast::find(&database, 0).restore());
        assert!(!file.exists());
        Ok(())
    }

    #[test]
    fn it_is_not_made_where_it_would_fill_the_disk() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("orgbox.db");
        let free = free_bytes(&database).ok_or(ErrorKind::NotFound)?;
        let mut ballast = Ballast::find(&database, free / 4 * 3);
        assert!(ballast.is_missing() && ballast.restore() && ballast.is_missing());
        assert!(!folder.path().join("orgbox.ballast").exists());
        Ok(())
    }

    #[test]
    fn zeros_take_room_where_the_file_system_sets_none_aside() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("zeros");
        let mut file = File::create(&path)?;
        write_zeros(&mut file, (1 << 20) + 4096)?;
        assert_eq!(fs::metadata(&path)?.len(), (1 << 20) + 4096);
        Ok(())
    }
}
