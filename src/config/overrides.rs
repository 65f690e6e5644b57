//! The tables `[organizations."…"]`: selectors, settings, and what a table says of itself. Fields and bounds are the
//! model's. It must not know what an override does.

use std::path::PathBuf;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::field;
use super::problems::{Problem, Problems, Subject};
use super::walk::Reader;
use crate::model::organization::PARENTS_MAX;
pub(super) use crate::model::overrides::Place;
use crate::model::overrides::{self as model, FIELDS, SETTINGS_MAX, Selector, Setting, Table, Value, ValueKind};
use crate::model::text::is_name;

/// The table of all override tables.
pub(super) const TABLE: &str = "organizations";

/// What a table says of itself, besides the fields it manages.
const OWN_KEYS: [&str; 3] = ["create", "parents", "expires"];

/// Adds the tables of one file, from top to bottom. Only a table without a problem is added.
pub(super) fn read(reader: &mut Reader, value: &Spanned<DeValue>, into: &mut Vec<Table>) {
    let DeValue::Table(organizations) = value.get_ref() else {
        let remedy = "write `[organizations.\"NAME\"]` and the settings below";
        return reader.problem(value.span(), format!("`{TABLE}` must hold tables: {remedy}"));
    };
    let mut tables: Vec<(usize, Table)> = Vec::new();
    for (key, value) in organizations {
        let selector = Selector::parse(key.get_ref()).and_then(|selector| no_pattern(selector, key.get_ref()));
        if let Err(refusal) = &selector {
            reader.problem(key.span(), format!("the selector \"{}\" {refusal}", field::quoted(key.get_ref())));
        }
        let name = format!("{TABLE}.\"{}\"", field::quoted(key.get_ref()));
        let DeValue::Table(lines) = value.get_ref() else {
            reader.problem(value.span(), format!("`{name}` must be a table: write `[{name}]` and its settings below"));
            continue;
        };
        // Read also below a selector that does not do, so that every problem is told at once.
        let checked = selector.clone().unwrap_or(Selector::All);
        let table = Table {
            selector: checked,
            place: reader.line(key.span()),
            settings: Vec::new(),
            create: false,
            parents: Vec::new(),
            expires_at_ms: None,
        };
        let table = read_table(reader, &name, lines, selector.is_ok(), table);
        if let (Some(table), Ok(_)) = (table, &selector) {
            tables.push((key.span().start, table));
        }
    }
    tables.sort_by_key(|(start, _)| *start);
    into.extend(tables.into_iter().map(|(_, table)| table));
}

/// Reports more settings than a document may have.
pub(super) fn check_size(tables: &[Table], problems: &mut Problems) {
    let settings: usize = tables.iter().map(|table| table.settings.len()).sum();
    if settings > SETTINGS_MAX {
        let message = format!("the override tables hold {settings} settings, but at most {SETTINGS_MAX} are allowed");
        let subject = Subject::File(PathBuf::from(TABLE));
        problems.push(Problem { in_overrides: true, ..Problem::of(subject, message) });
    }
}

/// What stands above the first table `[organizations…]` of a text, if nothing but such tables follows it: then what is
/// wrong with the text as a whole is wrong with those tables only.
pub(super) fn settings_before(text: &str) -> Option<&str> {
    let is_ours = |line: &str| {
        let head = line.trim_start().trim_start_matches('[').trim_start();
        let rest = head.strip_prefix(TABLE).or_else(|| head.strip_prefix("\"organizations\""));
        rest.is_some_and(|rest| rest.trim_start().starts_with(['.', ']']))
    };
    let mut offset = 0;
    let mut first = None;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            match (is_ours(line), first) {
                (true, None) => first = Some(offset),
                (false, Some(_)) => return None,
                _ => {}
            }
        }
        offset += line.len();
    }
    first.map(|first| &text[..first])
}

/// Refuses what looks like a pattern and would quietly be the name of nobody.
fn no_pattern(selector: Selector, text: &str) -> Result<Selector, String> {
    if selector.name().is_some_and(|name| name.contains('*')) {
        let name = text.trim_end_matches(['*', '/']);
        return Err(format!(
            "is a pattern, which a selector cannot be; it is `*`, a name like `{name}`, or `{name}/**` for it and all \
             below it"
        ));
    }
    Ok(selector)
}

