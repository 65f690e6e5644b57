//! Installation groups: reading them, checking placements, keeping those that the configuration names.

use super::{load, reach::Reach, record};
use crate::{
    model::{
        Error, Field, IgrpId, Kind, Result,
        actor::{Action, Actor, Who},
        error::Problems,
        event::Image,
        igrp::{Igrp, NewPlacement, Placement},
    },
    store::{Read, Write, igrps},
};

/// Every group, by id. Whoever is signed in may see them.
pub fn list(read: &Read<'_>, actor: &Actor) -> Result<Vec<Igrp>> {
    let _grant = load::administer(actor, Action::Browse)?;
    Ok(igrps::all(read)?.into_values().collect())
}

/// One group.
pub fn view(read: &Read<'_>, actor: &Actor, id: IgrpId) -> Result<Igrp> {
    let _grant = load::administer(actor, Action::Browse)?;
    igrps::all(read)?.remove(&id).ok_or_else(|| Error::not_found("igrp"))
}

/// What the organizations that the actor sees are within a group.
pub fn placements(read: &Read<'_>, actor: &Actor, id: IgrpId) -> Result<Vec<Placement>> {
    view(read, actor, id)?;
    let reach = Reach::of(read, actor)?;
    let mut placements = igrps::placements(read, id)?;
    if let Some(visible) = read.hierarchy(|hierarchy| reach.visible(hierarchy)) {
        let visible: std::collections::HashSet<_> = visible.into_iter().collect();
        placements.retain(|placement| visible.contains(&placement.organization_id));
    }
    Ok(placements)
}

/// Whether a group comes from the configuration file.
pub fn is_managed(read: &Read<'_>, id: IgrpId) -> Result<bool> {
    Ok(igrps::from_file(read)?.contains(&id))
}

/// Makes a group. Its id is chosen by whoever makes it; without one it is the next.
pub fn create(write: &Write<'_>, who: &Who, id: Option<IgrpId>, mut new: Igrp) -> Result<Igrp> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let all = igrps::all(write)?;
    let next = || all.keys().last().map_or(1, |last| last.0 + 1);
    new.id = id.unwrap_or_else(|| IgrpId(next()));
    if all.contains_key(&new.id) {
        return Err(Error::taken(Field::Id, "igrp_exists", format!("there is an igrp {} already", new.id)));
    }
    check(&mut new)?;
    put(write, who, &new, false)?;
    Ok(new)
}

/// Changes a group that does not come from the configuration file. A type that an organization has stays.
pub fn update(write: &Write<'_>, who: &Who, mut wanted: Igrp) -> Result<Igrp> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let before = view(write, &who.actor, wanted.id)?;
    check_not_managed(write, wanted.id)?;
    check(&mut wanted)?;
    if wanted == before {
        return Ok(before);
    }
    let placements = igrps::placements(write, wanted.id)?;
    let dropped = |code: &&String| !wanted.types.iter().any(|kind| kind.code == **code);
    if let Some(code) = placements.iter().filter_map(|placement| placement.type_code.as_ref()).find(dropped) {
        let message = format!("organizations have the type {code}, which would be gone");
        return Err(Error::refused(Field::Wire("types"), "type_in_use", message));
    }
    put(write, who, &wanted, false)?;
    Ok(wanted)
}

/// Removes a group that does not come from the configuration file.
pub fn remove(write: &Write<'_>, who: &Who, id: IgrpId) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    view(write, &who.actor, id)?;
    check_not_managed(write, id)?;
    delete(write, who, id)
}

/// Makes or changes a group.
pub fn put(write: &Write<'_>, who: &Who, igrp: &Igrp, from_file: bool) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let before = igrps::all(write)?.remove(&igrp.id).map(Image::Igrp);
    let after = Image::Igrp(igrp.clone());
    let change = igrps::put(write, igrp, from_file)?;
    record::change_of(write, who, 0, before.as_ref(), Some(&after), change)
}

/// Removes a group; refused while an organization has a type or a reference in it.
pub fn delete(write: &Write<'_>, who: &Who, id: IgrpId) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let Some(igrp) = igrps::all(write)?.remove(&id) else { return Err(Error::not_found("igrp")) };
    let placed = igrps::placements(write, id)?.len();
    if placed > 0 {
        let message = format!("{placed} organizations are placed in igrp {id}");
        return Err(Error::refused(Field::Id, "igrp_in_use", message));
    }
    let change = igrps::delete(write, id)?;
    record::change_of(write, who, 0, Some(&Image::Igrp(igrp)), None, change)
}

fn check_not_managed(read: &Read<'_>, id: IgrpId) -> Result<()> {
    if !is_managed(read, id)? {
        return Ok(());
    }
    let message = format!("igrp {id} comes from the configuration file; change it there");
    Err(Error::new(Kind::Managed, "managed_by_file", message))
}

fn check(igrp: &mut Igrp) -> Result<()> {
    let mut problems = Problems::default();
    igrp.validate(&mut problems);
    // As they are read again: in order.
    igrp.types.sort_by(|left, right| (left.order, &left.code).cmp(&(right.order, &right.code)));
    problems.check()
}

/// Refuses placements in unknown groups and with unknown types.
pub(super) fn check_placements(read: &Read<'_>, placements: &[NewPlacement]) -> Result<()> {
    if placements.is_empty() {
        return Ok(());
    }
    let igrps = igrps::all(read)?;
    for NewPlacement { igrp_id, type_code, reference } in placements {
        let field =
            if type_code.is_some() || reference.is_none() { Field::OrganizationTypes } else { Field::OrganizationRefs };
        let Some(igrp) = igrps.get(igrp_id) else {
            let known: Vec<String> = igrps.keys().map(ToString::to_string).collect();
            let message = format!("names igrp {igrp_id}, which does not exist; known are: {}", known.join(", "));
            return Err(Error::invalid(field, message));
        };
        if let Some(code) = type_code
            && !igrp.types.iter().any(|kind| kind.code == *code)
        {
            let known: Vec<&str> = igrp.types.iter().map(|kind| kind.code.as_str()).collect();
            let message = format!("has no type {code} in igrp {igrp_id}; its types are: {}", known.join(", "));
            return Err(Error::invalid(Field::OrganizationTypes, message));
        }
    }
    Ok(())
}
