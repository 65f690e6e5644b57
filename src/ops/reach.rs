//! What an actor reaches: the organizations it owns or is a member of, and all below them.
//!
//! One exception: users who are given no organization become members of the default one, below which everything hangs.
//! Being there without a single right carries no further down, or else every subscriber would see every other.
//!
//! A key for one organization narrows all of this to that one and what is below it. An administrator with such a key acts
//! there as the owner would.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::load;
use crate::{
    model::{
        Error, OrgId, Organization, Result,
        actor::{Action, Actor, Standing},
        hierarchy::Hierarchy,
        member::Rights,
        organization::Heading,
        user::Role,
    },
    store::{Read, members, organizations},
};

/// What an actor owns and is a member of, read once for a request.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// An administrator's: everything, or everything that the key is for.
    everything: bool,
    confined: Option<OrgId>,
    owned: Vec<OrgId>,
    memberships: Vec<(OrgId, Rights)>,
}

impl Reach {
    /// Reads it. Administrators reach everything, which needs no reading.
    pub fn of(read: &Read<'_>, actor: &Actor) -> Result<Self> {
        match actor.user_id {
            _ if actor.administers_its_confinement() => {
                Ok(Self { everything: true, confined: actor.confinement(), ..Self::default() })
            }
            None => Ok(Self { confined: actor.confinement(), ..Self::default() }),
            Some(user) => Ok(Self {
                everything: false,
                confined: actor.confinement(),
                owned: organizations::owned_by(read, user)?,
                memberships: members::of_user(read, user)?,
            }),
        }
    }

    /// How the actor stands to an organization.
    pub fn standing(&self, hierarchy: &Hierarchy, organization: &Organization) -> Standing {
        self.stand(hierarchy, organization.id, organization.owner_id.is_some())
    }

    /// Whether the actor sees an organization.
    pub fn sees(&self, hierarchy: &Hierarchy, organization: OrgId) -> bool {
        self.reaches_all() || self.stand(hierarchy, organization, false).reaches
    }

    /// The actor's own rights on this very organization, not those from above it; `None` where it is neither owner nor
    /// member. An administrator has all of them everywhere.
    pub fn own_rights(&self, hierarchy: &Hierarchy, organization: OrgId) -> Option<Rights> {
        if !self.admits(hierarchy, organization) {
            return None;
        }
        if self.everything || self.owns(organization) { Some(Rights::ALL) } else { self.membership(organization) }
    }

    /// The organizations that the actor sees; `None` is every one.
    pub fn visible(&self, hierarchy: &Hierarchy) -> Option<Vec<OrgId>> {
        if self.everything {
            return self.confined.map(|root| hierarchy.subtree(&[root]));
        }
        let (carrying, alone): (Vec<OrgId>, Vec<OrgId>) =
            self.roots().into_iter().partition(|organization| self.carries_down(*organization));
        let mut visible = hierarchy.subtree(&carrying);
        visible.extend(alone.into_iter().filter(|organization| hierarchy.contains(*organization)));
        Some(self.admitted(hierarchy, visible))
    }

    /// The organizations that the actor owns or is a member of itself, ascending; `None` is every one.
    pub fn own(&self, hierarchy: &Hierarchy) -> Option<Vec<OrgId>> {
        if self.everything {
            let mut own = hierarchy.subtree(&[self.confined?]);
            own.sort_unstable();
            return Some(own);
        }
        Some(self.admitted(hierarchy, self.roots()))
    }

    /// The organizations whose members the actor may see; `None` is every one.
    pub fn staffed(&self, hierarchy: &Hierarchy) -> Option<Vec<OrgId>> {
        if self.everything {
            return self.confined.map(|root| hierarchy.subtree(&[root]));
        }
        let mut roots = self.owned.clone();
        roots.extend(self.memberships.iter().filter(|(_, rights)| rights.can_edit_users).map(|(id, _)| *id));
        Some(self.admitted(hierarchy, hierarchy.subtree(&roots)))
    }

