//! Making an organization, for every dialect.

use super::{branding, hierarchy, igrp, load, organization::check_owner, overrides, random, record};
use crate::{
    model::{
        BrandingId, Error, Field, Kind, OrgId, Organization, Patch, Result, UserId,
        actor::{Action, Who},
        error::{Problem, Problems},
        limits::LimitsPatch,
        organization::{NewOrganization, NewOwner, OWNED_MAX},
        text::slug,
    },
    store::{Write, organization_parents, organizations},
};

/// Makes an organization below its parents, or below the default organization where none are given.
pub fn create(write: &Write<'_>, who: &Who, mut new: NewOrganization) -> Result<Organization> {
    let mut problems = Problems::default();
    new.validate(&mut problems);
    problems.check()?;
    let parents = load_parents(write, who, &mut new)?;
    govern(write, who, &mut new, &parents)?;
    igrp::check_placements(write, &new.placements)?;
    let parent_ids: Vec<OrgId> = parents.iter().map(|parent| parent.id).collect();
    let branding_id = choose_branding(write, &new, &parents)?;
    let name = choose_name(write, &new)?;
    let row = organizations::NewRow {
        name: &name,
        title: &new.title,
        description: new.description.as_deref(),
        image_url: new.image_url.as_deref(),
        branding_id,
        owner_id: match new.owner {
            NewOwner::Creator => who.actor.user_id,
            NewOwner::Given(owner) => owner,
        },
        partner_id: partner(who, &parents),
        limits: &new.limits,
        retention: &new.retention,
        status: new.status,
        organization_profile_enabled: new.organization_profile_enabled,
        exclusive_partner_only: new.exclusive_partner_only,
        sso_secret: random::bytes()?,
    };
    let (id, mut change) = organizations::insert(write, &row)?;
    for parent in parent_ids {
        change = change.and(organization_parents::link(write, parent, id)?);
    }
    for placement in &new.placements {
        change = change.and(crate::store::igrps::place(write, id, placement)?);
    }
    overrides::settle(write, who, id, &new)?;
    record::organization(write, who, id, None, change)?.ok_or_else(Error::internal)
}

/// The parents, each of which the actor may create below. Without any, and without a default organization, the new one
/// is a root, which only administrators make.
fn load_parents(write: &Write<'_>, who: &Who, new: &mut NewOrganization) -> Result<Vec<Organization>> {
    new.parents.sort_unstable();
    new.parents.dedup();
    if new.parents.is_empty() && write.hierarchy(|hierarchy| hierarchy.contains(OrgId::DEFAULT)) {
        new.parents.push(OrgId::DEFAULT);
    }
    if new.parents.is_empty() {
        let _grant = load::administer(&who.actor, Action::Administer)?;
    }
    hierarchy::load_parents(write, who, &new.parents)
}

/// Limits and another owner are the administrators' to give. Nobody else's new organization has more than what it hangs
/// below, so that a subscriber cannot get round a limit by making organizations of its own.
fn govern(write: &Write<'_>, who: &Who, new: &mut NewOrganization, parents: &[Organization]) -> Result<()> {
    if who.actor.is_admin() {
        return match new.owner {
            NewOwner::Given(Some(owner)) => check_owner(write, owner),
            NewOwner::Given(None) | NewOwner::Creator => Ok(()),
        };
    }
    let governed = !new.limits.is_empty() || new.owner != NewOwner::Creator;
    if governed || new.exclusive_partner_only || new.status.is_some() {
        let _grant = load::administer(&who.actor, Action::Govern)?;
    }
    if let Some(creator) = who.actor.user_id
        && organizations::owned_by(write, creator)?.len() >= OWNED_MAX
    {
        let message = format!("whoever owns {OWNED_MAX} organizations makes no more; an administrator may");
        let mut error = Error::new(Kind::LimitReached, "organization_limit_reached", message.clone());
        error.problems.push(Problem { field: Field::Parents, message });
        return Err(error);
    }
    let least = |limit: fn(&Organization) -> i64| parents.iter().map(limit).min().into();
    new.limits = LimitsPatch {
        camera_limit: least(|parent| parent.limits.camera_limit),
        user_limit: least(|parent| parent.limits.user_limit),
        dvr_limit_gb: least(|parent| parent.limits.dvr_limit_gb),
    };
    debug_assert!(new.limits.camera_limit != Patch::Clear, "least of something is set or kept");
    Ok(())
}

fn choose_branding(write: &Write<'_>, new: &NewOrganization, parents: &[Organization]) -> Result<Option<BrandingId>> {
    let parent_ids: Vec<OrgId> = parents.iter().map(|parent| parent.id).collect();
    match new.branding_id {
        Some(chosen) => branding::check_available(write, chosen, &parent_ids).map(|()| Some(chosen)),
        None => Ok(parents.first().and_then(|parent| parent.branding_id)),
    }
}

/// The name given, or one made from the title. A title's plain name is taken by its first organization; the others get
/// their id appended, which finds a free name at once however many share the title.
fn choose_name(write: &Write<'_>, new: &NewOrganization) -> Result<String> {
    if let Some(name) = &new.name {
        // Whether it is taken shows when it is inserted, before anything else is written.
        return Ok(name.clone());
    }
    let base = match slug(&new.title) {
        slug if slug.is_empty() => "organization".to_owned(),
        slug => slug,
    };
    // Digits alone would be taken for an id.
    if !base.bytes().all(|byte| byte.is_ascii_digit()) && !organizations::name_exists(write, &base)? {
        return Ok(base);
    }
    let mut suffix = organizations::next_id(write)?.0;
    loop {
        let name = format!("{base}-{suffix}");
        if !organizations::name_exists(write, &name)? {
            return Ok(name);
        }
        suffix += 1;
    }
}

fn partner(who: &Who, parents: &[Organization]) -> Option<UserId> {
    if who.actor.is_admin() { who.actor.user_id } else { parents.first().and_then(|parent| parent.partner_id) }
}
