//! What goes to standard output: sentences, and lists as an aligned table or as JSON.

use std::io::{ErrorKind, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::failed::Failed;

/// Between two columns of a table.
const GAP: &str = "  ";

/// One line of a list. As JSON it is an object whose keys stay as they are.
pub(super) trait Row: Serialize {
    /// The heads of the columns.
    const COLUMNS: &'static [&'static str];

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// Prints a list; an empty one says so with the sentence, or as `[]`.
pub(super) fn list<R: Row>(rows: &[R], json: bool, empty: &str) -> Result<(), Failed> {
    if json {
        let text = serde_json::to_string_pretty(rows);
        return say(&text.map_err(|error| Failed { code: 69, message: format!("the list cannot be shown: {error}") })?);
    }
    if rows.is_empty() {
        return say(empty);
    }
    say(&table(R::COLUMNS, &rows.iter().map(Row::cells).collect::<Vec<_>>()))
}

/// Prints a text and ends its line. Whoever has stopped reading has read enough.
pub(super) fn say(text: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failed { code: 69, message: format!("cannot write to standard output: {error}") })
        }
        _ => Ok(()),
    }
}

/// A moment in UTC, to the second: `2027-01-31T00:00:00Z`.
pub(super) fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A cell that may have nothing to show.
pub(super) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}

fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let head = columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>();
    let lines: Vec<&[String]> = std::iter::once(&head[..]).chain(rows.iter().map(Vec::as_slice)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let render = |line: &&[String]| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{:width$}", printable(cell)));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    lines.iter().map(render).collect::<Vec<_>>().join("\n")
}

/// A terminal obeys control characters, wherever they came from.
fn printable(cell: &str) -> String {
    cell.replace(char::is_control, "?")
}
