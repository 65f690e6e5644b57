//! The manifest of a backup: a JSON file beside it, named like it with `.json` behind.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    model::backup::{Facts, Manifest},
    store::backup::beside,
};

/// The only form so far.
const FORMAT: u32 = 1;
/// A manifest is short; what is longer is none.
const BYTES_MAX: u64 = 64 << 10;
/// Bytes that are hashed at once.
const BLOCK_BYTES: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Wire {
    format: u32,
    /// RFC 3339 in UTC.
    taken_at: String,
    bytes: u64,
    sha256: String,
    orgbox: String,
    schema: i64,
    site: Option<Uuid>,
    epoch: Option<Uuid>,
    last_seq: i64,
    changed_at: Option<String>,
    rows: Map<String, Value>,
}

/// Where the manifest of a backup is.
pub fn path(backup: &Path) -> PathBuf {
    beside(backup, ".json")
}

/// The manifest beside a backup; `None` where there is none that can be read.
pub fn read(backup: &Path) -> Option<Manifest> {
    let mut text = Vec::new();
    File::open(path(backup)).ok()?.take(BYTES_MAX).read_to_end(&mut text).ok()?;
    let wire: Wire = serde_json::from_slice(&text).ok()?;
    let name = backup.file_name()?.to_string_lossy().into_owned();
    of_wire(wire, name)
}

/// Writes the manifest of a backup to this path, synced.
pub(super) fn write(manifest: &Manifest, to: &Path) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(&to_wire(manifest))?;
    text.push(b'\n');
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
    file.write_all(&text)?;
    file.sync_all()
}

/// SHA-256 of a file, in hexadecimal digits.
pub fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK_BYTES]);
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => hash.update(&block[..read]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn to_wire(manifest: &Manifest) -> Wire {
    let Manifest { name: _, taken_at_ms, bytes, sha256, orgbox, facts } = manifest.clone();
    let Facts { schema, site, epoch, last_seq, changed_at_ms, rows } = facts;
    Wire {
        format: FORMAT,
        taken_at: moment(taken_at_ms),
        bytes,
        sha256,
        orgbox,
        schema,
        site,
        epoch,
        last_seq,
        changed_at: changed_at_ms.map(moment),
        rows: rows.into_iter().map(|(table, count)| (table, count.into())).collect(),
    }
}

fn of_wire(wire: Wire, name: String) -> Option<Manifest> {
    let Wire { format, taken_at, bytes, sha256, orgbox, schema, site, epoch, last_seq, changed_at, rows } = wire;
    if format != FORMAT {
        return None;
    }
    let changed_at_ms = match changed_at {
        Some(changed_at) => Some(moment_ms(&changed_at)?),
        None => None,
    };
    let rows = rows.into_iter().map(|(table, count)| Some((table, count.as_i64()?))).collect::<Option<_>>()?;
    let facts = Facts { schema, site, epoch, last_seq, changed_at_ms, rows };
    Some(Manifest { name, taken_at_ms: moment_ms(&taken_at)?, bytes, sha256, orgbox, facts })
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

fn moment_ms(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
