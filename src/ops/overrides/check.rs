//! What is wrong with a document before anything of it is applied.

use std::collections::{HashMap, HashSet};

use super::Remark;
use crate::{
    model::{
        Field, Result,
        organization::PARENTS_MAX,
        overrides::{Document, SETTINGS_MAX, Selector, Table, Value, check},
        text::is_name,
    },
    store::{Read, brandings},
};

/// Every problem, in file order.
pub(super) fn problems(read: &Read<'_>, document: &Document) -> Result<Vec<Remark>> {
    let mut problems = Vec::new();
    if document.entries() > SETTINGS_MAX {
        let place = document.tables.last().map(|table| table.place.clone());
        let message = format!("the files hold {} settings; at most {SETTINGS_MAX} are taken", document.entries());
        problems.push(Remark { place, message });
        return Ok(problems);
    }
    let brandings = brandings::all(read)?;
    let mut makers = HashMap::new();
    for table in &document.tables {
        creation(table, &mut makers, &mut problems);
        let mut seen = HashSet::new();
        for setting in &table.settings {
            let name = setting.field.core_name();
            let mut wrong = check(setting.field, &setting.value).err();
            if let (Field::Branding, Value::Number(id)) = (setting.field, &setting.value)
                && !brandings.keys().any(|branding| branding.0 == *id)
            {
                wrong = Some(format!("must be the id of a branding; there is no branding {id}"));
            }
            if !seen.insert(setting.field) {
                wrong = Some("stands twice in this table".to_owned());
            }
            if let Some(wrong) = wrong {
                let place = Some(setting.place.clone());
                problems.push(Remark { place, message: format!("{name} {wrong}") });
            }
        }
    }
    Ok(problems)
}

/// What makes an organization must name it, and be the only one that says below what it hangs.
fn creation<'d>(table: &'d Table, makers: &mut HashMap<&'d str, &'d Table>, problems: &mut Vec<Remark>) {
    let mut problem = |message: String| problems.push(Remark { place: Some(table.place.clone()), message });
    if !table.create {
        if !table.parents.is_empty() {
            problem("parents is only for a table with create = true".to_owned());
        }
        return;
    }
    let Selector::Name(name) = &table.selector else {
        problem(format!("create is only for a table that names one organization, not for \"{}\"", table.selector));
        return;
    };
    if let Some(other) = makers.insert(name, table)
        && other.parents != table.parents
    {
        problem(format!("{name} is made at {} already, below other parents", other.place));
    }
    if table.parents.len() > PARENTS_MAX {
        problem(format!("parents must be at most {PARENTS_MAX} organizations"));
    }
    if let Some(parent) = table.parents.iter().find(|parent| !is_name(parent)) {
        problem(format!("parents must be names of organizations; \"{}\" is none", parent.escape_debug()));
    }
}
