//! Passwords that were verified lately, so that clients which send theirs with every request pay for Argon2 once.
//!
//! What is kept is a hash keyed with a secret of this process over login, password and stored hash: it is worth nothing
//! outside this process, and a changed password misses by itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{clock::Clock, model::credential::SecretHash};

/// Entries kept at most.
const ENTRIES_MAX: usize = 4096;
/// An entry is good for this long.
const LIFETIME_MS: i64 = 10 * 60 * 1000;

/// The cache, shared by all workers.
pub(super) struct VerifiedPasswords {
    clock: Clock,
    secret: [u8; 32],
    until_ms: Mutex<HashMap<SecretHash, i64>>,
}

impl VerifiedPasswords {
    /// An empty cache. The secret is 32 random bytes of this process.
    pub(super) fn new(clock: Clock, secret: [u8; 32]) -> Self {
        Self { clock, secret, until_ms: Mutex::default() }
    }

    /// A key for a credential of some kind: SHA-256 of the process's secret and the parts, each with its length.
    pub(super) fn key(&self, kind: &str, parts: &[&str]) -> SecretHash {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        for part in std::iter::once(&kind).chain(parts) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    pub(super) fn holds(&self, key: &SecretHash) -> bool {
        let until_ms = self.until_ms.lock().unwrap_or_else(PoisonError::into_inner);
        until_ms.get(key).is_some_and(|until_ms| self.clock.monotonic_ms() < *until_ms)
    }

    pub(super) fn add(&self, key: SecretHash) {
        let now_ms = self.clock.monotonic_ms();
        let mut until_ms = self.until_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if until_ms.len() >= ENTRIES_MAX {
            until_ms.retain(|_, until_ms| now_ms < *until_ms);
            if until_ms.len() >= ENTRIES_MAX {
                until_ms.clear();
            }
        }
        until_ms.insert(key, now_ms + LIFETIME_MS);
    }
}
