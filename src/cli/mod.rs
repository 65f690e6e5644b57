//! The command line: one file per verb, and here what they share: the arguments and the exit codes.
//!
//! A verb says what it did and what comes next; it decides no rule. Every verb that touches data speaks the native dialect
//! over a local socket; see `client`. Exit codes: 0 done, 1 refused or not found, 2 usage, 69 unavailable (no database,
//! locked, disk), 77 permission, 78 configuration.

mod ask;
mod audit;
mod backup;
mod billing;
mod camera;
mod cert;
mod client;
mod collector;
mod completions;
mod configuration;
mod demo;
mod doctor;
mod explain;
mod export;
mod failed;
mod fields;
mod hold;
mod import;
mod key;
mod licenses;
mod man;
mod member;
mod openapi;
mod org;
mod output;
mod overrides;
mod password;
mod preview;
mod restore;
mod screen;
mod serve;
mod socket;
mod status;
mod table;
mod user;
mod version;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    app,
    config::{self, Config, Environment, Problems},
    log,
};
use failed::Failed;

const AFTER_HELP: &str = "\
Verbs that touch data speak to the running server through its local socket, as root or as the user that owns it; with no
server running they work on the database itself.
Exit codes: 0 done, 1 refused or not found, 2 usage, 69 unavailable (no database, in use, disk), 77 permission,
78 configuration.
ORGBOX_LOG sets what is logged on standard error: `warn`, `info`, `debug`. NO_COLOR takes the colours away.";

/// Where packages put the configuration.
const INSTALLED: &str = "/etc/orgbox/config.toml";

/// Organizations, members, limits and camera retention for an on-premises video box.
#[derive(Debug, Parser)]
#[command(name = "orgbox", version, after_help = AFTER_HELP)]
struct Arguments {
    /// The configuration file; without it that of the installed package, except for `serve` and where an orgbox.db lies
    /// here; without that the defaults: orgbox.db here, 127.0.0.1:8480.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// A box and a billing system in a temporary folder, to see everything work.
    Demo(demo::Arguments),
    /// Start the box and serve until it is told to stop.
    Serve(serve::Wanted),
    /// Whether the box is well, and what to do where it is not.
    Status(status::Wanted),
    /// Look at everything that the box depends on, and say what is wrong and how to mend it.
    Doctor(doctor::Wanted),
    /// Organizations: list, show, create, set, move, delete, draw what hangs where.
    #[command(subcommand)]
    Org(org::Verb),
    /// Members of an organization: list, add, remove.
    #[command(subcommand)]
    Member(member::Verb),
    /// Where the values of an organization come from, where it hangs, and why a user reaches it.
    Explain(explain::Wanted),
    /// Users: add, list, disable, enable, remove, set a password.
    #[command(subcommand)]
    User(user::Verb),
    /// API keys: create, list, revoke.
    #[command(subcommand)]
    Key(key::Verb),
    /// Cameras of an organization: add, list, remove.
    #[command(subcommand)]
    Camera(camera::Verb),
    /// Legal holds: list, place, lift.
    #[command(subcommand)]
    Hold(hold::Verb),
    /// The audit trail: list, export, verify.
    #[command(subcommand)]
    Audit(audit::Verb),
    /// The certificate of TLS: show it, make a new one.
    #[command(subcommand)]
    Cert(cert::Verb),
    /// Sending to the billing system: how it stands, what it does not take, and what only you can decide.
    #[command(subcommand)]
    Upstream(billing::Verb),
    /// Backups of the database: make one, list, verify, remove what is too many.
    #[command(subcommand)]
    Backup(backup::Verb),
    /// Put a backup in the database's place. The box must be stopped.
    Restore(restore::Wanted),
    /// Write organizations and all that hangs on them into a file, for another box or a spreadsheet.
    Export(export::Wanted),
    /// Take a file that an export wrote, after showing what it would change.
    Import(import::Wanted),
    /// The configuration: check it, show what is in force.
    #[command(subcommand)]
    Config(configuration::Verb),
    /// Receive what boxes send upstream, and show it: the reference receiver, with a database of its own.
    Collector(collector::Arguments),
    /// What the watched files say of organizations: check, plan, show, clear.
    #[command(subcommand)]
    Overrides(overrides::Verb),
    /// The description of every API, as OpenAPI.
    Openapi,
    /// The script that lets a shell complete verbs and flags.
    #[command(subcommand)]
    Completions(completions::Verb),
    /// The manual, one page for each verb.
    Man(man::Wanted),
    /// The licences of the software that is built in.
    Licenses,
    /// The versions of orgbox, SQLite and the database's schema.
    Version,
}

