//! Override tables and plans on the wire.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    model::overrides::{self as model, Place, Setting, Source},
    ops::overrides::{CameraClass, Destroyed, Plan, Planned, PlannedChange, Remark, Shrunk},
};

/// Problems and warnings of one plan that are listed, each.
const REMARKS_MAX: usize = 200;

#[derive(Serialize)]
pub struct Table {
    selector: String,
    file: String,
    line: u32,
    create: bool,
    parents: Vec<String>,
    expires: Option<String>,
    settings: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    field: &'static str,
    value: Value,
    line: u32,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// What would change. With problems, which are many at once, the rest is empty.
#[derive(Serialize)]
pub struct Planning {
    problem_count: usize,
    problems: Vec<String>,
    /// Whether anything would change.
    changes: bool,
    /// Entries now and then, where the files would be held for managing less than half of what is managed now.
    held: Option<Shrinking>,
    organizations: Vec<Organization>,
    warning_count: usize,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Shrinking {
    from: i64,
    to: i64,
}

#[derive(Serialize)]
struct Organization {
    /// `null` where it would be made.
    id: Option<i64>,
    name: String,
    changes: Vec<Change>,
    /// Footage that would be kept shorter.
    destroys: Vec<Destruction>,
    /// A legal hold keeps its retention as it is.
    legal_hold: bool,
}

#[derive(Serialize)]
struct Change {
    field: &'static str,
    old: Option<Value>,
    old_source: Origin,
    new: Option<Value>,
    new_source: Origin,
    /// How much there is of what is limited, where that is more than the limit would be.
    below_use: Option<i64>,
}

#[derive(Serialize)]
struct Origin {
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

#[derive(Serialize)]
struct Destruction {
    cameras_of: &'static str,
    cameras: i64,
    from_days: i64,
    to_days: i64,
}

/// A table in force.
pub fn table(table: model::Table) -> Table {
    let model::Table { selector, place: Place { file, line }, settings, create, parents, expires_at_ms } = table;
    let settings = settings.into_iter().map(|Setting { field, value, place: Place { file: _, line } }| Line {
        field: field.core_name(),
        value: of_value(value),
        line,
    });
    Table {
        selector: selector.to_string(),
        file,
        line,
        create,
        parents,
        expires: expires_at_ms.map(moment),
        settings: settings.collect(),
    }
}

/// A plan as it is answered.
pub fn plan(plan: Plan) -> Planning {
    let Plan { problems, shrinks, organizations, warnings } = plan;
    Planning {
        problem_count: problems.len(),
        problems: remarks(&problems),
        changes: organizations.iter().any(|planned| planned.id.is_none() || !planned.changes.is_empty()),
        held: shrinks.map(|Shrunk { file: _, from, to }| Shrinking { from, to }),
        organizations: organizations.into_iter().map(organization).collect(),
        warning_count: warnings.len(),
        warnings: remarks(&warnings),
    }
}

/// The answer for files that cannot be read.
pub fn mistaken(problems: Vec<String>, problem_count: usize) -> Planning {
    Planning { problem_count, problems, ..plan(Plan::default()) }
}

fn organization(planned: Planned) -> Organization {
    let Planned { id, name, changes, destroys, held } = planned;
    let changes = changes.into_iter().map(|change| {
        let PlannedChange { field, old, old_source, new, new_source, below_use } = change;
        Change {
            field: field.core_name(),
            old: old.map(of_value),
            old_source: origin(old_source),
            new: new.map(of_value),
            new_source: origin(new_source),
            below_use,
        }
    });
    let destroys = destroys.into_iter().map(|Destroyed { cameras_of, from_days, to_days, cameras }| Destruction {
        cameras_of: match cameras_of {
            CameraClass::Front => "front",
            CameraClass::Rear => "rear",
            CameraClass::Auxiliary => "auxiliary",
        },
        cameras,
        from_days,
        to_days,
    });
    Organization {
        id: id.map(|id| id.0),
        name,
        changes: changes.collect(),
        destroys: destroys.collect(),
        legal_hold: held,
    }
}

fn origin(source: Source) -> Origin {
    let (source, place) = match source {
        Source::Default => ("default", None),
        Source::Stored => ("stored", None),
        Source::File { place, stored: _ } => ("file", Some(place)),
        Source::Held { stored: _ } => ("legal_hold", None),
    };
    let (file, line) = place.map(|Place { file, line }| (file, line)).unzip();
    Origin { source, file, line }
}

fn of_value(value: model::Value) -> Value {
    match value {
        model::Value::Text(text) => Value::Text(text),
        model::Value::Number(number) => Value::Number(number),
        model::Value::Flag(flag) => Value::Flag(flag),
    }
}

fn remarks(remarks: &[Remark]) -> Vec<String> {
    let line = |Remark { place, message }: &Remark| match place {
        Some(place) => format!("{place}: {message}"),
        None => message.clone(),
    };
    remarks.iter().take(REMARKS_MAX).map(line).collect()
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| moment.to_string())
}
