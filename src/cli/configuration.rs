//! `orgbox config …`: looks at the configuration, and at nothing else.

use std::path::Path;

use clap::Subcommand;

use super::{failed::Failed, output::say, unusable};
use crate::config::{self, Config, Environment, Files};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check the configuration and say everything that is wrong with it.
    Check,
    /// Show what is in force and where each value comes from; secrets are never shown.
    Show,
}

/// A configuration with which no box starts has been reported before this is reached.
pub(super) fn run(config: &Config, file: Option<&Path>, verb: Verb) -> Result<(), Failed> {
    match (verb, file) {
        (Verb::Show, _) => say(&config.show()),
        (Verb::Check, Some(file)) => {
            // Mistakes in override tables keep no box from starting and are mistakes all the same.
            let (_, problems) = config::parse(&Files::read(file), &Environment::from_process());
            if !problems.is_empty() {
                return Err(unusable(problems));
            }
            say(&format!("{} is in order. It has effect when the box is started again.", file.display()))
        }
        (Verb::Check, None) => say("The defaults are in order; name a file with --config to have it checked."),
    }
}
