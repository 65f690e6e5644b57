//! `orgbox import`: a file as an export writes it is tried first, and taken once the operator has seen what it changes.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::Value;

use super::{
    ask::{Consent, Form, NOTHING_CHANGED, Rehearsal},
    client::Client,
    failed::Failed,
    output::{done, say, show_json, text},
    preview::Preview,
    screen::printable,
};
use crate::config::Config;

/// Bytes of a file; the box takes no more.
const FILE_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Lines of JSON, or a table of organizations or members.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, wanted: &Wanted) -> Result<(), Failed> {
    let Wanted { file, rehearsal, consent, form } = wanted;
    let bytes = read(file)?;
    let client = Client::open(config, &[("body", "the file")])?;
    let kind = if file.extension().is_some_and(|end| end == "csv") { "text/csv" } else { "application/x-ndjson" };
    let give = |path: &str| client.give(path, kind, &bytes)?.map_err(|problem| problem.told(&[("body", "the file")]));
    let plan = give("/import?dry_run=true")?;
    if form.json && rehearsal.dry_run {
        show_json(&plan)?;
    }
    let mistakes = plan["mistakes"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !mistakes.is_empty() {
        let told: Vec<String> = mistakes.iter().map(|mistake| told(file, mistake)).collect();
        return Err(Failed::refused(format!("the file has mistakes, and nothing was changed:\n{}", told.join("\n"))));
    }
    let preview = Preview::given(plan["preview"].clone());
    if rehearsal.dry_run {
        return if form.json { Ok(()) } else { say(&format!("{}\n{NOTHING_CHANGED}", shown(&plan, &preview))) };
    }
    if changes_nothing(&plan) {
        return if form.json { show_json(&plan) } else { say("Everything is as the file says. Nothing was changed.") };
    }
    consent.ask(&shown(&plan, &preview), "import")?;
    let taken = give("/import")?;
    if form.json {
        return show_json(&taken);
    }
    done(
        &format!("Took {}:\n{}", file.display(), tallies(&taken)),
        "New users sign in once they have a password: orgbox user passwd LOGIN",
    )
}

fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    let unreadable = |error| Failed::unreadable(&path.display().to_string(), &error);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failed::refused(format!("{} has more than 64 MiB; give it in parts", path.display())));
    }
    Ok(bytes)
}

/// One mistake as compilers tell them.
fn told(file: &Path, mistake: &Value) -> String {
    let field = match text(&mistake["field"]) {
        "" => String::new(),
        field => format!("{field} "),
    };
    printable(&format!("{}:{}: {field}{}", file.display(), mistake["line"], text(&mistake["message"])))
}

/// What would change: how much of each kind, the first lines of it, and what is lost by it.
fn shown(plan: &Value, preview: &Preview) -> String {
    let mut parts = vec![tallies(plan)];
    let changes = preview.changes("");
    if !changes.is_empty() {
        parts.push(format!("What would change:\n{changes}"));
    }
    let footage = preview.footage_lost();
    if !footage.is_empty() {
        parts.push(format!("Footage that could be purged at once:\n{footage}"));
    }
    parts.push("Nothing is deleted: what the file does not name stays.".to_owned());
    parts.join("\n")
}

fn changes_nothing(plan: &Value) -> bool {
    let mut rows = plan["tallies"].as_array().into_iter().flatten();
    rows.all(|row| row["created"] == 0 && row["changed"] == 0)
}

fn tallies(told: &Value) -> String {
    let rows = told["tallies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |row: &Value| {
        format!(
            "  {}: {} new, {} changed, {} as they are",
            text(&row["kind"]),
            row["created"],
            row["changed"],
            row["unchanged"]
        )
    };
    if rows.is_empty() {
        "  The file holds nothing.".to_owned()
    } else {
        rows.iter().map(row).collect::<Vec<_>>().join("\n")
    }
}
