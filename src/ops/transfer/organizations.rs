//! Organizations of an import: making those that are missing, parents first, and bringing the others to what the file says.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{
    export::stored_of,
    import::{Importer, Outcome},
};
use crate::{
    model::{
        Error, Field, OrgId, Patch, Result, UserId,
        error::{Problem, Problems},
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        overrides::{self, Value},
        transfer::{Line, OrganizationItem, Stored},
    },
    ops::{hierarchy, organization},
    store::{Read, managed_fields, organizations, users},
};

/// Status of an organization where a file says nothing of it: active.
const STATUS_ACTIVE: i64 = 200;

/// What is stored of these organizations in each field that files can manage.
pub(super) fn stored(read: &Read<'_>, ids: &[OrgId]) -> Result<HashMap<OrgId, Stored>> {
    let mut found = HashMap::with_capacity(ids.len());
    managed_fields::scan(read, Some(ids), |present| {
        found.insert(present.id, stored_of(present)?);
        Ok(())
    })?;
    Ok(found)
}

impl<'i> Importer<'_, 'i> {
    /// Makes the organizations that are missing, each after its parents.
    pub(super) fn make_organizations(&mut self, lines: &[(&'i Line, &'i OrganizationItem)]) -> Result<()> {
        let mut missing: HashMap<&'i str, (&'i Line, &'i OrganizationItem)> = HashMap::new();
        for (line, item) in lines {
            match self.find(item) {
                Ok(Some(_)) => {}
                Ok(None) => drop(missing.insert(&item.name, (line, item))),
                Err(error) => self.fail_organization(line, item, error)?,
            }
        }
        let waits = |item: &OrganizationItem| -> HashSet<&'i str> {
            let parents = item.parents.iter().flatten();
            parents.filter_map(|parent| missing.get_key_value(parent.as_str())).map(|(name, _)| *name).collect()
        };
        let mut open: HashMap<&'i str, usize> = HashMap::new();
        let mut below: HashMap<&'i str, Vec<&'i str>> = HashMap::new();
        let mut ready: VecDeque<&'i str> = VecDeque::new();
        for (_, item) in lines.iter().filter(|(_, item)| missing.contains_key(item.name.as_str())) {
            let above = waits(item);
            if above.is_empty() {
                ready.push_back(&item.name);
            }
            open.insert(&item.name, above.len());
            above.into_iter().for_each(|parent| below.entry(parent).or_default().push(&item.name));
        }
        while let Some(name) = ready.pop_front() {
            let Some((line, item)) = missing.get(name).copied() else { continue };
            open.remove(name);
            match self.make(item) {
                Ok(id) => {
                    self.made.insert(id);
                    self.count("organization", Outcome::Created);
                }
                Err(error) => self.fail_organization(line, item, error)?,
            }
            let mut children = below.remove(name).unwrap_or_default();
            // The order in which they were hung below it is that of the file; sets have none.
            children.sort_unstable_by_key(|child| missing.get(child).map(|(line, _)| line.number));
            for child in children {
                if let Some(left) = open.get_mut(child) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push_back(child);
                    }
                }
            }
        }
        let circular: Vec<_> = lines
            .iter()
            .filter(|(line, item)| {
                open.contains_key(item.name.as_str())
                    && missing.get(item.name.as_str()).is_some_and(|(own, _)| own.number == line.number)
            })
            .copied()
            .collect();
        for (line, item) in circular {
            let error = Error::refused(
                Field::Parents,
                "cycle",
                "hang below the organization itself, or wait for one that does",
            );
            self.fail_organization(line, item, error)?;
        }
        Ok(())
    }

    /// Hangs an organization where the file says, unless it was made there.
    pub(super) fn hang(&mut self, line: &'i Line, item: &'i OrganizationItem) -> Result<()> {
        let Some(id) = self.known(line, item)? else { return Ok(()) };
        let Some(names) = item.parents.as_ref().filter(|names| !names.is_empty()) else { return Ok(()) };
        if self.made.contains(&id) {
            return Ok(());
        }
        let hung = self.parents(names).and_then(|parents| hierarchy::set_parents(self.write, self.who, id, &parents));
        match hung {
            Ok(()) => Ok(()),
            Err(error) => self.fail_organization(line, item, error),
        }
    }

    /// Brings an organization's values to what the file says, and counts it where it was there before.
    pub(super) fn settle(&mut self, line: &'i Line, item: &'i OrganizationItem) -> Result<()> {
        let Some(id) = self.known(line, item)? else { return Ok(()) };
        let settled = self.patch(id, item).and_then(|patch| organization::update(self.write, self.who, id, patch));
        match settled {
            Ok(_) if self.made.contains(&id) => Ok(()),
            Ok(stands) => {
                let changed = self.versions.get(&id) != Some(&stands.version);
                self.count("organization", if changed { Outcome::Changed } else { Outcome::Unchanged });
                Ok(())
            }
            Err(error) => self.fail_organization(line, item, error),
        }
    }

    fn fail_organization(&mut self, line: &'i Line, item: &'i OrganizationItem, error: Error) -> Result<()> {
        self.broken.insert(&item.name);
        self.fail(line, error)
    }

    /// The organization that a line is about; `None` where it is not there, or its line is wrong.
    fn known(&mut self, line: &'i Line, item: &'i OrganizationItem) -> Result<Option<OrgId>> {
        if self.broken.contains(item.name.as_str()) {
            return Ok(None);
        }
        match self.find(item) {
            Ok(found) => Ok(found),
            Err(error) => self.fail_organization(line, item, error).map(|()| None),
        }
    }

    /// On the box that the file comes from by id, and everywhere by name. An id that is another organization's by now, as
    /// after a restore, is not taken for it; one that this import gave says nothing.
    fn find(&self, item: &OrganizationItem) -> Result<Option<OrgId>> {
        if let Some(id) = item.id.filter(|id| self.same_site && !self.made.contains(id))
            && let Some(found) = organizations::get(self.write, id)?
            && found.name != item.name
        {
            let message =
                format!("belongs to organization {id}, whose name is {}; a name cannot be changed", found.name);
            return Err(Error::invalid(Field::Id, message));
        }
        organizations::id_of(self.write, &item.name)
    }

    fn parents(&self, names: &[String]) -> Result<Vec<OrgId>> {
        let mut problems = Problems::default();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            match organizations::id_of(self.write, name)? {
                Some(id) => found.push(id),
                // What is wrong with it is told where it stands.
                None if self.broken.contains(name.as_str()) => return Err(self.follows()),
                None => problems
                    .add(Field::Parents, format!("must be here or in the file; there is no organization {name}")),
            }
        }
        problems.check().map(|()| found)
    }

    fn make(&self, item: &OrganizationItem) -> Result<OrgId> {
        let parents = self.parents(item.parents.as_deref().unwrap_or_default())?;
        let owner = match &item.owner {
            Patch::Keep => NewOwner::Creator,
            Patch::Clear => NewOwner::Given(None),
            Patch::Set(login) => NewOwner::Given(Some(self.owner(login)?)),
        };
        let OrganizationPatch {
            title,
            description,
            image_url,
            status,
            // Brandings belong to organizations, so they come later.
            branding_id: _,
            owner_id: _,
            limits,
            retention,
            organization_profile_enabled,
            exclusive_partner_only,
        } = patch_of(&item.values, &[])?;
        let new = NewOrganization {
            name: Some(item.name.clone()),
            title: title.unwrap_or_else(|| item.name.clone()),
            description: description.into_set(),
            image_url: image_url.into_set(),
            branding_id: None,
            owner,
            parents,
            limits,
            retention,
            status,
            organization_profile_enabled: organization_profile_enabled.into_set(),
            exclusive_partner_only: exclusive_partner_only.unwrap_or_default(),
            placements: item.placements.clone(),
        };
        organization::create(self.write, self.who, new).map(|made| made.id)
    }

    fn patch(&self, id: OrgId, item: &OrganizationItem) -> Result<OrganizationPatch> {
        let stored = stored(self.write, &[id])?.remove(&id).unwrap_or_default();
        let owner_id = match &item.owner {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(login) => Patch::Set(self.owner(login)?),
        };
        Ok(OrganizationPatch { owner_id, ..patch_of(&item.values, &stored)? })
    }

    fn owner(&self, login: &str) -> Result<UserId> {
        match users::get_by_login(self.write, login)? {
            Some(user) => Ok(user.id),
            None if self.broken_users.contains(login) => Err(self.follows()),
            None => {
                let message = format!("must be the login of a user; there is no user {login}");
                Err(Error::invalid(Field::Wire("owner"), message))
            }
        }
    }
}

/// The values that differ from those that are stored. A file may manage the field: what is stored below it counts.
fn patch_of(values: &[(Field, Option<Value>)], stored: &[(Field, Option<Value>)]) -> Result<OrganizationPatch> {
    let mut patch = OrganizationPatch::default();
    let mut problems = Vec::new();
    for (field, wanted) in values {
        let wanted = match (field, wanted) {
            (Field::Status, None) => Some(Value::Number(STATUS_ACTIVE)),
            (Field::ExclusivePartnerOnly, None) => Some(Value::Flag(false)),
            (_, wanted) => wanted.clone(),
        };
        if stored.iter().any(|(known, stands)| known == field && *stands == wanted) {
            continue;
        }
        let taken = match &wanted {
            Some(value) => overrides::set(&mut patch, *field, value),
            None => overrides::clear(&mut patch, *field),
        };
        if !taken {
            problems.push(Problem { field: *field, message: "cannot be this".to_owned() });
        }
    }
    if problems.is_empty() { Ok(patch) } else { Err(Error::invalid_all(problems)) }
}
