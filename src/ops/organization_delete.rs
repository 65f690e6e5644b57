//! Deleting an organization, alone or with what hangs below it.

use super::{hold, load, overrides, record};
use crate::{
    model::{
        Error, Field, OrgId, Result,
        actor::{Action, Who},
        event::Image,
    },
    store::{Write, api_keys, brandings, cameras, members, organization_parents, organizations},
};

/// What becomes of that which depends on a deleted organization; a dialect's contract chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// The organizations below it.
    pub children: Children,
    /// Whether registered cameras stand in the way; otherwise they go with it.
    pub refuse_cameras: bool,
}

/// What becomes of the organizations below a deleted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// They hang below its parents from then on.
    Rehang,
    /// They stand in the way.
    Refuse,
    /// They go as well, unless they hang below something that stays.
    Cascade,
}

/// Deletes an organization with its memberships and camera registrations. Its id is never used again.
pub fn delete(write: &Write<'_>, who: &Who, id: OrgId, deletion: Deletion) -> Result<()> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::Delete, id)?;
    if deletion.refuse_cameras && organization.camera_count > 0 {
        let message = format!("the organization has {} cameras; remove them first", organization.camera_count);
        return Err(Error::refused(Field::Id, "has_cameras", message));
    }
    let has_children = write.hierarchy(|hierarchy| hierarchy.has_children(id));
    match deletion.children {
        Children::Refuse if has_children => Err(Error::refused(
            Field::Id,
            "has_children",
            "there are organizations below this one; delete them first or ask for all to be deleted",
        )),
        Children::Cascade => {
            let doomed = write.hierarchy(|hierarchy| hierarchy.deletable_subtree(id));
            check_extent(write, &doomed, 0)?;
            hold::check_deletion(write, &doomed)?;
            // Farthest first, so that mostly what is deleted has nothing below it any more.
            for doomed in doomed.into_iter().rev() {
                remove(write, who, doomed, &[])?;
            }
            Ok(())
        }
        Children::Refuse | Children::Rehang => {
            hold::check_deletion(write, &[id])?;
            let heirs = heirs(write, id);
            check_extent(write, &[id], write.hierarchy(|hierarchy| hierarchy.children(id)).len())?;
            remove(write, who, id, &heirs)
        }
    }
}

fn check_extent(write: &Write<'_>, doomed: &[OrgId], rehung: usize) -> Result<()> {
    let touched = organizations::extent(write, doomed)?.saturating_add(i64::try_from(rehung).unwrap_or(i64::MAX));
    record::check_extent(
        Field::Id,
        touched,
        "delete or move what is below it, its members and its cameras in parts first",
    )
}

/// Below what the children of a deleted organization hang: its parents, or else the default organization.
fn heirs(write: &Write<'_>, id: OrgId) -> Vec<OrgId> {
    write.hierarchy(|hierarchy| {
        let parents = hierarchy.parents(id);
        if parents.is_empty() && id != OrgId::DEFAULT && hierarchy.contains(OrgId::DEFAULT) {
            return vec![OrgId::DEFAULT];
        }
        parents
    })
}

fn remove(write: &Write<'_>, who: &Who, id: OrgId, heirs: &[OrgId]) -> Result<()> {
    let organization = organizations::get(write, id)?.ok_or_else(|| Error::not_found("organization"))?;
    let before = record::image(write, &organization)?;
    rehang_children(write, who, id, heirs)?;
    for member in members::of_organization(write, id)? {
        let gone = members::delete(write, id, member.user_id)?;
        record::change_of(write, who, organization.version + 1, Some(&Image::Member(member)), None, gone)?;
    }
    for camera in cameras::of_organization(write, id)? {
        let gone = cameras::delete(write, camera.id)?;
        record::change_of(write, who, camera.version + 1, Some(&Image::Camera(camera)), None, gone)?;
    }
    disown_brandings(write, who, id)?;
    for key in api_keys::of_organization(write, id)? {
        let gone = api_keys::delete(write, key.id)?;
        record::change_of(write, who, 0, Some(&Image::Key(key)), None, gone)?;
    }
    for parent in write.hierarchy(|hierarchy| hierarchy.parents(id)) {
        // The tombstone tells of it; the link alone is no event.
        let _told_by_the_tombstone = organization_parents::unlink(write, parent, id)?;
    }
    let change = organizations::delete(write, id)?;
    record::organization(write, who, id, Some(&before), change)?;
    Ok(())
}

/// Unlinks the children and links them below the heirs. Without heirs they keep their other parents or become roots.
fn rehang_children(write: &Write<'_>, who: &Who, id: OrgId, heirs: &[OrgId]) -> Result<()> {
    // Newest first, as they stand last in the graph: finding each from the front would take as long as all of them.
    for child in write.hierarchy(|hierarchy| hierarchy.children(id)).into_iter().rev() {
        let Some(before) = record::image_of(write, child)? else { continue };
        let mut change = organization_parents::unlink(write, id, child)?;
        for heir in heirs {
            let fits = write.hierarchy(|hierarchy| {
                !hierarchy.parents(child).contains(heir) && !hierarchy.would_cycle(*heir, child)
            });
            if fits {
                change = change.and(organization_parents::link(write, *heir, child)?);
            }
        }
        change = change.and(organizations::touch(write, child)?);
        overrides::follow(write, who, child)?;
        record::organization(write, who, child, Some(&before), change)?;
    }
    Ok(())
}

/// Its brandings belong to it no longer. What hung below it keeps the look that it has chosen until it chooses another: a
/// deletion that a contract promises must not fail for it.
fn disown_brandings(write: &Write<'_>, who: &Who, id: OrgId) -> Result<()> {
    let owned = brandings::of_organization(write, id)?;
    if owned.is_empty() {
        return Ok(());
    }
    for (branding, before) in brandings::all(write)?.into_iter().filter(|(branding, _)| owned.contains(branding)) {
        let mut after = before.clone();
        after.organizations.retain(|owner| *owner != id);
        let change = brandings::disown(write, branding, id)?;
        record::change_of(write, who, 0, Some(&Image::Branding(before)), Some(&Image::Branding(after)), change)?;
    }
    Ok(())
}
