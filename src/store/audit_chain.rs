//! The chain of the audit trail: how a row's hash comes about, also in SQL for the step that chained the first rows.
//!
//! A row's hash is the SHA-256 of the hash before it (32 zero bytes for the first row) and then of every column but the hash,
//! in the order of [`COLUMNS`], each written so that no two rows read alike: NULL is the byte 0; an integer is the byte 1 and
//! eight bytes, most significant first; a text is the byte 2, its length in bytes as eight bytes, and the text in UTF-8.
//!
//! Who can write to the file can also chain it anew. So a check proves as much as the hash it is compared with: one that was
//! noted elsewhere earlier, or that a receiver of events has.

use std::cell::Cell;

use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use sha2::{Digest, Sha256};

use crate::model::audit::ChainHash;

/// What a row's hash covers, in this order.
pub const COLUMNS: &str = "id, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, operation, subject, \
                           organization_id, before, after";
/// How many they are.
pub const COLUMN_COUNT: usize = 13;
/// What the first row is chained to.
pub const START: ChainHash = [0; 32];

/// The hash of a row with these values, behind a row with this hash.
pub fn link<'v>(previous: &ChainHash, values: impl IntoIterator<Item = ValueRef<'v>>) -> ChainHash {
    let mut hash = Sha256::new();
    hash.update(previous);
    for value in values {
        match value {
            ValueRef::Null => hash.update([0]),
            ValueRef::Integer(number) => {
                hash.update([1]);
                hash.update(number.to_be_bytes());
            }
            ValueRef::Text(bytes) => bounded(&mut hash, 2, bytes),
            // No column has these types; whatever is there must not pass for something else.
            ValueRef::Blob(bytes) => bounded(&mut hash, 3, bytes),
            ValueRef::Real(number) => bounded(&mut hash, 4, &number.to_be_bytes()),
        }
    }
    hash.finalize().into()
}

/// Gives SQL the function `orgbox_audit_link(…)` over the values of a row: its hash behind the row it was called for before.
/// The rows must come by ascending id. For a step of the schema only.
pub fn register(connection: &Connection) -> rusqlite::Result<()> {
    let last = Cell::new((i64::MIN, START));
    let chained = move |context: &Context<'_>| {
        let id: i64 = context.get(0)?;
        let (last_id, last_hash) = last.get();
        if id <= last_id {
            return Err(rusqlite::Error::UserFunctionError("rows are chained by ascending id".into()));
        }
        let hash = link(&last_hash, (0..context.len()).map(|column| context.get_raw(column)));
        last.set((id, hash));
        Ok(hash.to_vec())
    };
    let count = i32::try_from(COLUMN_COUNT).unwrap_or(-1);
    connection.create_scalar_function("orgbox_audit_link", count, FunctionFlags::SQLITE_UTF8, chained)
}

fn bounded(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
