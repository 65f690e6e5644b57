//! Opening the database file: permissions, pragmas with their reasons, and the checks that come before anything else.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{error, migrate};
use crate::model::Fault;

/// `application_id` of an orgbox database: the letters `orbx`.
pub const APPLICATION_ID: i32 = 0x6f72_6278;
/// Earlier versions of SQLite can lose pages when a WAL is reset while it is read.
const SQLITE_MIN: i32 = 3_051_003;
/// What `PRAGMA auto_vacuum` says where freed pages are given back on request.
const INCREMENTAL: i32 = 2;
/// Prepared statements kept per connection: more than there are in the code, so that none is ever prepared twice.
const STATEMENTS_MAX: usize = 256;

/// Why a database could not be opened. The sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Made by a newer orgbox.
    #[error(
        "{path} has schema version {found}, but this orgbox knows only up to {known}: install the orgbox that wrote it, or restore a backup made before the upgrade"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A database of something else.
    #[error("{path} is not an orgbox database: name another file under [database] path")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be read or written.
    #[error("{path}: permission denied: make the file and its folder writable for the user that runs orgbox")]
    Permission {
        /// The file.
        path: PathBuf,
    },
    /// The storage below failed.
    #[error("{path}: {} ({detail}). {}", fault.name(), fault.remedy())]
    Storage {
        /// The file.
        path: PathBuf,
        /// The named state.
        fault: Fault,
        /// What SQLite or the system said; for the operator at the console, never for a client.
        detail: String,
    },
    /// A fault of the build.
    #[error(
        "SQLite {found} is linked, at least 3.51.3 is needed: earlier versions can corrupt a database when its WAL is reset"
    )]
    SqliteTooOld {
        /// The version linked.
        found: String,
    },
}

/// Opens the writing connection; makes the file, or brings it to today's schema.
pub fn writer(path: &Path, now_ms: i64) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(OpenError::SqliteTooOld { found: rusqlite::version().to_owned() });
    }
    let failed = |error: std::io::Error| io_error(path, &error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    // SQLite gives its -wal and -shm the permissions of the file, so the file is made first, and private.
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(failed)?;
    file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    drop(file);
    let opened = |error| sqlite_error(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(opened)?;
    // First of all, so that every statement after it waits for a neighbour's lock instead of failing.
    connection.pragma_update(None, "busy_timeout", 5000).map_err(opened)?;
    check_owner(&connection, path)?;
    // Only possible before the first table: pages freed by deletes can be given back later, a few at a time. Said again it
    // would take the write lock for nothing, and a command that only reads would wait for whoever holds it.
    let auto_vacuum: i32 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0)).map_err(opened)?;
    if auto_vacuum != INCREMENTAL {
        connection.pragma_update(None, "auto_vacuum", INCREMENTAL).map_err(opened)?;
    }
    // Readers go on while one writes, and a commit is one sequential write and one fsync.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(opened)?;
    // An answer 2xx means on disk: with NORMAL a power cut loses the newest commits.
    connection.pragma_update(None, "synchronous", "FULL").map_err(opened)?;
    // A WAL that a long reader made large is cut back to this afterwards.
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024).map_err(opened)?;
    // 16 MiB of WAL between checkpoints: a fifth more writes and half the tail latency of the default 1000 pages.
    connection.pragma_update(None, "wal_autocheckpoint", 4000).map_err(opened)?;
    common_pragmas(&connection, path)?;
    migrate::bring_up_to_date(&mut connection, path, now_ms)?;
    Ok(connection)
}

/// Opens a read-only connection to a database that the writer has opened.
pub fn reader(path: &Path) -> Result<Connection, OpenError> {
    let opened = |error| sqlite_error(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(opened)?;
    connection.pragma_update(None, "busy_timeout", 5000).map_err(opened)?;
    // A second lock on the door: even a statement that should not be here cannot write.
    connection.pragma_update(None, "query_only", true).map_err(opened)?;
    common_pragmas(&connection, path)?;
    rusqlite::vtab::array::load_module(&connection).map_err(opened)?;
    super::organization_list::register(&connection).map_err(opened)?;
    Ok(connection)
}

fn common_pragmas(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let pragmas: [(&str, &dyn rusqlite::ToSql); 6] = [
        ("foreign_keys", &true),
        // A file that somebody prepared must not run functions through its views and triggers.
        ("trusted_schema", &false),
        // Finds damaged pages when they are read instead of reading past them.
        ("cell_size_check", &true),
        // An I/O error under a memory map is a SIGBUS, not an error code.
        ("mmap_size", &0),
        // 8 MiB a connection, taken only as pages are read.
        ("cache_size", &-8192),
        // Sorting never needs another file, and so no other disk.
        ("temp_store", &2),
    ];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value).map_err(|error| sqlite_error(path, &error))?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

fn check_owner(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let opened = |error| sqlite_error(path, &error);
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(opened)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(opened)?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        Ok(())
    } else {
        Err(OpenError::NotOurs { path: path.to_owned() })
    }
}

pub(super) fn sqlite_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::PermissionDenied) {
        return OpenError::Permission { path: path.to_owned() };
    }
    let fault = error::fault(error).unwrap_or(Fault::IoError);
    OpenError::Storage { path: path.to_owned(), fault, detail: error.to_string() }
}

pub(super) fn io_error(path: &Path, error: &std::io::Error) -> OpenError {
    let fault = match error.kind() {
        ErrorKind::PermissionDenied => return OpenError::Permission { path: path.to_owned() },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Fault::DiskFull,
        ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
        _ => Fault::IoError,
    };
    OpenError::Storage { path: path.to_owned(), fault, detail: error.to_string() }
}
