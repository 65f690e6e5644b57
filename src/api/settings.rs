//! What the HTTP edge needs to know of the configuration, as plain values.

use std::time::Duration;

use crate::model::{credential::SecretHash, network::Network};

/// Settings of the HTTP edge. `app` fills them from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Title of the box: the one domain of the Watcher dialect.
    pub site_title: String,
    /// SHA-256 of the Watcher system key; `None`: no such key.
    pub system_key_hash: Option<SecretHash>,
    /// Sessions that a user without a bound of its own may have at once.
    pub sessions_max: i64,
    /// Whether WoTKit's PUT and DELETE answer 204, as servers before 2015 did.
    pub wotkit_legacy_status: bool,
    /// Whether WoTKit lists and shows organizations without credentials.
    pub wotkit_public_directory: bool,
    /// Greatest purge time that Surfsight clients may set, in days.
    pub surfsight_max_purge_days: i64,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<Network>,
    /// Who may read /metrics; `None`: nobody.
    pub metrics: Option<Metrics>,
    /// Bounds of the server.
    pub limits: Limits,
}

/// Who may read /metrics beside administrators.
#[derive(Debug, Clone, Copy)]
pub struct Metrics {
    /// Programs on the box itself, without a credential.
    pub loopback: bool,
    /// SHA-256 of the bearer token; `None`: no such token.
    pub token_hash: Option<SecretHash>,
}

/// Bounds of the server; each has its sentence in `config.example.toml`.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each other is the key of that name under [limits]")]
pub struct Limits {
    pub max_body_bytes: usize,
    pub max_connections: usize,
    /// Whether more connections are wanted than files may be open.
    pub descriptors_short: bool,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    pub send_timeout: Duration,
    pub keep_alive: Duration,
    pub shutdown_timeout: Duration,
    pub password_hash_queue: usize,
}
