//! Reading and checking the audit trail. Only administrators may: it tells what everybody does.

use super::load;
use crate::{
    model::{
        Error, Kind, OrgId, Result,
        actor::{Action, Actor},
        audit::{AuditFilter, AuditOrder, AuditSlice, AuditWalk, Progress},
    },
    store::{Read, audit},
};

/// Rows that fit, at most `limit`, behind the row `after` in this order. Looks at a bounded number of rows; the caller goes
/// on at [`AuditSlice::next`], with nothing held between.
pub fn list(
    read: &Read<'_>,
    actor: &Actor,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<i64>,
    limit: usize,
) -> Result<AuditSlice> {
    let _grant = load::administer(actor, Action::Administer)?;
    audit::list(read, filter, order, after, limit)
}

/// The organization that a filter names, by id or name. One that is gone is found by its id: its rows are still there.
pub fn organization(read: &Read<'_>, actor: &Actor, name_or_id: &str) -> Result<OrgId> {
    let _grant = load::administer(actor, Action::Administer)?;
    match (load::identify(read, name_or_id), OrgId::parse(name_or_id)) {
        (Err(Error { kind: Kind::NotFound, .. }), Some(id)) => Ok(id),
        (found, _) => found,
    }
}

/// Begins a check of the whole trail, or goes on with one. Reads a bounded number of rows.
pub fn verify(read: &Read<'_>, actor: &Actor, walk: Option<AuditWalk>) -> Result<Progress> {
    let _grant = load::administer(actor, Action::Administer)?;
    let walk = walk.map_or_else(|| audit::begin(read), Ok)?;
    audit::step(read, walk)
}
