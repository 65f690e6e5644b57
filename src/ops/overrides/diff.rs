//! What would change: what the tables say of each organization, held against its row.

use std::collections::HashSet;

use crate::{
    model::{
        Field, OrgId, Result,
        overrides::{FIELDS, Rules, Value, Winners, default_value, follows_general, index},
        retention::Retention,
    },
    store::{
        Read,
        managed_fields::{self, Managed, Present},
    },
};

/// The purge times in the order of [`Difference::days`], after the one for every camera.
const PURGES: [Field; 4] = [Field::PurgeDays, Field::PurgeDaysFront, Field::PurgeDaysRear, Field::PurgeDaysAuxiliary];

/// What changes on an organization.
#[derive(Debug)]
pub(super) struct Difference {
    pub id: OrgId,
    pub name: String,
    /// Members, cameras, gigabytes used.
    pub counts: [i64; 3],
    pub steps: Vec<Step>,
    /// Days that footage of front, rear and auxiliary cameras is kept, before and after.
    pub days: [[i64; 2]; 3],
    /// A legal hold keeps it from being changed as the files say.
    pub held: bool,
}

/// What changes on a field. Of each pair the first is before, the second after.
#[derive(Debug)]
pub(super) struct Step {
    /// Its place in [`FIELDS`].
    pub place: usize,
    /// What the column holds.
    pub columns: [Option<Value>; 2],
    /// What is in force where it holds nothing.
    pub defaults: [Option<Value>; 2],
    pub managed: [Option<Managed>; 2],
    /// The number of the table that wins.
    pub winner: Option<u32>,
}

impl Step {
    pub fn field(&self) -> Field {
        FIELDS[self.place].0
    }

    /// The values in force before and after.
    pub fn in_force(&self) -> [Option<Value>; 2] {
        [0, 1].map(|side| self.columns[side].clone().or_else(|| self.defaults[side].clone()))
    }

    /// True where anybody notices.
    pub fn is_effective(&self) -> bool {
        let [before, after] = self.in_force();
        before != after
    }
}

/// Tables with the ids under which they are kept.
pub(super) struct Kept<'d> {
    pub rules: Rules<'d>,
    /// By number.
    pub ids: Vec<i64>,
}

