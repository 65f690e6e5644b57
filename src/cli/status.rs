//! `orgbox status`: one screen that says whether the box is well, and what to do where it is not.

use std::iter::repeat;

use clap::Args;
use serde_json::Value;

use super::{
    ask::Form,
    backup, billing, cert,
    client::Client,
    failed::Failed,
    output::{plain, say, show_json, text},
    overrides,
    screen::{Screen, Tone, cut, printable},
};
use crate::config::Config;

/// Sections that have lines of their own words; every other one is shown as it is.
const KNOWN: [&str; 7] = ["box", "database", "counts", "overrides", "backup", "tls", "upstream"];
/// Columns of the names at the left.
const NAME_COLUMNS: usize = 15;

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
    let mut lines = Vec::new();
    let mut line = |name: &str, words: String| {
        let words = printable(&words);
        let words = screen.width.map_or_else(|| words.clone(), |width| cut(&words, width.saturating_sub(NAME_COLUMNS)));
        lines.push(format!("{}{words}", screen.paint(&format!("{name:NAME_COLUMNS$}"), Tone::Strong)));
    };
    let (about, database, counts) = (&status["box"], &status["database"], &status["counts"]);
    line("Box", format!("{} (orgbox {})", text(&about["title"]), text(&about["version"])));
    if status["serving"] == true {
        let up = about["uptime_seconds"].as_i64().unwrap_or_default();
        line("Serving", format!("for {} (since {})", duration(up), to_the_second(text(&about["started_at"]))));
    }
    line("Database", plain(&database["path"]));
    let (bytes, wal_bytes) = (size(&database["database_bytes"]), size(&database["wal_bytes"]));
    line("", format!("{bytes}, {wal_bytes} not yet written back; schema {}", database["schema"]));
    line("Organizations", format!("{} with {} members", counts["organizations"], counts["members"]));
    line("Cameras", plain(&counts["cameras"]));
    line("Users", format!("{} with {} keys", counts["users"], counts["api_keys"]));
    for (words, name) in backup::lines(&status["backup"]).into_iter().zip(["Backup"].into_iter().chain(repeat(""))) {
        line(name, words);
    }
    for (words, name) in
        overrides::lines(&status["overrides"]).into_iter().zip(["Overrides"].into_iter().chain(repeat("")))
    {
        line(name, words);
    }
    for (words, name) in cert::lines(&status["tls"]).into_iter().zip(["TLS"].into_iter().chain(repeat(""))) {
        line(name, words);
    }
    for (words, name) in billing::lines(&status["upstream"]).into_iter().zip(["Upstream"].into_iter().chain(repeat("")))
    {
        line(name, words);
    }
    for (name, section) in status.as_object().into_iter().flatten() {
        let Some(section) = section.as_object().filter(|_| !KNOWN.contains(&name.as_str())) else { continue };
        let mut name = capitalized(name);
        for (key, value) in section {
            line(&name, format!("{} {}", key.replace('_', " "), plain(value)));
            name.clear();
        }
    }
    format!("{}\n\n{}", verdict(screen, status), lines.join("\n"))
}

/// What is the matter, and what to do.
fn verdict(screen: &Screen, status: &Value) -> String {
    let faults = status["faults"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told = faults.iter().map(|fault| {
        let name = screen.paint(text(&fault["name"]), Tone::Bad);
        format!("{name} since {}\n  {}", to_the_second(text(&fault["since"])), text(&fault["remedy"]))
    });
    let remarks = status["remarks"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|remark| {
        let name = screen.paint(text(&remark["name"]), Tone::Warning);
        format!("\n{name}\n  {}", text(&remark["remedy"]))
    });
    let remarks: String = remarks.collect();
    let told: Vec<_> = told.collect();
    let verdict = match (told.is_empty(), status["serving"] == true) {
        (false, _) => told.join("\n"),
        (true, true) => screen.paint("The box is well.", Tone::Good),
        (true, false) => screen.paint("The database is well, but no server is running on it.", Tone::Warning),
    };
    verdict + &remarks
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
