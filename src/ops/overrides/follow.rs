//! What files say of an organization that is new or hangs elsewhere, in the transaction that makes or moves it.

use std::collections::{HashMap, HashSet};

use super::{
    apply::{Recording, apply},
    diff::{self, Difference, differences},
    managed::{check, problem},
    rules,
};
use crate::{
    model::{
        Field, OrgId, Patch, Result,
        actor::Who,
        organization::{NewOrganization, OrganizationPatch},
        overrides::{FIELDS, Table, Winners, mentioned},
        retention::Retention,
    },
    ops::record,
    store::{Read, Write, overrides},
};

/// Gives a new organization what files say of it. Refused where whoever makes it gave a field another value than a file
/// does. The caller records it.
pub(in crate::ops) fn settle(write: &Write<'_>, who: &Who, id: OrgId, new: &NewOrganization) -> Result<()> {
    if !overrides::any(write)? {
        return Ok(());
    }
    let (tables, ids) = concerning(write, &[id])?;
    let kept = diff::Kept { rules: rules(write, &tables)?, ids };
    let winners = write.hierarchy(|hierarchy| kept.rules.of(hierarchy, id));
    if !who.is_file() {
        let mut problems = Vec::new();
        let general_days = new.retention.purge_days.set().copied().unwrap_or(Retention::default().purge_days);
        for (field, wanted) in mentioned(&given(who, new), general_days) {
            let winner = FIELDS.iter().zip(winners).find(|((known, _), _)| *known == field);
            let setting = winner.and_then(|(_, winner)| kept.rules.setting(winner?, field));
            if let Some(setting) = setting.filter(|setting| Some(&setting.value) != wanted.as_ref()) {
                problems.push(problem(field, Some(&setting.place)));
            }
        }
        check(problems)?;
    }
    for difference in differences(write, Some(&[id]), &kept, |_| winners)? {
        apply(write, who, &difference, Recording::ByCaller)?;
    }
    Ok(())
}

/// Gives an organization that hangs elsewhere, and all below it, what files say of them now. The caller records the
/// organization itself; those below are recorded here.
pub(in crate::ops) fn follow(write: &Write<'_>, who: &Who, root: OrgId) -> Result<()> {
    // Only selectors of subtrees ask what hangs where.
    if !overrides::any_subtree(write)? {
        return Ok(());
    }
    let moved = write.hierarchy(|hierarchy| hierarchy.subtree(&[root]));
    let (tables, ids) = concerning(write, &moved)?;
    let kept = diff::Kept { rules: rules(write, &tables)?, ids };
    let winners: HashMap<OrgId, Winners> =
        write.hierarchy(|hierarchy| moved.iter().map(|id| (*id, kept.rules.of(hierarchy, *id))).collect());
    let nobody = [None; FIELDS.len()];
    let differences = differences(write, Some(&moved), &kept, |id| winners.get(&id).copied().unwrap_or(nobody))?;
    let touched = i64::try_from(differences.len()).unwrap_or(i64::MAX);
    record::check_extent(Field::Parents, touched, "move what hangs below it in parts first")?;
    for difference in differences {
        let Difference { id, .. } = difference;
        let recording = if id == root { Recording::ByCaller } else { Recording::Here };
        apply(write, who, &difference, recording)?;
    }
    Ok(())
}

/// The tables that may say something of these organizations, with their ids.
fn concerning(read: &Read<'_>, organizations: &[OrgId]) -> Result<(Vec<Table>, Vec<i64>)> {
    let line: HashSet<OrgId> = read.hierarchy(|hierarchy| {
        let above = organizations.iter().flat_map(|id| hierarchy.ancestors(*id));
        organizations.iter().copied().chain(above).collect()
    });
    let line: Vec<OrgId> = line.into_iter().collect();
    Ok(overrides::concerning(read, &line)?.into_iter().map(|kept| (kept.table, kept.id)).unzip())
}

/// What whoever makes an organization gave it. The limits of those who may not set any are the box's own.
fn given(who: &Who, new: &NewOrganization) -> OrganizationPatch {
    let may_limit = who.actor.is_admin();
    OrganizationPatch {
        title: Some(new.title.clone()),
        description: new.description.clone().map_or(Patch::Keep, Patch::Set),
        image_url: new.image_url.clone().map_or(Patch::Keep, Patch::Set),
        status: new.status,
        branding_id: new.branding_id.into(),
        owner_id: Patch::Keep,
        limits: if may_limit { new.limits.clone() } else { Default::default() },
        retention: new.retention.clone(),
        organization_profile_enabled: new.organization_profile_enabled.into(),
        exclusive_partner_only: new.exclusive_partner_only.then_some(true),
    }
}
