//! Files that suddenly say much less than they did: rather cut off than meant. It must not know what is done about it.

use std::collections::{BTreeMap, HashSet};

use crate::{
    model::{
        Field,
        overrides::{Document, Selector, Table},
    },
    store::overrides::Kept,
};

/// From how many entries on less than half of them is held [ours]: of fewer a person takes out the last and wants to see
/// it gone.
pub const GUARDED_ENTRIES_MIN: i64 = 4;

/// Much less than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shrunk {
    /// The file; `None`: all of them together.
    pub file: Option<String>,
    /// Entries in force.
    pub from: i64,
    /// Entries that would be. What another file has taken over counts.
    pub to: i64,
}

/// What of the files in force would be managed no more, if that is more than half of a file or of all.
pub(super) fn shrunk(kept: &[Kept], tables: &[Table], document: &Document, now_ms: i64) -> Option<Shrunk> {
    if document.allow_shrink {
        return None;
    }
    // What has ended meanwhile is no loss: a box may have been off.
    let lasting =
        || kept.iter().map(|kept| &kept.table).filter(|table| table.expires_at_ms.is_none_or(|at| at > now_ms));
    let [before, now] = [by_file(lasting()), by_file(tables.iter())];
    for (file, from) in &before {
        let own = now.get(file).copied().unwrap_or_default();
        if is_much_less(*from, own) {
            let to = own + taken_over(lasting(), tables, file);
            if is_much_less(*from, to) {
                return Some(Shrunk { file: Some((*file).to_owned()), from: *from, to });
            }
        }
    }
    let [from, to] = [before, now].map(|files| files.into_values().sum());
    is_much_less(from, to).then_some(Shrunk { file: None, from, to })
}

fn is_much_less(from: i64, to: i64) -> bool {
    from >= GUARDED_ENTRIES_MIN && to.saturating_mul(2) < from
}

fn by_file<'t>(tables: impl Iterator<Item = &'t Table>) -> BTreeMap<&'t str, i64> {
    let mut files = BTreeMap::new();
    for table in tables {
        *files.entry(table.place.file.as_str()).or_default() += i64::try_from(table.entries()).unwrap_or(i64::MAX);
    }
    files
}

/// How many entries of a file stand in another one now.
fn taken_over<'t>(before: impl Iterator<Item = &'t Table>, tables: &'t [Table], file: &str) -> i64 {
    let entries = |table: &'t Table| {
        let settings = table.settings.iter().map(|setting| Some(setting.field));
        settings.chain(table.create.then_some(None)).map(|entry| (&table.selector, entry))
    };
    let elsewhere: HashSet<(&Selector, Option<Field>)> =
        tables.iter().filter(|table| table.place.file != file).flat_map(entries).collect();
    let own = before.filter(|table| table.place.file == file).flat_map(entries);
    i64::try_from(own.filter(|entry| elsewhere.contains(entry)).count()).unwrap_or(i64::MAX)
}
