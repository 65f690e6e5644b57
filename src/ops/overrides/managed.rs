//! One field of one organization: who manages it, and refusing to change it past the file.

use std::collections::HashMap;

use crate::{
    model::{
        Error, Field, Kind, OrgId, Organization, Result,
        actor::{Action, Actor},
        error::Problem,
        organization::OrganizationPatch,
        overrides::{FIELDS, Place, Source, keep, mentioned, value},
    },
    ops::load,
    store::{
        Read,
        managed_fields::{self, Managed},
    },
};

/// Where the values of an organization's overridable fields come from, in the order of [`FIELDS`].
pub fn provenance(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Vec<(Field, Source)>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::View, id)?;
    let mut sources = Vec::with_capacity(FIELDS.len());
    managed_fields::scan(read, Some(&[id]), |present| {
        for (place, (field, _)) in FIELDS.into_iter().enumerate() {
            let source = if present.column(place)?.is_some() { Source::Stored } else { Source::Default };
            sources.push((field, source));
        }
        Ok(())
    })?;
    for (managed, place) in managed_fields::of(read, id)? {
        if let Some((_, source)) = sources.get_mut(managed.field) {
            *source = source_of(managed, place);
        }
    }
    Ok(sources)
}

/// Where the managed values of these organizations come from; what is not here is stored or stands at its default.
pub(in crate::ops) fn sources(read: &Read<'_>, among: &[OrgId]) -> Result<HashMap<(OrgId, Field), Source>> {
    let managed = managed_fields::of_these(read, among)?.into_iter();
    Ok(managed.map(|(id, managed, place)| ((id, FIELDS[managed.field].0), source_of(managed, place))).collect())
}

/// Where a managed value comes from.
pub(super) fn source_of(managed: Managed, place: Option<Place>) -> Source {
    let stored = managed.stored;
    match place {
        Some(place) => Source::File { place, stored },
        None => Source::Held { stored },
    }
}

/// Refuses a patch that would change what a file manages, and takes out of it what carries the value in force.
pub(in crate::ops) fn refuse(
    read: &Read<'_>,
    organization: &Organization,
    patch: &mut OrganizationPatch,
) -> Result<()> {
    let general = patch.retention.purge_days.set().copied().unwrap_or(organization.retention.purge_days);
    let mentioned = mentioned(patch, general);
    if mentioned.is_empty() {
        return Ok(());
    }
    let managed = managed_fields::of(read, organization.id)?;
    let mut problems = Vec::new();
    for (field, wanted) in mentioned {
        let Some((_, place)) = managed.iter().find(|(managed, _)| FIELDS[managed.field].0 == field) else { continue };
        if value(organization, field) == wanted {
            keep(patch, field);
        } else {
            problems.push(problem(field, place.as_ref()));
        }
    }
    check(problems)
}

/// What is wrong with changing a field that a file manages.
pub(super) fn problem(field: Field, place: Option<&Place>) -> Problem {
    let message = match place {
        Some(Place { file, line }) => format!("is managed by {file}, line {line}; change it there"),
        None => "was managed by a file and stays as it is for a legal hold".to_owned(),
    };
    Problem { field, message }
}

/// Ok where there are no problems.
pub(super) fn check(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let sentences: Vec<_> =
        problems.iter().map(|problem| format!("{} {}", problem.field.core_name(), problem.message)).collect();
    Err(Error { kind: Kind::Managed, code: "managed_by_file", message: sentences.join("; "), problems })
}
