//! How and where to send, as plain values that `app` fills from the configuration.

use super::{backoff::Backoff, preset::Preset, sign::SigningKey};

/// Settings of the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where batches are posted to.
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

/// What proves who sends; read again whenever it is refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The bearer token.
    pub token: Option<String>,
    /// The key that signs.
    pub signing_key: Option<SigningKey>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credentials(not shown)")
    }
}
