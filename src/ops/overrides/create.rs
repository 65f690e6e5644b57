//! Making the organizations that a document names and that do not exist.

use std::collections::HashSet;

use super::Remark;
use crate::{
    model::{
        Error, Field, OrgId, Result,
        actor::Who,
        organization::{NewOrganization, NewOwner},
        overrides::{Selector, Table, Value},
    },
    ops::organization,
    store::{Read, Write, organizations},
};

/// A table whose organization is missing, with what it hangs below.
#[derive(Debug)]
pub(super) struct Missing<'d> {
    pub table: &'d Table,
    pub name: &'d str,
}

impl Missing<'_> {
    /// The title that the table gives it, or else its name.
    pub fn title(&self) -> &str {
        let title = self.table.settings.iter().find_map(|setting| match (setting.field, &setting.value) {
            (Field::Title, Value::Text(title)) => Some(title.as_str()),
            _ => None,
        });
        title.unwrap_or(self.name)
    }
}

/// What is to be made, each behind its parents; what cannot be made is remarked on.
pub(super) fn missing<'d>(read: &Read<'_>, tables: &'d [Table], remarks: &mut Vec<Remark>) -> Result<Vec<Missing<'d>>> {
    let mut waiting = Vec::new();
    let mut named = HashSet::new();
    for table in tables.iter().filter(|table| table.create) {
        let Selector::Name(name) = &table.selector else { continue };
        if organizations::id_of(read, name)?.is_none() && named.insert(name.as_str()) {
            waiting.push(Missing { table, name });
        }
    }
    let mut ordered: Vec<Missing<'d>> = Vec::new();
    let mut ready: HashSet<&str> = HashSet::new();
    loop {
        let before = ordered.len();
        let mut later = Vec::new();
        for missing in waiting {
            let mut lacking = None;
            for parent in missing.table.parents.iter().filter(|parent| !ready.contains(parent.as_str())) {
                if organizations::id_of(read, parent)?.is_none() {
                    lacking = Some(parent.as_str());
                }
            }
            match lacking {
                None => {
                    ready.insert(missing.name);
                    ordered.push(missing);
                }
                Some(_) => later.push(missing),
            }
        }
        waiting = later;
        if ordered.len() == before {
            break;
        }
    }
    for Missing { table, name } in waiting {
        let parents = table.parents.join(", ");
        let message = format!("{name} is not made: not all of its parents exist ({parents})");
        remarks.push(Remark { place: Some(table.place.clone()), message });
    }
    Ok(ordered)
}

/// Makes one. Whoever owns its first parent owns it: without an owner its members and cameras could not be edited.
pub(super) fn make(write: &Write<'_>, who: &Who, missing: &Missing<'_>) -> Result<OrgId> {
    let mut parents = Vec::new();
    for parent in &missing.table.parents {
        parents.push(organizations::id_of(write, parent)?.ok_or_else(Error::internal)?);
    }
    let first = parents.first().copied().unwrap_or(OrgId::DEFAULT);
    let owner = organizations::get(write, first)?.and_then(|parent| parent.owner_id);
    let new = NewOrganization {
        name: Some(missing.name.to_owned()),
        title: missing.title().to_owned(),
        owner: NewOwner::Given(owner),
        parents,
        ..NewOrganization::default()
    };
    Ok(organization::create(write, who, new)?.id)
}
