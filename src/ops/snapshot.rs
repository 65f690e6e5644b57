//! The full state, told in parts as events: after a new epoch, and where single events were given up for want of room.

use super::record;
use crate::{
    model::{
        CameraId, OrgId, Result, UserId,
        event::{Image, Subject},
        queue::SnapshotAt,
    },
    store::{Read, Write, cameras, journal, members, organizations, upstream, users, walk},
};

/// Tells at most so many subjects more. True as long as there is more to tell.
pub fn tell_more(write: &Write<'_>, subjects_max: i64) -> Result<bool> {
    let Some(mut at) = upstream::progress(write)?.snapshot_at else { return Ok(false) };
    let next = walk::after(write, at, subjects_max)?;
    if let Some(last) = next.last() {
        for place in &next {
            tell(write, *place)?;
        }
        at = *last;
    } else if at == SnapshotAt::End {
        let counts = counts_json(write)?;
        journal::tell_of_site(write, "snapshot", format!(r#"{{"complete":true,"counts":{counts}}}"#))?;
        upstream::set_snapshot(write, None)?;
        return Ok(false);
    } else {
        at = following(at);
    }
    upstream::set_snapshot(write, Some(at))?;
    Ok(true)
}

/// Tells the present state of one subject, whether or not it was told before; what is gone is passed over.
fn tell(write: &Write<'_>, place: SnapshotAt) -> Result<()> {
    match place {
        SnapshotAt::Organization(id) => organization(write, id),
        SnapshotAt::Member(organization, user) => member(write, organization, user),
        SnapshotAt::Camera(id) => camera(write, id),
        SnapshotAt::User(id) => user(write, id),
        SnapshotAt::End => Ok(()),
    }
}

fn organization(write: &Write<'_>, id: OrgId) -> Result<()> {
    let Some(organization) = organizations::get(write, id)? else { return Ok(()) };
    let image = record::image(write, &organization)?;
    journal::retell(write, Subject::Organization(id), organization.version, &image)
}

fn member(write: &Write<'_>, organization: OrgId, user: UserId) -> Result<()> {
    let Some(member) = members::get(write, organization, user)? else { return Ok(()) };
    let version = organizations::get(write, organization)?.map_or(1, |organization| organization.version);
    journal::retell(write, Subject::Member(organization, user), version, &Image::Member(member))
}

fn camera(write: &Write<'_>, id: CameraId) -> Result<()> {
    let Some(camera) = cameras::get(write, id)? else { return Ok(()) };
    journal::retell(write, Subject::Camera(id), camera.version, &Image::Camera(camera))
}

fn user(write: &Write<'_>, id: UserId) -> Result<()> {
    let Some(user) = users::get(write, id)? else { return Ok(()) };
    journal::retell(write, Subject::User(id), user.version, &Image::User(Box::new(user)))
}

/// Where the walk goes on when a kind is at its end.
fn following(at: SnapshotAt) -> SnapshotAt {
    match at {
        SnapshotAt::Organization(_) => SnapshotAt::Member(OrgId(0), UserId(0)),
        SnapshotAt::Member(..) => SnapshotAt::Camera(CameraId(0)),
        SnapshotAt::Camera(_) => SnapshotAt::User(UserId(0)),
        SnapshotAt::User(_) | SnapshotAt::End => SnapshotAt::End,
    }
}

/// How many subjects there are of each kind, as JSON.
pub(super) fn counts_json(read: &Read<'_>) -> Result<String> {
    let [organizations, members, cameras, users] = walk::counts(read)?;
    Ok(format!(r#"{{"organization":{organizations},"member":{members},"camera":{cameras},"user":{users}}}"#))
}
