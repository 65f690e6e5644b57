//! The loader: an organization comes out of here with the grant to do something with it, or not at all.

use super::reach::Reach;
use crate::{
    model::{
        Error, OrgId, Organization, Result,
        actor::{Action, Actor, Grant, Standing, may, may_change},
    },
    store::{Read, organizations},
};

/// An organization that the actor may do something with.
#[derive(Debug)]
pub struct Loaded {
    /// With the values in force.
    pub organization: Organization,
    /// How the actor stands to it.
    pub standing: Standing,
    /// The proof for the action that was asked for.
    pub grant: Grant,
}

/// Loads an organization for an action. Unknown is [`Kind::NotFound`](crate::model::Kind::NotFound), not allowed is
/// [`Kind::Forbidden`](crate::model::Kind::Forbidden).
pub fn organization(read: &Read<'_>, actor: &Actor, action: Action, id: OrgId) -> Result<Loaded> {
    let organization = organizations::get(read, id)?.ok_or_else(|| Error::not_found("organization"))?;
    let reach = Reach::of(read, actor)?;
    let standing = read.hierarchy(|hierarchy| reach.standing(hierarchy, &organization));
    let grant = may(actor, action, &standing)?;
    Ok(Loaded { organization, standing, grant })
}

/// Asks for an action that concerns no one organization.
pub fn administer(actor: &Actor, action: Action) -> Result<Grant> {
    may(actor, action, &Standing::default())
}

/// Asks for an action that concerns no one organization and sets off a change that is made without the actor.
pub fn administer_change(actor: &Actor, action: Action) -> Result<Grant> {
    let _grant = may_change(actor)?;
    administer(actor, action)
}

/// The id that a path segment stands for: a name, or else a number.
pub fn resolve(read: &Read<'_>, name_or_id: &str) -> Result<OrgId> {
    by_name_or_id(read, name_or_id).map(|organization| organization.id)
}

/// The id that an id or a name stands for: the organization of this id, or else the one of this name. A name of digits
/// is nobody else's address then, and the address that a new organization is told of stays its own.
pub fn identify(read: &Read<'_>, id_or_name: &str) -> Result<OrgId> {
    let by_id = OrgId::parse(id_or_name).map(|id| organizations::get(read, id)).transpose()?.flatten();
    by_id.map_or_else(|| resolve(read, id_or_name), |organization| Ok(organization.id))
}

/// The organization that a path segment stands for, for callers that hold a grant for what they do with it.
pub(super) fn by_name_or_id(read: &Read<'_>, name_or_id: &str) -> Result<Organization> {
    let mut found = organizations::get_by_name(read, name_or_id)?;
    if let (None, Some(id)) = (&found, OrgId::parse(name_or_id)) {
        found = organizations::get(read, id)?;
    }
    found.ok_or_else(|| Error::not_found("organization"))
}
