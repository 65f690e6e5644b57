//! Organizations with what tells people of them: the owner's login, and what they hang below.

use super::{hold::Holds, load, logins::Logins, organization, reach::Reach};
use crate::{
    model::{
        OrgId, Organization, Result,
        actor::{Action, Actor},
        hold::Hold,
        organization::OrganizationFilter,
    },
    store::Read,
};

/// An organization as one actor sees it.
#[derive(Debug, Clone)]
pub struct Detail {
    /// With the values in force.
    pub organization: Organization,
    /// The login of its owner.
    pub owner: Option<String>,
    /// Its direct parents that the actor sees, ascending.
    pub parents: Vec<OrgId>,
    /// The hold over it: its own, or the nearest above it.
    pub hold: Option<Hold>,
}

/// One organization that the actor sees.
pub fn view_detail(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Detail> {
    let load::Loaded { organization, .. } = load::organization(read, actor, Action::View, id)?;
    detail(organization, &Reach::of(read, actor)?, &Holds::of(read)?, &mut Logins::new(read))
}

/// The organizations that the actor sees and that meet the filter.
pub fn list_detail(read: &Read<'_>, actor: &Actor, filter: &OrganizationFilter) -> Result<Vec<Detail>> {
    let (found, reach) = organization::list(read, actor, filter)?;
    let (holds, mut logins) = (Holds::of(read)?, Logins::new(read));
    found.into_iter().map(|organization| detail(organization, &reach, &holds, &mut logins)).collect()
}

fn detail(organization: Organization, reach: &Reach, holds: &Holds, logins: &mut Logins<'_, '_>) -> Result<Detail> {
    let owner = organization.owner_id.map(|owner| logins.of(owner)).transpose()?.flatten();
    let (parents, hold) = logins.read().hierarchy(|hierarchy| {
        let mut parents = hierarchy.parents(organization.id);
        parents.retain(|parent| reach.sees(hierarchy, *parent));
        (parents, holds.over(hierarchy, organization.id).cloned())
    });
    Ok(Detail { organization, owner, parents, hold })
}
