//! `orgbox backup …`: making backups of the database, and looking at those there are.
//!
//! A backup into the box's own folder is made by the box. One into a file of the operator's choice is made by this process,
//! with the rights of whoever runs it: a server that wrote where it is told would write anywhere. Listing and verifying
//! read files alone, so that they work while the database does not.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    ask::Form,
    client::Client,
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
    status::{size, to_the_second},
};
use crate::{
    app,
    backup::{
        folder::Folder,
        make::{self, Refusal, Stop},
        verify::{self, Verified},
    },
    clock::Clock,
    config::Config,
    model::backup::{Backup, Manifest},
};

const COLUMNS: &[Column] = &[
    Column { head: "NAME", cell: |backup| text(&backup["name"]).into() },
    Column { head: "TAKEN", cell: |backup| to_the_second(text(&backup["taken_at"])).into() },
    Column { head: "SIZE", cell: |backup| size(&backup["bytes"]).into() },
    Column { head: "ORGANIZATIONS", cell: |backup| plain(&backup["rows"]["organizations"]).into() },
    Column { head: "CAMERAS", cell: |backup| plain(&backup["rows"]["cameras"]).into() },
    Column { head: "SCHEMA", cell: |backup| plain(&backup["schema"]).into() },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make a backup and check it, also while the box serves.
    Create {
        /// Write it to this file instead of the folder of backups, with its manifest FILE.json beside it.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        form: Form,
    },
    /// List the backups that are kept, the newest first.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Check that a backup can be put back: its bytes against its manifest, and the database in it.
    Verify {
        /// A backup; without it all that are kept.
        file: Option<PathBuf>,
    },
    /// Remove the backups that are too many by `[backup] keep` and `max_mib`. Making one does so by itself.
    Prune {
        #[command(flatten)]
        form: Form,
    },
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    match verb {
        Verb::Create { to: Some(file), form } => create_at(config, &file, form),
        Verb::Create { to: None, form } => create(config, form),
        Verb::List { form } => show(config, form),
        Verb::Verify { file: Some(file) } => verify_one(&named(config, file)),
        Verb::Verify { file: None } => verify_all(config),
        Verb::Prune { form } => prune(config, form),
    }
}

/// The backup that is meant: a name alone may be that of one in the folder of backups, as `orgbox backup list` shows it.
pub(super) fn named(config: &Config, file: PathBuf) -> PathBuf {
    let kept = config.backup_folder().join(&file);
    if !file.exists() && kept.exists() { kept } else { file }
}

fn create(config: &Config, form: Form) -> Result<(), Failed> {
    let made = Client::open(config, &[])?.send("POST", "/backups", Some(&json!({})))?;
    if form.json {
        return show_json(&made);
    }
    let path = config.backup_folder().join(text(&made["name"]));
    told(&path, &size(&made["bytes"]))
}

fn create_at(config: &Config, file: &Path, form: Form) -> Result<(), Failed> {
    let database = &config.database.path;
    if !database.exists() {
        return Err(app::StartError::NoDatabase { path: database.clone() }.into());
    }
    let manifest = make::write(database, file, &Clock::system(), &Stop::default()).map_err(refused)?;
    if form.json {
        return show_json(&shown(&manifest.name.clone(), manifest.bytes, manifest.taken_at_ms, Some(&manifest)));
    }
    told(file, &size(&manifest.bytes.into()))
}

fn told(path: &Path, size: &str) -> Result<(), Failed> {
    done(
        &format!("Backed up to {} ({size}), and checked.", path.display()),
        &format!("Put it back, with the box stopped: orgbox restore {}", path.display()),
    )
}

fn refused(refusal: Refusal) -> Failed {
    let code = refusal.code();
    match refusal {
        Refusal::Copy(error) => app::StartError::Open(error).into(),
        Refusal::Exists(_) => Failed::refused(refusal.to_string()),
        Refusal::Io { path, source } => Failed {
            code: if source.kind() == std::io::ErrorKind::PermissionDenied { 77 } else { 69 },
            message: format!("{} cannot be written: {source}", path.display()),
        },
        refusal => Failed::unavailable(format!("{refusal} ({code}). {}", refusal.remedy())),
    }
}

