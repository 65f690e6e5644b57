//! What the collector keeps: one SQLite file of its own, one connection, one transaction for each batch. This folder is the
//! only part of the collector that names rusqlite; what a batch means is decided in `take`.

pub(super) mod epochs;
pub(super) mod history;
pub(super) mod sites;
pub(super) mod subjects;
pub(super) mod views;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::refusal::Refusal;

/// `application_id` of a collector's database: the letters `orbc`.
const APPLICATION_ID: i32 = 0x6f72_6263;
/// `user_version` of the schema.
const SCHEMA_VERSION: i32 = 1;
/// Prepared statements kept: more than there are in the code.
const STATEMENTS_MAX: usize = 64;

/// What the functions of this folder work on: the database within a transaction.
pub(super) struct Book<'c>(&'c Connection);

/// The open database.
pub(super) struct Ledger {
    connection: Connection,
    // Held as long as the file is open: two collectors on one file would both acknowledge.
    _lock: File,
}

/// Why a database could not be opened. The sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A database of something else, or of another version.
    #[error("{path} is not a database of this collector: name another file with --database")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Another collector has it.
    #[error("{path} is used by another collector: stop that one first, or name another file with --database")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{path}: {source}")]
    System {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("{path}: {detail}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What it said; for the operator, never for a client.
        detail: String,
    },
}

impl Ledger {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = prepare(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => OpenError::NotOurs { path: path.to_owned() },
            _ => OpenError::Sqlite { path: path.to_owned(), detail: error.to_string() },
        };
        let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
        if !is_ours(&connection).map_err(sqlite)? {
            return Err(OpenError::NotOurs { path: path.to_owned() });
        }
        configure(&connection).map_err(sqlite)?;
        Ok(Self { connection, _lock: lock })
    }

    /// Runs work in one transaction. What it did is on disk when this returns `Ok`, and undone when it returns a refusal.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Book<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        // Rolled back when it is dropped.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = work(&Book(&transaction))?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// Reads. The one connection makes this see whole batches only.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Book<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        work(&Book(&self.connection))
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the database refused");
        Refusal::Storage
    }
}

/// Makes the file, private, and takes its lock, before SQLite opens it.
fn prepare(path: &Path) -> Result<File, OpenError> {
    let system = |source| OpenError::System { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(system)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let open = |path: &Path| OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let lock = open(Path::new(&beside)).map_err(system)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(system(source)),
    }
    open(path).map_err(system)?;
    Ok(lock)
}

/// True where the file is one of this collector; an empty one becomes it.
fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    connection.pragma_update(None, "busy_timeout", 5000)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Ok(number("application_id")? == APPLICATION_ID && number("user_version")? == SCHEMA_VERSION);
    }
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
        include_str!("schema.sql")
    ))?;
    Ok(true)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    let pragmas: [(&str, &dyn rusqlite::ToSql); 6] = [
        ("journal_mode", &"wal"),
        // An acknowledgement means that it is on disk.
        ("synchronous", &"full"),
        ("foreign_keys", &true),
        ("trusted_schema", &false),
        ("cell_size_check", &true),
        ("temp_store", &2),
    ];
    pragmas.into_iter().try_for_each(|(name, value)| connection.pragma_update(None, name, value))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}
