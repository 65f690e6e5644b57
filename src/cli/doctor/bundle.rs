//! The bundle for those who help from afar: what they need to know of a box, and nothing that is nobody's business.
//!
//! Secrets are in none of its files. Names of persons are left out as well: what the box tells of itself has none, and in
//! the log they are replaced. Names of organizations may stand in the log.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, process::Command};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Visit,
    finding::Finding,
    redact::Redactor,
    tar::{self, Entry},
};
use crate::{app, cli::failed::Failed, config, model::text::hexadecimal};

/// Lines of the log, and bytes of them, the newest.
const LOG_LINES: &str = "3000";
const LOG_BYTES_MAX: usize = 1 << 20;
const ABOUT: &str = "\
A bundle of `orgbox doctor`. It holds no secret: neither keys, tokens and passwords nor their hashes, and nothing of the
database but how many rows each table has. Names, logins and addresses of persons are replaced in the log. Names of
organizations may stand in the log. Look through it before you hand it on.
";

/// A file of the bundle, and what it is.
struct Part {
    name: &'static str,
    about: &'static str,
    text: String,
}

/// Writes the bundle. Returns its list of contents.
pub(super) fn write(to: &Path, visit: &Visit<'_>, findings: &[Finding]) -> Result<String, Failed> {
    let mut parts = gather(visit, findings);
    let people = app::people(&visit.config.database.path);
    let secrets = config::secrets_of(visit.config);
    let redactor = Redactor::new(secrets.iter().map(config::Secret::expose), people.as_deref().unwrap_or_default());
    for part in &mut parts {
        part.text = redactor.text(&part.text);
    }
    match people {
        Some(_) => parts.extend(log().map(|text| Part {
            name: "log.txt",
            about: "the newest lines of the log, without names of persons",
            text: redactor.log(&text),
        })),
        None => parts.push(Part {
            name: "log.txt",
            about: "left out",
            text: "left out: the users cannot be read, so their names could not be taken out\n".to_owned(),
        }),
    }
    let manifest = manifest(&parts);
    let manifested = Part { name: "MANIFEST.txt", about: "", text: format!("{ABOUT}\n{manifest}") };
    let entries = std::iter::once(manifested).chain(parts);
    let entries: Vec<_> = entries
        .map(|part| Entry { name: format!("orgbox-doctor/{}", part.name), bytes: part.text.into_bytes() })
        .collect();
    pack(to, &entries, visit.now_ms).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => Failed::unreadable(&to.display().to_string(), &error),
        _ => Failed::refused(format!("the bundle could not be written to {}: {error}", to.display())),
    })?;
    Ok(manifest)
}

/// An existing file is left alone.
fn pack(to: &Path, entries: &[Entry], now_ms: i64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let mut packed = GzEncoder::new(file, Compression::default());
    tar::write(entries, u64::try_from(now_ms / 1000).unwrap_or_default(), &mut packed)?;
    packed.finish()?.sync_all()
}

fn manifest(parts: &[Part]) -> String {
    let line = |part: &Part| {
        let hash: [u8; 32] = Sha256::digest(part.text.as_bytes()).into();
        format!("{:14} {:>8} bytes  {}  {}\n", part.name, part.text.len(), &hexadecimal(&hash)[..16], part.about)
    };
    parts.iter().map(line).collect()
}

/// All but the log.
fn gather(visit: &Visit<'_>, findings: &[Finding]) -> Vec<Part> {
    let (sqlite, schema) = app::versions();
    let system = |command: &str, argument: &str| ran(command, &[argument]).unwrap_or_default();
    let versions = format!(
        "orgbox {}\nSQLite {sqlite}\nschema {schema}\n{}{}",
        env!("CARGO_PKG_VERSION"),
        system("uname", "-srmv"),
        std::fs::read_to_string("/etc/os-release").unwrap_or_default()
    );
    let mut parts = vec![
        Part { name: "versions.txt", about: "orgbox, SQLite, schema, kernel, system", text: versions },
        Part { name: "doctor.json", about: "the findings", text: pretty(&super::told(findings)) },
        Part {
            name: "config.toml",
            about: "the configuration in force, without secrets and tables of organizations",
            text: visit.config.show(),
        },
    ];
    if let Some(found) = visit.inspection {
        let rows: serde_json::Map<_, _> = found.rows.iter().map(|(table, rows)| (table.clone(), json!(rows))).collect();
        parts.push(Part {
            name: "rows.json",
            about: "how many rows each table has",
            text: pretty(&Value::Object(rows)),
        });
        parts.push(Part {
            name: "schema.sql",
            about: "the tables of the database, without rows",
            text: found.sql.clone(),
        });
    }
    if let Some(status) = visit.status {
        parts.push(Part { name: "status.json", about: "what the running box tells of itself", text: pretty(status) });
    }
    if let Some(metrics) = visit.metrics {
        parts.push(Part { name: "metrics.txt", about: "its metrics", text: metrics.to_owned() });
    }
    parts
}

/// The newest lines of the journal; `None` where there is none.
fn log() -> Option<String> {
    let text = ran("journalctl", &["--unit", "orgbox", "--lines", LOG_LINES, "--no-pager", "--output", "short-iso"])?;
    let from = text.len().saturating_sub(LOG_BYTES_MAX);
    Some(text[text.ceil_char_boundary(from)..].to_owned())
}

fn ran(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
