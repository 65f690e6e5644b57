//! What goes to standard output: sentences, JSON, and what `screen` draws.

use std::io::{ErrorKind, Write};

use serde::Serialize;
use serde_json::Value;

use super::{
    failed::Failed,
    screen::{Cell, Screen, Tone},
    table::table,
};

/// A column of a list: its head, and the cell of a row.
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) cell: fn(&Value) -> Cell,
}

/// Shows a list as an aligned table or as JSON; an empty one says so with the sentence, or as `[]`.
pub(super) fn list(rows: &[Value], json: bool, columns: &[Column], empty: &str) -> Result<(), Failed> {
    if json {
        return show_json(rows);
    }
    if rows.is_empty() {
        return say(empty);
    }
    let cells: Vec<Vec<Cell>> =
        rows.iter().map(|row| columns.iter().map(|column| (column.cell)(row)).collect()).collect();
    let heads: Vec<&str> = columns.iter().map(|column| column.head).collect();
    say(&table(&Screen::of_output(), &heads, &cells))
}

/// Prints JSON, indented.
pub(super) fn show_json(value: &(impl Serialize + ?Sized)) -> Result<(), Failed> {
    let text = serde_json::to_string_pretty(value);
    say(&text.map_err(|error| Failed::unavailable(format!("the answer cannot be shown: {error}")))?)
}

/// Says what was done, and in the next line what may come next.
pub(super) fn done(what: &str, next: &str) -> Result<(), Failed> {
    let next = Screen::of_output().paint(next, Tone::Faint);
    say(&format!("{what}\n{next}"))
}

/// Prints a text and ends its line. Whoever has stopped reading has read enough.
pub(super) fn say(text: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failed::unavailable(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A value in one line: texts as they are, nothing as a dash.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => match items.as_slice() {
            [] => "-".to_owned(),
            items => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        },
        other => other.to_string(),
    }
}

/// A text; empty where the value is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
