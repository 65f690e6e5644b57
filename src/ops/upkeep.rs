//! What an operator does with the database as a whole: noted in the audit trail, and told upstream where numbers come again.

use crate::{
    model::{
        Result,
        actor::{Action, Who},
        event::Operation,
    },
    store::{Write, journal, sessions, site, upstream},
};

use super::load;

/// What these entries of the audit trail are about.
const BACKUP: &str = "backup";

/// Notes that somebody has had a backup made.
pub fn note_backup(write: &Write<'_>, who: &Who, name: &str, sha256: &str) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::AdministerAdministrators)?;
    journal::note(write, who, Operation::Create, &format!("{BACKUP}/{name}"), &[("sha256", sha256)])
}

/// Notes that somebody has had backups removed.
pub fn note_pruned(write: &Write<'_>, who: &Who, names: &[String]) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::AdministerAdministrators)?;
    names.iter().try_for_each(|name| journal::note(write, who, Operation::Delete, &format!("{BACKUP}/{name}"), &[]))
}

/// Marks a database that was made of a backup, before it is served. Its numbers have been given before, so another epoch
/// begins: at once for those who follow the changes, and upstream with the next thing that is sent. Whoever was signed in
/// then is not any more.
pub fn mark_restored(write: &Write<'_>, from: &str) -> Result<()> {
    site::open_epoch(write)?;
    upstream::ask_for_epoch(write, "restore")?;
    sessions::delete_all(write)?;
    journal::note(write, &Who::command_line(), Operation::Update, BACKUP, &[("restored_from", from)])
}
