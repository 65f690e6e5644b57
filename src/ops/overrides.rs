//! What the configuration's files say of organizations: applying a document, ending tables, clearing, planning, and telling
//! where a value comes from.
//!
//! An organization's own row has the values in force; what the API stored below them is kept beside it and goes back when
//! the files let go. A document is applied in one transaction: its tables are kept, what they say is held against every
//! row, and only what differs is written.

mod apply;
mod check;
mod create;
mod diff;
mod follow;
mod managed;
mod plan;
mod remarks;
mod shrink;

use std::collections::HashMap;

use super::load;
use crate::{
    model::{
        OrgId, Result,
        actor::{Action, Who},
        overrides::{Changed, Document, FIELDS, Place, Rules, Selector, Table},
    },
    store::{
        Read, Write,
        journal::{self, Applied},
        last_good, organizations,
        overrides::{self, Kept},
    },
};

pub(super) use follow::{follow, settle};
pub use managed::provenance;
pub(super) use managed::{refuse, sources};
pub use plan::{Plan, Planned, PlannedChange, plan};
pub use remarks::{CameraClass, Destroyed};
pub use shrink::Shrunk;

pub use crate::store::overrides::State;

/// How an application ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The document is in force.
    Applied(Report),
    /// A file, or the document, manages less than half of what it does now and does not allow for that. Nothing has
    /// changed.
    Shrunk(Shrunk),
    /// The document is not valid. Nothing has changed.
    Invalid(Vec<Remark>),
}

/// What an application did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// False where everything was in force already: nothing was written.
    pub is_news: bool,
    /// The organizations whose effective state changed, by id.
    pub changed: Vec<Changed>,
    /// The names of the organizations that it made.
    pub created: Vec<String>,
    /// What an operator should know of.
    pub warnings: Vec<Remark>,
    /// How much is managed now: settings, and organizations to be made.
    pub entries: i64,
}

/// A sentence about a place in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where, unless it is about no one place.
    pub place: Option<Place>,
    /// The sentence.
    pub message: String,
}

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// SHA-256 over the files.
    pub digest: [u8; 32],
    /// When they were applied, in milliseconds since 1970.
    pub applied_at_ms: i64,
    /// How much they manage.
    pub entries: i64,
    /// Their tables, in file order, without those that have ended.
    pub tables: Vec<Table>,
}

/// Puts a document in the place of the one in force, in this transaction. Organizations that it makes are owned by whoever
/// owns their first parent.
pub fn replace(write: &Write<'_>, document: &Document) -> Result<Outcome> {
    let problems = check::problems(write, document)?;
    if !problems.is_empty() {
        return Ok(Outcome::Invalid(problems));
    }
    let (tables, mut warnings) = without_ended(document, write.now_ms());
    let kept = overrides::all(write)?;
    let [from, to] = [entries_left(&kept, write.now_ms()), entries(&tables)];
    if let Some(shrunk) = shrink::shrunk(&kept, &tables, document, write.now_ms()) {
        return Ok(Outcome::Shrunk(shrunk));
    }
    let who = Who::file(&document.digest);
    let before = overrides::state(write)?;
    let (ids, rewritten) = rewrite(write, kept, &tables)?;
    let missing = create::missing(write, &tables, &mut warnings)?;
    warnings.extend(remarks::of_selectors(write, &tables, &missing)?);
    for missing in &missing {
        create::make(write, &who, missing)?;
    }
    let created: Vec<String> = missing.iter().map(|missing| missing.name.to_owned()).collect();
    let (changed, more) = sweep(write, &who, &tables, ids)?;
    warnings.extend(more);
    let is_known = before.is_some_and(|before| before.digest == document.digest);
    let is_news = !is_known || rewritten || !created.is_empty() || !changed.is_empty();
    let report = Report { is_news, changed, created, warnings, entries: to };
    if is_news {
        note(write, &who, before, Some(&document.digest), from, &report)?;
    }
    Ok(Outcome::Applied(report))
}

