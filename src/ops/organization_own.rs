//! Organizations for dialects that know no hierarchy: only what the actor owns or is a member of itself, each with its
//! owner's login and the actor's own rights. Administrators see all.

use super::{load, logins::Logins, organization, reach::Reach};
use crate::{
    model::{
        Error, OrgId, Result, UserId,
        actor::{Action, Actor},
        member::Rights,
        organization::{Account, OrganizationFilter},
    },
    store::Read,
};

/// An organization as one actor sees it.
#[derive(Debug, Clone)]
pub struct Own {
    /// With the values in force.
    pub organization: Account,
    /// Its owner with the login; `None` where it has none.
    pub owner: Option<(UserId, String)>,
    /// Whether the actor is its owner, a member of it or an administrator.
    pub is_member: bool,
    /// What the actor may do. Nobody edits users or cameras of an organization without an owner.
    pub rights: Rights,
}

/// One of the actor's own organizations.
pub fn view_own(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Own> {
    let load::Loaded { organization, .. } = load::organization(read, actor, Action::View, id)?;
    let reach = Reach::of(read, actor)?;
    if read.hierarchy(|hierarchy| reach.own_rights(hierarchy, id)).is_none() {
        return Err(Error::forbidden("this organization is not among yours"));
    }
    own(organization.into(), &reach, &mut Logins::new(read))
}

/// The actor's own organizations that meet the filter.
pub fn list_own(read: &Read<'_>, actor: &Actor, filter: &OrganizationFilter) -> Result<Vec<Own>> {
    let filter = OrganizationFilter { own: true, ..filter.clone() };
    let (organizations, reach) = organization::list(read, actor, &filter)?;
    let mut logins = Logins::new(read);
    organizations.into_iter().map(|organization| own(organization, &reach, &mut logins)).collect()
}

/// Checks that the actor may delete one of its own organizations, before anything else of the request is looked at.
pub fn may_delete(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<()> {
    view_own(read, actor, id)?;
    let load::Loaded { .. } = load::organization(read, actor, Action::Delete, id)?;
    Ok(())
}

fn own(organization: Account, reach: &Reach, logins: &mut Logins<'_, '_>) -> Result<Own> {
    let rights = logins.read().hierarchy(|hierarchy| reach.own_rights(hierarchy, organization.id));
    let has_owner = organization.owner_id.is_some();
    let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights.unwrap_or_default();
    let owner = match organization.owner_id {
        Some(owner) => logins.of(owner)?.map(|login| (owner, login)),
        None => None,
    };
    Ok(Own {
        organization,
        owner,
        is_member: rights.is_some(),
        rights: Rights {
            can_view_stats,
            can_edit_users: can_edit_users && has_owner,
            can_edit_cameras: can_edit_cameras && has_owner,
        },
    })
}
