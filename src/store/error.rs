//! From what SQLite says to what the core knows. The detail goes to the log, never to a client.

use rusqlite::ErrorCode;

use crate::model::{Error, Fault};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match fault(&error) {
            Some(fault) => {
                tracing::error!(fault = fault.name(), %error, "the database refused");
                Error::unavailable(fault)
            }
            None => {
                tracing::error!(%error, "a statement failed");
                Error::internal()
            }
        }
    }
}

/// The named state that an error of SQLite stands for, if it is one of the storage below.
pub fn fault(error: &rusqlite::Error) -> Option<Fault> {
    match error.sqlite_error_code()? {
        ErrorCode::DiskFull => Some(Fault::DiskFull),
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Some(Fault::IoError),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some(Fault::Corrupt),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Some(Fault::ReadOnly),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some(Fault::Locked),
        _ => None,
    }
}

/// True where a UNIQUE or PRIMARY KEY constraint refused.
pub fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        matches!(
            error.extended_code,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        )
    })
}
