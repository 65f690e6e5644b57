//! Organizations for dialects that know no hierarchy: only what the actor owns or is a member of itself, each with its
//! owner's login and the actor's own rights. Administrators see all.

use std::collections::HashMap;

use super::{load, organization, reach::Reach};
use crate::{
    model::{
        Error, OrgId, Result, UserId,
        actor::{Action, Actor},
        member::Rights,
        organization::{Account, OrganizationFilter},
    },
    store::{Read, users},
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
    if reach.own_rights(id).is_none() {
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
    let rights = reach.own_rights(organization.id);
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

/// Looks each login up once: few users own most organizations.
struct Logins<'r, 'c> {
    read: &'r Read<'c>,
    known: HashMap<UserId, Option<String>>,
}

impl<'r, 'c> Logins<'r, 'c> {
    fn new(read: &'r Read<'c>) -> Self {
        Self { read, known: HashMap::new() }
    }

    fn of(&mut self, user: UserId) -> Result<Option<String>> {
        if let Some(login) = self.known.get(&user) {
            return Ok(login.clone());
        }
        let login = users::login(self.read, user)?;
        self.known.insert(user, login.clone());
        Ok(login)
    }
}
