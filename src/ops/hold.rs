//! Legal holds: setting and lifting them, and what they refuse.
//!
//! A hold on an organization is over its cameras and over everything below it, so nothing leaves it by being moved or
//! unlinked either: what is under a hold stays under that hold until a super administrator lifts it. Every verb that could
//! shorten retention, delete or move asks here, so that no dialect, import or file gets round it.

use std::collections::HashMap;

use super::{load, overrides, reach::Reach, record};
use crate::{
    model::{
        CameraId, Error, Field, Kind, OrgId, Result,
        actor::{Action, Actor, Who},
        camera::Camera,
        error::Problem,
        event::Image,
        hierarchy::Hierarchy,
        hold::{Held, Hold, validate_reason},
        retention::Retention,
    },
    store::{Read, Write, cameras, holds, organizations},
};

/// Every hold on organizations, to be asked who is under them.
pub(super) struct Holds(HashMap<OrgId, Hold>);

impl Holds {
    /// Reads them. There are few.
    pub(super) fn of(read: &Read<'_>) -> Result<Self> {
        let by_organization = holds::of_organizations(read)?.into_iter().filter_map(|hold| match hold.on {
            Held::Organization(id) => Some((id, hold)),
            Held::Camera(_) => None,
        });
        Ok(Self(by_organization.collect()))
    }

    /// The hold that is over an organization: its own, or the nearest above it.
    pub(super) fn over(&self, hierarchy: &Hierarchy, id: OrgId) -> Option<&Hold> {
        self.all_over(hierarchy, id).into_iter().next()
    }

    /// Every hold over an organization, nearest first.
    fn all_over(&self, hierarchy: &Hierarchy, id: OrgId) -> Vec<&Hold> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let line = std::iter::once(id).chain(hierarchy.ancestors(id));
        line.filter_map(|id| self.0.get(&id)).collect()
    }
}

/// The hold over an organization: its own, or the nearest above it.
pub fn over_organization(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Option<Hold>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, id)?;
    over(read, id)
}

/// The hold over a camera: its own, or the nearest over its organization.
pub fn over_camera(read: &Read<'_>, actor: &Actor, id: CameraId) -> Result<Option<Hold>> {
    let camera = cameras::get(read, id)?.ok_or_else(|| Error::not_found("camera"))?;
    let above = over_organization(read, actor, camera.organization_id)?;
    Ok(camera.hold.or(above))
}

/// The first `limit` holds behind the one on `after` that were set on something the actor sees: those on organizations by
/// id, then those on cameras by id.
pub fn list(read: &Read<'_>, actor: &Actor, after: Option<Held>, limit: usize) -> Result<Vec<Hold>> {
    let visible = Reach::of(read, actor)?;
    let visible = read.hierarchy(|hierarchy| visible.visible(hierarchy));
    let sees = |id: &OrgId| visible.as_ref().is_none_or(|visible| visible.contains(id));
    let mut found = holds::of_organizations(read)?;
    found.retain(|hold| matches!(hold.on, Held::Organization(id) if sees(&id)));
    let on_cameras = holds::of_cameras(read)?.into_iter().filter(|(organization, _)| sees(organization));
    found.extend(on_cameras.map(|(_, hold)| hold));
    found.retain(|hold| after.is_none_or(|after| hold.on > after));
    found.sort_unstable_by_key(|hold| hold.on);
    found.truncate(limit);
    Ok(found)
}

/// Puts an organization or a camera under hold. Where it is under one of its own already, that gets the reason given.
pub fn set(write: &Write<'_>, who: &Who, on: Held, reason: &str) -> Result<Hold> {
    let _grant = load::administer(&who.actor, Action::AdministerAdministrators)?;
    let present = own(write, on)?;
    validate_reason(reason)?;
    if let Some(present) = present.filter(|present| present.reason == reason) {
        return Ok(present);
    }
    let author = who.actor.name.clone();
    let hold = Hold { on, reason: reason.to_owned(), author, since_ms: write.now_ms() };
    change(write, who, on, || holds::set(write, &hold))?;
    own(write, on)?.ok_or_else(Error::internal)
}

/// Lifts the hold that was set on this very organization or camera.
pub fn lift(write: &Write<'_>, who: &Who, on: Held) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::AdministerAdministrators)?;
    if own(write, on)?.is_none() {
        return Err(Error::not_found("hold"));
    }
    change(write, who, on, || holds::lift(write, on))?;
    // What files say and the hold forbade comes into force now.
    overrides::reapply(write).map(drop)
}

/// Refuses to keep footage of an organization for less time than before while it or one of its cameras is under hold.
pub fn check_retention(read: &Read<'_>, id: OrgId, before: &Retention, after: &Retention) -> Result<()> {
    let shorter = before.shortened(after);
    if shorter.is_empty() {
        return Ok(());
    }
    if let Some(hold) = over(read, id)? {
        return Err(refusal(&hold, &shorter, "its retention may not be shortened"));
    }
    for (_, hold) in holds::of_cameras(read)?.into_iter().filter(|(organization, _)| *organization == id) {
        let Held::Camera(camera) = hold.on else { continue };
        let camera = cameras::get(read, camera)?.ok_or_else(Error::internal)?;
        let shorter = before.shortened_for(camera.kind, after, camera.kind);
        if !shorter.is_empty() {
            return Err(refusal(&hold, &shorter, "its retention may not be shortened"));
        }
    }
    Ok(())
}

