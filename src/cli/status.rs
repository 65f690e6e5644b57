//! `orgbox status`: one screen that says whether the box is well, and what to do where it is not.
//!
//! Above stands what needs somebody, each with its remedy; below one line for each part of the box. A part has a row in
//! [`parts::PARTS`]; a section of the box that has none is shown all the same, in one line of its own words.

mod parts;

use clap::Args;
use serde_json::Value;

use super::{
    ask::Form,
    client::Client,
    failed::Failed,
    output::{plain, say, show_json, text},
    screen::{Screen, Tone, cut, printable, wrap},
};
use crate::config::Config;
use parts::PARTS;

/// Columns of the names at the left.
const NAME_COLUMNS: usize = 15;
/// Lines of a screen whose height nobody knows.
const LINES: usize = 24;
/// Lines that one remedy takes at most, and what is the matter where there is room for this many.
const REMEDY_LINES_MAX: usize = 2;
const SAYS_LINES_MAX: usize = 2;
const ROOM_LINES: usize = 8;

/// What is no part.
const ASIDE: [&str; 4] = ["ready", "faults", "attention", "serving"];

#[derive(Debug, Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    form: Form,
}

/// A box that is not well, or that nobody serves, is told with exit code 69.
pub(super) fn run(config: &Config, wanted: Wanted) -> Result<(), Failed> {
    let client = Client::open(config, &[])?;
    let mut status = client.get("/status")?;
    let serving = client.is_served();
    drop(client);
    status["serving"] = serving.into();
    if wanted.form.json {
        show_json(&status)?;
    } else {
        say(&screen(&Screen::of_output(), &status))?;
    }
    match (serving, status["ready"] == true) {
        (true, true) => Ok(()),
        (false, true) => {
            Err(Failed::unavailable("no server is running on this database; start one with `orgbox serve`"))
        }
        (_, false) => Err(Failed::unavailable("the box is not well; do what is said above")),
    }
}

fn screen(screen: &Screen, status: &Value) -> String {
    let parts = parts(screen, status);
    // Between them is a line, below is the prompt, and a complaint may follow.
    let room = screen.width.map(|_| screen.height.unwrap_or(LINES).saturating_sub(parts.len() + 3));
    let mut lines = verdict(screen, status, room);
    lines.push(String::new());
    lines.extend(parts);
    lines.join("\n")
}

/// One line for each part.
fn parts(screen: &Screen, status: &Value) -> Vec<String> {
    let line = |name: &str, words: &str| {
        let words = printable(words);
        let words = screen.width.map_or_else(|| words.clone(), |width| cut(&words, width.saturating_sub(NAME_COLUMNS)));
        format!("{}{words}", screen.paint(&format!("{name:NAME_COLUMNS$}"), Tone::Strong))
    };
    let sections = status.as_object().into_iter().flatten();
    let known = PARTS.iter().filter(|part| status[part.section].is_object());
    let mut lines: Vec<_> = known.map(|part| line(part.name, &(part.line)(status))).collect();
    for (name, section) in sections {
        let Some(section) = section.as_object().filter(|_| !ASIDE.contains(&name.as_str())) else { continue };
        if !PARTS.iter().any(|part| part.section == name) {
            let words = section.iter().filter(|(_, value)| !value.is_null());
            let words = words.map(|(key, value)| format!("{} {}", key.replace('_', " "), plain(value)));
            lines.push(line(&capitalized(name), &words.collect::<Vec<_>>().join(", ")));
        }
    }
    lines
}

/// What is the matter, and what to do, in as many lines as there is room for.
fn verdict(screen: &Screen, status: &Value, room: Option<usize>) -> Vec<String> {
    let items = |name: &str| status[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let says_lines = if room.is_some_and(|room| room < ROOM_LINES) { 1 } else { SAYS_LINES_MAX };
    let faults = items("faults").iter().map(|fault| {
        let since = format!("{} since {}", text(&fault["name"]), to_the_second(text(&fault["since"])));
        told(screen, says_lines, &since, Tone::Bad, text(&fault["remedy"]))
    });
    let attention = items("attention").iter().map(|item| {
        let says = format!("{}: {}", text(&item["part"]), text(&item["says"]));
        told(screen, says_lines, &says, Tone::Warning, text(&item["remedy"]))
    });
    let told: Vec<Vec<String>> = faults.chain(attention).collect();
    let (well, serving) = (items("faults").is_empty(), status["serving"] == true);
    let head = match (well, serving, told.len()) {
        (true, true, 0) => screen.paint("The box is well.", Tone::Good),
        (true, true, 1) => screen.paint("The box works, and one thing needs you:", Tone::Warning),
        (true, true, count) => screen.paint(&format!("The box works, and {count} things need you:"), Tone::Warning),
        (true, false, _) => screen.paint("The database is well, but no server is running on it.", Tone::Warning),
        (false, ..) => screen.paint("The box is not well.", Tone::Bad),
    };
    let mut lines = vec![head];
    let count = told.len();
    for (number, item) in told.into_iter().enumerate() {
        // One line is kept for saying that there is more; what is most urgent is shown in any case.
        let last = usize::from(number + 1 < count);
        if number > 0 && room.is_some_and(|room| lines.len() + item.len() + last > room) {
            lines.push(format!("… and {} more; see `orgbox status --json`", count - number));
            break;
        }
        lines.extend(item);
    }
    lines
}

/// What is the matter in at most so many lines, the remedy in the next ones.
fn told(screen: &Screen, says_lines: usize, says: &str, tone: Tone, remedy: &str) -> Vec<String> {
    let (says, remedy) = (printable(says), printable(remedy));
    let Some(width) = screen.width else { return vec![screen.paint(&says, tone), format!("  {remedy}")] };
    let says = within(&says, width, says_lines).into_iter().map(|line| screen.paint(&line, tone));
    let remedy = within(&remedy, width.saturating_sub(2), REMEDY_LINES_MAX).into_iter().map(|line| format!("  {line}"));
    says.chain(remedy).collect()
}

/// As many lines as it takes, and of what takes more the last one cut.
fn within(words: &str, width: usize, lines_max: usize) -> Vec<String> {
    let mut lines = wrap(words, width);
    if lines.len() > lines_max {
        let rest = lines.split_off(lines_max - 1).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|line| cut(line, width)).collect()
}

/// Bytes in words.
pub(super) fn size(bytes: &Value) -> String {
    let bytes = bytes.as_u64().unwrap_or_default();
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

/// Seconds in words.
pub(super) fn duration(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (1.., ..) => format!("{days} d {} h", hours % 24),
        (_, 1.., _) => format!("{hours} h {} min", minutes % 60),
        (_, _, 1..) => format!("{minutes} min"),
        _ => format!("{seconds} s"),
    }
}

/// A moment without what follows the second.
pub(super) fn to_the_second(moment: &str) -> String {
    match moment.split_once('.') {
        Some((second, _)) => format!("{second}Z"),
        None => moment.to_owned(),
    }
}

fn capitalized(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
