//! Brandings: which an organization can choose, and keeping those that the configuration names.

use std::collections::{BTreeMap, HashSet, btree_map};

use super::{load, record};
use crate::{
    model::{
        BrandingId, Error, Field, Kind, OrgId, Result,
        actor::{Action, Actor, Who},
        branding::Branding,
        error::Problems,
        event::Image,
        organization::Heading,
    },
    store::{Read, Write, brandings, organizations},
};

/// The brandings that an organization can choose: its own and, recursively, those of its parents. By id.
pub fn options(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Vec<Branding>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, id)?;
    let available = available(read, &[id])?;
    Ok(brandings::all(read)?.into_values().filter(|branding| available.contains(&branding.id)).collect())
}

/// The brandings that these organizations have chosen, by id. Whoever sees an organization sees its branding.
pub fn chosen(read: &Read<'_>, choosing: &[Heading]) -> Result<BTreeMap<BrandingId, Branding>> {
    let mut chosen = BTreeMap::new();
    for id in choosing.iter().filter_map(|organization| organization.branding_id) {
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

/// Every branding, by id, each with whether it comes from the configuration file.
pub fn list(read: &Read<'_>, actor: &Actor) -> Result<Vec<(Branding, bool)>> {
    let _grant = load::administer(actor, Action::Administer)?;
    let managed: HashSet<BrandingId> = brandings::from_file(read)?.into_iter().collect();
    let told = |(id, branding)| (branding, managed.contains(&id));
    Ok(brandings::all(read)?.into_iter().map(told).collect())
}

/// One branding, with whether it comes from the configuration file.
pub fn view(read: &Read<'_>, actor: &Actor, id: BrandingId) -> Result<(Branding, bool)> {
    let found = list(read, actor)?.into_iter().find(|(branding, _)| branding.id == id);
    found.ok_or_else(|| Error::not_found("branding"))
}

/// Makes a branding. Its id is chosen by whoever makes it; without one it is the next.
pub fn create(write: &Write<'_>, who: &Who, id: Option<BrandingId>, mut new: Branding) -> Result<Branding> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let all = brandings::all(write)?;
    let next = || all.keys().last().map_or(1, |last| last.0 + 1);
    new.id = id.unwrap_or_else(|| BrandingId(next()));
    if all.contains_key(&new.id) {
        return Err(Error::taken(Field::Id, "branding_exists", format!("there is a branding {} already", new.id)));
    }
    check(write, &mut new)?;
    put(write, who, &new, false)?;
    Ok(new)
}

/// Changes a branding that does not come from the configuration file. Nobody who has chosen it may lose it.
pub fn update(write: &Write<'_>, who: &Who, mut wanted: Branding) -> Result<Branding> {
    let (before, managed) = view(write, &who.actor, wanted.id)?;
    check_not_managed(wanted.id, managed)?;
    check(write, &mut wanted)?;
    if wanted == before {
        return Ok(before);
    }
    check_kept(write, &before, &wanted)?;
    put(write, who, &wanted, false)?;
    Ok(wanted)
}

/// Removes a branding that does not come from the configuration file.
pub fn remove(write: &Write<'_>, who: &Who, id: BrandingId) -> Result<()> {
    let (_, managed) = view(write, &who.actor, id)?;
    check_not_managed(id, managed)?;
    delete(write, who, id)
}

/// Removes a branding; refused while an organization has chosen it.
pub fn delete(write: &Write<'_>, who: &Who, id: BrandingId) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let Some(branding) = brandings::all(write)?.remove(&id) else { return Err(Error::not_found("branding")) };
    let using = organizations::choosing(write, id)?.len();
    if using > 0 {
        let message = format!("{using} organizations use branding {id}; let them choose another first");
        return Err(Error::refused(Field::Branding, "branding_in_use", message));
    }
    if brandings::is_told_of_by_files(write, id)? {
        let message = format!("the configuration's files give branding {id} to organizations, or have taken its place");
        return Err(Error::refused(Field::Branding, "branding_in_use", message));
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

fn check_not_managed(id: BrandingId, managed: bool) -> Result<()> {
    if !managed {
        return Ok(());
    }
    let message = format!("branding {id} comes from the configuration file; change it there");
    Err(Error::new(Kind::Managed, "managed_by_file", message))
}

fn check(read: &Read<'_>, branding: &mut Branding) -> Result<()> {
    branding.organizations.sort_unstable();
    branding.organizations.dedup();
    let mut problems = Problems::default();
    branding.validate(&mut problems);
    let owners = &branding.organizations;
    let stranger = read.hierarchy(|hierarchy| owners.iter().find(|owner| !hierarchy.contains(**owner)).copied());
    if let Some(stranger) = stranger {
        let message = format!("must be ids of organizations; there is no organization {stranger}");
        problems.add(Field::Wire("organizations"), message);
    }
    problems.check()
}

/// Refuses to take a branding from an organization that has chosen it. One that it did not belong to any more keeps it.
fn check_kept(write: &Write<'_>, before: &Branding, after: &Branding) -> Result<()> {
    let choosing = organizations::choosing(write, before.id)?;
    let (had, have): (HashSet<OrgId>, HashSet<OrgId>) = write.hierarchy(|hierarchy| {
        let below = |branding: &Branding| hierarchy.subtree(&branding.organizations).into_iter().collect();
        (below(before), below(after))
    });
    match choosing.iter().find(|id| had.contains(id) && !have.contains(id)) {
        Some(losing) => {
            let message = format!("organization {losing} uses this branding, which it would no longer have");
            Err(Error::refused(Field::Wire("organizations"), "branding_in_use", message))
        }
        None => Ok(()),
    }
}
