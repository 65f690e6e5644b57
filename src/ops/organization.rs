//! Organizations: view, list, change. Making and deleting them have files of their own.

use std::collections::HashSet;

use super::{branding, hold, load, overrides, reach::Reach, record};
use crate::{
    model::{
        Error, Field, OrgId, Organization, Patch, Result, UserId,
        actor::{Action, Actor, Grant, Who, may},
        error::Problems,
        limits::LimitsPatch,
        organization::{Heading, Linked, OrganizationFilter, OrganizationPatch},
        retention::{Retention, RetentionPatch},
    },
    store::{
        Read, Write, cameras,
        organization_list::{self, Listed},
        organizations, users,
    },
};

pub use super::organization_create::create;
pub use super::organization_delete::{Children, Deletion, delete};
pub use super::organization_detail::{Detail, list_detail, view_detail};
pub use super::organization_own::{Own, list_own, may_delete, view_own};
pub use super::overrides::provenance;

/// One organization that the actor sees.
pub fn view(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Organization> {
    Ok(load::organization(read, actor, Action::View, id)?.organization)
}

/// Checks that the actor may change the settings of an organization, before a body is looked at.
pub fn may_update(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Grant> {
    Ok(load::organization(read, actor, Action::EditSettings, id)?.grant)
}

/// One organization of the public directory, by name or id: everybody may see it.
pub fn view_public(read: &Read<'_>, actor: &Actor, name_or_id: &str) -> Result<Heading> {
    let _grant = load::administer(actor, Action::Browse)?;
    load::by_name_or_id(read, name_or_id).map(Heading::from)
}

/// The public directory.
pub fn list_public(read: &Read<'_>, actor: &Actor, filter: &OrganizationFilter) -> Result<Vec<Heading>> {
    let _grant = load::administer(actor, Action::Browse)?;
    organization_list::list(read, filter, None)
}

/// The organizations that the actor sees and that meet the filter, with what the actor reaches. They come whole or as
/// their [`Heading`]s, as the caller takes them.
pub fn list<T: Listed>(read: &Read<'_>, actor: &Actor, filter: &OrganizationFilter) -> Result<(Vec<T>, Reach)> {
    let reach = Reach::of(read, actor)?;
    if let Some(Linked::ParentsOf(id) | Linked::ChildrenOf(id) | Linked::AncestorsOf(id)) = filter.linked {
        view(read, actor, id)?;
    }
    let visible = read.hierarchy(|hierarchy| if filter.own { reach.own(hierarchy) } else { reach.visible(hierarchy) });
    let narrowed = narrow(read, actor, filter)?;
    let among = match (visible, narrowed) {
        (Some(visible), Some(narrowed)) => {
            let visible: HashSet<OrgId> = visible.into_iter().collect();
            Some(narrowed.into_iter().filter(|id| visible.contains(id)).collect())
        }
        (visible, narrowed) => narrowed.or(visible),
    };
    Ok((organization_list::list(read, filter, among)?, reach))
}

/// The secret for single sign-on, 32 bytes: partners (administrators) only.
pub fn sso_secret(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<[u8; 32]> {
    let _grant = load::administer(actor, Action::Administer)?;
    organizations::sso_secret(read, id)?.ok_or_else(|| Error::not_found("organization"))
}

/// Changes an organization. Values that are in force already change nothing and need no right.
pub fn update(write: &Write<'_>, who: &Who, id: OrgId, patch: OrganizationPatch) -> Result<Organization> {
    let load::Loaded { organization, standing, grant: _ } =
        load::organization(write, &who.actor, Action::EditSettings, id)?;
    let mut problems = Problems::default();
    patch.validate(&mut problems);
    problems.check()?;
    let mut patch = without_unchanged(patch, &organization);
    if !who.actor.is_admin() {
        keep_defaults(write, &organization, &mut patch.limits)?;
    }
    if patch == OrganizationPatch::default() {
        return Ok(organization);
    }
    if patch.needs_administrator() {
        let _grant = may(&who.actor, Action::Govern, &standing)?;
    }
    overrides::refuse(write, &organization, &mut patch)?;
    if patch == OrganizationPatch::default() {
        return Ok(organization);
    }
    check_references(write, &organization, &patch)?;
    let before = record::image(write, &organization)?;
    let change = organizations::update(write, id, &patch)?;
    if patch.retention != RetentionPatch::default() {
        // Asked afterwards: what a default is, and what else has a say, the database knows.
        let after = organizations::get(write, id)?.ok_or_else(Error::internal)?;
        hold::check_retention(write, id, &organization.retention, &after.retention)?;
    }
    record::organization(write, who, id, Some(&before), change)?.ok_or_else(Error::internal)
}

/// Direct links or a subtree, as the filter asks; `None` where it asks for neither.
fn narrow(read: &Read<'_>, actor: &Actor, filter: &OrganizationFilter) -> Result<Option<Vec<OrgId>>> {
    if let Some(root) = filter.below {
        view(read, actor, root)?;
    }
    Ok(read.hierarchy(|hierarchy| {
        let linked = filter.linked.map(|linked| match linked {
            Linked::ParentsOf(id) => hierarchy.parents(id),
            Linked::ChildrenOf(id) => hierarchy.children(id),
            Linked::AncestorsOf(id) => hierarchy.ancestors(id),
        });
        let below = filter.below.map(|root| hierarchy.subtree(&[root]));
        match (linked, below) {
            (Some(linked), Some(below)) => {
                let below: HashSet<OrgId> = below.into_iter().collect();
                Some(linked.into_iter().filter(|id| below.contains(id)).collect())
            }
            (linked, below) => linked.or(below),
        }
    }))
}

fn drop_equal<T: PartialEq>(patch: &mut Patch<T>, current: &T) {
    if patch.set() == Some(current) {
        *patch = Patch::Keep;
    }
}

/// A purge time by camera type that is not given follows the general one: to set it to what it is changes nothing only where
/// the general one stays as well.
fn drop_unchanged_retention(patch: &mut RetentionPatch, current: &Retention) {
    drop_equal(&mut patch.purge_days, &current.purge_days);
    let general = match &patch.purge_days {
        Patch::Set(days) => Some(*days),
        Patch::Keep => Some(current.purge_days),
        Patch::Clear => None,
    };
    let given = current.given;
    for (patch, current, given) in [
        (&mut patch.purge_days_front, current.purge_days_front, given.purge_days_front),
        (&mut patch.purge_days_rear, current.purge_days_rear, given.purge_days_rear),
        (&mut patch.purge_days_auxiliary, current.purge_days_auxiliary, given.purge_days_auxiliary),
    ] {
        if given || general == Some(current) {
            drop_equal(patch, &current);
        }
    }
    drop_equal(&mut patch.device_retention_minutes, &current.device_retention_minutes);
    drop_equal(&mut patch.live_video_timeout_seconds, &current.live_video_timeout_seconds);
}

/// Drops what the patch sets to the value in force: clients get, modify and put.
fn without_unchanged(mut patch: OrganizationPatch, organization: &Organization) -> OrganizationPatch {
    fn drop_equal_optional<T: PartialEq>(patch: &mut Patch<T>, current: Option<&T>) {
        if (*patch == Patch::Clear && current.is_none()) || (patch.set().is_some() && patch.set() == current) {
            *patch = Patch::Keep;
        }
    }
    patch.title.take_if(|title| *title == organization.title);
    drop_equal_optional(&mut patch.description, organization.description.as_ref());
    drop_equal_optional(&mut patch.image_url, organization.image_url.as_ref());
    patch.status.take_if(|status| *status == organization.status);
    drop_equal_optional(&mut patch.branding_id, organization.branding_id.as_ref());
    drop_equal_optional(&mut patch.owner_id, organization.owner_id.as_ref());
    drop_equal(&mut patch.limits.camera_limit, &organization.limits.camera_limit);
    drop_equal(&mut patch.limits.user_limit, &organization.limits.user_limit);
    drop_equal(&mut patch.limits.dvr_limit_gb, &organization.limits.dvr_limit_gb);
    drop_unchanged_retention(&mut patch.retention, &organization.retention);
    drop_equal(&mut patch.organization_profile_enabled, &organization.organization_profile_enabled);
    patch.exclusive_partner_only.take_if(|exclusive| *exclusive == organization.exclusive_partner_only);
    patch
}

/// To give a default back where it is in force anyway is no change for those who may not change limits: their clients get,
/// modify and put, and some spell the default as nothing.
fn keep_defaults(write: &Write<'_>, organization: &Organization, limits: &mut LimitsPatch) -> Result<()> {
    let LimitsPatch { camera_limit, user_limit, dvr_limit_gb } = &*limits;
    if ![camera_limit, user_limit, dvr_limit_gb].contains(&&Patch::Clear) {
        return Ok(());
    }
    let then = organizations::limits_after(write, organization.id, limits)?;
    let now = organization.limits;
    for (patch, then, now) in [
        (&mut limits.camera_limit, then.camera_limit, now.camera_limit),
        (&mut limits.user_limit, then.user_limit, now.user_limit),
        (&mut limits.dvr_limit_gb, then.dvr_limit_gb, now.dvr_limit_gb),
    ] {
        if *patch == Patch::Clear && then == now {
            *patch = Patch::Keep;
        }
    }
    Ok(())
}

fn check_references(write: &Write<'_>, organization: &Organization, patch: &OrganizationPatch) -> Result<()> {
    if let Some(owner) = patch.owner_id.set() {
        check_owner(write, *owner)?;
    }
    if let Some(chosen) = patch.branding_id.set() {
        branding::check_available(write, *chosen, &[organization.id])?;
    }
    if patch.exclusive_partner_only == Some(true)
        && cameras::any_of_other_partner(write, organization.id, organization.partner_id)?
    {
        return Err(Error::refused(
            Field::ExclusivePartnerOnly,
            "foreign_cameras",
            "the organization holds cameras of other partners; move or remove them first",
        ));
    }
    Ok(())
}

/// An owner must exist.
pub(super) fn check_owner(read: &Read<'_>, owner: UserId) -> Result<()> {
    match users::get(read, owner)? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(Field::Owner, format!("must be the id of a user; there is no user {owner}"))),
    }
}
