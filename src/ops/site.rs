//! The box itself.

use super::load;
use crate::{
    model::{
        Result,
        actor::{Action, Actor},
    },
    store::Read,
};

pub use crate::store::site::{Counts, Site};

/// How billing knows this box; `None` before the first start.
pub fn identity(read: &Read<'_>) -> Result<Option<Site>> {
    crate::store::site::get(read)
}

/// How much there is of each, for administrators.
pub fn counts(read: &Read<'_>, actor: &Actor) -> Result<Counts> {
    let _grant = load::administer(actor, Action::Administer)?;
    crate::store::site::counts(read)
}
