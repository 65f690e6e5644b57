//! Brandings: which an organization can choose, and keeping those that the configuration names.

use std::collections::{BTreeMap, HashSet, btree_map};

use super::{load, record};
use crate::{
    model::{
        BrandingId, Error, Field, OrgId, Result,
        actor::{Action, Actor, Who},
        branding::Branding,
        event::Image,
        organization::Heading,
    },
    store::{Read, Write, brandings},
};

/// The brandings that an organization can choose: its own and, recursively, those of its parents. By id.
pub fn options(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Vec<Branding>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, id)?;
    let available = available(read, &[id])?;
    Ok(brandings::all(read)?.into_values().filter(|branding| available.contains(&branding.id)).collect())
}

/// The brandings that these organizations have chosen, by id. Whoever sees an organization sees its branding.
pub fn chosen(read: &Read<'_>, organizations: &[Heading]) -> Result<BTreeMap<BrandingId, Branding>> {
    let mut chosen = BTreeMap::new();
    for id in organizations.iter().filter_map(|organization| organization.branding_id) {
        if let btree_map::Entry::Vacant(place) = chosen.entry(id)
            && let Some(branding) = brandings::get(read, id)?
        {
            place.insert(branding);
        }
    }
    Ok(chosen)
}

/// Makes or changes a branding.
pub fn put(write: &Write<'_>, who: &Who, branding: &Branding, from_file: bool) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let before = brandings::all(write)?.remove(&branding.id).map(Image::Branding);
    let after = Image::Branding(branding.clone());
    let change = brandings::put(write, branding, from_file)?;
    record::change_of(write, who, 0, before.as_ref(), Some(&after), change)
}

/// Removes a branding; refused while an organization has chosen it.
pub fn delete(write: &Write<'_>, who: &Who, id: BrandingId) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let Some(branding) = brandings::all(write)?.remove(&id) else { return Err(Error::not_found("branding")) };
    if brandings::is_chosen(write, id)? {
        return Err(Error::refused(Field::Branding, "branding_in_use", format!("organizations use branding {id}")));
    }
    let change = brandings::delete(write, id)?;
    record::change_of(write, who, 0, Some(&Image::Branding(branding)), None, change)
}

/// The brandings available to any of these organizations. Without a default organization a branding that belongs to
/// nobody is everybody's: it was the default organization's, below which everything hung, and no organization could be
/// made or moved any more.
pub(super) fn available(read: &Read<'_>, organizations: &[OrgId]) -> Result<HashSet<BrandingId>> {
    let (line, has_default): (HashSet<OrgId>, bool) = read.hierarchy(|hierarchy| {
        let above = organizations.iter().flat_map(|id| hierarchy.ancestors(*id));
        (organizations.iter().copied().chain(above).collect(), hierarchy.contains(OrgId::DEFAULT))
    });
    let belongs = |branding: &Branding| match branding.organizations.as_slice() {
        [] => !has_default,
        owners => owners.iter().any(|owner| line.contains(owner)),
    };
    Ok(brandings::all(read)?.into_values().filter(belongs).map(|branding| branding.id).collect())
}

/// Refuses a branding that is available to none of these organizations.
pub(super) fn check_available(read: &Read<'_>, chosen: BrandingId, organizations: &[OrgId]) -> Result<()> {
    let available = available(read, organizations)?;
    if available.contains(&chosen) {
        return Ok(());
    }
    let mut options: Vec<i64> = available.into_iter().map(|id| id.0).collect();
    options.sort_unstable();
    let options = options.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let message = if options.is_empty() {
        format!("{chosen} is not available: no branding is available here")
    } else {
        format!("{chosen} is not available: must be one of {options}")
    };
    Err(Error::invalid(Field::Branding, message))
}
