//! A file in the place of a request: what a box without any link has written, taken as one batch, and the receipt that goes
//! back to it.
//!
//! A file is a head, one CloudEvent a line, and a last line with the signature over every byte before it. A receipt is a line
//! with the acknowledgement, and a line with the signature over it. Both are signed by the batch's id and the file's own
//! timestamp, so that a file that is taken again gets the same receipt.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    batch::{Batch, Head},
    ledger::{Ledger, OpenError},
    refusal::Refusal,
    take::{self, Taken},
};
use crate::{clock::Clock, upstream::sign::SigningKey};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 256 << 20;

/// A file that was taken.
#[derive(Debug)]
pub struct Imported {
    /// The lowest number that it covers.
    pub first: i64,
    /// The highest.
    pub last: i64,
    /// What became of it.
    pub taken: Taken,
    /// The receipt, as the text of a file.
    pub receipt: String,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is none, or was cut off or changed on its way.
    #[error("the file {0}")]
    Unreadable(String),
    /// The database could not be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// What it says was refused.
    #[error("{refusal}{}", advice(.refusal))]
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Takes the text of a file. What is returned as `Ok` is on disk.
pub fn import(database: &Path, clock: &Clock, key: &SigningKey, text: &str) -> Result<Imported, ImportError> {
    let unreadable = |what: &str| ImportError::Unreadable(what.to_owned());
    let body = text.strip_suffix('\n').ok_or_else(|| unreadable("does not end as it should: it was cut off"))?;
    let (signed, end) = body.rsplit_once('\n').ok_or_else(|| unreadable("is no file of events"))?;
    let signed = &text[..=signed.len()];
    let (head_line, lines) = signed.split_once('\n').ok_or_else(|| unreadable("is no file of events"))?;
    let file: FileHead = serde_json::from_str(head_line)
        .map_err(|_| unreadable("is no file of events: its first line cannot be read"))?;
    if file.orgbox != "export" || file.version != 1 {
        return Err(unreadable("is no file of events that this version knows"));
    }
    let end: Value =
        serde_json::from_str(end).map_err(|_| unreadable("has no signature at its end: it was cut off"))?;
    let signature =
        end["signature"].as_str().ok_or_else(|| unreadable("has no signature at its end: it was cut off"))?;
    let timestamp: i64 = file.timestamp.parse().map_err(|_| unreadable("has a timestamp that is no number"))?;
    if !key.verify(&file.batch, timestamp, signed.as_bytes(), signature) {
        return Err(unreadable("was changed, or is not signed with this signing secret"));
    }
    let refused = |refusal| ImportError::Refused { refusal };
    let head = file.head().map_err(refused)?;
    let batch = Batch::of_lines(head, lines).map_err(refused)?;
    if batch.events.len() != file.events {
        return Err(unreadable("holds another number of events than its head says"));
    }
    let mut ledger = Ledger::open(database)?;
    let taken = take::take(&mut ledger, &batch, clock.now_ms()).map_err(refused)?;
    let receipt = receipt(key, &file, timestamp, &taken.answer).map_err(|()| refused(Refusal::Storage))?;
    Ok(Imported { first: head.first, last: head.last, taken, receipt })
}

#[derive(Deserialize)]
struct FileHead {
    orgbox: String,
    version: i64,
    batch: String,
    site: String,
    epoch: String,
    seq: String,
    chain: String,
    events: usize,
    timestamp: String,
}

impl FileHead {
    fn head(&self) -> Result<Head, Refusal> {
        Head::read(|name| match name {
            "webhook-id" => Some(&self.batch),
            "orgbox-site" => Some(&self.site),
            "orgbox-epoch" => Some(&self.epoch),
            "orgbox-seq" => Some(&self.seq),
            "orgbox-chain" => Some(&self.chain),
            _ => None,
        })
    }
}

/// The acknowledgement as it would be answered, with what it is about.
fn receipt(key: &SigningKey, file: &FileHead, timestamp: i64, answer: &str) -> Result<String, ()> {
    let mut body: Value = serde_json::from_str(answer).map_err(drop)?;
    for (name, value) in
        [("orgbox", "receipt"), ("batch", &file.batch), ("site", &file.site), ("timestamp", &file.timestamp)]
    {
        body[name] = value.into();
    }
    let line = format!("{body}\n");
    let signature = key.sign(&file.batch, timestamp, line.as_bytes());
    Ok(format!("{line}{}\n", json!({ "signature": signature })))
}

fn advice(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Behind => {
            "; a file before it is missing, or another copy of the box has gone on: take that one first, or have the box \
             tell everything anew with `orgbox upstream resync` and export again"
        }
        Refusal::DuplicateSite => {
            "; two boxes use one name: make the copy a site of its own with `orgbox upstream new-site`"
        }
        _ => "",
    }
}
