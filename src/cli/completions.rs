//! `orgbox completions SHELL`: what a shell needs to complete verbs and flags.

use clap::{CommandFactory, Subcommand};
use clap_complete::{Shell, generate};

use super::{Arguments, failed::Failed, output::say};

/// The shells, each with where its file belongs.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Verb {
    /// For bash: orgbox completions bash > /usr/share/bash-completion/completions/orgbox
    Bash,
    /// For zsh: orgbox completions zsh > /usr/local/share/zsh/site-functions/_orgbox
    Zsh,
    /// For fish: orgbox completions fish > /usr/share/fish/vendor_completions.d/orgbox.fish
    Fish,
}

pub(super) fn run(verb: Verb) -> Result<(), Failed> {
    let shell = match verb {
        Verb::Bash => Shell::Bash,
        Verb::Zsh => Shell::Zsh,
        Verb::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "orgbox", &mut script);
    say(&String::from_utf8_lossy(&script))
}
