//! The headers of a batch, and its body as it goes over the wire.

use std::{borrow::Cow, io::Write as _};

use flate2::{Compression, write::GzEncoder};

use super::{
    preset::{Preset, Wire},
    settings::{Credentials, Settings},
};
use crate::{
    model::{Error, Result, queue::Frozen},
    ops::outbox::Due,
};

type Headers = Vec<(&'static str, String)>;

/// Headers and body. What is signed are the uncompressed bytes, at the receiver's time as far as it is known.
pub(super) fn build<'a>(
    settings: &Settings,
    credentials: &Credentials,
    due: &Due,
    frozen: &Frozen,
    wire: &'a Wire,
    signed_at_ms: i64,
) -> Result<(Headers, Cow<'a, [u8]>)> {
    // Receivers of single events know an event again by its own id.
    let id = match (settings.preset, due.events.first()) {
        (Preset::Webhook, Some(event)) => event.id,
        _ => frozen.id,
    };
    let id = id.hyphenated().to_string();
    let seconds = signed_at_ms.div_euclid(1000);
    let last = frozen.seqs.last().copied().unwrap_or_default();
    let mut headers = vec![
        ("content-type", settings.preset.content_type().to_owned()),
        ("idempotency-key", format!("\"{id}\"")),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("orgbox-site", due.site.hyphenated().to_string()),
        ("orgbox-epoch", due.epoch.hyphenated().to_string()),
        ("orgbox-seq", format!("{}-{last}", frozen.from_seq)),
        ("orgbox-chain", super::high_water::hex(&due.chain)),
    ];
    if let Some(token) = &credentials.token {
        headers.push(("authorization", format!("Bearer {token}")));
    }
    if let Some(key) = &credentials.signing_key {
        headers.push(("webhook-signature", key.sign(&id, seconds, &wire.body)));
    }
    if !settings.gzip {
        return Ok((headers, Cow::Borrowed(&wire.body)));
    }
    headers.push(("content-encoding", "gzip".to_owned()));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(&wire.body).and_then(|()| encoder.finish());
    compressed.map(|body| (headers, Cow::Owned(body))).map_err(|error| {
        tracing::error!(%error, "upstream: a batch could not be compressed");
        Error::internal()
    })
}
