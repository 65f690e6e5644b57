//! Conditional changes: whoever has read a version may demand that it still be the present one.
//!
//! Called at the head of the change's own transaction, so of two who demand the same version exactly one gets it.

use super::{camera, credential, organization, user};
use crate::{
    model::{CameraId, Error, KeyId, Kind, OrgId, Result, UserId, actor::Actor, credential::KEY_VERSION},
    store::Write,
};

/// Demands that an organization is at this version. `None` demands nothing.
pub fn of_organization(write: &Write<'_>, actor: &Actor, id: OrgId, demanded: Option<i64>) -> Result<()> {
    // Only who sees it learns that it has changed.
    check(demanded, || Ok(organization::view(write, actor, id)?.version))
}

/// Demands that a camera is at this version. `None` demands nothing.
pub fn of_camera(write: &Write<'_>, actor: &Actor, id: CameraId, demanded: Option<i64>) -> Result<()> {
    check(demanded, || Ok(camera::view(write, actor, id)?.placed.camera.version))
}

/// Demands that a user is at this version. `None` demands nothing.
pub fn of_user(write: &Write<'_>, actor: &Actor, id: UserId, demanded: Option<i64>) -> Result<()> {
    check(demanded, || Ok(user::view(write, actor, id)?.version))
}

/// Demands that a key is at this version: keys never change, so there is only one. `None` demands nothing.
pub fn of_key(write: &Write<'_>, actor: &Actor, id: KeyId, demanded: Option<i64>) -> Result<()> {
    check(demanded, || credential::view_key(write, actor, id).map(|_| KEY_VERSION))
}

/// Demands a version of something that the caller has loaded with the right to see it. `None` demands nothing.
pub fn check(demanded: Option<i64>, present: impl FnOnce() -> Result<i64>) -> Result<()> {
    let Some(demanded) = demanded else { return Ok(()) };
    let present = present()?;
    if demanded == present {
        return Ok(());
    }
    let message = format!("it has changed: it is at version {present}, not {demanded}; read it again");
    Err(Error::new(Kind::Outdated, "outdated", message))
}
