//! What the database takes on its disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Read, Store,
    room::{self, Disk},
};
use crate::model::Result;

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
    /// The disk below them; `None` where the system does not tell.
    pub disk: Option<Disk>,
}

/// The pages of the database file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// The size of one.
    pub page_bytes: u64,
    /// All of them.
    pub pages: u64,
    /// Those that hold nothing and are used again.
    pub free: u64,
}

/// How the database file is filled.
pub fn pages(read: &Read<'_>) -> Result<Pages> {
    let ask = |name: &str| read.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let ask = |name: &str| ask(name).map(|value| u64::try_from(value).unwrap_or_default());
    Ok(Pages { page_bytes: ask("page_size")?, pages: ask("page_count")?, free: ask("freelist_count")? })
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
            disk: room::disk(path).ok(),
        }
    }
}

/// The size of the WAL of this database; of none it is 0.
pub(super) fn wal_bytes(database: &Path) -> u64 {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    fs::metadata(name).map_or(0, |file| file.len())
}
