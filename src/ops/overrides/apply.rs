//! Doing what a difference says: the rows of who manages what, the values in force, and the event.

use super::diff::{Difference, Step};
use crate::{
    model::{
        Error, Result,
        actor::Who,
        event::{Image, OrganizationImage},
        overrides::{Changed, put},
    },
    ops::record,
    store::{Change, Write, managed_fields, organizations},
};

/// Whether a change of an organization is recorded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recording {
    /// Yes, and its version counted up.
    Here,
    /// The caller does, as part of a change that it makes.
    ByCaller,
}

/// Applies a difference. Returns what changed of what is in force, if anything did.
pub(super) fn apply(
    write: &Write<'_>,
    who: &Who,
    difference: &Difference,
    recording: Recording,
) -> Result<Option<Changed>> {
    let id = difference.id;
    for step in &difference.steps {
        match &step.managed {
            [before, Some(after)] if before.as_ref() != Some(after) => managed_fields::put(write, id, after)?,
            [_, Some(_)] => {}
            [_, None] => managed_fields::remove(write, id, step.place)?,
        }
    }
    let written: Vec<&Step> = difference.steps.iter().filter(|step| step.columns[0] != step.columns[1]).collect();
    if written.is_empty() {
        return Ok(None);
    }
    let columns: Vec<_> = written.iter().map(|step| (step.field(), step.columns[1].as_ref())).collect();
    let fields = written.iter().filter(|step| step.is_effective()).map(|step| (step.field(), step.in_force()));
    let fields: Vec<_> = fields.collect();
    let changed = (!fields.is_empty()).then(|| Changed { id, name: difference.name.clone(), fields });
    if changed.is_none() || recording == Recording::ByCaller {
        let _nobody_notices_or_the_caller_records = managed_fields::overlay(write, id, &columns, false)?;
        return Ok(changed);
    }
    let organization = organizations::get(write, id)?.ok_or_else(Error::internal)?;
    let before = record::image(write, &organization)?;
    let change = managed_fields::overlay(write, id, &columns, true)?;
    record_change(write, who, &before, &written, change)?;
    Ok(changed)
}

/// The image afterwards is made from the one before: reading it again would cost as much as all the rest.
fn record_change(write: &Write<'_>, who: &Who, before: &Image, written: &[&Step], change: Change) -> Result<()> {
    let Image::Organization(image) = before else { return Err(Error::internal()) };
    let mut after: OrganizationImage = (**image).clone();
    after.organization.version += 1;
    for step in written {
        put(&mut after.organization, step.field(), step.columns[1].clone());
    }
    let version = after.organization.version;
    record::change_of(write, who, version, Some(before), Some(&Image::Organization(Box::new(after))), change)
}
