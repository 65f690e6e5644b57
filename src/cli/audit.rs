//! `orgbox audit …`: the audit trail, what it says, and whether it is whole.

use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::{
    ask::Form,
    client::{Client, escape},
    failed::Failed,
    output::{Column, done, list, plain, show_json, text},
    screen::cut,
    status::to_the_second,
};
use crate::config::Config;

const COLUMNS: &[Column] = &[
    Column { head: "ID", cell: |entry| plain(&entry["id"]).into() },
    Column { head: "WHEN", cell: |entry| to_the_second(text(&entry["at"])).into() },
    Column { head: "WHO", cell: |entry| cut(text(&entry["actor"]), WHO_COLUMNS_MAX).into() },
    Column { head: "THROUGH", cell: |entry| text(&entry["dialect"]).into() },
    Column { head: "DID", cell: |entry| text(&entry["operation"]).into() },
    Column { head: "TO", cell: |entry| text(&entry["subject"]).into() },
    Column { head: "WHAT", cell: |entry| changes(entry).into() },
];
/// Columns of who did it: of a file's digest enough to tell it by.
const WHO_COLUMNS_MAX: usize = 24;
/// Columns of a value that the list shows; the whole is in `--json` and in exports.
const VALUE_COLUMNS_MAX: usize = 40;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List what was changed, by whom and through what; the newest first.
    List(List),
    /// Write the whole trail as CSV or as JSON lines.
    Export {
        /// The form.
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
        /// Write it to this file instead of standard output; an existing one is left alone.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check that no entry was changed, removed or slipped in.
    Verify {
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only what concerns this organization, by name or id.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// Only what this user or part of the box did.
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Only what concerns this, such as organization/7.
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only what was done with this key, by its public id.
    #[arg(long, value_name = "PUBLIC_ID")]
    key: Option<String>,
    /// Only through this: cli, native, watcher, wotkit, infinity, surfsight, file, system.
    #[arg(long, value_name = "DIALECT")]
    through: Option<String>,
    /// Only this: create, update or delete.
    #[arg(long, value_name = "OPERATION")]
    operation: Option<String>,
    /// Only since this moment, such as 2027-01-31T00:00:00Z.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only before this moment.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// How many, from the newest on, 1 to 1000.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// A table for office programs.
    Csv,
    /// One JSON object in each line.
    Ndjson,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(
        config,
        &[("since", "--since"), ("until", "--until"), ("organization", "--organization"), ("operation", "--operation")],
    )?;
    match verb {
        Verb::List(wanted) => entries(&client, &wanted),
        Verb::Export { format, output } => export(&client, format, output),
        Verb::Verify { form } => verify(&client, form),
    }
}

fn entries(client: &Client, wanted: &List) -> Result<(), Failed> {
    let List { organization, actor, subject, key, through, operation, since, until, limit, form } = wanted;
    let limit = usize::from(*limit);
    let given = [
        ("organization", organization),
        ("actor", actor),
        ("subject", subject),
        ("key", key),
        ("dialect", through),
        ("operation", operation),
        ("since", since),
        ("until", until),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some(format!("&{name}={}", escape(value.as_deref()?))));
    let given: String = given.collect();
    let mut rows: Vec<Value> = Vec::new();
    let mut more = String::new();
    // A page may hold less than was asked for.
    while rows.len() < limit {
        let mut page = client.get(&format!("/audit?limit={}{given}{more}", limit - rows.len()))?;
        if let Value::Array(items) = page["items"].take() {
            rows.extend(items);
        }
        match page["next"].as_str() {
            Some(next) => more = format!("&cursor={}", escape(next)),
            None => break,
        }
    }
    list(&rows, form.json, COLUMNS, "The audit trail has nothing like that.")
}

/// The fields that an update has changed, each from what to what.
fn changes(entry: &Value) -> String {
    let Some(after) = entry["after"].as_object().filter(|_| entry["operation"] == "update") else {
        return String::new();
    };
    let shown = |value: &Value| match value {
        Value::Object(_) => "…".to_owned(),
        Value::Array(items) if items.iter().any(Value::is_object) => "…".to_owned(),
        value => cut(&plain(value), VALUE_COLUMNS_MAX),
    };
    let after = after.iter().filter(|(field, to)| entry["before"][*field] != **to);
    let change =
        |(field, to): (&String, &Value)| format!("{field}: {} → {}", shown(&entry["before"][field]), shown(to));
    after.map(change).collect::<Vec<_>>().join(", ")
}

fn export(client: &Client, format: Format, output: Option<PathBuf>) -> Result<(), Failed> {
    let format = match format {
        Format::Csv => "csv",
        Format::Ndjson => "ndjson",
    };
    let path = format!("/orgbox/v1/audit/export?format={format}");
    let Some(file) = output else {
        let mut out = std::io::stdout().lock();
        client.copy(&path, &mut out)?;
        return out.flush().map_err(|error| Failed::unavailable(format!("cannot write to standard output: {error}")));
    };
    let failed = |error: std::io::Error| Failed::refused(format!("{} cannot be written: {error}", file.display()));
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).map_err(failed)?;
    client.copy(&path, &mut to)?;
    to.sync_all().map_err(failed)?;
    done(&format!("Wrote the audit trail to {}.", file.display()), "Check it with: orgbox audit verify")
}

/// A trail that is not whole ends with exit code 1.
fn verify(client: &Client, form: Form) -> Result<(), Failed> {
    let verdict = client.get("/audit/verify")?;
    let whole = verdict["ok"] == true;
    if form.json {
        show_json(&verdict)?;
    } else if whole {
        let (rows, head) = (&verdict["rows"], &verdict["head"]);
        done(
            &format!("The audit trail is whole: {rows} entries."),
            &format!(
                "The last is {} with the hash {}; kept elsewhere, it proves that none before it was rewritten.",
                head["id"],
                text(&head["hash"])
            ),
        )?;
    }
    if whole {
        return Ok(());
    }
    let broken = &verdict["first_broken"];
    Err(Failed::refused(format!(
        "the audit trail is not whole from entry {} on ({}): compare it with a copy that was exported earlier",
        broken["id"],
        text(&broken["why"])
    )))
}
