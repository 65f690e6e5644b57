//! Files for a site without any link: a batch as lines of JSON, signed as a request would be, and the receipt that comes back.
//!
//! A file is a head, one CloudEvent a line, and a last line with the signature over every byte before it, by the batch's id
//! and the moment at which it was frozen. A receipt is a line with the acknowledgement, and a line with the signature over it.

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::sign::{Signer, SigningKey};
use crate::{
    envelope,
    model::{
        Error, Result,
        actor::{Actor, Who},
        event::Event,
        queue::{Frozen, Receipt, Rejected},
    },
    ops::carry::{self, Draft, Label, PAGE_EVENTS},
    store::{Read, Write},
};

/// Refused events that a receipt may name.
const REJECTED_MAX: usize = 50_000;

/// A file as it is written, part by part. Every copy of a batch is the same to the letter.
pub struct Copy {
    label: Label,
    signer: Signer,
    from_seq: i64,
    /// Events that are written.
    done: usize,
    state: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Events,
    End,
}

/// What the next file may hold, with the hash of its events' lines.
pub fn draft(read: &Read<'_>, actor: &Actor) -> Result<(Draft, [u8; 32])> {
    let mut hash = Sha256::new();
    let draft = carry::draft(read, actor, |site, from_seq, events| {
        hash.update(lines(site, from_seq, events)?);
        Ok(())
    })?;
    Ok((draft, hash.finalize().into()))
}

/// Freezes a draft; `None` where another has to be made.
pub fn freeze(write: &Write<'_>, who: &Who, (draft, body_hash): &(Draft, [u8; 32])) -> Result<Option<Frozen>> {
    carry::freeze(write, who, draft, *body_hash)
}

impl Copy {
    /// Begins a copy of the file under way; `None` where there is none.
    pub fn begin(read: &Read<'_>, actor: &Actor, key: &SigningKey) -> Result<Option<Self>> {
        let Some(label) = carry::label(read, actor)? else { return Ok(None) };
        let id = label.batch.id.hyphenated().to_string();
        let signer = key.signer(&id, seconds(&label));
        let from_seq = label.batch.from_seq;
        Ok(Some(Self { label, signer, from_seq, done: 0, state: Part::Head }))
    }

    /// The batch that is written.
    pub fn batch(&self) -> &Frozen {
        &self.label.batch
    }

    /// The next part; `None` at the end.
    pub fn next(&mut self, read: &Read<'_>, actor: &Actor) -> Result<Option<String>> {
        let text = match self.state {
            Part::Head => {
                self.state = Part::Events;
                format!("{}\n", head(&self.label))
            }
            Part::Events if self.done < self.label.batch.seqs.len() => {
                let rest = &self.label.batch.seqs[self.done..];
                let seqs = &rest[..rest.len().min(PAGE_EVENTS)];
                let text = lines(self.label.site, self.from_seq, &carry::page(read, actor, seqs)?)?;
                self.done += seqs.len();
                self.from_seq = seqs.last().map_or(self.from_seq, |last| last + 1);
                text
            }
            Part::Events => {
                self.state = Part::End;
                return Ok(Some(format!("{}\n", json!({ "signature": self.signer.clone().finish() }))));
            }
            Part::End => return Ok(None),
        };
        self.signer.update(text.as_bytes());
        Ok(Some(text))
    }
}

/// Reads a receipt. The refusal says what is wrong with it.
pub fn receipt(key: &SigningKey, text: &str) -> std::result::Result<Receipt, &'static str> {
    let (line, end) = text.trim_end().split_once('\n').ok_or("is no receipt: it must have two lines")?;
    let body: Body = serde_json::from_str(line).map_err(|_| "is no receipt: its first line cannot be read")?;
    let Body { orgbox, batch, site, epoch, timestamp, acked_seq, rejected, resync } = body;
    if orgbox != "receipt" {
        return Err("is no receipt");
    }
    let end: Value = serde_json::from_str(end).map_err(|_| "has no signature in its last line")?;
    let signature = end["signature"].as_str().ok_or("has no signature in its last line")?;
    let timestamp: i64 = timestamp.parse().map_err(|_| "has a timestamp that is no number")?;
    let signed = format!("{line}\n");
    if !key.verify(&batch.hyphenated().to_string(), timestamp, signed.as_bytes(), signature) {
        return Err("is not signed with this box's signing secret");
    }
    if rejected.len() > REJECTED_MAX {
        return Err("names more events than a file holds");
    }
    let acked_seq = acked_seq.parse().map_err(|_| "has an acked_seq that is no number")?;
    let rejected = rejected.into_iter().map(|Refused { id, code, retryable }| Rejected { id, code, retryable });
    Ok(Receipt { batch, site, epoch, acked_seq, rejected: rejected.collect(), resync })
}

#[derive(Deserialize)]
struct Body {
    orgbox: String,
    batch: Uuid,
    site: Uuid,
    epoch: Uuid,
    timestamp: String,
    acked_seq: String,
    #[serde(default)]
    rejected: Vec<Refused>,
    #[serde(default)]
    resync: bool,
}

#[derive(Deserialize)]
struct Refused {
    id: Uuid,
    #[serde(default)]
    code: String,
    #[serde(default)]
    retryable: bool,
}

fn head(label: &Label) -> Value {
    let Label { site, epoch, chain, batch, frozen_at_ms: _ } = label;
    let last = batch.seqs.last().copied().unwrap_or_default();
    json!({
        "orgbox": "export",
        "version": 1,
        "batch": batch.id.hyphenated().to_string(),
        "site": site.hyphenated().to_string(),
        "epoch": epoch.hyphenated().to_string(),
        "seq": format!("{}-{last}", batch.from_seq),
        "chain": chain.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "events": batch.seqs.len(),
        "timestamp": seconds(label).to_string(),
    })
}

fn seconds(label: &Label) -> i64 {
    label.frozen_at_ms.div_euclid(1000)
}

/// Events as they are sent, one a line.
fn lines(site: Uuid, from_seq: i64, events: &[Event]) -> Result<String> {
    let (mut text, mut from) = (String::new(), from_seq);
    for event in events {
        let written = envelope::cloud_event(site, event, Some(from)).and_then(|event| serde_json::to_string(&event));
        text.push_str(&written.map_err(|error| {
            tracing::error!(%error, event = %event.position, "an event could not be written as JSON");
            Error::internal()
        })?);
        text.push('\n');
        from = event.position.seq + 1;
    }
    Ok(text)
}
