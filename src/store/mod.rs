//! How things are kept: one SQLite file, one writer, read-only readers. The only place that names rusqlite.
//!
//! One file of SQL per table. Nothing here decides a rule; what a function changes it returns as a [`Change`], which only
//! [`journal`] consumes, so that no change goes unrecorded.

pub mod api_keys;
pub mod audit;
mod audit_chain;
pub mod backup;
mod ballast;
pub mod brandings;
pub mod cameras;
mod change;
pub mod decisions;
pub mod digest;
mod error;
mod footprint;
pub mod gauges;
mod handle;
pub mod holds;
pub mod idempotency_keys;
pub mod igrps;
mod image_json;
pub mod inspect;
mod job;
pub mod journal;
pub mod last_good;
pub mod managed_fields;
pub mod members;
pub mod migrate;
mod object;
pub mod open;
pub mod organization_list;
pub mod organization_parents;
pub mod organizations;
pub mod outbox;
pub mod overrides;
mod overrides_json;
mod reader;
mod recovery;
mod rehearsal;
pub mod room;
pub mod sessions;
mod shared;
pub mod site;
mod soundness;
pub mod upstream;
pub mod users;
pub mod walk;
mod writer;

pub use change::Change;
pub use footprint::{Footprint, Pages, pages};
pub use handle::{Options, Store};
pub use open::OpenError;
pub use reader::{Read, Reader};
pub use rehearsal::{FieldChange, Rehearsal, Told};
pub use room::{Disk, disk};
pub use shared::{Health, Statistics};
pub use writer::Write;

/// The version of the SQLite that is linked in, and the newest schema known, which every open database has.
pub fn versions() -> (&'static str, usize) {
    (rusqlite::version(), migrate::STEPS.len())
}
