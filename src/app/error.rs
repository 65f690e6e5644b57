//! Why a box does not start, and the exit code that says so to whoever started it.

use std::{io::ErrorKind, net::SocketAddr, path::PathBuf};

use crate::{
    model::{self, Kind},
    store::OpenError,
};

/// Why a box does not start. Each has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database is damaged, and nothing of it can be served.
    #[error("{path}: database_corrupt ({detail}). {way_out}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
        /// How to have a good one again, in one line.
        way_out: String,
    },
    /// There is no database where there once was one.
    #[error(
        "database_missing: {path} is gone, but there is {signs}. {way_out}. To begin anew with an empty box move those away"
    )]
    Gone {
        /// The database.
        path: PathBuf,
        /// What shows that there was one.
        signs: String,
        /// How to have a good one again, in one line.
        way_out: String,
    },
    /// A command that works on a database found none; only a start makes one.
    #[error("no database at {path}: start the box once with `orgbox serve`, or name its configuration with --config")]
    NoDatabase {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Another box serves this database.
    #[error("{path} is served by another orgbox: stop that one first, or name another file under [database] path")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// An address could not be listened on.
    #[error("cannot listen on {address}: {source}: choose another under [server] listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The certificate shall come from files that nothing names.
    #[error(
        "[server.tls] mode is \"files\" and {key} names no file: name one, or hand over the credential {credential}"
    )]
    NoCertificate {
        /// The key of the configuration.
        key: &'static str,
        /// The credential that would do as well.
        credential: &'static str,
    },
    /// The local socket could not be listened on.
    #[error("cannot listen on the local socket {path}: {source}: name another under [server] socket, or \"\" for none")]
    Socket {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something of the system failed.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The first start or the configuration could not be stored.
    #[error("{0}")]
    Rule(#[from] model::Error),
}

impl StartError {
    /// 69 unavailable, 77 permission, 78 configuration.
    pub fn exit_code(&self) -> u8 {
        match self {
            StartError::Open(OpenError::Permission { .. }) => 77,
            StartError::Open(OpenError::TooNew { .. } | OpenError::NotOurs { .. } | OpenError::NoFile { .. })
            | StartError::NoCertificate { .. } => 78,
            StartError::Listen { source, .. } | StartError::Socket { source, .. }
                if source.kind() == ErrorKind::PermissionDenied =>
            {
                77
            }
            // A path that is too long, or in a folder that is not there.
            StartError::Socket { source, .. }
                if matches!(
                    source.kind(),
                    ErrorKind::InvalidInput | ErrorKind::NotFound | ErrorKind::AlreadyExists
                ) =>
            {
                78
            }
            StartError::Open(OpenError::Storage { .. } | OpenError::SqliteTooOld { .. })
            | StartError::NoDatabase { .. }
            | StartError::Damaged { .. }
            | StartError::Gone { .. }
            | StartError::InUse { .. }
            | StartError::Listen { .. }
            | StartError::Socket { .. }
            | StartError::System { .. } => 69,
            StartError::Rule(error) => match error.kind {
                Kind::Busy | Kind::Unavailable(_) | Kind::Internal => 69,
                // What the configuration asks for is refused by a rule.
                Kind::Invalid
                | Kind::Forbidden
                | Kind::NotFound
                | Kind::Taken
                | Kind::LimitReached
                | Kind::Refused
                | Kind::Outdated
                | Kind::Managed
                | Kind::Held => 78,
            },
        }
    }
}
