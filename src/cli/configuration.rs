//! `orgbox config …`: looks at the configuration, and at nothing else.

use std::path::Path;

use clap::Subcommand;

use super::{failed::Failed, output::say};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check the configuration and say everything that is wrong with it.
    Check,
    /// Show what is in force and where each value comes from; secrets are never shown.
    Show,
}

/// A configuration that cannot be used has been reported before this is reached.
pub(super) fn run(config: &Config, file: Option<&Path>, verb: Verb) -> Result<(), Failed> {
    match (verb, file) {
        (Verb::Show, _) => say(&config.show()),
        (Verb::Check, Some(file)) => {
            say(&format!("{} is in order. It has effect when the box is started again.", file.display()))
        }
        (Verb::Check, None) => say("The defaults are in order; name a file with --config to have it checked."),
    }
}