fn show(config: &Config, form: Form) -> Result<(), Failed> {
    let folder = Folder::new(&config.backup_folder(), &config.database.path);
    let rows: Vec<Value> = read(&folder)?
        .iter()
        .map(|Backup { name, bytes, taken_at_ms, manifest }| shown(name, *bytes, *taken_at_ms, manifest.as_ref()))
        .collect();
    list(&rows, form.json, COLUMNS, &format!("There are no backups in {}.", folder.path().display()))
}

/// A backup as the box's own API shows it.
fn shown(name: &str, bytes: u64, taken_at_ms: i64, manifest: Option<&Manifest>) -> Value {
    let moment = |ms: i64| jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string());
    let facts = manifest.map(|manifest| &manifest.facts);
    let rows = facts.map(|facts| facts.rows.iter().cloned().collect::<std::collections::BTreeMap<_, _>>());
    json!({
        "name": name,
        "taken_at": moment(taken_at_ms),
        "bytes": bytes,
        "sha256": manifest.map(|manifest| &manifest.sha256),
        "orgbox": manifest.map(|manifest| &manifest.orgbox),
        "schema": facts.map(|facts| facts.schema),
        "site": facts.and_then(|facts| facts.site),
        "epoch": facts.and_then(|facts| facts.epoch),
        "last_seq": facts.map(|facts| facts.last_seq),
        "changed_at": facts.and_then(|facts| facts.changed_at_ms).map(moment),
        "rows": rows,
    })
}

fn read(folder: &Folder) -> Result<Vec<Backup>, Failed> {
    let path = folder.path().display().to_string();
    folder.list().map_err(|error| Failed::unreadable(&path, &error))
}

fn verify_one(file: &Path) -> Result<(), Failed> {
    match verify::verify(file) {
        Ok(Verified { facts, manifest }) => {
            let count = |table: &str| facts.rows.iter().find(|(name, _)| name == table).map_or(0, |(_, count)| *count);
            let by = if manifest.is_some() { "" } else { ", which has no manifest," };
            done(
                &format!(
                    "{}{by} is sound: {} organizations, {} users, {} cameras; schema {}.",
                    file.display(),
                    count("organizations"),
                    count("users"),
                    count("cameras"),
                    facts.schema
                ),
                &format!("Put it back, with the box stopped: orgbox restore {}", file.display()),
            )
        }
        Err(flaw) => Err(Failed::refused(format!("{} cannot be restored: {flaw}", file.display()))),
    }
}

/// Exit code 1 where any of them is not sound.
fn verify_all(config: &Config) -> Result<(), Failed> {
    let folder = Folder::new(&config.backup_folder(), &config.database.path);
    let backups = read(&folder)?;
    let mut flawed = Vec::new();
    for Backup { name, .. } in &backups {
        match verify::verify(&folder.path().join(name)) {
            Ok(_) => say(&format!("{name} is sound."))?,
            Err(flaw) => flawed.push(format!("{name} cannot be restored: {flaw}")),
        }
    }
    if backups.is_empty() {
        return Err(Failed::refused(format!("there are no backups in {}", folder.path().display())));
    }
    if flawed.is_empty() { Ok(()) } else { Err(Failed::refused(flawed.join("\n"))) }
}

fn prune(config: &Config, form: Form) -> Result<(), Failed> {
    let pruned = Client::open(config, &[])?.send("POST", "/backups/prune", Some(&json!({})))?;
    if form.json {
        return show_json(&pruned);
    }
    let names = pruned["removed"].as_array().map(Vec::as_slice).unwrap_or_default();
    match names {
        [] => say("No backup was too many."),
        names => say(&format!("Removed {}.", names.iter().map(plain).collect::<Vec<_>>().join(", "))),
    }
}
