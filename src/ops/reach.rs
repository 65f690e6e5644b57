//! What an actor reaches: the organizations it owns or is a member of, and all below them.
//!
//! One exception: users who are given no organization become members of the default one, below which everything hangs.
//! Being there without a single right carries no further down, or else every subscriber would see every other.

use crate::{
    model::{
        OrgId, Organization, Result,
        actor::{Actor, Standing},
        hierarchy::Hierarchy,
        member::Rights,
    },
    store::{Read, members, organizations},
};

/// What an actor owns and is a member of, read once for a request.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    everything: bool,
    owned: Vec<OrgId>,
    memberships: Vec<(OrgId, Rights)>,
}

impl Reach {
    /// Reads it. Administrators reach everything, which needs no reading.
    pub fn of(read: &Read<'_>, actor: &Actor) -> Result<Self> {
        match actor.user_id {
            _ if actor.role.is_admin() => Ok(Self { everything: true, ..Self::default() }),
            None => Ok(Self::default()),
            Some(user) => Ok(Self {
                everything: false,
                owned: organizations::owned_by(read, user)?,
                memberships: members::of_user(read, user)?,
            }),
        }
    }

    /// How the actor stands to an organization.
    pub fn standing(&self, hierarchy: &Hierarchy, organization: &Organization) -> Standing {
        let mut standing = Standing { has_owner: organization.owner_id.is_some(), ..Standing::default() };
        if self.everything || (self.owned.is_empty() && self.memberships.is_empty()) {
            return standing;
        }
        self.add(&mut standing, organization.id);
        for above in hierarchy.ancestors(organization.id) {
            standing.owns_above |= self.owns(above);
            if above != OrgId::DEFAULT || self.carries_down(above) {
                self.add(&mut standing, above);
            }
        }
        standing
    }

    /// The actor's own rights on this very organization, not those from above it; `None` where it is neither owner nor
    /// member. An administrator has all of them everywhere.
    pub fn own_rights(&self, organization: OrgId) -> Option<Rights> {
        if self.everything || self.owns(organization) { Some(Rights::ALL) } else { self.membership(organization) }
    }

    /// The organizations that the actor sees; `None` is every one.
    pub fn visible(&self, hierarchy: &Hierarchy) -> Option<Vec<OrgId>> {
        if self.everything {
            return None;
        }
        let (carrying, alone): (Vec<OrgId>, Vec<OrgId>) =
            self.roots().into_iter().partition(|organization| self.carries_down(*organization));
        let mut visible = hierarchy.subtree(&carrying);
        visible.extend(alone.into_iter().filter(|organization| hierarchy.contains(*organization)));
        Some(visible)
    }

    /// The organizations that the actor owns or is a member of itself, ascending; `None` is every one.
    pub fn own(&self) -> Option<Vec<OrgId>> {
        (!self.everything).then(|| self.roots())
    }

    /// The organizations whose members the actor may see; `None` is every one.
    pub fn staffed(&self, hierarchy: &Hierarchy) -> Option<Vec<OrgId>> {
        if self.everything {
            return None;
        }
        let mut roots = self.owned.clone();
        roots.extend(self.memberships.iter().filter(|(_, rights)| rights.can_edit_users).map(|(id, _)| *id));
        Some(hierarchy.subtree(&roots))
    }

    /// The organizations that the actor owns or is a member of, ascending; the first is its primary one.
    pub fn roots(&self) -> Vec<OrgId> {
        let mut roots = self.owned.clone();
        roots.extend(self.memberships.iter().map(|(organization, _)| *organization));
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    fn add(&self, standing: &mut Standing, organization: OrgId) {
        if self.owns(organization) {
            standing.reaches = true;
            standing.owns = true;
        }
        if let Some(rights) = self.membership(organization) {
            standing.reaches = true;
            standing.rights = standing.rights.or(rights);
        }
    }

    /// Whether what the actor is in this organization counts for those below it; see the head of this file.
    fn carries_down(&self, organization: OrgId) -> bool {
        organization != OrgId::DEFAULT
            || self.owns(organization)
            || self.membership(organization).is_some_and(|rights| rights != Rights::default())
    }

    fn owns(&self, organization: OrgId) -> bool {
        self.owned.binary_search(&organization).is_ok()
    }

    fn membership(&self, organization: OrgId) -> Option<Rights> {
        let place = self.memberships.binary_search_by_key(&organization, |(id, _)| *id).ok()?;
        Some(self.memberships[place].1)
    }
}
