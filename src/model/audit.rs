//! The audit trail: what one row says, how rows are looked for, and what a check of the whole chain found.

use super::{OrgId, UserId};

/// SHA-256 that ties a row to all rows before it.
pub type ChainHash = [u8; 32];

/// One change as the trail keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number: 1, 2, 3 and so on without a gap.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Login, or the name of what acted, or both: `ann (system key)`.
    pub actor: String,
    /// The user, who may be gone by now; `None` where the box or its operator acted.
    pub actor_user_id: Option<UserId>,
    /// The name of the API key that was used, if one was.
    pub actor_key: Option<String>,
    /// The peer's address; `None` at the command line.
    pub address: Option<String>,
    /// The dialect, `cli` or `system`.
    pub dialect: String,
    /// Finds the log lines; empty at the command line.
    pub request_id: String,
    /// `create`, `update` or `delete`.
    pub operation: String,
    /// What changed: `organization/42`.
    pub subject: String,
    /// The organization that it concerns; `None` for users, keys, brandings and groups.
    pub organization_id: Option<OrgId>,
    /// JSON of the fields that changed; `None` for what is new.
    pub before: Option<String>,
    /// JSON of the same fields afterwards; `None` for what is gone.
    pub after: Option<String>,
    /// Ties the row to all before it.
    pub hash: ChainHash,
}

/// Which rows are wanted: those that fit everything that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The actor's name; also finds what was done in this name with the system key.
    pub actor: Option<String>,
    /// The user, whatever its name was at the time.
    pub actor_user_id: Option<UserId>,
    /// The name of the key that was used.
    pub actor_key: Option<String>,
    /// `create`, `update` or `delete`.
    pub operation: Option<String>,
    /// `organization/42`, or `organization` for every one.
    pub subject: Option<String>,
    /// The organization that is concerned.
    pub organization_id: Option<OrgId>,
    /// The dialect, `cli` or `system`.
    pub dialect: Option<String>,
    /// Not before this moment, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Before this moment, in milliseconds since 1970.
    pub until_ms: Option<i64>,
}

/// From which end of the trail rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOrder {
    /// Backwards in time.
    NewestFirst,
    /// As it was written.
    OldestFirst,
}

/// Some rows, and where to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSlice {
    /// The rows that fit, in the order asked for.
    pub entries: Vec<Entry>,
    /// The row that was looked at last, to go on behind; `None` at the end of the trail. Rows that do not fit are looked at
    /// too, so a slice without entries need not be the last.
    pub next: Option<i64>,
}

/// Where the trail ends: kept beside it, so that a cut end is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The newest row; 0 where there is none.
    pub id: i64,
    /// Its hash.
    pub hash: ChainHash,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// There is none of this number.
    Missing,
    /// There should be none of this number.
    Inserted,
    /// What it says does not fit its hash and the row before it.
    Changed,
}

impl Flaw {
    /// `missing`, `inserted`, `changed`.
    pub fn name(self) -> &'static str {
        match self {
            Flaw::Missing => "missing",
            Flaw::Inserted => "inserted",
            Flaw::Changed => "changed",
        }
    }
}

/// The first row at which the chain breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenLink {
    /// The row's number.
    pub id: i64,
    /// What is wrong with it.
    pub why: Flaw,
}

/// What a check of the whole trail found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// Rows that were found in good order, from the first on.
    pub rows: u64,
    /// Where the trail ended when the check began.
    pub head: AuditHead,
    /// The first row that is wrong; `None` where all is well.
    pub first_broken: Option<BrokenLink>,
}

/// A check under way: between two steps nothing of the database is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditWalk {
    /// The end to reach: what is written meanwhile is not looked at.
    pub head: AuditHead,
    /// A row that lay beyond the end when the check began.
    pub beyond: Option<i64>,
    /// The row that was checked last; 0 at the beginning.
    pub id: i64,
    /// Its hash.
    pub hash: ChainHash,
}

/// What a step of a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All is well so far.
    More(AuditWalk),
    /// The check is over.
    Done(Verification),
}
