//! `orgbox export`: organizations and all that hangs on them as a file, for another box or a spreadsheet.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use clap::{Args, ValueEnum};

use super::{client::Client, failed::Failed, output::done};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Write it to this file instead of standard output; an existing one is left alone.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The form: ndjson holds everything but secrets, csv is a table.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
    /// What a table holds.
    #[arg(long, value_enum, required_if_eq("format", "csv"))]
    kind: Option<Kind>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object in each line.
    Ndjson,
    /// A table for office programs.
    Csv,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A row for each organization.
    Organizations,
    /// A row for each member.
    Members,
}

pub(super) fn run(config: &Config, wanted: &Wanted) -> Result<(), Failed> {
    let Wanted { to, format, kind } = wanted;
    let mut path = match format {
        Format::Ndjson => "/orgbox/v1/export?format=ndjson",
        Format::Csv => "/orgbox/v1/export?format=csv",
    }
    .to_owned();
    path.push_str(match kind {
        None => "",
        Some(Kind::Organizations) => "&kind=organizations",
        Some(Kind::Members) => "&kind=members",
    });
    let client = Client::open(config, &[("kind", "--kind"), ("format", "--format")])?;
    let Some(file) = to else {
        let mut out = std::io::stdout().lock();
        client.copy(&path, &mut out)?;
        return out.flush().map_err(|error| Failed::unavailable(format!("cannot write to standard output: {error}")));
    };
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failed::refused(format!("{} is there already and stays as it is", file.display())),
        _ => Failed::refused(format!("{} cannot be written: {error}", file.display())),
    };
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    if let Err(error) = client.copy(&path, &mut to) {
        // Half an export would be taken for a whole one.
        drop(std::fs::remove_file(file));
        return Err(error);
    }
    to.sync_all().map_err(failed)?;
    done(
        &format!("Wrote the export to {}. It names persons and holds no secrets.", file.display()),
        "Take it on another box with: orgbox import FILE --dry-run",
    )
}
