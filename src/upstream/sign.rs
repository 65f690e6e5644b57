//! Signatures of batches by Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a key, decoded [Standard Webhooks].
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A signing key. Shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Reads a `whsec_…` secret. The refusal never repeats it.
    pub fn parse(secret: &str) -> Result<Self, &'static str> {
        let encoded = secret.trim().strip_prefix(PREFIX).ok_or("must begin with whsec_")?;
        let decoded = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded));
        let key = decoded.map_err(|_| "must be whsec_ and base64")?;
        if KEY_BYTES.contains(&key.len()) { Ok(Self(key)) } else { Err("must hold 24 to 64 bytes in base64") }
    }

    /// The value of `webhook-signature` for a body that is sent as `id` at `timestamp_seconds`.
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.mac(id, timestamp_seconds, body).finalize().into_bytes()))
    }

    /// True where one of the signatures of a `webhook-signature` header is right; compared in constant time.
    pub fn verify(&self, id: &str, timestamp_seconds: i64, body: &[u8], header: &str) -> bool {
        let mac = self.mac(id, timestamp_seconds, body);
        header
            .split_ascii_whitespace()
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .any(|encoded| STANDARD.decode(encoded).is_ok_and(|signature| mac.clone().verify_slice(&signature).is_ok()))
    }

    fn mac(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> Hmac<Sha256> {
        // Keys of every length fit: longer ones are hashed, shorter ones padded.
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp_seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        mac
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(not shown)")
    }
}
