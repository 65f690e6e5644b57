//! What the file edge asks of the core, in its own terms. It must not know files or threads.

use std::collections::BTreeMap;

use super::state::Expiring;
use crate::{
    model::{
        Error, Result,
        overrides::{Document, Table},
    },
    ops::overrides::{self, Outcome, Remark, Report, Shrunk},
    store::{
        self, Read, Reader, Store,
        last_good::{self, LastGood},
    },
};

/// How long before its end a table is told of.
const ENDS_SOON_MS: i64 = 24 * 60 * 60 * 1000;

/// Texts that are kept for a start on files with mistakes, in bytes; of more, none is: 10 000 tables are about 1 MiB.
const KEPT_MAX_BYTES: usize = 16 << 20;

/// Which files are in force, and what ends soon. Cheap.
#[derive(Debug)]
pub(super) struct InForce {
    /// SHA-256 of the files, and since when, in milliseconds since 1970.
    pub files: Option<([u8; 32], i64)>,
    /// The soonest first.
    pub expiring: Vec<Expiring>,
}

/// Why a document was not put in force.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It manages much less than before; a sentence.
    Held(String),
    /// It has these mistakes.
    Mistakes(Vec<Remark>),
    /// The box could not write.
    Failed(Error),
}

/// Reads which files are in force.
pub(super) fn in_force(read: &Read<'_>, now_ms: i64) -> Result<InForce> {
    let state = store::overrides::state(read)?;
    let ending = overrides::ending(read, now_ms.saturating_add(ENDS_SOON_MS))?;
    let expiring = ending.into_iter().filter_map(|Table { selector, place, expires_at_ms, .. }| {
        Some(Expiring { selector: selector.to_string(), place: place.to_string(), expires_at_ms: expires_at_ms? })
    });
    Ok(InForce { files: state.map(|state| (state.digest, state.applied_at_ms)), expiring: expiring.collect() })
}

/// How many entries each file has in what is in force, by the file's name; `None` where no files are.
pub(super) fn managed(read: &Read<'_>) -> Result<Option<BTreeMap<String, usize>>> {
    let Some(in_force) = overrides::in_force(read)? else { return Ok(None) };
    let mut managed = BTreeMap::new();
    for table in in_force.tables {
        *managed.entry(table.place.file.clone()).or_default() += table.entries();
    }
    Ok(Some(managed))
}

/// Whether the main file has been in order before, and nobody has said to do without it since.
pub(super) fn has_been_good(read: &Read<'_>, main: &str) -> Result<bool> {
    Ok(last_good::get(read)?.is_some_and(|kept| kept.main == main))
}

/// Keeps the texts of files that are in order, for a start on ones that are not. Where they are kept already nothing is
/// written.
pub(super) fn keep(store: &Store, reader: &Reader, files: LastGood) -> Result<()> {
    let bytes: usize = files.files.iter().map(|(_, text)| text.len()).sum();
    if bytes > KEPT_MAX_BYTES {
        return store.write(last_good::forget);
    }
    match reader.read(last_good::get)? {
        Some(kept) if kept == files => Ok(()),
        _ => store.write(move |write| last_good::put(write, &files)),
    }
}

/// Puts a document in force.
pub(super) fn replace(store: &Store, document: Document) -> std::result::Result<Report, Refusal> {
    match store.write(move |write| overrides::replace(write, &document)) {
        Ok(Outcome::Applied(report)) => Ok(report),
        Ok(Outcome::Shrunk(shrunk)) => Err(Refusal::Held(sentence(&shrunk))),
        Ok(Outcome::Invalid(mistakes)) => Err(Refusal::Mistakes(mistakes)),
        Err(error) => Err(Refusal::Failed(error)),
    }
}

/// When the next table ends, in milliseconds since 1970.
pub(super) fn next_expiry(read: &Read<'_>) -> Result<Option<i64>> {
    overrides::next_expiry(read)
}

/// Ends the tables whose time has come.
pub(super) fn expire(store: &Store) -> Result<Option<Report>> {
    store.housekeeping(overrides::expire)
}

/// The sentence for files that manage much less than before.
fn sentence(shrunk: &Shrunk) -> String {
    let Shrunk { file, from, to } = shrunk;
    let subject = file.as_ref().map_or_else(|| "the files manage".to_owned(), |file| format!("{file} manages"));
    format!("{subject} {to} entries, less than half of the {from} before; `allow_shrink = true` allows that")
}