/// Lets go of everything that files manage: what the APIs stored is in force again.
pub fn clear(write: &Write<'_>, who: &Who) -> Result<Report> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let before = overrides::state(write)?;
    let from = overrides::entries(write)?;
    let kept = overrides::all(write)?;
    for table in &kept {
        overrides::delete(write, table.id)?;
    }
    let file = Who::file(&before.map(|state| state.digest).unwrap_or_default());
    let (changed, warnings) = sweep(write, &file, &[], Vec::new())?;
    // A main file that is gone is not missed any more.
    last_good::forget(write)?;
    let is_news = before.is_some() || !kept.is_empty() || !changed.is_empty();
    let report = Report { is_news, changed, warnings, ..Report::default() };
    if is_news {
        note(write, who, before, None, from, &report)?;
    }
    Ok(report)
}

/// Ends the tables whose time has come. `None` where there are none.
pub fn expire(write: &Write<'_>) -> Result<Option<Report>> {
    let ended = overrides::ending(write, write.now_ms())?;
    let Some(before) = overrides::state(write)?.filter(|_| !ended.is_empty()) else { return Ok(None) };
    let from = overrides::entries(write)?;
    for table in &ended {
        overrides::delete(write, table.id)?;
    }
    let who = Who::file(&before.digest);
    let (changed, mut warnings) = resweep(write, &who)?;
    warnings.extend(ended.iter().map(|kept| has_ended(&kept.table)));
    let report = Report { is_news: true, changed, warnings, entries: overrides::entries(write)?, ..Report::default() };
    note(write, &who, Some(before), Some(&before.digest), from, &report)?;
    Ok(Some(report))
}

/// Holds the tables in force against every organization again: for when a legal hold has ended. Without any it lets go of
/// what only the hold has kept.
pub fn reapply(write: &Write<'_>) -> Result<Report> {
    let before = overrides::state(write)?;
    let digest = before.as_ref().map(|state| state.digest);
    let who = Who::file(&digest.unwrap_or_default());
    let (changed, warnings) = resweep(write, &who)?;
    let entries = overrides::entries(write)?;
    let report = Report { is_news: !changed.is_empty(), changed, warnings, entries, ..Report::default() };
    if report.is_news {
        note(write, &who, before, digest.as_ref(), entries, &report)?;
    }
    Ok(report)
}

/// Which files are in force, and since when; `None` where none are.
pub fn state(read: &Read<'_>) -> Result<Option<State>> {
    overrides::state(read)
}

/// When the next table ends, in milliseconds since 1970.
pub fn next_expiry(read: &Read<'_>) -> Result<Option<i64>> {
    overrides::next_end(read)
}

/// The tables that end at a moment or before it, the next to end first; without their settings.
pub fn ending(read: &Read<'_>, until_ms: i64) -> Result<Vec<Table>> {
    Ok(overrides::ending(read, until_ms)?.into_iter().map(|kept| kept.table).collect())
}

/// The tables in force; `None` where no files are applied.
pub fn in_force(read: &Read<'_>) -> Result<Option<InForce>> {
    let Some(State { digest, applied_at_ms }) = overrides::state(read)? else { return Ok(None) };
    let tables: Vec<Table> = overrides::all(read)?.into_iter().map(|kept| kept.table).collect();
    Ok(Some(InForce { digest, applied_at_ms, entries: entries(&tables), tables }))
}

/// The document's tables that have not ended, and a remark on each that has.
fn without_ended(document: &Document, now_ms: i64) -> (Vec<Table>, Vec<Remark>) {
    let has_come = |table: &&Table| table.expires_at_ms.is_some_and(|ends| ends <= now_ms);
    let remarks = document.tables.iter().filter(has_come).map(has_ended).collect();
    (document.tables.iter().filter(|table| !has_come(table)).cloned().collect(), remarks)
}

fn has_ended(table: &Table) -> Remark {
    let message = format!("the table \"{}\" has ended; take it out of the file", table.selector);
    Remark { place: Some(table.place.clone()), message }
}

fn entries(tables: &[Table]) -> i64 {
    let entries: usize = tables.iter().map(Table::entries).sum();
    i64::try_from(entries).unwrap_or(i64::MAX)
}

/// How much is managed by what has not ended meanwhile: a box that was off does not take for a loss what was to end.
fn entries_left(kept: &[Kept], now_ms: i64) -> i64 {
    let lasting = kept.iter().filter(|kept| kept.table.expires_at_ms.is_none_or(|ends| ends > now_ms));
    lasting.map(|kept| entries(std::slice::from_ref(&kept.table))).sum()
}