    /// The organizations that the user owns or is a member of, ascending, whatever its key is for; the first is its
    /// primary one.
    pub(super) fn roots(&self) -> Vec<OrgId> {
        let mut roots = self.owned.clone();
        roots.extend(self.memberships.iter().map(|(organization, _)| *organization));
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    fn stand(&self, hierarchy: &Hierarchy, organization: OrgId, has_owner: bool) -> Standing {
        let mut standing = Standing { has_owner, ..Standing::default() };
        let reaches_nothing = !self.everything && self.owned.is_empty() && self.memberships.is_empty();
        if self.reaches_all() || reaches_nothing || !self.admits(hierarchy, organization) {
            return standing;
        }
        // What a key is for is not deleted with that key: its parents are none of the key's business.
        let is_top = self.confined == Some(organization);
        if self.everything {
            return Standing { reaches: true, owns: true, owns_above: !is_top, rights: Rights::ALL, has_owner };
        }
        self.add(&mut standing, organization);
        for above in hierarchy.ancestors(organization) {
            standing.owns_above |= self.owns(above) && !is_top;
            if above != OrgId::DEFAULT || self.carries_down(above) {
                self.add(&mut standing, above);
            }
        }
        standing
    }

    /// Whether it is an administrator's and no key narrows it.
    fn reaches_all(&self) -> bool {
        self.everything && self.confined.is_none()
    }

    /// Whether the key is for this organization.
    fn admits(&self, hierarchy: &Hierarchy, organization: OrgId) -> bool {
        self.confined.is_none_or(|root| hierarchy.is_within(organization, root))
    }

    /// Those of the organizations that the key is for.
    fn admitted(&self, hierarchy: &Hierarchy, mut organizations: Vec<OrgId>) -> Vec<OrgId> {
        if let Some(root) = self.confined {
            let within: HashSet<OrgId> = hierarchy.subtree(&[root]).into_iter().collect();
            organizations.retain(|organization| within.contains(organization));
        }
        organizations
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

/// Why a user reaches an organization.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Whether it does at all.
    pub reaches: bool,
    /// Every reason, the nearest first; without those in organizations whose members the actor may not see.
    pub reasons: Vec<Reason>,
}

/// One reason: what the user is somewhere, and the way down from there.
#[derive(Debug, Clone)]
pub struct Reason {
    /// Where; the organization itself for administrators, who are it everywhere.
    pub organization: Heading,
    /// What it is there.
    pub because: Because,
    /// What it may do for that.
    pub rights: Rights,
    /// A shortest way from there down to the organization, both included.
    pub steps: Vec<(OrgId, String)>,
}

/// What somebody is in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Its owner.
    Owner,
    /// A member of it.
    Member,
    /// An administrator of the box.
    Administrator,
}

/// Why the user with this login reaches an organization. Everybody may ask for itself; for others, who may see the members.
pub fn explain(read: &Read<'_>, actor: &Actor, id: OrgId, login: &str) -> Result<Explanation> {
    let of_itself = actor.user_id.is_some() && actor.name == login;
    let action = if of_itself { Action::View } else { Action::ViewMembers };
    let load::Loaded { organization, .. } = load::organization(read, actor, action, id)?;
    let user = super::user::id_of_login(read, actor, login).and_then(|user| super::user::view(read, actor, user))?;
    // An administrator's own organizations are reasons as well, so they are read as anybody's.
    let reach = Reach::of(read, &Actor::user(user.id, user.login, Role::User))?;
    let is_admin = user.role.is_admin();
    let staffed: Option<HashSet<OrgId>> = match of_itself && actor.confinement().is_none() {
        true => None,
        false => {
            let own = Reach::of(read, actor)?;
            read.hierarchy(|hierarchy| own.staffed(hierarchy)).map(|staffed| staffed.into_iter().collect())
        }
    };
    let (ways, reaches) =
        read.hierarchy(|hierarchy| (reach.ways(hierarchy, id, is_admin), is_admin || reach.sees(hierarchy, id)));
    let mut names = HashMap::from([(id, Heading::from(organization))]);
    let mut reasons = Vec::new();
    for Way { because, rights, steps } in ways {
        let Some(from) = steps.first().copied() else { continue };
        if because != Because::Administrator && staffed.as_ref().is_some_and(|staffed| !staffed.contains(&from)) {
            continue;
        }
        for step in &steps {
            if let Entry::Vacant(unknown) = names.entry(*step) {
                let found = organizations::get(read, *step)?.ok_or_else(|| Error::not_found("organization"))?;
                unknown.insert(found.into());
            }
        }
        let named = |step: &OrgId| (*step, names[step].name.clone());
        let steps = steps.iter().map(named).collect();
        reasons.push(Reason { organization: names[&from].clone(), because, rights, steps });
    }
    Ok(Explanation { reaches, reasons })
}

/// A reason by ids.
struct Way {
    because: Because,
    rights: Rights,
    steps: Vec<OrgId>,
}

impl Reach {
    /// Every reason for reaching an organization, the nearest first.
    fn ways(&self, hierarchy: &Hierarchy, id: OrgId, is_admin: bool) -> Vec<Way> {
        let next = hierarchy.ways_down(id);
        let steps = |from: OrgId| {
            let mut steps = vec![from];
            while let Some(below) = steps.last().filter(|last| **last != id).and_then(|last| next.get(last)) {
                steps.push(*below);
            }
            steps
        };
        let leads_down = |from: OrgId| from == id || (next.contains_key(&from) && self.carries_down(from));
        let mut ways = Vec::new();
        if is_admin {
            ways.push(Way { because: Because::Administrator, rights: Rights::ALL, steps: vec![id] });
        }
        let owned = self.owned.iter().map(|owned| (*owned, Because::Owner, Rights::ALL));
        let joined = self.memberships.iter().map(|(joined, rights)| (*joined, Because::Member, *rights));
        let leading = owned.chain(joined).filter(|(from, ..)| leads_down(*from));
        ways.extend(leading.map(|(from, because, rights)| Way { because, rights, steps: steps(from) }));
        ways.sort_by_key(|way| way.steps.len());
        ways
    }
}
