//! What one line of an import does, organizations aside.

use super::import::{Importer, Outcome};
use crate::{
    model::{
        CameraId, Error, Field, OrgId, Organization, Result, UserId,
        branding::Branding,
        camera::{CameraPatch, NewCamera},
        hold::Held,
        igrp::Igrp,
        member::Rights,
        transfer::{BrandingItem, CameraItem, HoldItem, Item, MemberItem, UserItem},
        user::{Contact, Join, NewUser, Role, User},
    },
    ops::{branding, camera, hold, igrp, member, user},
    store::{brandings, cameras, holds, igrps, members, organizations, users},
};

impl<'i> Importer<'_, 'i> {
    /// Brings what a line is about to what it says.
    pub(super) fn apply(&mut self, item: &'i Item) -> Result<Outcome> {
        match item {
            Item::Igrp(igrp) => self.igrp(igrp),
            Item::User(user) => self.user(user),
            Item::Branding(branding) => self.branding(branding),
            Item::Member(member) => self.member(member),
            Item::Camera(camera) => self.camera(camera),
            Item::Hold(hold) => self.hold(hold),
            // They are taken as a whole, for they hang below each other.
            Item::Organization(_) => Err(Error::internal()),
        }
    }

    fn igrp(&self, wanted: &Igrp) -> Result<Outcome> {
        match igrps::all(self.write)?.remove(&wanted.id) {
            None => {
                igrp::create(self.write, self.who, Some(wanted.id), wanted.clone())?;
                Ok(Outcome::Created)
            }
            Some(stands) if stands == *wanted => Ok(Outcome::Unchanged),
            Some(stands) => Ok(outcome(stands, igrp::update(self.write, self.who, wanted.clone())?)),
        }
    }

    fn user(&self, item: &UserItem) -> Result<Outcome> {
        if let Some(stands) = users::get_by_login(self.write, &item.login)? {
            let after = user::update(self.write, self.who, stands.id, item.patch.clone())?;
            return Ok(outcome(stands, after));
        }
        let mut made = User {
            id: UserId(0),
            version: 1,
            login: item.login.clone(),
            role: Role::User,
            enabled: true,
            contact: Contact::default(),
            max_sessions: None,
        };
        made.apply(item.patch.clone());
        let User { id: _, version: _, login, role, enabled, contact, max_sessions } = made;
        // Passwords are not carried: it signs in once it has been given one.
        let new = NewUser { login, password_hash: None, role, enabled, contact, max_sessions, join: Join::None };
        user::create(self.write, self.who, &new)?;
        Ok(Outcome::Created)
    }

    fn branding(&self, item: &BrandingItem) -> Result<Outcome> {
        let named = item.organizations.iter().map(|name| self.organization(name, Field::Wire("organizations")));
        let mut organizations = named.collect::<Result<Vec<OrgId>>>()?;
        organizations.sort_unstable();
        organizations.dedup();
        let wanted = Branding { organizations, ..item.branding.clone() };
        match brandings::all(self.write)?.remove(&wanted.id) {
            None => {
                branding::create(self.write, self.who, Some(wanted.id), wanted)?;
                Ok(Outcome::Created)
            }
            Some(mut stands) => {
                stands.organizations.sort_unstable();
                if stands == wanted {
                    return Ok(Outcome::Unchanged);
                }
                Ok(outcome(stands, branding::update(self.write, self.who, wanted)?))
            }
        }
    }

    fn member(&self, item: &MemberItem) -> Result<Outcome> {
        let id = self.organization(&item.organization, Field::Wire("organization"))?;
        let user = self.login(&item.login, Field::Login)?;
        if let Some(stands) = members::get(self.write, id, user)? {
            // What is so already needs no right.
            if item.rights.apply(stands.rights) == stands.rights {
                return Ok(Outcome::Unchanged);
            }
            member::update(self.write, self.who, id, user, item.rights)?;
            return Ok(Outcome::Changed);
        }
        match self.restored(id)? {
            Some(organization) => {
                let rights = item.rights.apply(Rights::default());
                member::join(self.write, self.who, &organization, &[user], rights)?;
            }
            None => drop(member::add(self.write, self.who, id, user, item.rights)?),
        }
        Ok(Outcome::Created)
    }

    fn camera(&mut self, item: &CameraItem) -> Result<Outcome> {
        let done = self.place(item);
        if let Some(id) = item.id {
            self.cameras.insert(id, done.as_ref().ok().map(|(id, _)| *id));
        }
        done.map(|(_, outcome)| outcome)
    }

    fn place(&mut self, item: &CameraItem) -> Result<(CameraId, Outcome)> {
        let organization_id = self.organization(&item.organization, Field::Wire("organization"))?;
        if let Some(id) = self.camera_of(item, organization_id)? {
            self.matched.insert(id);
            let stands = cameras::get(self.write, id)?.ok_or_else(Error::internal)?;
            let patch = CameraPatch {
                organization_id: Some(organization_id),
                name: Some(item.name.clone()),
                kind: Some(item.kind),
            };
            let so = stands.organization_id == organization_id && stands.name == item.name && stands.kind == item.kind;
            if so {
                return Ok((id, Outcome::Unchanged));
            }
            return Ok((id, outcome(stands, camera::update(self.write, self.who, id, patch)?)));
        }
        let partner_id = match &item.partner {
            Some(login) => Some(self.login(login, Field::Wire("partner"))?),
            None => None,
        };
        let new = NewCamera { organization_id, name: item.name.clone(), kind: item.kind, partner_id };
        let made = match self.restored(organization_id)? {
            Some(organization) => camera::register_in(self.write, self.who, &organization, &new)?,
            None => camera::register(self.write, self.who, &new)?,
        };
        self.matched.insert(made.id);
        Ok((made.id, Outcome::Created))
    }

    /// The camera that a line is about: of this id on the box that the file comes from, or else the first of its name
    /// that no line before was about.
    fn camera_of(&mut self, item: &CameraItem, organization: OrgId) -> Result<Option<CameraId>> {
        if let Some(id) = item.id.filter(|id| self.same_site && !self.matched.contains(id))
            && cameras::get(self.write, id)?.is_some()
        {
            return Ok(Some(id));
        }
        if !self.named.contains_key(&organization) {
            let there = cameras::of_organization(self.write, organization)?;
            let there = there.into_iter().map(|camera| (camera.name, camera.id)).collect();
            self.named.insert(organization, there);
        }
        let there = self.named.get(&organization).map(Vec::as_slice).unwrap_or_default();
        let free = |(name, id): &&(String, CameraId)| *name == item.name && !self.matched.contains(id);
        Ok(there.iter().find(free).map(|(_, id)| *id))
    }

    fn hold(&self, item: &HoldItem) -> Result<Outcome> {
        let on = match (&item.organization, item.camera) {
            (Some(name), None) => Held::Organization(self.organization(name, Field::Wire("organization"))?),
            (None, Some(id)) => Held::Camera(self.held_camera(id)?),
            _ => return Err(Error::invalid(Field::Wire("organization"), "or camera must be given, and not both")),
        };
        let before = match on {
            Held::Organization(id) => holds::of_organization(self.write, id)?,
            Held::Camera(id) => cameras::get(self.write, id)?.and_then(|camera| camera.hold),
        };
        let after = hold::set(self.write, self.who, on, &item.reason)?;
        Ok(before.map_or(Outcome::Created, |before| outcome(before, after)))
    }

    fn held_camera(&self, id: CameraId) -> Result<CameraId> {
        match self.cameras.get(&id) {
            Some(Some(found)) => Ok(*found),
            Some(None) => Err(self.follows()),
            None if self.same_site => Ok(id),
            None => Err(Error::invalid(Field::Wire("camera"), "must be the id of a camera of this file")),
        }
    }

    /// The organization of this name. Of one whose own line is wrong that line is told.
    fn organization(&self, name: &str, field: Field) -> Result<OrgId> {
        match organizations::id_of(self.write, name)? {
            Some(_) | None if self.broken.contains(name) => Err(self.follows()),
            Some(id) => Ok(id),
            None => Err(Error::invalid(field, format!("must be here or in the file; there is no organization {name}"))),
        }
    }

    fn login(&self, login: &str, field: Field) -> Result<UserId> {
        match users::get_by_login(self.write, login)? {
            Some(_) | None if self.broken_users.contains(login) => Err(self.follows()),
            Some(user) => Ok(user.id),
            None => Err(Error::invalid(field, format!("must be the login of a user; there is no user {login}"))),
        }
    }

    /// An organization that this import made: what it had elsewhere it gets here too, though it have no owner.
    fn restored(&self, id: OrgId) -> Result<Option<Organization>> {
        if self.made.contains(&id) { organizations::get(self.write, id) } else { Ok(None) }
    }
}

fn outcome<T: PartialEq>(before: T, after: T) -> Outcome {
    if before == after { Outcome::Unchanged } else { Outcome::Changed }
}
