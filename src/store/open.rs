//! Opening the database file: permissions, pragmas with their reasons, and the checks that come before anything else.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{ballast, error, migrate};
use crate::model::Fault;

/// `application_id` of an orgbox database: the letters `orbx`.
pub const APPLICATION_ID: i32 = 0x6f72_6278;
/// Earlier versions of SQLite can lose pages when a WAL is reset while it is read.
const SQLITE_MIN: i32 = 3_051_003;
/// Prepared statements kept per connection: more than there are in the code, so that none is ever prepared twice.
const STATEMENTS_MAX: usize = 256;
/// What is left of a WAL that was large.
pub(super) const WAL_KEPT_BYTES: u32 = 16 * 1024 * 1024;
/// How long a statement waits for a neighbour's lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of the WAL past which a commit writes it back to the file. 16 MiB between checkpoints: a fifth more writes and
/// half the tail latency of the default 1000 pages.
const CHECKPOINT_PAGES: i64 = 4000;
/// The same on a full disk, where the WAL has to do with little room.
const CHECKPOINT_PAGES_FULL: i64 = 250;

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
    /// There can be no file where the path says.
    #[error("{path}: {detail}: name a file in a folder that exists or can be made, under [database] path")]
    NoFile {
        /// The path.
        path: PathBuf,
        /// What the system said.
        detail: String,
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

/// Opens the writing connection; makes the file, or brings it to today's schema. Once in a process: see `prepare`.
pub fn writer(path: &Path, now_ms: i64) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(OpenError::SqliteTooOld { found: rusqlite::version().to_owned() });
    }
    prepare(path)?;
    let mut connection = connect(path, &[0, APPLICATION_ID])?;
    migrate::bring_up_to_date(&mut connection, path, now_ms)?;
    Ok(connection)
}

/// Opens the writing connection anew after a fault. What is there must be the database as it was: an empty file that has
/// taken its place is refused, not filled.
pub fn reopen(path: &Path) -> Result<Connection, OpenError> {
    connect(path, &[APPLICATION_ID])
}

/// Makes the folder and the file where they are missing, and checks that they can be written.
///
/// Not while this process has the database open: POSIX drops all locks of a process on a file when any descriptor of it
/// is closed, SQLite's among them, and a neighbour would then take itself for the last user and delete the WAL.
fn prepare(path: &Path) -> Result<(), OpenError> {
    let failed = |error: std::io::Error| io_error(path, &error);
    make_folder(path).map_err(failed)?;
    // SQLite gives its -wal and -shm the permissions of the file, so the file is made first, and private.
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    file.map(drop).map_err(failed)
}

/// Makes the folder of a database, private, where it is missing.
pub fn make_folder(database: &Path) -> std::io::Result<()> {
    match database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::DirBuilder::new().recursive(true).mode(0o700).create(folder),
        None => Ok(()),
    }
}

fn connect(path: &Path, owners: &[i32]) -> Result<Connection, OpenError> {
    let opened = |error| sqlite_error(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(opened)?;
    // First of all, so that every statement after it waits for a neighbour's lock instead of failing.
    connection.busy_timeout(BUSY_TIMEOUT).map_err(opened)?;
    let is_empty = check_owner(&connection, path, owners)?;
    make_private(path)?;
    if is_empty {
        // Only possible before the first table: pages freed by deletes can be given back later, a few at a time. On any
        // other file it would write, also on one that is refused for its version afterwards.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(opened)?;
    }
    // Readers go on while one writes, and a commit is one sequential write and one fsync.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(opened)?;
    // An answer 2xx means on disk: with NORMAL a power cut loses the newest commits.
    connection.pragma_update(None, "synchronous", "FULL").map_err(opened)?;
    // A WAL that a long reader made large is cut back to this afterwards.
    connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES).map_err(opened)?;
    bound_wal(&connection, false).map_err(opened)?;
    configure(&connection, path)?;
    Ok(connection)
}

/// Leaves the write-ahead log to another program: whoever replicates it must see every page of it before it is written back
/// and begun anew, and does both itself.
pub(super) fn leave_log_alone(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
}

