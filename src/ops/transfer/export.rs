//! Telling everything but secrets, in an order that is the same every time.

use std::collections::HashMap;

use crate::{
    model::{
        CameraId, Error, OrgId, Organization, Result, UserId,
        actor::{Action, Actor},
        branding::Branding,
        camera::CameraFilter,
        field::Field,
        hold::Held,
        igrp::NewPlacement,
        organization::{After, OrganizationFilter},
        overrides::{FIELDS, Source},
        transfer::{Entry, Extent, OrganizationEntry, Stored},
        user::{UserFilter, UserOrder},
    },
    ops::{load, overrides},
    store::{Read, brandings, cameras, holds, igrps, managed_fields, members, organization_list, site, users},
};

/// Rows that are read at once.
const PAGE_ROWS: u64 = 1000;

/// Shows everything of this extent, each thing after those that it names but for the organizations' brandings.
pub fn export(
    read: &Read<'_>,
    actor: &Actor,
    extent: Extent,
    at_ms: i64,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let _grant = load::administer(actor, Action::AdministerAdministrators)?;
    let site = site::get(read)?.ok_or_else(Error::internal)?;
    each(Entry::Site { site: site.site_uuid, epoch: site.epoch_uuid, at_ms })?;
    let mut teller = Teller { read, each, names: HashMap::new(), logins: HashMap::new() };
    match extent {
        Extent::All => {
            teller.igrps()?;
            teller.users(true)?;
            teller.organizations(true)?;
            teller.brandings()?;
            teller.members()?;
            teller.cameras()?;
            teller.holds()
        }
        Extent::Organizations => {
            teller.users(false)?;
            teller.organizations(true)
        }
        Extent::Members => {
            teller.organizations(false)?;
            teller.members()
        }
    }
}

struct Teller<'r, 'c, 'e> {
    read: &'r Read<'c>,
    each: &'e mut dyn FnMut(Entry) -> Result<()>,
    names: HashMap<OrgId, String>,
    logins: HashMap<UserId, String>,
}

