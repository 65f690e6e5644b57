//! `orgbox man …`: the manual, one page for each verb.

use std::{fs, path::PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{Arguments, failed::Failed, output::say};
use crate::suggest::nearest;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// The verb whose page is printed, such as `org set`; without one the page of orgbox itself.
    verb: Vec<String>,
    /// Write every page into this folder instead: orgbox.1, orgbox-org.1, orgbox-org-set.1 and so on.
    #[arg(long, value_name = "FOLDER", conflicts_with = "verb")]
    to: Option<PathBuf>,
}

pub(super) fn run(wanted: Wanted) -> Result<(), Failed> {
    let Wanted { verb, to } = wanted;
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    if let Some(folder) = to {
        return write_all(&root, &folder);
    }
    let mut command = &root;
    for word in &verb {
        let below = command.get_subcommands().find(|below| below.get_name() == word);
        command = below.ok_or_else(|| unknown(command, word))?;
    }
    say(&String::from_utf8_lossy(&page(command)?))
}

fn write_all(root: &Command, folder: &PathBuf) -> Result<(), Failed> {
    let failed = |error| Failed::refused(format!("{} cannot be written: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut pages = 0;
    let mut left = vec![root];
    while let Some(command) = left.pop() {
        fs::write(folder.join(format!("{}.1", name(command))), page(command)?).map_err(failed)?;
        pages += 1;
        left.extend(command.get_subcommands().filter(|below| !below.is_hide_set()));
    }
    say(&format!("Wrote {pages} pages. Read one with: man -l {}/orgbox.1", folder.display()))
}

fn page(command: &Command) -> Result<Vec<u8>, Failed> {
    let mut page = Vec::new();
    let rendered = Man::new(command.clone()).manual("orgbox").render(&mut page);
    rendered.map_err(|error| Failed::unavailable(format!("the page cannot be made: {error}")))?;
    Ok(page)
}

/// `orgbox-org-set`: as manual pages of commands with verbs are called.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn unknown(command: &Command, word: &str) -> Failed {
    let near = nearest(word, command.get_subcommands().map(Command::get_name));
    let remedy = near.map_or_else(|| "see `orgbox --help`".to_owned(), |near| format!("did you mean `{near}`?"));
    Failed::refused(format!("`{}` has no verb `{word}`; {remedy}", command.get_bin_name().unwrap_or("orgbox")))
}
