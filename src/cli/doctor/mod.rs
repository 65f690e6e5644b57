//! `orgbox doctor`: looks at everything that the box depends on, and says what is wrong and how to mend it.
//!
//! It works with the box running, stopped, and where its configuration or its database cannot be used, and it changes
//! nothing. A thing to be looked at has a function that returns its [`Finding`]s, called in [`visit`].

mod bundle;
mod certificate;
mod database;
mod disk;
mod finding;
mod machine;
mod permissions;
mod reach;
mod redact;
mod tar;
mod unit;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{
    ask::Form,
    client::Client,
    failed::Failed,
    output::{say, show_json, text},
    screen::Screen,
};
use crate::{
    app::{self, Inspection},
    clock::Clock,
    config::{self, Config, Environment, Files},
};
use finding::Finding;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Pack what helpers from afar need into a new file (tar.gz), without secrets and names of persons.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

/// What a visit has brought together.
struct Visit<'a> {
    config: &'a Config,
    now_ms: i64,
    inspection: Option<&'a Inspection>,
    /// What the running box tells of itself.
    status: Option<&'a Value>,
    metrics: Option<&'a str>,
}

/// Exit code 0 where there is nothing to do, 1 where there is.
pub(super) fn run(file: Option<&Path>, wanted: Wanted) -> Result<(), Failed> {
    let (config, mut findings) = configuration(file);
    let now_ms = Clock::system().now_ms();
    let client = Client::running(&config);
    let status = client.as_ref().and_then(|client| client.get("/status").ok());
    let metrics = client.as_ref().and_then(|client| {
        let mut metrics = Vec::new();
        client.copy("/metrics", &mut metrics).ok().and_then(|()| String::from_utf8(metrics).ok())
    });
    findings.extend(the_box(client.is_some(), status.as_ref()));
    findings.push(certificate::check(&config, now_ms, status.as_ref()));
    let (of_database, inspection) = database::check(&config.database.path);
    findings.extend(of_database);
    findings.extend(disk::check(&config.database.path));
    findings.extend(permissions::check(&config, file));
    findings.push(machine::clock(now_ms, inspection.as_ref().and_then(|found| found.newest_ms)));
    findings.extend(machine::memory());
    let pid = status.as_ref().and_then(|status| status["box"]["pid"].as_u64());
    findings.extend(machine::descriptors(&config, pid));
    findings.extend(machine::watches());
    findings.push(reach::check(&config));
    findings.extend(unit::check());
    // The bundle comes first: one that cannot be written is told before anything else.
    let packed = wanted.bundle.as_deref().map(|path| {
        let (inspection, status, metrics) = (inspection.as_ref(), status.as_ref(), metrics.as_deref());
        bundle::write(path, &Visit { config: &config, now_ms, inspection, status, metrics }, &findings)
    });
    let packed = packed.transpose()?;
    if wanted.form.json {
        show_json(&told(&findings))?;
    } else {
        say(&finding::lines(&Screen::of_output(), &findings))?;
        if let (Some(path), Some(manifest)) = (&wanted.bundle, packed) {
            say(&format!("\nPacked into {}:\n{manifest}", path.display()))?;
        }
    }
    let needs_somebody = findings.iter().any(Finding::needs_somebody);
    if needs_somebody { Err(Failed { code: 1, message: String::new() }) } else { Ok(()) }
}

/// The findings as JSON.
fn told(findings: &[Finding]) -> Value {
    let needed = findings.iter().any(Finding::needs_somebody);
    json!({ "well": !needed, "findings": findings.iter().map(Finding::json).collect::<Vec<_>>() })
}

/// The configuration as far as it can be used, and what is wrong with it.
fn configuration(file: Option<&Path>) -> (Config, Vec<Finding>) {
    const PART: &str = "configuration";
    let environment = Environment::from_process();
    let Some(file) = file else {
        let config = config::load(None, &environment).unwrap_or_default();
        return (config, vec![Finding::skipped(PART, "the defaults; name a file with --config")]);
    };
    let (parsed, problems) = config::parse(&Files::read(file), &environment);
    if problems.is_empty() {
        let config = config::load(Some(file), &environment).unwrap_or(parsed);
        return (config, vec![Finding::well(PART, format!("{} is in order", file.display()))]);
    }
    let fix = "`orgbox config check` names every mistake with file, line and column.";
    let lines = problems.to_string();
    let first = lines.lines().next().unwrap_or_default();
    let says = format!("{first} ({} mistakes in all)", problems.list().len());
    // As the box itself would run: on what is in order, or else on the last files that were.
    let config = config::load(Some(file), &environment).ok().or_else(|| app::last_good(file, &environment));
    (config.unwrap_or(parsed), vec![Finding::bad(PART, says, fix)])
}

/// What the running box says of itself.
fn the_box(answers: bool, status: Option<&Value>) -> Vec<Finding> {
    const PART: &str = "box";
    let Some(status) = status else {
        return vec![if answers {
            Finding::warning(
                PART,
                "it runs and does not tell how it is",
                "Run the doctor as root or as the user that the box runs as.",
            )
        } else {
            Finding::skipped(PART, "no server is running on this database")
        }];
    };
    let items = |name: &str| status[name].as_array().cloned().unwrap_or_default();
    let faults = items("faults");
    let mut findings: Vec<_> =
        faults.iter().map(|fault| Finding::bad(PART, text(&fault["name"]), text(&fault["remedy"]))).collect();
    // What is said of the database's disk is looked at here as well.
    let attention = items("attention");
    let attention = attention.iter().filter(|item| item["part"] != "database");
    findings.extend(attention.map(|item| {
        Finding::warning(PART, format!("{}: {}", text(&item["part"]), text(&item["says"])), text(&item["remedy"]))
    }));
    if faults.is_empty() {
        findings.insert(0, Finding::well(PART, format!("it serves, as process {}", status["box"]["pid"])));
    }
    findings
}
