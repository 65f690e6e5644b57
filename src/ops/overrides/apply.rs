//! Doing what a difference says: the rows of who manages what, the values in force, and the event.

use super::diff::{Difference, Step};
use crate::{
    model::{
        Error, Organization, Result,
        actor::Who,
        event::{Image, OrganizationImage},
        overrides::{Changed, FIELDS, value},
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
    if recording == Recording::ByCaller {
        let _the_caller_records = managed_fields::overlay(write, id, &columns)?;
        return Ok(None);
    }
    let organization = organizations::get(write, id)?.ok_or_else(Error::internal)?;
    let before = record::image(write, &organization)?;
    let change = managed_fields::overlay(write, id, &columns)?;
    // Read again, not reckoned: what a column that holds nothing means, the database knows.
    let after = organizations::get(write, id)?.ok_or_else(Error::internal)?;
    let pair = |field| [value(&organization, field), value(&after, field)];
    let fields = FIELDS.into_iter().map(|(field, _)| (field, pair(field))).filter(|(_, [old, new])| old != new);
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let change = change.and(organizations::touch(write, id)?);
    record_change(write, who, &before, after, change)?;
    Ok(Some(Changed { id, name: difference.name.clone(), fields }))
}

/// Links and members are as they were, so only the organization itself is another.
fn record_change(write: &Write<'_>, who: &Who, before: &Image, after: Organization, change: Change) -> Result<()> {
    let Image::Organization(image) = before else { return Err(Error::internal()) };
    let mut image: OrganizationImage = (**image).clone();
    image.organization = Organization { version: after.version + 1, ..after };
    let version = image.organization.version;
    record::change_of(write, who, version, Some(before), Some(&Image::Organization(Box::new(image))), change)
}
