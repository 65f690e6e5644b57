//! Where the values of an organization come from.

use super::organization;
use crate::{
    model::{Field, OrgId, Result, actor::Actor},
    store::{Read, organizations},
};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it: it is what the box takes then.
    Default,
    /// It was set and is kept in the database.
    Stored,
}

/// For each value of an organization that may be a default, where it comes from.
pub fn provenance(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Vec<(Field, Source)>> {
    organization::view(read, actor, id)?;
    let stored = organizations::stored(read, id)?;
    let source = |(field, is_stored)| (field, if is_stored { Source::Stored } else { Source::Default });
    Ok(stored.into_iter().map(source).collect())
}