/// `None` where something in it was reported.
fn read_table(reader: &mut Reader, name: &str, lines: &DeTable, checks_selector: bool, table: Table) -> Option<Table> {
    let mut table = table;
    let mut settings: Vec<(usize, Setting)> = Vec::new();
    let mut fits = true;
    for (key, value) in lines {
        let path = format!("{name}.{}", field::quoted(key.get_ref()));
        let read = match key.get_ref().as_ref() {
            "create" => {
                value.get_ref().as_bool().map(|create| table.create = create).ok_or("must be true or false".into())
            }
            "parents" => parents(&table.selector, value).map(|parents| table.parents = parents),
            "expires" => moment(value.get_ref()).map(|moment| table.expires_at_ms = Some(moment)),
            key_text => match model::field(key_text) {
                Some((field, kind)) => value_of(field, kind, value.get_ref()).map(|value| {
                    settings.push((key.span().start, Setting { field, value, place: reader.line(key.span()) }));
                }),
                None => {
                    let fields = FIELDS.iter().map(|(field, _)| field.core_name());
                    reader.unknown(name, key, fields.chain(OWN_KEYS));
                    fits = false;
                    continue;
                }
            },
        };
        if let Err(rule) = read {
            reader.problem(value.span(), format!("`{path}` {rule}, not {}", field::found(value.get_ref())));
            fits = false;
        }
    }
    let mut require = |key: &str, holds: bool, rule: &str| {
        if let (Some((key, _)), false) = (lines.get_key_value(key), holds) {
            reader.problem(key.span(), format!("`{name}.{}` {rule}", key.get_ref()));
            fits = false;
        }
    };
    let is_one = !checks_selector || matches!(table.selector, Selector::Name(_));
    require("create", is_one || !table.create, "makes one organization: it stands only below the name of one");
    require("parents", table.create, "has effect only beside `create = true`");
    settings.sort_by_key(|(start, _)| *start);
    table.settings = settings.into_iter().map(|(_, setting)| setting).collect();
    fits.then_some(table)
}

/// A value of the field's kind and within its bounds, or what it must be.
fn value_of(field: crate::model::Field, kind: ValueKind, value: &DeValue) -> Result<Value, String> {
    let read = match (kind, value) {
        (ValueKind::Text, DeValue::String(text)) => Some(Value::Text(text.to_string())),
        (ValueKind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (ValueKind::Number, DeValue::Integer(number)) => field::integer(number).map(Value::Number),
        _ => None,
    };
    if let Some(read) = read {
        return model::check(field, &read).map(|()| read);
    }
    // A value of the right kind that can never do draws the rule out, bounds included.
    let never = match kind {
        ValueKind::Text => (Value::Text("\0".to_owned()), "must be a text"),
        ValueKind::Flag => (Value::Number(0), "must be true or false"),
        ValueKind::Number => (Value::Number(i64::MIN), "must be a whole number"),
    };
    Err(model::check(field, &never.0).err().unwrap_or_else(|| never.1.to_owned()))
}

/// Names to hang a new organization below.
fn parents(selector: &Selector, value: &Spanned<DeValue>) -> Result<Vec<String>, String> {
    let rule = || format!("must be an array of 1 to {PARENTS_MAX} names of other organizations, each once");
    let items = value.get_ref().as_array().ok_or_else(rule)?;
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = item.get_ref().as_str().filter(|name| is_name(name) && selector.name() != Some(name));
        let name = name.filter(|name| !names.iter().any(|known| known == name)).ok_or_else(rule)?;
        names.push(name.to_owned());
    }
    if (1..=PARENTS_MAX).contains(&names.len()) { Ok(names) } else { Err(rule()) }
}

/// A moment, in milliseconds since 1970. One without an offset would be another moment wherever the box stands.
fn moment(value: &DeValue) -> Result<i64, String> {
    let text = match value {
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => String::new(),
    };
    let moment: Option<Timestamp> = text.parse().ok();
    moment.map(|moment| moment.as_millisecond()).ok_or_else(|| {
        "must be a date and time with its offset from UTC, like 2027-01-31T00:00:00Z or 2027-01-31T01:00:00+01:00"
            .to_owned()
    })
}
