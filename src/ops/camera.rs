//! Cameras: register, list, move, remove; the camera limit and exclusivity hold for every way in.

use std::collections::{HashMap, HashSet};

use super::{
    hold::{self, Holds},
    load, overrides,
    reach::Reach,
    record,
};
use crate::{
    model::{
        CameraId, Error, Field, Kind, OrgId, Organization, Result, UserId,
        actor::{Action, Actor, Who},
        camera::{Camera, CameraFilter, CameraPatch, CameraRetention, NewCamera, PlacedCamera},
        event::Image,
        hold::Hold,
        overrides::Source,
        retention::Purge,
    },
    store::{Read, Write, cameras, users},
};

/// A camera as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The camera with its organization's name and its purge time.
    pub placed: PlacedCamera,
    /// The hold over it: its own, or the nearest over its organization.
    pub hold: Option<Hold>,
    /// Where the value of the field that decides its purge time comes from.
    pub source: Source,
}

/// One camera.
pub fn view(read: &Read<'_>, actor: &Actor, id: CameraId) -> Result<Shown> {
    let camera = cameras::get(read, id)?.ok_or_else(|| Error::not_found("camera"))?;
    let load::Loaded { organization, .. } = load::organization(read, actor, Action::View, camera.organization_id)?;
    let above = hold::over_organization(read, actor, organization.id)?;
    let (hold, purge) = (camera.hold.clone().or(above), organization.retention.purge(camera.kind));
    let source = source(&overrides::sources(read, &[organization.id])?, organization.id, purge);
    Ok(Shown { placed: PlacedCamera { camera, organization: organization.name, purge }, hold, source })
}

/// The cameras that the actor sees and that meet the filter, by id.
pub fn search(read: &Read<'_>, actor: &Actor, filter: &CameraFilter) -> Result<Vec<Shown>> {
    for id in filter.organization.iter().chain(&filter.below) {
        let load::Loaded { .. } = load::organization(read, actor, Action::View, *id)?;
    }
    let reach = Reach::of(read, actor)?;
    let among = read.hierarchy(|hierarchy| {
        let visible = reach.visible(hierarchy);
        let below = filter.below.map(|root| hierarchy.subtree(&[root]));
        let one = filter.organization.map(|id| vec![id]);
        [below, one].into_iter().flatten().fold(visible, |among, wanted| match among {
            None => Some(wanted),
            Some(among) => {
                let among: HashSet<OrgId> = among.into_iter().collect();
                Some(wanted.into_iter().filter(|id| among.contains(id)).collect())
            }
        })
    });
    let found = cameras::list(read, filter, among)?;
    let mut homes: Vec<OrgId> = found.iter().map(|placed| placed.camera.organization_id).collect();
    homes.sort_unstable();
    homes.dedup();
    let (holds, sources) = (Holds::of(read)?, overrides::sources(read, &homes)?);
    let mut over: HashMap<OrgId, Option<&Hold>> = HashMap::new();
    let shown = |placed: PlacedCamera| {
        let organization = placed.camera.organization_id;
        let above =
            over.entry(organization).or_insert_with(|| read.hierarchy(|hierarchy| holds.over(hierarchy, organization)));
        let source = source(&sources, organization, placed.purge);
        Shown { hold: placed.camera.hold.clone().or_else(|| above.cloned()), source, placed }
    };
    Ok(found.into_iter().map(shown).collect())
}

/// How long the footage of every camera that the actor sees is kept, by organization and camera; `held` says of each
/// whether any hold is over it.
pub fn retention(read: &Read<'_>, actor: &Actor) -> Result<Vec<CameraRetention>> {
    let reach = Reach::of(read, actor)?;
    let visible: Option<HashSet<OrgId>> =
        read.hierarchy(|hierarchy| reach.visible(hierarchy)).map(|visible| visible.into_iter().collect());
    let holds = Holds::of(read)?;
    let mut found = Vec::new();
    let mut last: Option<(OrgId, bool)> = None;
    cameras::retention(read, |mut camera| {
        let organization = camera.organization_id;
        if visible.as_ref().is_some_and(|visible| !visible.contains(&organization)) {
            return;
        }
        // They come by organization, so each is asked for once.
        let above = match last {
            Some((known, above)) if known == organization => above,
            _ => read.hierarchy(|hierarchy| holds.over(hierarchy, organization).is_some()),
        };
        last = Some((organization, above));
        camera.held |= above;
        found.push(camera);
    })?;
    Ok(found)
}

/// The cameras of an organization, by id.
pub fn list(read: &Read<'_>, actor: &Actor, organization: OrgId) -> Result<Vec<Camera>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, organization)?;
    cameras::of_organization(read, organization)
}

