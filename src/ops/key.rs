//! Secrets in clear: making the two halves of an API key, the form it is shown in, and the hash that is kept of it.
//!
//! It knows no table: storing a key is `credential`'s.

use sha2::{Digest, Sha256};

use super::random;
use crate::model::{Result, credential::SecretHash, text};

/// What stands before both halves of a key.
pub const PREFIX: &str = "obk_";
/// Random bytes of each half; it is shown with twice as many hexadecimal digits.
const HALF_BYTES: usize = 8;

/// A key in clear, as its maker sees it once. Not `Debug`, so that it does not reach a log.
pub struct KeyPair {
    /// The public half, 16 hexadecimal digits; the name in HTTP Basic.
    pub public_id: String,
    /// The secret half, 16 hexadecimal digits; the password in HTTP Basic.
    pub secret: String,
}

impl KeyPair {
    /// A key that nobody has chosen.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::model::Kind::Internal) where the system has no random bytes.
    pub fn generate() -> Result<Self> {
        let random = random::bytes::<{ 2 * HALF_BYTES }>()?;
        let (public, secret) = random.split_at(HALF_BYTES);
        Ok(Self { public_id: text::hexadecimal(public), secret: text::hexadecimal(secret) })
    }

    /// Both halves as one: `obk_` and 32 hexadecimal digits.
    pub fn whole(&self) -> String {
        format!("{PREFIX}{}{}", self.public_id, self.secret)
    }

    /// What the box keeps of the secret half.
    pub fn secret_hash(&self) -> SecretHash {
        hash(&self.secret)
    }
}

/// SHA-256 of a secret or a token, as the box keeps it. It needs no salt: what is hashed is random.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}
