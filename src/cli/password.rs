//! Where a new password comes from: a file, a pipe or a prompt. Never an argument, which every process can read.

use std::{
    fs::File,
    io::{IsTerminal, Read, stdin},
    path::{Path, PathBuf},
};

use clap::Args;

use super::failed::Failed;
use crate::model::{
    error::Problems,
    user::{PASSWORD_BYTES, validate_password},
};

/// Where the password comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read the password from this file instead of asking for it; standard input is read where it is no terminal.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Source {
    /// A new password of a length that is allowed.
    pub(super) fn new_password(&self, login: &str) -> Result<String, Failed> {
        match &self.password_file {
            Some(file) => from_file(file),
            None if stdin().is_terminal() => from_prompt(login),
            None => from_pipe(),
        }
    }
}

fn from_file(file: &Path) -> Result<String, Failed> {
    let what = format!("--password-file {}", file.display());
    let content = File::open(file).and_then(bounded).map_err(|error| Failed::unreadable(&what, &error))?;
    one_line(content, &what)
}

fn from_pipe() -> Result<String, Failed> {
    let what = "standard input";
    let content = bounded(stdin().lock()).map_err(|error| Failed::unreadable(what, &error))?;
    if content.is_empty() {
        return Err(Failed::refused("standard input holds no password: pipe one in, or name a --password-file"));
    }
    one_line(content, what)
}

fn from_prompt(login: &str) -> Result<String, Failed> {
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt).map_err(|error| Failed::unreadable("the password at the terminal", &error))
    };
    let password = ask(format!("New password for `{login}`: "))?;
    check(&password)?;
    if ask("The same again: ".to_owned())? != password {
        return Err(Failed::refused("the two passwords differ; nothing was changed"));
    }
    Ok(password)
}

/// Enough to see that it is too long, and not an endless file.
fn bounded(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    from.take(*PASSWORD_BYTES.end() as u64 + 3).read_to_end(&mut content)?;
    Ok(content)
}

/// The content without its last line break.
fn one_line(content: Vec<u8>, what: &str) -> Result<String, Failed> {
    let text = String::from_utf8(content).map_err(|_| Failed::refused(format!("{what} is not UTF-8 text")))?;
    let line = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    check(line)?;
    if line.contains('\n') {
        return Err(Failed::refused(format!("{what} must hold the password alone, on one line")));
    }
    Ok(line.to_owned())
}

fn check(password: &str) -> Result<(), Failed> {
    let mut problems = Problems::default();
    validate_password(password, &mut problems);
    Ok(problems.check()?)
}