/// Registers a camera.
pub fn register(write: &Write<'_>, who: &Who, new: &NewCamera) -> Result<Camera> {
    let load::Loaded { organization, .. } =
        load::organization(write, &who.actor, Action::EditCameras, new.organization_id)?;
    register_in(write, who, &organization, new)
}

/// Registers a camera in its organization, for callers that have checked that they may.
pub(super) fn register_in(
    write: &Write<'_>,
    who: &Who,
    organization: &Organization,
    new: &NewCamera,
) -> Result<Camera> {
    new.validate()?;
    if let Some(partner) = new.partner_id
        && users::get(write, partner)?.is_none()
    {
        let message = format!("must be the id of a user; there is no user {partner}");
        return Err(Error::invalid(Field::Wire("partner_id"), message));
    }
    check_room(organization, new.partner_id)?;
    record::around(write, who, organization, |_| {
        let (id, change) = cameras::insert(write, new)?;
        let camera = cameras::get(write, id)?.ok_or_else(Error::internal)?;
        record::change_of(write, who, camera.version, None, Some(&Image::Camera(camera.clone())), change)?;
        Ok(camera)
    })
}

/// Changes a camera: gives it another name or type, or moves it to another organization. Moving needs the right on both.
pub fn update(write: &Write<'_>, who: &Who, id: CameraId, patch: CameraPatch) -> Result<Camera> {
    let camera = cameras::get(write, id)?.ok_or_else(|| Error::not_found("camera"))?;
    let load::Loaded { organization, .. } =
        load::organization(write, &who.actor, Action::EditCameras, camera.organization_id)?;
    patch.validate()?;
    let CameraPatch { organization_id, name, kind } = patch;
    let mut changed = camera.clone();
    changed.organization_id = organization_id.unwrap_or(changed.organization_id);
    changed.name = name.unwrap_or(changed.name);
    changed.kind = kind.unwrap_or(changed.kind);
    if changed == camera {
        return Ok(camera);
    }
    let target = if changed.organization_id == camera.organization_id {
        None
    } else {
        let target = load_target(write, who, changed.organization_id)?;
        check_room(&target, camera.partner_id)?;
        Some(target)
    };
    hold::check_camera_change(write, &camera, &changed)?;
    let store = |_version| {
        let change = cameras::update(write, &changed)?;
        let stored = cameras::get(write, id)?.ok_or_else(Error::internal)?;
        let (before, after) = (Image::Camera(camera), Image::Camera(stored.clone()));
        record::change_of(write, who, stored.version, Some(&before), Some(&after), change)?;
        Ok(stored)
    };
    match target {
        None => store(0),
        Some(target) => record::around(write, who, &organization, |_| record::around(write, who, &target, store)),
    }
}

/// Removes a camera.
pub fn remove(write: &Write<'_>, who: &Who, id: CameraId) -> Result<()> {
    let camera = cameras::get(write, id)?.ok_or_else(|| Error::not_found("camera"))?;
    let load::Loaded { organization, .. } =
        load::organization(write, &who.actor, Action::EditCameras, camera.organization_id)?;
    hold::check_removal(write, &camera)?;
    record::around(write, who, &organization, |_| {
        let change = cameras::delete(write, id)?;
        record::change_of(write, who, camera.version + 1, Some(&Image::Camera(camera)), None, change)
    })
}

fn source(managed: &HashMap<(OrgId, Field), Source>, organization: OrgId, purge: Purge) -> Source {
    let Purge { days: _, field, given } = purge;
    let own = if given { Source::Stored } else { Source::Default };
    managed.get(&(organization, field)).cloned().unwrap_or(own)
}

/// The organization that a camera is to be moved to.
fn load_target(write: &Write<'_>, who: &Who, id: OrgId) -> Result<Organization> {
    match load::organization(write, &who.actor, Action::EditCameras, id) {
        Ok(loaded) => Ok(loaded.organization),
        Err(error) if error.kind == Kind::NotFound => {
            let message = format!("must be the id of an organization; there is no organization {id}");
            Err(Error::invalid(Field::Wire("organization_id"), message))
        }
        Err(error) => Err(error),
    }
}

/// Whether an organization takes one more camera, of this partner.
fn check_room(organization: &Organization, partner: Option<UserId>) -> Result<()> {
    let limit = organization.limits.camera_limit;
    if organization.camera_count >= limit {
        let message = format!(
            "the organization may have {limit} cameras and has {}; raise camera_limit or remove cameras first",
            organization.camera_count
        );
        return Err(Error::limit_reached(Field::Camera, "camera_limit_reached", message));
    }
    if organization.exclusive_partner_only && partner != organization.partner_id {
        let message = "the organization takes only cameras of the partner that made it";
        return Err(Error::refused(Field::ExclusivePartnerOnly, "foreign_camera", message));
    }
    Ok(())
}
