//! The one error of the core: a kind that each dialect maps exhaustively, a stable code, a sentence, and the fields.
//!
//! A message is written for the person who sent the request. It never holds what SQLite, the file system or a peer said;
//! that goes to the log where it happened.

use std::fmt;

use super::Field;

/// Result of everything in `model` and `ops`.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, in the terms a dialect needs to choose its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One or more values are malformed or out of bounds; see [`Error::problems`].
    Invalid,
    /// The actor may not do this.
    Forbidden,
    /// The thing asked for does not exist, or not for this actor.
    NotFound,
    /// A unique value is in use.
    Taken,
    /// A limit of the organization (users, cameras) is reached.
    LimitReached,
    /// The state of things forbids it: a cycle, the last parent, children or cameras present.
    Refused,
    /// It has changed since the caller looked; it must look again.
    Outdated,
    /// The configuration file manages the field; the message names file and line.
    Managed,
    /// A legal hold forbids it.
    Held,
    /// The writer's queue is full; try again in a second.
    Busy,
    /// The box cannot read or write at present.
    Unavailable(Fault),
    /// A fault of the program; the log has it under the request id.
    Internal,
}

/// A named state in which the box cannot do all of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk or the quota is full.
    DiskFull,
    /// What waits to be written back to the database file has reached its bound.
    WalFull,
    /// The disk answered with an I/O error.
    IoError,
    /// The database file is damaged.
    Corrupt,
    /// The file system or the file is read-only.
    ReadOnly,
    /// Another process holds the database's write lock.
    Locked,
    /// The box is stopping.
    Stopping,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: [Fault; 7] = [
        Fault::DiskFull,
        Fault::WalFull,
        Fault::IoError,
        Fault::Corrupt,
        Fault::ReadOnly,
        Fault::Locked,
        Fault::Stopping,
    ];

    /// The stable name that health, status and log show.
    pub fn name(self) -> &'static str {
        match self {
            Fault::DiskFull => "disk_full",
            Fault::WalFull => "wal_full",
            Fault::IoError => "io_error",
            Fault::Corrupt => "database_corrupt",
            Fault::ReadOnly => "read_only",
            Fault::Locked => "database_locked",
            Fault::Stopping => "stopping",
        }
    }

    /// What an operator does about it, one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Fault::DiskFull => "Free space on the disk that holds the database; writing resumes by itself.",
            Fault::WalFull => {
                "End the program that keeps reading the database file (a backup, a replicator, a shell); \
                 writing resumes by itself."
            }
            Fault::IoError => "Check the disk and its cable or card; writing resumes by itself once it answers again.",
            Fault::Corrupt => {
                "Stop the service, then put the newest backup in its place: `orgbox backup list`, `orgbox restore FILE`."
            }
            Fault::ReadOnly => "Make the file system and the database file writable again; writing resumes by itself.",
            Fault::Locked => "Another process holds the database; stop it or wait for it to finish.",
            Fault::Stopping => "The service is stopping; try again when it is back.",
        }
    }
}

/// One field that is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, for the dialect to name.
    pub field: Field,
    /// A phrase that follows the field's name: `must be 1 to 366`.
    pub message: String,
}

/// An error of the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure, for the status.
    pub kind: Kind,
    /// A stable code in snake case, for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// The fields at fault; never empty where the kind is [`Kind::Invalid`].
    pub problems: Vec<Problem>,
}

impl Error {
    /// An error without fields.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), problems: Vec::new() }
    }

    /// One invalid field. `message` follows the field's name.
    pub fn invalid(field: Field, message: impl Into<String>) -> Self {
        Self::invalid_all(vec![Problem { field, message: message.into() }])
    }

    /// Several invalid fields at once.
    pub fn invalid_all(problems: Vec<Problem>) -> Self {
        let message = problems
            .iter()
            .map(|problem| format!("{} {}", problem.field.core_name(), problem.message))
            .collect::<Vec<_>>()
            .join("; ");
        Self { kind: Kind::Invalid, code: "invalid", message, problems }
    }

    /// The state of things forbids it; `field` is what the caller would have to change.
    pub fn refused(field: Field, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let problems = vec![Problem { field, message: message.clone() }];
        Self { kind: Kind::Refused, code, message, problems }
    }

    /// A unique value that is in use.
    pub fn taken(field: Field, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Kind::Taken, ..Self::refused(field, code, message) }
    }

    /// One more would be too many; `field` is what there would be one more of.
    pub fn limit_reached(field: Field, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Kind::LimitReached, ..Self::refused(field, code, message) }
    }

    /// Something that is not there.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("{what} not found"))
    }

    /// The actor may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, "forbidden", message)
    }

    /// The box cannot do it now.
    pub fn unavailable(fault: Fault) -> Self {
        let message = match fault {
            Fault::DiskFull | Fault::WalFull => {
                "the box has no room left to store changes; deleting and signing in still work"
            }
            Fault::IoError | Fault::Corrupt | Fault::ReadOnly | Fault::Locked | Fault::Stopping => {
                "the box cannot store or read data at present"
            }
        };
        Self::new(Kind::Unavailable(fault), fault.name(), message)
    }

    /// A fault of the program.
    pub fn internal() -> Self {
        Self::new(Kind::Internal, "internal", "internal error; the box's log has it under the request id")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.message)
    }
}

impl std::error::Error for Error {}

/// Collects the problems of several fields, so that a caller hears of all of them at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem. `message` follows the field's name.
    pub fn add(&mut self, field: Field, message: impl Into<String>) {
        self.0.push(Problem { field, message: message.into() });
    }

    /// Adds a problem unless the condition holds.
    pub fn require(&mut self, holds: bool, field: Field, message: &str) {
        if !holds {
            self.add(field, message);
        }
    }

    /// Adds the problems of another check, those whose field passes.
    pub fn extend(&mut self, others: Problems, passes: impl Fn(Field) -> bool) {
        self.0.extend(others.0.into_iter().filter(|problem| passes(problem.field)));
    }

    /// True where nothing was found wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ok where nothing was found wrong.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid_all(self.0)) }
    }
}