/// The ids under which tables are kept: those of the same file and selector, or else new ones.
fn identify(kept: &[Kept], tables: &[Table]) -> Vec<i64> {
    let mut former: HashMap<(&str, &Selector), Vec<i64>> = HashMap::new();
    for Kept { id, table, .. } in kept.iter().rev() {
        former.entry((&table.place.file, &table.selector)).or_default().push(*id);
    }
    let mut unused = kept.iter().map(|kept| kept.id).max().unwrap_or_default();
    let ids = tables.iter().map(|table| {
        let same = former.get_mut(&(table.place.file.as_str(), &table.selector)).and_then(Vec::pop);
        same.unwrap_or_else(|| {
            unused += 1;
            unused
        })
    });
    ids.collect()
}

/// Brings what is kept to these tables, writing only what differs. Returns their ids, and whether anything did.
fn rewrite(write: &Write<'_>, kept: Vec<Kept>, tables: &[Table]) -> Result<(Vec<i64>, bool)> {
    let ids = identify(&kept, tables);
    let mut former: HashMap<i64, Kept> = kept.into_iter().map(|kept| (kept.id, kept)).collect();
    let mut rewritten = false;
    for ((table, id), position) in tables.iter().zip(&ids).zip(0..) {
        match former.remove(id) {
            Some(kept) if kept.table == *table && kept.position == position => continue,
            Some(kept) if kept.table == *table => overrides::shift(write, *id, position)?,
            _ => overrides::put(write, &Kept { id: *id, position, table: table.clone() })?,
        }
        rewritten = true;
    }
    for id in former.into_keys() {
        overrides::delete(write, id)?;
        rewritten = true;
    }
    Ok((ids, rewritten))
}

fn resweep(write: &Write<'_>, who: &Who) -> Result<(Vec<Changed>, Vec<Remark>)> {
    let (ids, tables): (Vec<i64>, Vec<Table>) =
        overrides::all(write)?.into_iter().map(|kept| (kept.id, kept.table)).unzip();
    sweep(write, who, &tables, ids)
}

/// Holds the tables against every organization and applies what differs.
fn sweep(write: &Write<'_>, who: &Who, tables: &[Table], ids: Vec<i64>) -> Result<(Vec<Changed>, Vec<Remark>)> {
    let kept = diff::Kept { rules: rules(write, tables)?, ids };
    let winners = write.hierarchy(|hierarchy| kept.rules.of_all(hierarchy));
    let nobody = [None; FIELDS.len()];
    let winners_of = |id: OrgId| usize::try_from(id.0).ok().and_then(|id| winners.get(id)).copied().unwrap_or(nobody);
    let differences = diff::differences(write, None, &kept, winners_of)?;
    let remarks = remarks::of_differences(write, &kept, &differences)?;
    let mut changed = Vec::new();
    for difference in &differences {
        changed.extend(apply::apply(write, who, difference, apply::Recording::Here)?);
    }
    Ok((changed, remarks))
}

/// The rules of these tables, with the organizations that exist.
fn rules<'d>(read: &Read<'_>, tables: &'d [Table]) -> Result<Rules<'d>> {
    let mut named: HashMap<&str, Option<OrgId>> = HashMap::new();
    for name in tables.iter().filter_map(|table| table.selector.name()) {
        if !named.contains_key(name) {
            named.insert(name, organizations::id_of(read, name)?);
        }
    }
    Ok(Rules::new(tables, |name| named.get(name).copied().flatten()))
}

/// Notes what is in force and tells the audit trail, once for all of it.
fn note(
    write: &Write<'_>,
    who: &Who,
    before: Option<State>,
    digest: Option<&[u8; 32]>,
    from: i64,
    report: &Report,
) -> Result<()> {
    let change = overrides::set_state(write, digest)?;
    let digests = [before.as_ref().map(|state| &state.digest), digest];
    let applied =
        Applied { digests, entries: [from, report.entries], changed: &report.changed, created: &report.created };
    journal::record_overrides(write, change, who, &applied)
}