/// Runs the verb that the arguments name.
pub fn run() -> ExitCode {
    let Arguments { config, verb } = Arguments::parse();
    // A short verb has its own output; only what goes wrong underneath is worth a line beside it.
    log::start(if matches!(verb, Verb::Serve(_) | Verb::Collector(_)) { "info,actix_server=warn" } else { "warn" });
    let config = config.or_else(|| installed(&verb));
    match dispatch(config.as_deref(), verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, message }) => {
            // An exit code may say it all.
            if !message.is_empty() {
                log::say_failure(&message);
            }
            ExitCode::from(code)
        }
    }
}

/// The configuration of an installed box, for verbs that are about one where none is named and none lies here: an operator
/// shall not have to say it each time.
fn installed(verb: &Verb) -> Option<PathBuf> {
    let is_about_another = matches!(verb, Verb::Serve(_) | Verb::Collector(_) | Verb::Demo(_));
    let file = Path::new(INSTALLED);
    let is_here = Path::new("orgbox.db").exists();
    (!is_about_another && !is_here && file.exists()).then(|| file.to_owned())
}

fn dispatch(file: Option<&Path>, verb: Verb) -> Result<(), Failed> {
    match verb {
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Serve(wanted) => serve::run(&load(file)?, &wanted),
        Verb::Status(wanted) => status::run(&load(file)?, wanted),
        Verb::Doctor(wanted) => doctor::run(file, wanted),
        Verb::Org(verb) => org::run(&load(file)?, verb),
        Verb::Member(verb) => member::run(&load(file)?, verb),
        Verb::Explain(wanted) => explain::run(&load(file)?, wanted),
        Verb::User(verb) => user::run(&load(file)?, verb),
        Verb::Key(verb) => key::run(&load(file)?, verb),
        Verb::Camera(verb) => camera::run(&load(file)?, verb),
        Verb::Hold(verb) => hold::run(&load(file)?, verb),
        Verb::Audit(verb) => audit::run(&load(file)?, verb),
        Verb::Cert(verb) => cert::run(&load(file)?, verb),
        Verb::Backup(verb) => backup::run(&load(file)?, verb),
        Verb::Restore(wanted) => restore::run(&load(file)?, wanted),
        Verb::Export(wanted) => export::run(&load(file)?, &wanted),
        Verb::Import(wanted) => import::run(&load(file)?, &wanted),
        Verb::Licenses => licenses::run(),
        Verb::Overrides(verb) => overrides::run(file, verb),
        Verb::Upstream(verb) => billing::run(&load(file)?, verb),
        Verb::Openapi => openapi::run(),
        Verb::Config(verb) => configuration::run(&load_strictly(file)?, file, verb),
        Verb::Collector(arguments) => collector::run(arguments),
        Verb::Completions(verb) => completions::run(verb),
        Verb::Man(wanted) => man::run(wanted),
        Verb::Version => version::run(),
    }
}

/// The configuration; where its files cannot be used, the one that the box runs on all the same.
fn load(file: Option<&Path>) -> Result<Config, Failed> {
    let environment = Environment::from_process();
    config::load(file, &environment).or_else(|problems| {
        let last_good = file.and_then(|file| app::last_good(file, &environment));
        let Some(config) = last_good else { return Err(unusable(problems)) };
        eprintln!("orgbox: the configuration has mistakes; this is done with the last good one:\n{problems}");
        Ok(config)
    })
}

/// The configuration as its files say.
fn load_strictly(file: Option<&Path>) -> Result<Config, Failed> {
    config::load(file, &Environment::from_process()).map_err(unusable)
}

/// A configuration with mistakes: exit code 78.
fn unusable(problems: Problems) -> Failed {
    Failed { code: 78, message: format!("the configuration cannot be used:\n{problems}") }
}
