//! What an operator is told of an application: one sentence for each line of the files, however many organizations it hits.

use std::collections::{BTreeMap, HashSet};

use super::{
    Remark,
    create::Missing,
    diff::{Difference, Kept, Step},
};
use crate::{
    model::{
        Field, Result,
        overrides::{Place, Table, Value},
    },
    store::{Read, cameras, organizations},
};

/// Fewer days for cameras of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// Which cameras.
    pub cameras_of: CameraClass,
    /// Days that their footage is kept now.
    pub from_days: i64,
    /// Days that it would be kept.
    pub to_days: i64,
    /// How many there are.
    pub cameras: i64,
}

/// The types of cameras that have purge times of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraClass {
    /// Type 1.
    Front,
    /// Type 2.
    Rear,
    /// Types 50 and up.
    Auxiliary,
}

/// The names of selectors that no organization has, but for those that are made.
pub(super) fn of_selectors(read: &Read<'_>, tables: &[Table], made: &[Missing<'_>]) -> Result<Vec<Remark>> {
    let made: HashSet<&str> = made.iter().map(|missing| missing.name).collect();
    let mut remarks = Vec::new();
    for table in tables {
        let Some(name) = table.selector.name() else { continue };
        // What cannot be made has been remarked on.
        let is_known = table.create || made.contains(name);
        if !is_known && organizations::id_of(read, name)?.is_none() {
            let message = format!("there is no organization {name} yet; \"{}\" waits for one", table.selector);
            remarks.push(Remark { place: Some(table.place.clone()), message });
        }
    }
    Ok(remarks)
}

/// Footage that is kept shorter, limits below what is there, and legal holds.
pub(super) fn of_differences(read: &Read<'_>, kept: &Kept<'_>, differences: &[Difference]) -> Result<Vec<Remark>> {
    let mut crowds = Crowds::default();
    for difference in differences {
        let destroyed = destroyed(read, difference)?;
        let cameras = destroyed.iter().map(|destroyed| destroyed.cameras).sum::<i64>();
        if let Some(step) = difference.steps.iter().find(|step| is_purge(step.field()) && step.is_effective())
            && !destroyed.is_empty()
        {
            crowds.add(kept, step, "shorter", difference, cameras);
        }
        for step in &difference.steps {
            if let Some(used) = below_use(difference, step) {
                crowds.add(kept, step, "below", difference, used);
            }
        }
        if difference.held {
            crowds.held(difference);
        }
    }
    Ok(crowds.remarks())
}

/// Which cameras' footage a difference has kept shorter.
pub(super) fn destroyed(read: &Read<'_>, difference: &Difference) -> Result<Vec<Destroyed>> {
    if difference.days.iter().all(|[before, after]| after >= before) {
        return Ok(Vec::new());
    }
    let numbers = match difference.counts[1] {
        0 => [0; 3],
        _ => cameras::count_by_class(read, difference.id)?,
    };
    let classes = [CameraClass::Front, CameraClass::Rear, CameraClass::Auxiliary];
    let all = classes.into_iter().zip(difference.days).zip(numbers);
    let shorter = all.filter(|((_, [before, after]), _)| after < before);
    Ok(shorter
        .map(|((cameras_of, [from_days, to_days]), cameras)| Destroyed { cameras_of, from_days, to_days, cameras })
        .collect())
}

/// How much there is of what a limit is for, where that is more than the limit that comes into force.
pub(super) fn below_use(difference: &Difference, step: &Step) -> Option<i64> {
    let [users, cameras, used_gb] = difference.counts;
    let used = match step.field() {
        Field::UserLimit => users,
        Field::CameraLimit => cameras,
        Field::DvrLimit => used_gb,
        _ => return None,
    };
    matches!(step.in_force(), [before, Some(Value::Number(limit))] if before != Some(Value::Number(limit)) && limit < used)
        .then_some(used)
}

fn is_purge(field: Field) -> bool {
    matches!(field, Field::PurgeDays | Field::PurgeDaysFront | Field::PurgeDaysRear | Field::PurgeDaysAuxiliary)
}

/// Organizations that one line of the files does the same to.
#[derive(Default)]
struct Crowds {
    by_line: BTreeMap<(Option<Place>, &'static str, &'static str), Crowd>,
}

struct Crowd {
    organizations: usize,
    amount: i64,
    first: String,
}

impl Crowds {
    fn add(&mut self, kept: &Kept<'_>, step: &Step, what: &'static str, difference: &Difference, amount: i64) {
        let setting = step.winner.and_then(|winner| kept.rules.setting(winner, step.field()));
        let place = setting.map(|setting| setting.place.clone());
        self.count((place, step.field().core_name(), what), difference, amount);
    }

    fn held(&mut self, difference: &Difference) {
        self.count((None, "", "held"), difference, 0);
    }

    fn count(&mut self, key: (Option<Place>, &'static str, &'static str), difference: &Difference, amount: i64) {
        let crowd = self.by_line.entry(key).or_insert_with(|| {
            let first = difference.name.clone();
            Crowd { organizations: 0, amount: 0, first }
        });
        crowd.organizations += 1;
        crowd.amount += amount;
    }

    fn remarks(self) -> Vec<Remark> {
        let told = self.by_line.into_iter().map(|((place, field, what), crowd)| {
            let Crowd { organizations, amount, first } = crowd;
            let on = match organizations {
                1 => first,
                more => format!("{more} organizations, the first of them {first}"),
            };
            let message = match what {
                "shorter" => format!("{field} has the footage of {amount} cameras kept shorter on {on}"),
                "below" => format!("{field} is below the {amount} that there are on {on}"),
                _ => format!("a legal hold keeps the retention as it is on {on}"),
            };
            Remark { place, message }
        });
        told.collect()
    }
}
