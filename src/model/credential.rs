//! Keys and sessions: random secrets that the box keeps only as SHA-256 hashes.

use super::{KeyId, OrgId, UserId, network::Network};

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

/// What a key may do of what its user may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    #[default]
    Full,
    /// Look, and change nothing.
    Read,
}

impl Scope {
    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Full => "full",
            Scope::Read => "read",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Scope::Full, Scope::Read].into_iter().find(|scope| scope.name() == name)
    }
}

/// An API key as the box keeps it. It never changes but in when it was last used: its version is [`KEY_VERSION`].
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
    /// What it may do.
    pub scope: Scope,
    /// The one organization that it reaches, with what is below it; `None`: all that its user reaches.
    pub organization_id: Option<OrgId>,
    /// Where it is taken from; `None`: from everywhere.
    pub network: Option<Network>,
    /// When it was last used, in milliseconds since 1970, to the minute; `None`: never.
    pub last_used_at_ms: Option<i64>,
}

/// The version of every key.
pub const KEY_VERSION: i64 = 1;

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
    /// See [`ApiKey::scope`].
    pub scope: Scope,
    /// See [`ApiKey::organization_id`].
    pub organization_id: Option<OrgId>,
    /// See [`ApiKey::network`].
    pub network: Option<Network>,
}