/// The differences on these organizations, or on every one.
pub(super) fn differences(
    read: &Read<'_>,
    among: Option<&[OrgId]>,
    kept: &Kept<'_>,
    winners: impl Fn(OrgId) -> Winners,
) -> Result<Vec<Difference>> {
    let held = held(read)?;
    let mut found = Vec::new();
    managed_fields::scan(read, among, |present| {
        let winners = winners(present.id);
        if present.managed.is_empty() && winners.iter().all(Option::is_none) {
            return Ok(());
        }
        let steps = steps(kept, &winners, present.managed, |place| present.column(place))?;
        if !steps.is_empty() {
            found.extend(difference(present, steps, &held)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// What changes on the fields of an organization with these columns.
pub(super) fn steps(
    kept: &Kept<'_>,
    winners: &Winners,
    managed: &[Managed],
    column: impl Fn(usize) -> Result<Option<Value>>,
) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (place, (winner, (field, _))) in winners.iter().zip(FIELDS).enumerate() {
        let before = managed.iter().find(|managed| managed.field == place);
        let said = winner.and_then(|winner| Some((kept.ids[winner as usize], kept.rules.value(winner, field)?)));
        let after = match (before, said) {
            (None, None) => continue,
            (Some(before), None) => {
                let columns = [column(place)?, before.stored.clone()];
                let managed = [Some(before.clone()), None];
                steps.push(Step { place, columns, defaults: defaults(field), managed, winner: None });
                continue;
            }
            (_, Some(said)) => said,
        };
        let (table_id, value) = after;
        let present = column(place)?;
        if present.as_ref() == Some(value) && before.is_some_and(|before| before.table_id == Some(table_id)) {
            continue;
        }
        let stored = before.map_or_else(|| present.clone(), |before| before.stored.clone());
        let after = Managed { field: place, table_id: Some(table_id), stored };
        let columns = [present, Some(value.clone())];
        let managed = [before.cloned(), Some(after)];
        steps.push(Step { place, columns, defaults: defaults(field), managed, winner: *winner });
    }
    Ok(steps)
}

/// The organizations under a legal hold: their own, that of one above them, or that of one of their cameras. What is under
/// hold is not kept shorter, whoever asks. The one place that asks about holds.
fn held(read: &Read<'_>) -> Result<HashSet<OrgId>> {
    let (by_organization, by_camera) = managed_fields::under_hold(read)?;
    let below = match by_organization.as_slice() {
        [] => Vec::new(),
        roots => read.hierarchy(|hierarchy| hierarchy.subtree(roots)),
    };
    Ok(below.into_iter().chain(by_camera).collect())
}

fn difference(present: &Present<'_>, mut steps: Vec<Step>, held: &HashSet<OrgId>) -> Result<Option<Difference>> {
    let mut days = [[Retention::default().purge_days; 2]; 3];
    if steps.iter().any(|step| PURGES.contains(&step.field())) {
        days = days_in_force(present, &steps)?;
        let_types_follow(present, &mut steps)?;
    }
    let mut is_held = false;
    if held.contains(&present.id) {
        let shorter = days.iter().any(|[before, after]| after < before);
        steps.retain_mut(|step| {
            let frozen = match step.field() {
                field if PURGES.contains(&field) => shorter,
                Field::DeviceRetention => is_less(step),
                _ => false,
            };
            is_held |= frozen;
            !frozen || freeze(step)
        });
        if shorter {
            days = days.map(|[before, _]| [before, before]);
        }
    }
    if steps.is_empty() && !is_held {
        return Ok(None);
    }
    let (name, counts) = (present.name()?, present.counts()?);
    Ok(Some(Difference { id: present.id, name, counts, steps, days, held: is_held }))
}

/// Leaves the value as it is. False where nothing is left to do.
fn freeze(step: &mut Step) -> bool {
    step.columns[1] = step.columns[0].clone();
    step.managed[1] = step.managed[0].clone().map(|managed| Managed { table_id: None, ..managed });
    step.managed[0] != step.managed[1]
}

fn is_less(step: &Step) -> bool {
    matches!(step.in_force(), [Some(Value::Number(before)), Some(Value::Number(after))] if after < before)
}

fn defaults(field: Field) -> [Option<Value>; 2] {
    [default_value(field), default_value(field)]
}

/// The times by camera type that nothing is said of follow the general one.
fn let_types_follow(present: &Present<'_>, steps: &mut [Step]) -> Result<()> {
    let Some(place) = index(Field::PurgeDays) else { return Ok(()) };
    let general = match steps.iter().find(|step| step.place == place) {
        Some(step) => step.in_force(),
        None => {
            let general = present.column(place)?.or_else(|| default_value(Field::PurgeDays));
            [general.clone(), general]
        }
    };
    for step in steps.iter_mut().filter(|step| follows_general(step.field())) {
        step.defaults = general.clone();
    }
    Ok(())
}

/// A camera's footage is kept for the days of its type, or else for those of every camera, or else for the default.
fn days_in_force(present: &Present<'_>, steps: &[Step]) -> Result<[[i64; 2]; 3]> {
    let mut columns = [[None; 2]; 4];
    for (columns, field) in columns.iter_mut().zip(PURGES) {
        let Some(place) = FIELDS.iter().position(|(known, _)| *known == field) else { continue };
        let number = |value: &Option<Value>| match value {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        *columns = match steps.iter().find(|step| step.place == place) {
            Some(step) => [number(&step.columns[0]), number(&step.columns[1])],
            None => [number(&present.column(place)?); 2],
        };
    }
    let [every, front, rear, auxiliary] = columns;
    let default = Retention::default().purge_days;
    Ok([front, rear, auxiliary]
        .map(|particular| [0, 1].map(|side| particular[side].or(every[side]).unwrap_or(default))))
}
