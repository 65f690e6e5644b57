//! Keys and sessions: random secrets that the box keeps only as SHA-256 hashes.

use super::{KeyId, UserId};

/// SHA-256 of a secret.
pub type SecretHash = [u8; 32];

/// What a session was opened for; a token of one kind is no good for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// Lasts until logout or eviction.
    Watcher,
    /// Lasts 24 hours.
    Surfsight,
}

impl SessionKind {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            SessionKind::Watcher => "watcher",
            SessionKind::Surfsight => "surfsight",
        }
    }

    /// How long it lasts, in milliseconds; `None` without end.
    pub fn lifetime_ms(self) -> Option<i64> {
        match self {
            SessionKind::Watcher => None,
            SessionKind::Surfsight => Some(24 * 3600 * 1000),
        }
    }
}

/// An API key as the box keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its row.
    pub id: KeyId,
    /// The user whose rights it has.
    pub user_id: UserId,
    /// That user's login.
    pub login: String,
    /// Shown to people.
    pub name: String,
    /// The public half: 16 hexadecimal digits.
    pub public_id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it ends, in milliseconds since 1970; `None` without end.
    pub expires_at_ms: Option<i64>,
}

/// A key to be stored; the secret half is only here as its hash.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The user whose rights it has.
    pub user_id: UserId,
    /// Shown to people; 1 to 100 characters.
    pub name: String,
    /// 16 hexadecimal digits.
    pub public_id: String,
    /// SHA-256 of the secret half.
    pub secret_hash: SecretHash,
    /// When it ends, in milliseconds since 1970.
    pub expires_at_ms: Option<i64>,
}
