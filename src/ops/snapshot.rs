//! The full state, told in parts as events: after a new epoch, and where single events were given up for want of room.

use super::record;
use crate::{
    model::{
        CameraId, OrgId, Result, UserId,
        event::{Event, Image, Subject},
        queue::SnapshotAt,
    },
    store::{
        Read, Write, cameras,
        journal::{self, Count},
        members, organizations, outbox, upstream, users, walk,
    },
};

/// Tells at most so many subjects more, and none behind the one that takes what waits past so many bytes. True as long as
/// there is more to tell.
pub fn tell_more(write: &Write<'_>, subjects_max: i64, bytes_max: i64) -> Result<bool> {
    let Some(mut at) = upstream::progress(write)?.snapshot_at else { return Ok(false) };
    let next = walk::after(write, at, subjects_max)?;
    if !next.is_empty() {
        for place in next {
            retell(write, place, Count::First)?;
            at = place;
            if upstream::progress(write)?.queued_bytes >= bytes_max {
                break;
            }
        }
    } else if at == SnapshotAt::End {
        // What is set aside is not there, and a receiver that counted would ask for everything anew.
        let parked = upstream::parked_since(write, 0)? > 0;
        let counts = if parked { "null".to_owned() } else { counts_json(write)? };
        journal::tell_of_site(write, "snapshot", format!(r#"{{"complete":true,"counts":{counts}}}"#))?;
        upstream::set_snapshot(write, None)?;
        return Ok(false);
    } else {
        at = following(at);
    }
    upstream::set_snapshot(write, Some(at))?;
    Ok(true)
}

/// Tells the present state of one subject. False where it is gone.
fn retell(write: &Write<'_>, place: SnapshotAt, count: Count) -> Result<bool> {
    let (subject, version, image) = match place {
        SnapshotAt::Organization(id) => {
            let Some(organization) = organizations::get(write, id)? else { return Ok(false) };
            (Subject::Organization(id), organization.version, record::image(write, &organization)?)
        }
        SnapshotAt::Member(id, user) => {
            let Some(member) = members::get(write, id, user)? else { return Ok(false) };
            let version = organizations::get(write, id)?.map_or(1, |organization| organization.version);
            (Subject::Member(id, user), version, Image::Member(member))
        }
        SnapshotAt::Camera(id) => {
            let Some(camera) = cameras::get(write, id)? else { return Ok(false) };
            (Subject::Camera(id), camera.version, Image::Camera(camera))
        }
        SnapshotAt::User(id) => {
            let Some(user) = users::get(write, id)? else { return Ok(false) };
            (Subject::User(id), user.version, Image::User(Box::new(user)))
        }
        SnapshotAt::End => return Ok(false),
    };
    journal::retell(write, subject, version, &image, count)?;
    Ok(true)
}

/// Tells the subject of an event again, as it is now; of what is gone, that it is.
pub(super) fn tell_again(write: &Write<'_>, event: &Event) -> Result<()> {
    let told = match SnapshotAt::of_subject(&event.subject) {
        Some(place) => retell(write, place, Count::Counted)?,
        None => false,
    };
    if told || !event.kind.ends_with(".deleted.v1") { Ok(()) } else { outbox::repeat(write, event) }
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
