//! How and where to send, as plain values that `app` fills from the configuration.

use super::{backoff::Backoff, preset::Preset, sign::SigningKey};

/// Settings of the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where batches are posted to; empty where there is no address and events are carried by file.
    pub url: String,
    /// What the receiver takes.
    pub preset: Preset,
    /// Whether an acknowledgement must echo sequence and epoch.
    pub strict_ack: bool,
    /// The first send after the start waits up to so long, in milliseconds.
    pub start_jitter_ms: i64,
    /// Waits between tries.
    pub backoff: Backoff,
    /// Time between heartbeats, in milliseconds; jittered by a tenth either way.
    pub heartbeat_ms: i64,
    /// Most events in a batch.
    pub max_batch_events: usize,
    /// Most bytes of events in a batch.
    pub max_batch_bytes: usize,
    /// Bytes of events that may wait.
    pub queue_bytes: i64,
    /// Whether bodies are compressed.
    pub gzip: bool,
}

impl Settings {
    /// For a box without any link: within so many bytes everything waits to be exported.
    pub fn to_be_exported(queue_bytes: i64) -> Self {
        Self {
            url: String::new(),
            preset: Preset::Cloudevents,
            strict_ack: false,
            start_jitter_ms: 0,
            backoff: Backoff::default(),
            heartbeat_ms: 900_000,
            max_batch_events: 500,
            max_batch_bytes: 256 << 10,
            queue_bytes,
            gzip: false,
        }
    }
}

/// What proves who sends; read again whenever it is refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The bearer token.
    pub token: Option<String>,
    /// The key that signs.
    pub signing_key: Option<SigningKey>,
}

impl Credentials {
    /// Blots the token out of what a receiver says: some repeat what they refuse, and that is shown and logged.
    pub fn blot_out(&self, text: &mut Vec<u8>) {
        let token = self.token.as_deref().unwrap_or_default().as_bytes();
        if token.len() < BLOTTED_BYTES_MIN {
            return;
        }
        while let Some(at) = text.windows(token.len()).position(|window| window == token) {
            // Nothing of a token, so that this comes to an end.
            text.splice(at..at + token.len(), "\u{2026}".bytes());
        }
    }
}

/// Shorter tokens stand in any text by chance, and an answer has to stay readable.
const BLOTTED_BYTES_MIN: usize = 8;

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credentials(not shown)")
    }
}