/// How far the WAL may grow between checkpoints: less on a full disk.
pub(super) fn bound_wal(connection: &Connection, disk_full: bool) -> rusqlite::Result<()> {
    let pages = if disk_full { CHECKPOINT_PAGES_FULL } else { CHECKPOINT_PAGES };
    connection.pragma_update(None, "wal_autocheckpoint", pages)
}

/// The newest moment that the database knows of, in milliseconds since 1970.
pub(super) fn newest_ms(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT max(ifnull((SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1), 0), \
                          ifnull((SELECT max(created_at_ms) FROM sessions), 0), \
                          ifnull((SELECT created_at_ms FROM site), 0))";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Opens a read-only connection to a database that the writer has opened.
pub fn reader(path: &Path) -> Result<Connection, OpenError> {
    let opened = |error| sqlite_error(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(opened)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(opened)?;
    // A second lock on the door: even a statement that should not be here cannot write.
    connection.pragma_update(None, "query_only", true).map_err(opened)?;
    configure(&connection, path)?;
    Ok(connection)
}

/// What a writer and a reader have in common, so that whatever reads works on either.
pub(super) fn configure(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let pragmas: [(&str, &dyn rusqlite::ToSql); 6] = [
        ("foreign_keys", &true),
        // A file that somebody prepared must not run functions through its views and triggers.
        ("trusted_schema", &false),
        // Finds damaged pages when they are read instead of reading past them.
        ("cell_size_check", &true),
        // An I/O error under a memory map is a SIGBUS, not an error code.
        ("mmap_size", &0),
        // 32 MiB a connection, taken only as pages are read: with 100 000 organizations a point read stays as quick as
        // with a hundred.
        ("cache_size", &-32_768),
        // Sorting never needs another file, and so no other disk.
        ("temp_store", &2),
    ];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value).map_err(|error| sqlite_error(path, &error))?;
    }
    // Or else SQLite looks at the value bound to a LIMIT when it plans, and prepares the statement anew for every request.
    let stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    stable.map_err(|error| sqlite_error(path, &error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let opened = |error| sqlite_error(path, &error);
    rusqlite::vtab::array::load_module(connection).map_err(opened)?;
    super::organization_list::register(connection).map_err(opened)
}

/// Nobody but the box's own user reads the file and what SQLite keeps beside it. Only once the file is known to be ours.
fn make_private(path: &Path) -> Result<(), OpenError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let Ok(found) = fs::metadata(&name) else { continue };
        if found.permissions().mode() & 0o777 != 0o600 {
            let private = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&name, private).map_err(|error| io_error(path, &error))?;
        }
    }
    Ok(())
}

/// True where the disk of the database takes [`ROOM_BYTES`](ballast::ROOM_BYTES) more. A commit alone proves little on a full disk: a small
/// one fits into what an earlier one has left of the WAL, and the next one fails again.
pub(super) fn has_room(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push(".room");
    let written = fs::write(&name, vec![0; ballast::ROOM_BYTES as usize]);
    let removed = fs::remove_file(&name);
    written.is_ok() && removed.is_ok()
}

/// Refuses a database of something else.
pub(super) fn check_ours(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    check_owner(connection, path, &[APPLICATION_ID]).map(drop)
}

/// Refuses what is not ours. True where nothing is in it yet.
fn check_owner(connection: &Connection, path: &Path, owners: &[i32]) -> Result<bool, OpenError> {
    let opened = |error| sqlite_error(path, &error);
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(opened)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(opened)?;
    if owners.contains(&id) && (id != 0 || tables == 0) {
        Ok(tables == 0)
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

/// What an error of the system on this file stands for.
pub fn io_error(path: &Path, error: &std::io::Error) -> OpenError {
    let fault = match error.kind() {
        ErrorKind::PermissionDenied => return OpenError::Permission { path: path.to_owned() },
        ErrorKind::NotFound
        | ErrorKind::IsADirectory
        | ErrorKind::NotADirectory
        | ErrorKind::AlreadyExists
        | ErrorKind::InvalidFilename => {
            return OpenError::NoFile { path: path.to_owned(), detail: error.to_string() };
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Fault::DiskFull,
        ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
        _ => Fault::IoError,
    };
    OpenError::Storage { path: path.to_owned(), fault, detail: error.to_string() }
}
