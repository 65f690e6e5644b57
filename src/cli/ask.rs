//! Whether an operator means it: flags that several verbs have, and the question before what destroys.

use std::io::{BufRead, IsTerminal, Read, stderr, stdin};

use clap::Args;

use super::failed::Failed;

/// More than this is no answer.
const ANSWER_BYTES_MAX: u64 = 4096;

/// What a rehearsal ends with.
pub(super) const NOTHING_CHANGED: &str = "Nothing was changed.";

/// The form of what is shown.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Form {
    /// As JSON: what the box itself answers.
    #[arg(long)]
    pub(super) json: bool,
}

/// Whether to do it at all.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Rehearsal {
    /// Only say what would be done.
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Consent to what cannot be undone.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Consent {
    /// Do it without asking.
    #[arg(long, short)]
    pub(super) yes: bool,
}

impl Consent {
    /// Goes on where the operator types this word, or has said `--yes`. `loss` is a sentence that says what will be gone.
    pub(super) fn ask(self, loss: &str, word: &str) -> Result<(), Failed> {
        if self.yes {
            return Ok(());
        }
        if !(stdin().is_terminal() && stderr().is_terminal()) {
            return Err(Failed {
                code: 2,
                message: format!("{loss}\nNothing was changed. Add --yes to have it done."),
            });
        }
        eprint!("{loss}\nType `{word}` to go on: ");
        let mut answer = String::new();
        let read = stdin().lock().take(ANSWER_BYTES_MAX).read_line(&mut answer);
        read.map_err(|error| Failed::unreadable("the answer at the terminal", &error))?;
        if answer.trim() == word { Ok(()) } else { Err(Failed::refused("nothing was changed")) }
    }
}
