//! Cameras: register, list, remove; the camera limit and exclusivity hold for every way in.

use super::{load, record};
use crate::{
    model::{
        CameraId, Error, Field, OrgId, Result,
        actor::{Action, Actor, Who},
        camera::{Camera, NewCamera},
        event::Image,
    },
    store::{Read, Write, cameras},
};

/// The cameras of an organization, by id.
pub fn list(read: &Read<'_>, actor: &Actor, organization: OrgId) -> Result<Vec<Camera>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, organization)?;
    cameras::of_organization(read, organization)
}

/// Registers a camera.
pub fn register(write: &Write<'_>, who: &Who, new: &NewCamera) -> Result<Camera> {
    let load::Loaded { organization, .. } =
        load::organization(write, &who.actor, Action::EditCameras, new.organization_id)?;
    new.validate()?;
    let limit = organization.limits.camera_limit;
    if organization.camera_count >= limit {
        let message = format!(
            "the organization may have {limit} cameras and has {}; raise camera_limit or remove cameras first",
            organization.camera_count
        );
        return Err(Error::limit_reached(Field::Camera, "camera_limit_reached", message));
    }
    if organization.exclusive_partner_only && new.partner_id != organization.partner_id {
        let message = "the organization takes only cameras of the partner that made it";
        return Err(Error::refused(Field::ExclusivePartnerOnly, "foreign_camera", message));
    }
    record::around(write, who, &organization, |_| {
        let (id, change) = cameras::insert(write, new)?;
        let camera = cameras::get(write, id)?.ok_or_else(Error::internal)?;
        record::change_of(write, who, camera.version, None, Some(&Image::Camera(camera.clone())), change)?;
        Ok(camera)
    })
}

/// Removes a camera.
pub fn remove(write: &Write<'_>, who: &Who, id: CameraId) -> Result<()> {
    let camera = cameras::get(write, id)?.ok_or_else(|| Error::not_found("camera"))?;
    let load::Loaded { organization, .. } =
        load::organization(write, &who.actor, Action::EditCameras, camera.organization_id)?;
    record::around(write, who, &organization, |_| {
        let change = cameras::delete(write, id)?;
        record::change_of(write, who, camera.version + 1, Some(&Image::Camera(camera)), None, change)
    })
}
