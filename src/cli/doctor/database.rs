//! The database file: whether it is sound, and how long its log is.

use std::{fs, path::Path, time::Duration};

use super::finding::Finding;
use crate::app::{self, Inspection, OpenError};

const PART: &str = "database";
/// What looking into the file may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A longer log is not written back as it should be.
const WAL_BYTES_MAX: u64 = 256 << 20;
const RESTORE: &str = "Stop the box, keep the file for those who look into it, and put a backup in its place: see `orgbox restore --help`.";

/// Looks at the file, and into it. What was in it comes back where it could be read.
pub(super) fn check(database: &Path) -> (Vec<Finding>, Option<Inspection>) {
    if fs::metadata(database).map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |file| file.len() == 0)
    {
        let says = format!("there is none at {}", database.display());
        return (vec![Finding::warning(PART, says, "`orgbox serve` makes it; or name the right --config.")], None);
    }
    let mut findings = vec![log(database)];
    match app::inspect(database, PATIENCE) {
        Ok(found) => {
            findings.extend(judge(&found));
            (findings, Some(found))
        }
        Err(error) => {
            findings.push(refused(&error));
            (findings, None)
        }
    }
}

fn refused(error: &OpenError) -> Finding {
    match error {
        OpenError::Permission { .. } => {
            Finding::bad(PART, error.to_string(), "Run the doctor as root or as the user that the box runs as.")
        }
        OpenError::Storage { path, fault, detail } => {
            Finding::bad(PART, format!("{}: {} ({detail})", path.display(), fault.name()), RESTORE)
        }
        OpenError::TooNew { .. }
        | OpenError::NotOurs { .. }
        | OpenError::NoFile { .. }
        | OpenError::SqliteTooOld { .. } => {
            // The sentence ends with what to do.
            let told = error.to_string();
            let (says, fix) =
                told.rsplit_once(": ").unwrap_or((&told, "Name the right database under [database] path."));
            Finding::bad(PART, says, fix)
        }
    }
}

fn judge(found: &Inspection) -> Vec<Finding> {
    let (_, known) = app::versions();
    let mut findings = Vec::new();
    if let Some(first) = found.damage.first() {
        let says = format!("damaged: {first} ({} lines in all)", found.damage.len());
        findings.push(Finding::bad(PART, says, RESTORE));
    } else if found.cut_short {
        let says = format!("not checked to its end within {} s", PATIENCE.as_secs());
        findings.push(Finding::skipped(PART, says));
    } else {
        let rows: i64 = found.rows.iter().map(|(_, rows)| rows).sum();
        findings.push(Finding::well(
            PART,
            format!("sound: {rows} rows, schema {}, {} KiB free within", found.schema, found.free_bytes >> 10),
        ));
    }
    if found.dangling > 0 {
        findings.push(Finding::bad(
            PART,
            format!("{} or more references lead nowhere", found.dangling),
            "Something else than orgbox has written to the file. Restore a backup, or ask for help with a bundle.",
        ));
    }
    if usize::try_from(found.schema).is_ok_and(|schema| schema < known) {
        findings.push(Finding::warning(
            PART,
            format!("its schema is {}, of {known}", found.schema),
            "Start the box: it brings the database up to date and keeps a copy from before.",
        ));
    }
    findings
}

fn log(database: &Path) -> Finding {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    let bytes = fs::metadata(&name).map_or(0, |file| file.len());
    let says = format!("{} KiB of its log are not written back", bytes >> 10);
    if bytes <= WAL_BYTES_MAX {
        return Finding::well("wal", says);
    }
    Finding::warning(
        "wal",
        says,
        format!(
            "Another program keeps reading: `fuser -v {}` names it; end it, or restart the box.",
            database.display()
        ),
    )
}
