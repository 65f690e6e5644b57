//! What the database takes on its disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Store;

/// The database's files and their sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footprint {
    /// The database file.
    pub path: PathBuf,
    /// Its size.
    pub database_bytes: u64,
    /// The size of what is not yet written back to it.
    pub wal_bytes: u64,
}

impl Store {
    /// What the database takes on its disk at present; a file that cannot be asked about counts nothing.
    pub fn footprint(&self) -> Footprint {
        let path = self.path.as_path();
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Footprint { path: absolute, database_bytes: bytes(path), wal_bytes: bytes(Path::new(&wal)) }
    }
}
