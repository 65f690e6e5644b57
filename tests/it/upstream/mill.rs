//! Makes changes by the thousand, of every kind, each of them valid, as a seed says.

use std::collections::BTreeSet;

use orgbox::{
    model::{
        CameraId, OrgId, Patch, Result, UserId,
        actor::Who,
        camera::{CameraKind, CameraPatch, NewCamera},
        limits::LimitsPatch,
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        user::UserPatch,
    },
    ops::{
        camera, member,
        organization::{self, Children, Deletion},
        usage::{self, Usage},
        user,
    },
    store::{Store, Write},
};

use super::fault_proxy::Dice;
use crate::support::bare::new_user;

/// What there is, and what comes next.
#[derive(Clone)]
pub struct Mill {
    pub dice: Dice,
    /// How many organizations there are to be, about.
    organizations_max: usize,
    organizations: Vec<OrgId>,
    users: Vec<UserId>,
    cameras: Vec<CameraId>,
    members: BTreeSet<(OrgId, UserId)>,
    number: usize,
}

impl Mill {
    pub fn new(seed: u64, organizations_max: usize) -> Self {
        let (organizations, users, cameras) = (Vec::new(), Vec::new(), Vec::new());
        Self { dice: Dice(seed), organizations_max, organizations, users, cameras, members: BTreeSet::new(), number: 0 }
    }

    /// Makes so many changes in one transaction.
    pub fn turn(&mut self, store: &Store, changes: usize) {
        let mut mill = self.clone();
        let turned = store.write(move |write| {
            for _ in 0..changes {
                mill.change(write, &Who::command_line())?;
            }
            Ok(mill)
        });
        *self = turned.expect("a local write is never refused");
    }

    fn change(&mut self, write: &Write<'_>, who: &Who) -> Result<()> {
        self.number += 1;
        let number = self.number;
        match self.dice.below(100) {
            _ if self.organizations.len() < 2 || self.users.is_empty() => self.grow(write, who),
            0..12 => self.grow(write, who),
            12..16 => {
                let place = self.dice.below(self.organizations.len());
                let id = self.organizations.swap_remove(place);
                self.members.retain(|(organization, _)| *organization != id);
                let deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
                organization::delete(write, who, id, deletion)?;
                let mut left = Vec::new();
                for camera in &self.cameras {
                    if camera::view(write, &who.actor, *camera).is_ok() {
                        left.push(*camera);
                    }
                }
                self.cameras = left;
                Ok(())
            }
            16..26 => self.change_camera(write, who),
            26..36 => self.change_member(write, who),
            36..40 => {
                let patch = UserPatch { name: Some(format!("Name {number}")), ..UserPatch::default() };
                let id = self.users[self.dice.below(self.users.len())];
                user::update(write, who, id, patch).map(drop)
            }
            40..60 => {
                let limits = LimitsPatch { dvr_limit_gb: Patch::Set(number as i64), ..LimitsPatch::default() };
                self.patch(write, who, OrganizationPatch { limits, ..OrganizationPatch::default() })
            }
            60..68 => {
                let id = self.organizations[self.dice.below(self.organizations.len())];
                usage::report(write, who, id, Usage { dvr_used_gb: Some(number as i64), ..Usage::default() }).map(drop)
            }
            _ => {
                let title = Some(format!("Title \"{number}\" é \u{1f600}"));
                self.patch(write, who, OrganizationPatch { title, ..OrganizationPatch::default() })
            }
        }
    }

    fn patch(&mut self, write: &Write<'_>, who: &Who, patch: OrganizationPatch) -> Result<()> {
        let id = self.organizations[self.dice.below(self.organizations.len())];
        organization::update(write, who, id, patch).map(drop)
    }

    fn grow(&mut self, write: &Write<'_>, who: &Who) -> Result<()> {
        if self.users.len() * 5 <= self.organizations.len() {
            self.users.push(user::create(write, who, &new_user(&format!("user{}", self.number)))?.id);
        } else if self.organizations.len() < self.organizations_max {
            let title = format!("Organization {}", self.number);
            // Without an owner nobody could be a member.
            let owner = NewOwner::Given(self.users.last().copied());
            let new = NewOrganization { title, owner, ..NewOrganization::default() };
            self.organizations.push(organization::create(write, who, new)?.id);
        } else {
            self.change_camera(write, who)?;
        }
        Ok(())
    }

    fn change_camera(&mut self, write: &Write<'_>, who: &Who) -> Result<()> {
        let organization_id = self.organizations[self.dice.below(self.organizations.len())];
        if self.cameras.len() < 5 || self.dice.below(3) == 0 {
            let name = format!("Camera {}", self.number);
            let new = NewCamera { organization_id, name, kind: CameraKind::Front, partner_id: None };
            self.cameras.push(camera::register(write, who, &new)?.id);
            return Ok(());
        }
        let place = self.dice.below(self.cameras.len());
        if self.dice.below(2) == 0 {
            return camera::remove(write, who, self.cameras.swap_remove(place));
        }
        let patch = CameraPatch { organization_id: Some(organization_id), ..CameraPatch::default() };
        camera::update(write, who, self.cameras[place], patch).map(drop)
    }

    fn change_member(&mut self, write: &Write<'_>, who: &Who) -> Result<()> {
        let organization = self.organizations[self.dice.below(self.organizations.len())];
        let user = self.users[self.dice.below(self.users.len())];
        if self.members.contains(&(organization, user)) && self.dice.below(2) == 0 {
            self.members.remove(&(organization, user));
            return member::remove(write, who, organization, user);
        }
        self.members.insert((organization, user));
        let rights = RightsPatch { can_view_stats: Some(self.number.is_multiple_of(2)), ..RightsPatch::default() };
        member::add(write, who, organization, user, rights).map(drop)
    }
}