impl Teller<'_, '_, '_> {
    fn igrps(&mut self) -> Result<()> {
        let managed = igrps::from_file(self.read)?;
        for (id, igrp) in igrps::all(self.read)? {
            (self.each)(Entry::Igrp { igrp, managed: managed.contains(&id) })?;
        }
        Ok(())
    }

    fn users(&mut self, told: bool) -> Result<()> {
        let mut filter = UserFilter { order: UserOrder::Oldest, limit: Some(PAGE_ROWS), ..UserFilter::default() };
        loop {
            let page = users::list(self.read, &filter, None)?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.after = Some(last.id);
            for user in page {
                self.logins.insert(user.id, user.login.clone());
                if told {
                    (self.each)(Entry::User(user))?;
                }
            }
        }
    }

    fn organizations(&mut self, told: bool) -> Result<()> {
        // A parent may have a greater id than its child, so the names are known before anything is told.
        self.pages(|teller, page| {
            teller.names.extend(page.into_iter().map(|organization| (organization.id, organization.name)));
            Ok(())
        })?;
        if !told {
            return Ok(());
        }
        let placements = placements(self.read)?;
        self.pages(|teller, page| teller.page(page, &placements))
    }

    fn pages(&mut self, mut each: impl FnMut(&mut Self, Vec<Organization>) -> Result<()>) -> Result<()> {
        let mut filter = OrganizationFilter { limit: Some(PAGE_ROWS), ..OrganizationFilter::default() };
        loop {
            let page: Vec<Organization> = organization_list::list(self.read, &filter, None)?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.after = Some(After { title_key: String::new(), id: last.id });
            each(self, page)?;
        }
    }

    fn page(&mut self, page: Vec<Organization>, placements: &HashMap<OrgId, Vec<NewPlacement>>) -> Result<()> {
        let ids: Vec<OrgId> = page.iter().map(|organization| organization.id).collect();
        let mut stored = super::organizations::stored(self.read, &ids)?;
        let mut managed = self.managed(&ids)?;
        for organization in page {
            let id = organization.id;
            let parents = self.read.hierarchy(|hierarchy| hierarchy.parents(id));
            let login = |user: Option<UserId>| user.and_then(|user| self.logins.get(&user).cloned());
            let entry = OrganizationEntry {
                owner: login(organization.owner_id),
                partner: login(organization.partner_id),
                parents: parents.iter().filter_map(|parent| self.names.get(parent).cloned()).collect(),
                placements: placements.get(&id).cloned().unwrap_or_default(),
                stored: stored.remove(&id).unwrap_or_default(),
                managed: managed.remove(&id).unwrap_or_default(),
                organization,
            };
            (self.each)(Entry::Organization(Box::new(entry)))?;
        }
        Ok(())
    }

    /// What files or holds keep of these, in the order of [`FIELDS`].
    fn managed(&self, ids: &[OrgId]) -> Result<HashMap<OrgId, Vec<(Field, Source)>>> {
        let mut sources = overrides::sources(self.read, ids)?;
        let mut found: HashMap<OrgId, Vec<(Field, Source)>> = HashMap::new();
        if sources.is_empty() {
            return Ok(found);
        }
        for id in ids {
            for (field, _) in FIELDS {
                if let Some(source) = sources.remove(&(*id, field)) {
                    found.entry(*id).or_default().push((field, source));
                }
            }
        }
        Ok(found)
    }

    fn brandings(&mut self) -> Result<()> {
        let managed = brandings::from_file(self.read)?;
        for (id, branding) in brandings::all(self.read)? {
            let organizations = self.named(&branding);
            (self.each)(Entry::Branding { branding, organizations, managed: managed.contains(&id) })?;
        }
        Ok(())
    }

    fn named(&self, branding: &Branding) -> Vec<String> {
        branding.organizations.iter().filter_map(|id| self.names.get(id).cloned()).collect()
    }

    fn members(&mut self) -> Result<()> {
        let mut ids: Vec<OrgId> = self.names.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            for member in members::of_organization(self.read, id)? {
                let organization = self.names.get(&id).cloned().ok_or_else(Error::internal)?;
                (self.each)(Entry::Member { organization, member })?;
            }
        }
        Ok(())
    }

    fn cameras(&mut self) -> Result<()> {
        let mut filter = CameraFilter { limit: Some(PAGE_ROWS), after: Some(CameraId(0)), ..CameraFilter::default() };
        loop {
            let page = cameras::list(self.read, &filter, None)?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.after = Some(last.camera.id);
            for placed in page {
                let partner = placed.camera.partner_id.and_then(|user| self.logins.get(&user).cloned());
                (self.each)(Entry::Camera { camera: placed.camera, organization: placed.organization, partner })?;
            }
        }
    }

    fn holds(&mut self) -> Result<()> {
        for hold in holds::of_organizations(self.read)? {
            let organization = match hold.on {
                Held::Organization(id) => self.names.get(&id).cloned(),
                Held::Camera(_) => None,
            };
            (self.each)(Entry::Hold { hold, organization })?;
        }
        for (_, hold) in holds::of_cameras(self.read)? {
            (self.each)(Entry::Hold { hold, organization: None })?;
        }
        Ok(())
    }
}

fn placements(read: &Read<'_>) -> Result<HashMap<OrgId, Vec<NewPlacement>>> {
    let mut found: HashMap<OrgId, Vec<NewPlacement>> = HashMap::new();
    for id in igrps::all(read)?.into_keys() {
        for placement in igrps::placements(read, id)? {
            let new = NewPlacement { igrp_id: id, type_code: placement.type_code, reference: placement.reference };
            found.entry(placement.organization_id).or_default().push(new);
        }
    }
    Ok(found)
}

/// The stored values of one row, as [`managed_fields::Present`] has them.
pub(super) fn stored_of(present: &managed_fields::Present<'_>) -> Result<Stored> {
    let mut values = Vec::with_capacity(FIELDS.len());
    for (place, (field, _)) in FIELDS.into_iter().enumerate() {
        let managed = present.managed.iter().find(|managed| managed.field == place);
        let value = match managed {
            Some(managed) => managed.stored.clone(),
            None => present.column(place)?,
        };
        values.push((field, value));
    }
    Ok(values)
}
