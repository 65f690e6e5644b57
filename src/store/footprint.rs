//! What the database takes on its disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Store, ballast};

/// The database's files and their sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footprint {
    /// The database file.
    pub path: PathBuf,
    /// Its size.
    pub database_bytes: u64,
    /// The size of what is not yet written back to it.
    pub wal_bytes: u64,
    /// What is kept taken to be given up on a full disk; 0 while it is given up.
    pub ballast_bytes: u64,
    /// What is free on its disk for anybody; `None` where that cannot be asked.
    pub free_bytes: Option<u64>,
}

impl Store {
    /// What the database takes on its disk at present; a file that cannot be asked about counts nothing.
    pub fn footprint(&self) -> Footprint {
        let path = self.path.as_path();
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Footprint {
            path: absolute,
            database_bytes: bytes(path),
            wal_bytes: wal_bytes(path),
            ballast_bytes: bytes(&path.with_extension("ballast")),
            free_bytes: ballast::free_bytes(path),
        }
    }
}

/// The size of the WAL of this database; of none it is 0.
pub(super) fn wal_bytes(database: &Path) -> u64 {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    fs::metadata(name).map_or(0, |file| file.len())
}
