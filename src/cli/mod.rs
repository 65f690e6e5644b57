//! The command line: one file per verb. Exit codes: 0, 1, 2 usage, 69 unavailable, 77 permission, 78 configuration.

mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Environment};

/// Organizations, members, limits and camera retention for an on-premises video box.
#[derive(Debug, Parser)]
#[command(name = "orgbox", version)]
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
}

/// Why a verb did not do its work: the exit code and what to tell.
#[derive(Debug)]
struct Failed {
    code: u8,
    message: String,
}

/// Runs the verb that the arguments name.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.verb {
        Verb::Serve => load(&arguments).and_then(|config| serve::run(&config)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, message }) => {
            eprintln!("orgbox: {message}");
            ExitCode::from(code)
        }
    }
}

fn load(arguments: &Arguments) -> Result<Config, Failed> {
    config::load(arguments.config.as_deref(), &Environment::from_process())
        .map_err(|problems| Failed { code: 78, message: format!("the configuration cannot be used:\n{problems}") })
}
