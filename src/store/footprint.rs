//! What the database takes on its disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Read, Store};
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
    /// The disk below them; `None` where the system does not tell.
    pub disk: Option<Disk>,
}

/// A file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// All of it.
    pub size_bytes: u64,
    /// What this process may still use.
    pub free_bytes: u64,
}

/// The file system on which a file or a folder lies.
pub fn disk(path: &Path) -> Option<Disk> {
    let told = rustix::fs::statvfs(path).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(told.f_frsize);
    Some(Disk { size_bytes: bytes(told.f_blocks), free_bytes: bytes(told.f_bavail) })
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
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Footprint { path: absolute, database_bytes: bytes(path), wal_bytes: bytes(Path::new(&wal)), disk: disk(path) }
    }
}
