//! The high-water file beside the database: how far was sent, kept where a restore of the database does not reach.
//!
//! Compared at the start: a database that was put back, copied or emptied would send numbers and versions that billing has
//! had, and billing would drop them as old.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Why the first epoch of a box is opened.
pub const FIRST_START: &str = "first start";

/// Numbers between two writes of the file.
const STEP: i64 = 1000;

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HighWater {
    /// Names the box.
    pub site: Uuid,
    /// The epoch that was sent.
    pub epoch: Uuid,
    /// Up to here everything was delivered when the file was written.
    pub acked_seq: i64,
    /// Nothing past this number was sent without writing the file anew.
    pub bound_seq: i64,
    /// The chain behind `acked_seq`, in hexadecimal digits.
    pub chain: String,
}

/// What the database says of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Names the box.
    pub site: Uuid,
    /// The epoch opened upstream; `None` where none is.
    pub epoch: Option<Uuid>,
    /// Up to here everything was delivered.
    pub acked_seq: i64,
    /// The chain behind it, in hexadecimal digits.
    pub chain: String,
    /// Of the machine and the file on which the epoch was opened, and of the receiver.
    pub fingerprint: Option<String>,
}

/// What follows from comparing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// All is as it was left.
    Same,
    /// A new epoch is due, for this reason.
    NewEpoch(&'static str),
    /// Nothing is sent until an operator decides, for this reason.
    Refuse(&'static str),
}

/// Compares the database with the file. `fingerprint` is today's. Not everything shows here: the file tells of less than was
/// sent, and a disk gives a place again. So `orgbox restore` asks for an epoch by itself, whatever would be found.
pub fn compare(database: &Standing, file: Option<&HighWater>, fingerprint: &str) -> Finding {
    let Some(file) = file else {
        return match database.epoch {
            None => Finding::NewEpoch(FIRST_START),
            Some(_) => Finding::NewEpoch("the high-water file is missing"),
        };
    };
    if file.site != database.site {
        return Finding::Refuse(
            "the high-water file is that of another database: this one is new or was put in its place",
        );
    }
    match database.epoch {
        None => Finding::NewEpoch("sending was off"),
        Some(epoch) if epoch != file.epoch => Finding::NewEpoch("the database is of another epoch: it was restored"),
        Some(_) if database.acked_seq < file.acked_seq => Finding::NewEpoch("the database went back in time"),
        Some(_) if database.acked_seq == file.acked_seq && database.chain != file.chain => {
            Finding::NewEpoch("the database went back in time and on another way")
        }
        Some(_) if database.fingerprint.as_deref().map(place) != Some(place(fingerprint)) => {
            Finding::NewEpoch("the database was copied or moved")
        }
        // It has not heard what another one was told, or takes other things.
        Some(_) if database.fingerprint.as_deref() != Some(fingerprint) => {
            Finding::NewEpoch("it goes to another address, or in another format")
        }
        Some(_) => Finding::Same,
    }
}

/// The bound to write down before `seq` is sent, where the one that stands does not cover it.
pub fn next_bound(bound_seq: i64, seq: i64) -> Option<i64> {
    (seq > bound_seq).then(|| (seq + STEP - 1) / STEP * STEP)
}

/// Where the file is: beside the database, named `NAME.hwm` for `NAME.db`.
pub fn path(database: &Path) -> PathBuf {
    database.with_extension("hwm")
}

/// Reads the file; `None` where there is none. What cannot be read as one is as good as none, and is said.
pub fn read(path: &Path) -> std::io::Result<Option<HighWater>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(serde_json::from_slice(&text).map_err(|error| tracing::warn!(%error, "the high-water file cannot be read")).ok())
}

/// Writes the file so that it is either the old one or the new one, whenever the power goes.
pub fn write(path: &Path, high_water: &HighWater) -> std::io::Result<()> {
    let new = path.with_extension("hwm.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(&serde_json::to_vec(high_water)?)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Tells this machine and this very file from a copy, and a receiver from another: a hash of the machine's id and the file's
/// place on its disk, and one of what names the receiver.
pub fn fingerprint(database: &Path, receiver: &str) -> std::io::Result<String> {
    // A machine without an id is told by its file alone.
    let machine = std::fs::read("/etc/machine-id").unwrap_or_default();
    let place = std::fs::metadata(database)?;
    let hash = Sha256::new().chain_update(machine).chain_update(place.dev().to_be_bytes());
    let hash = hash.chain_update(place.ino().to_be_bytes()).finalize();
    Ok(format!("{}-{}", hex(&hash[..16]), hex(&Sha256::digest(receiver)[..8])))
}

/// The part of a fingerprint that tells machine and file.
fn place(fingerprint: &str) -> &str {
    fingerprint.split('-').next().unwrap_or_default()
}

/// Bytes in hexadecimal, as the chain is written here and in the header.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
