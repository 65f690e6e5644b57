//! What a backup is, and how backing up stands. Nothing here knows files.

use uuid::Uuid;

/// What a database holds, as told beside a copy of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The version of its schema.
    pub schema: i64,
    /// Names the box; `None` where it was never set up.
    pub site: Option<Uuid>,
    /// Names the run of sequence numbers.
    pub epoch: Option<Uuid>,
    /// The number last given to an event.
    pub last_seq: i64,
    /// The last change in the audit trail, in milliseconds since 1970; `None` where there is none.
    pub changed_at_ms: Option<i64>,
    /// How many rows the main tables have, by name; tables that an older schema lacks are left out.
    pub rows: Vec<(String, i64)>,
}

/// A backup, as its manifest tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The file's name, without a folder.
    pub name: String,
    /// When it was begun, in milliseconds since 1970.
    pub taken_at_ms: i64,
    /// The file's size.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The version of the orgbox that made it.
    pub orgbox: String,
    /// What it holds.
    pub facts: Facts,
}

/// A backup of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file's name, without a folder.
    pub name: String,
    /// The file's size.
    pub bytes: u64,
    /// When it was taken: as the manifest says, or else as the file's name does, in milliseconds since 1970.
    pub taken_at_ms: i64,
    /// `None` where there is none beside it that can be read.
    pub manifest: Option<Manifest>,
}

/// Why the last try to make a backup failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// A stable name.
    pub code: &'static str,
    /// What to do about it; without what the system said, which the log has.
    pub remedy: &'static str,
}

/// How backing up stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The folder of the backups.
    pub folder: String,
    /// The time of day at which one is made, `HH:MM` in the box's time zone; `None`: only when asked for.
    pub daily_at: Option<String>,
    /// When the next is due, in milliseconds since 1970.
    pub next_at_ms: Option<i64>,
    /// The backups there are, the newest first.
    pub backups: Vec<Backup>,
    /// Why the last try failed, since this process began; `None` where it did not.
    pub failure: Option<Failure>,
}
