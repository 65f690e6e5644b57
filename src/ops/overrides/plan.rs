//! What a document would change, organization by organization, without changing anything.

use std::collections::HashMap;

use super::{
    Remark, check,
    create::{self, Missing},
    diff::{self, Difference, Step, differences, steps},
    identify,
    managed::source_of,
    remarks::{self, Destroyed, below_use, destroyed},
    shrink::{Shrunk, shrunk},
    without_ended,
};
use crate::{
    model::{
        Field, OrgId, Result,
        hierarchy::{Edit, Hierarchy},
        overrides::{Document, FIELDS, Place, Rules, Source, Table, Value, default_value},
    },
    store::{Read, organizations, overrides},
};

/// What a document would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is wrong with the document; where anything is, the rest is empty.
    pub problems: Vec<Remark>,
    /// Why it would be held: it manages less than half of what is managed now.
    pub shrinks: Option<Shrunk>,
    /// The organizations whose effective state would change, by id; those that it would make come last.
    pub organizations: Vec<Planned>,
    /// What an operator should know of.
    pub warnings: Vec<Remark>,
}

/// What would change on one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// `None` where it would be made.
    pub id: Option<OrgId>,
    /// Its name.
    pub name: String,
    /// In the order of [`FIELDS`].
    pub changes: Vec<PlannedChange>,
    /// Footage that would be kept shorter.
    pub destroys: Vec<Destroyed>,
    /// A legal hold keeps its retention as it is.
    pub held: bool,
}

/// A field whose value in force would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// Which.
    pub field: Field,
    /// The value in force; `None` is nothing.
    pub old: Option<Value>,
    /// Where it comes from.
    pub old_source: Source,
    /// The value that would be in force.
    pub new: Option<Value>,
    /// Where it would come from.
    pub new_source: Source,
    /// How much there is of what the limit is for, where that is more than the limit would be.
    pub below_use: Option<i64>,
}

/// Plans a document at a moment, in milliseconds since 1970.
pub fn plan(read: &Read<'_>, document: &Document, now_ms: i64) -> Result<Plan> {
    let problems = check::problems(read, document)?;
    if !problems.is_empty() {
        return Ok(Plan { problems, ..Plan::default() });
    }
    let (tables, mut warnings) = without_ended(document, now_ms);
    let former = overrides::all(read)?;
    let shrinks = shrunk(&former, &tables, document, now_ms);
    let ids = identify(&former, &tables);
    let former: HashMap<i64, Table> = former.into_iter().map(|kept| (kept.id, kept.table)).collect();
    let missing = create::missing(read, &tables, &mut warnings)?;
    warnings.extend(remarks::of_selectors(read, &tables, &missing)?);
    let grown = Grown::with(read, &missing)?;
    let kept = diff::Kept { rules: grown.rules(read, &tables)?, ids };
    let winners = kept.rules.of_all(&grown.hierarchy);
    let nobody = [None; FIELDS.len()];
    let winners_of = |id: OrgId| usize::try_from(id.0).ok().and_then(|id| winners.get(id)).copied().unwrap_or(nobody);
    let differences = differences(read, None, &kept, winners_of)?;
    warnings.extend(remarks::of_differences(read, &kept, &differences)?);
    let mut organizations = Vec::new();
    for difference in &differences {
        let changes = changes(difference, &kept.rules, &former);
        if !changes.is_empty() || difference.held {
            let destroys = destroyed(read, difference)?;
            let (name, held) = (difference.name.clone(), difference.held);
            organizations.push(Planned { id: Some(difference.id), name, changes, destroys, held });
        }
    }
    for missing in &missing {
        organizations.push(planned_creation(missing, &grown, &kept, winners_of(grown.ids[missing.name]))?);
    }
    Ok(Plan { problems: Vec::new(), shrinks, organizations, warnings })
}

/// The hierarchy as it would be with what is to be made.
struct Grown<'d> {
    hierarchy: Hierarchy,
    ids: HashMap<&'d str, OrgId>,
}

impl<'d> Grown<'d> {
    fn with(read: &Read<'_>, missing: &[Missing<'d>]) -> Result<Self> {
        let mut grown = Self { hierarchy: read.hierarchy(Hierarchy::clone), ids: HashMap::new() };
        let mut next = organizations::next_id(read)?;
        for missing in missing {
            grown.hierarchy.apply(Edit::Insert(next));
            let parents = &missing.table.parents;
            for parent in parents {
                if let Some(parent) = grown.id_of(read, parent)? {
                    grown.hierarchy.apply(Edit::Link(parent, next));
                }
            }
            if parents.is_empty() {
                grown.hierarchy.apply(Edit::Link(OrgId::DEFAULT, next));
            }
            grown.ids.insert(missing.name, next);
            next.0 += 1;
        }
        Ok(grown)
    }

    fn id_of(&self, read: &Read<'_>, name: &str) -> Result<Option<OrgId>> {
        match self.ids.get(name) {
            Some(id) => Ok(Some(*id)),
            None => organizations::id_of(read, name),
        }
    }

    fn rules<'t>(&self, read: &Read<'_>, tables: &'t [Table]) -> Result<Rules<'t>> {
        let mut named = HashMap::new();
        for name in tables.iter().filter_map(|table| table.selector.name()) {
            named.insert(name, self.id_of(read, name)?);
        }
        Ok(Rules::new(tables, |name| named.get(name).copied().flatten()))
    }
}

fn changes(difference: &Difference, rules: &Rules<'_>, former: &HashMap<i64, Table>) -> Vec<PlannedChange> {
    let effective = difference.steps.iter().filter(|step| step.is_effective());
    effective.map(|step| change(step, rules, former, below_use(difference, step))).collect()
}

fn change(step: &Step, rules: &Rules<'_>, former: &HashMap<i64, Table>, below_use: Option<i64>) -> PlannedChange {
    let field = step.field();
    let [old, new] = step.in_force();
    let in_table = |table: &Table| -> Option<Place> {
        table.settings.iter().find(|setting| setting.field == field).map(|setting| setting.place.clone())
    };
    let [before, after] = step.managed.clone();
    let old_place = before.as_ref().and_then(|managed| in_table(former.get(&managed.table_id?)?));
    let new_place = step.winner.and_then(|winner| Some(rules.setting(winner, field)?.place.clone()));
    let plain = |column: &Option<Value>| if column.is_some() { Source::Stored } else { Source::Default };
    let old_source = before.map_or_else(|| plain(&step.columns[0]), |managed| source_of(managed, old_place));
    let new_source = after.map_or_else(|| plain(&step.columns[1]), |managed| source_of(managed, new_place));
    PlannedChange { field, old, old_source, new, new_source, below_use }
}

fn planned_creation(
    missing: &Missing<'_>,
    grown: &Grown<'_>,
    kept: &diff::Kept<'_>,
    winners: crate::model::overrides::Winners,
) -> Result<Planned> {
    let title = Value::Text(missing.title().to_owned());
    let column = |place: usize| {
        Ok(match FIELDS[place].0 {
            Field::Title => Some(title.clone()),
            Field::Status | Field::ExclusivePartnerOnly => default_value(FIELDS[place].0),
            _ => None,
        })
    };
    let steps = steps(kept, &winners, &[], column)?;
    let (id, name) = (grown.ids[missing.name], missing.name.to_owned());
    let difference = Difference { id, name, counts: [0; 3], steps, days: [[0; 2]; 3], held: false };
    let changes = changes(&difference, &kept.rules, &HashMap::new());
    Ok(Planned { id: None, name: difference.name, changes, destroys: Vec::new(), held: false })
}
