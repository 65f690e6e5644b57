//! The command line: one file per verb, and here what they share: the arguments and the exit codes.
//!
//! A verb says what it did and what comes next; it decides no rule. Exit codes: 0 done, 1 refused or not found, 2 usage,
//! 69 unavailable (no database, locked, disk), 77 permission, 78 configuration.

mod camera;
mod configuration;
mod database;
mod failed;
mod key;
mod openapi;
mod output;
mod password;
mod serve;
mod user;
mod version;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    config::{self, Config, Environment},
    log,
};
use failed::Failed;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 refused or not found, 2 usage, 69 unavailable (no database, locked, disk),
77 permission, 78 configuration.
ORGBOX_LOG sets what is logged on standard error: `warn`, `info`, `debug`.";

/// Organizations, members, limits and camera retention for an on-premises video box.
#[derive(Debug, Parser)]
#[command(name = "orgbox", version, after_help = EXIT_CODES)]
struct Arguments {
    /// The configuration file; without it the defaults: orgbox.db here, 127.0.0.1:8480.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start the box and serve until it is told to stop.
    Serve,
    /// Users: add, list, disable, enable, set a password.
    #[command(subcommand)]
    User(user::Verb),
    /// API keys: create, list, revoke.
    #[command(subcommand)]
    Key(key::Verb),
    /// Cameras of an organization: add, list, remove.
    #[command(subcommand)]
    Camera(camera::Verb),
    /// The configuration: check it, show what is in force.
    #[command(subcommand)]
    Config(configuration::Verb),
    /// The OpenAPI document of all dialects, as /openapi.json serves it.
    Openapi,
    /// The versions of orgbox, SQLite and the database's schema.
    Version,
}

/// Runs the verb that the arguments name.
pub fn run() -> ExitCode {
    let Arguments { config, verb } = Arguments::parse();
    // A short verb has its own output; only what goes wrong underneath is worth a line beside it.
    log::start(if matches!(verb, Verb::Serve) { "info,actix_server=warn" } else { "warn" });
    let file = config.as_deref();
    let outcome = match verb {
        Verb::Serve => load(file).and_then(|config| serve::run(&config)),
        Verb::User(verb) => load(file).and_then(|config| user::run(&config, verb)),
        Verb::Key(verb) => load(file).and_then(|config| key::run(&config, verb)),
        Verb::Camera(verb) => load(file).and_then(|config| camera::run(&config, verb)),
        Verb::Config(verb) => load(file).and_then(|config| configuration::run(&config, file, verb)),
        Verb::Openapi => openapi::run(),
        Verb::Version => version::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, message }) => {
            eprintln!("orgbox: {message}");
            ExitCode::from(code)
        }
    }
}

fn load(file: Option<&Path>) -> Result<Config, Failed> {
    config::load(file, &Environment::from_process())
        .map_err(|problems| Failed { code: 78, message: format!("the configuration cannot be used:\n{problems}") })
}