/// Refuses to delete organizations that are under hold, or have a camera that is.
pub(super) fn check_deletion(read: &Read<'_>, doomed: &[OrgId]) -> Result<()> {
    let over = Holds::of(read)?;
    let found = read.hierarchy(|hierarchy| doomed.iter().find_map(|id| over.over(hierarchy, *id).cloned()));
    let mut on_cameras = holds::of_cameras(read)?.into_iter();
    let found = found.or_else(|| on_cameras.find(|(id, _)| doomed.contains(id)).map(|(_, hold)| hold));
    match found {
        Some(hold) => Err(refusal(&hold, &[Field::Id], "it may not be deleted")),
        None => Ok(()),
    }
}

/// Refuses to remove a camera that is under hold.
pub(super) fn check_removal(read: &Read<'_>, camera: &Camera) -> Result<()> {
    let above = over(read, camera.organization_id)?;
    match camera.hold.as_ref().or(above.as_ref()) {
        Some(hold) => Err(refusal(hold, &[Field::Id], "it may not be removed")),
        None => Ok(()),
    }
}

/// Refuses to move a camera out of a hold, and to keep the footage of one under hold for less time.
pub(super) fn check_camera_change(read: &Read<'_>, before: &Camera, after: &Camera) -> Result<()> {
    let from = lines(read, before.organization_id)?;
    let to = lines(read, after.organization_id)?;
    if let Some(left) = from.iter().find(|hold| !to.contains(hold)) {
        return Err(refusal(left, &[Field::Wire("organization_id")], "it may not be moved out of the hold"));
    }
    let Some(hold) = before.hold.as_ref().or(from.first()) else { return Ok(()) };
    let retention = |id| organizations::get(read, id)?.ok_or_else(Error::internal);
    let (source, target) = (retention(before.organization_id)?, retention(after.organization_id)?);
    let shorter = source.retention.shortened_for(before.kind, &target.retention, after.kind);
    if shorter.is_empty() { Ok(()) } else { Err(refusal(hold, &shorter, "its retention may not be shortened")) }
}

/// Every hold over an organization, nearest first: what [`check_lines`] compares.
pub(super) fn lines(read: &Read<'_>, id: OrgId) -> Result<Vec<Hold>> {
    let over = Holds::of(read)?;
    Ok(read.hierarchy(|hierarchy| over.all_over(hierarchy, id).into_iter().cloned().collect()))
}

/// Refuses to unlink an organization from under a hold that was over it before.
pub(super) fn check_lines(read: &Read<'_>, id: OrgId, before: &[Hold]) -> Result<()> {
    if before.is_empty() {
        return Ok(());
    }
    let after = lines(read, id)?;
    match before.iter().find(|hold| !after.contains(hold)) {
        Some(left) => Err(refusal(left, &[Field::Parents], "what is below it may not be taken out of the hold")),
        None => Ok(()),
    }
}

fn over(read: &Read<'_>, id: OrgId) -> Result<Option<Hold>> {
    let over = Holds::of(read)?;
    Ok(read.hierarchy(|hierarchy| over.over(hierarchy, id).cloned()))
}

/// The hold on this very thing, which must exist.
fn own(read: &Read<'_>, on: Held) -> Result<Option<Hold>> {
    match on {
        Held::Organization(id) => {
            organizations::get(read, id)?.ok_or_else(|| Error::not_found("organization"))?;
            holds::of_organization(read, id)
        }
        Held::Camera(id) => Ok(cameras::get(read, id)?.ok_or_else(|| Error::not_found("camera"))?.hold),
    }
}

/// Records a change of a hold as one of what it is on.
fn change(write: &Write<'_>, who: &Who, on: Held, work: impl FnOnce() -> Result<crate::store::Change>) -> Result<()> {
    match on {
        Held::Organization(id) => {
            let before = record::image_of(write, id)?;
            let change = work()?.and(organizations::touch(write, id)?);
            record::organization(write, who, id, before.as_ref(), change).map(drop)
        }
        Held::Camera(id) => {
            let before = cameras::get(write, id)?.ok_or_else(Error::internal)?;
            let change = work()?.and(cameras::update(write, &before)?);
            let after = cameras::get(write, id)?.ok_or_else(Error::internal)?;
            let version = after.version;
            let (before, after) = (Image::Camera(before), Image::Camera(after));
            record::change_of(write, who, version, Some(&before), Some(&after), change)
        }
    }
}

fn refusal(hold: &Hold, fields: &[Field], what: &str) -> Error {
    let message = format!("{} is under legal hold, set by {}: {what}", hold.on, hold.author);
    let problem = |field: &Field| Problem { field: *field, message: "is under legal hold".to_owned() };
    let problems = fields.iter().map(problem).collect();
    Error { problems, ..Error::new(Kind::Held, "under_hold", message) }
}
