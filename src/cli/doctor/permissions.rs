//! Who may read and write what belongs to the box.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::finding::Finding;
use crate::config::{Config, Files};

const PART: &str = "permissions";
/// What is handed over like a secret and is none: everybody is shown these certificates.
const PUBLIC: [&str; 2] = ["upstream.ca_file", "upstream.client_cert_file"];
const OTHERS: u32 = 0o007;
const OTHERS_WRITE: u32 = 0o002;
const ALL_BUT_OWNER: u32 = 0o077;

/// Everything of the box, and one line where all of it is in order.
pub(super) fn check(config: &Config, file: Option<&Path>) -> Vec<Finding> {
    let database = &config.database.path;
    let mut findings: Vec<Finding> = ["", "-wal", "-shm"]
        .iter()
        .filter_map(|suffix| {
            let mut path = database.as_os_str().to_owned();
            path.push(suffix);
            private(Path::new(&path), "holds password hashes")
        })
        .collect();
    findings.extend(private(&database.with_extension("tls.pem"), "holds the key of the box's certificate"));
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    findings.extend(not_writable_by_others(folder));
    let files = file.map(Files::read);
    for path in files.iter().flat_map(Files::paths) {
        findings.extend(readable(path));
        findings.extend(not_writable_by_others(path));
    }
    let secrets = config.source.secrets.files().filter(|(key, _)| !PUBLIC.contains(key));
    let key_file = config.server.tls.key_file.as_deref().map(|path| ("server.tls.key_file", path));
    for (key, path) in secrets.chain(key_file) {
        if mode(path).is_some_and(|mode| mode & OTHERS != 0) {
            let says = format!("everybody may read the file that {key} names");
            findings.push(Finding::bad(
                PART,
                says,
                format!("chmod 600 {0}, then replace the secret: it may be known.", path.display()),
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::well(PART, "only the box's own user reaches its database and its secrets"));
    }
    findings
}

fn private(path: &Path, why: &str) -> Option<Finding> {
    let mode = mode(path).filter(|mode| mode & ALL_BUT_OWNER != 0)?;
    let says = format!("{} has mode {:o} and {why}", path.display(), mode & 0o777);
    Some(Finding::bad(PART, says, format!("chmod 600 {}", path.display())))
}

fn not_writable_by_others(path: &Path) -> Option<Finding> {
    // A sticky folder keeps others from replacing what is not theirs.
    mode(path).filter(|mode| mode & OTHERS_WRITE != 0 && mode & 0o1000 == 0)?;
    let says = format!("everybody may change {}", path.display());
    Some(Finding::bad(PART, says, format!("chmod o-w {}", path.display())))
}

fn readable(path: &Path) -> Option<Finding> {
    let error = File::open(path).err()?;
    let says = format!("{} cannot be read: {error}", path.display());
    Some(Finding::bad(PART, says, "Make it readable for the user that the box runs as."))
}

fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|file| file.permissions().mode())
}
