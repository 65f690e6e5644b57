//! Links of the hierarchy: what hangs below what. The graph stays acyclic, and nothing loses its last parent.

use std::collections::HashSet;

use super::{branding, hold, load, overrides, record};
use crate::{
    model::{
        BrandingId, Error, Field, OrgId, Organization, Result,
        actor::{Action, Who},
        error::Kind,
        organization::PARENTS_MAX,
    },
    store::{Write, brandings, organization_parents, organizations},
};

/// Hangs an organization below exactly these.
pub fn set_parents(write: &Write<'_>, who: &Who, id: OrgId, parents: &[OrgId]) -> Result<()> {
    relink(write, who, id, |_| Ok(parents.to_vec()))
}

/// Hangs an organization below these as well. A link that exists is fine.
pub fn add_parents(write: &Write<'_>, who: &Who, id: OrgId, parents: &[OrgId]) -> Result<()> {
    relink(write, who, id, |mut present| {
        present.extend_from_slice(parents);
        Ok(present)
    })
}

/// Takes an organization from below these; each must be a parent, and one must stay.
pub fn remove_parents(write: &Write<'_>, who: &Who, id: OrgId, parents: &[OrgId]) -> Result<()> {
    relink(write, who, id, |mut present| {
        if let Some(stranger) = parents.iter().find(|parent| !present.contains(parent)) {
            let message = format!("organization {stranger} is not a parent of organization {id}");
            return Err(Error::refused(Field::Parents, "not_a_parent", message));
        }
        present.retain(|parent| !parents.contains(parent));
        Ok(present)
    })
}

/// Loads parents that the actor may hang something below.
pub(super) fn load_parents(write: &Write<'_>, who: &Who, parents: &[OrgId]) -> Result<Vec<Organization>> {
    let load = |parent: &OrgId| match load::organization(write, &who.actor, Action::EditHierarchy, *parent) {
        Ok(loaded) => Ok(loaded.organization),
        Err(error) if error.kind == Kind::NotFound => {
            let message = format!("must be ids of organizations; there is no organization {parent}");
            Err(Error::invalid(Field::Parents, message))
        }
        Err(error) => Err(error),
    };
    parents.iter().map(load).collect()
}

/// All or nothing: from the present parents to those that `choose` makes of them.
fn relink(
    write: &Write<'_>,
    who: &Who,
    id: OrgId,
    choose: impl FnOnce(Vec<OrgId>) -> Result<Vec<OrgId>>,
) -> Result<()> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditHierarchy, id)?;
    let present = write.hierarchy(|hierarchy| hierarchy.parents(id));
    let mut wanted = choose(present.clone())?;
    wanted.sort_unstable();
    wanted.dedup();
    let gained: Vec<OrgId> = wanted.iter().filter(|parent| !present.contains(parent)).copied().collect();
    let lost: Vec<OrgId> = present.iter().filter(|parent| !wanted.contains(parent)).copied().collect();
    if wanted.is_empty() {
        return Err(Error::refused(
            Field::Parents,
            "last_parent",
            "an organization must keep at least one parent; add another before removing this one",
        ));
    }
    if wanted.len() > PARENTS_MAX {
        return Err(Error::invalid(Field::Parents, "must be at most 64 organizations"));
    }
    // A change takes the organization away from some and gives it to others, so it needs the right on every side.
    load_parents(write, who, &gained)?;
    load_parents(write, who, &lost)?;
    if let Some(parent) = gained.iter().find(|parent| write.hierarchy(|graph| graph.would_cycle(**parent, id))) {
        let message =
            format!("organization {parent} is organization {id} itself or below it; links must not form a cycle");
        return Err(Error::refused(Field::Parents, "cycle", message));
    }
    if gained.is_empty() && lost.is_empty() {
        return Ok(());
    }
    let before = record::image(write, &organization)?;
    let offered = branding::available(write, &[id])?;
    let held = hold::lines(write, id)?;
    let mut change = organizations::touch(write, id)?;
    for parent in gained {
        change = change.and(organization_parents::link(write, parent, id)?);
    }
    for parent in lost {
        change = change.and(organization_parents::unlink(write, parent, id)?);
    }
    overrides::follow(write, who, id)?;
    check_brandings(write, id, &offered)?;
    hold::check_lines(write, id, &held)?;
    record::organization(write, who, id, Some(&before), change)?;
    Ok(())
}

/// Nobody in the subtree may lose the branding in use.
fn check_brandings(write: &Write<'_>, id: OrgId, offered: &HashSet<BrandingId>) -> Result<()> {
    let remaining = branding::available(write, &[id])?;
    let lost: HashSet<BrandingId> = offered.difference(&remaining).copied().collect();
    if lost.is_empty() {
        return Ok(());
    }
    let below: HashSet<OrgId> = write.hierarchy(|hierarchy| hierarchy.subtree(&[id])).into_iter().collect();
    for chosen in lost {
        let mut having = brandings::owners(write, chosen)?;
        having = write.hierarchy(|hierarchy| hierarchy.subtree(&having));
        let having: HashSet<OrgId> = having.into_iter().collect();
        let choosing = organizations::choosing(write, chosen)?;
        if let Some(member) = choosing.iter().find(|member| below.contains(member) && !having.contains(member)) {
            let message = format!(
                "organization {member} uses branding {chosen}, which it would no longer have; change that first"
            );
            return Err(Error::refused(Field::Branding, "branding_in_use", message));
        }
    }
    Ok(())
}
