//! Passwords: Argon2id with 19 MiB, two passes and one lane, as OWASP recommends. One hash costs about 50 ms of CPU;
//! whoever calls this from a server bounds how many run at once.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use super::random;
use crate::model::{Error, Result};

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;

/// Hashes a password with a new salt. The result is in PHC form.
pub fn hash(password: &str) -> Result<String> {
    let hash = hasher()?.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Error::internal()
    })
}

/// Checks a password against a hash in PHC form, in constant time.
pub fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password that nobody has chosen: 20 characters of which none is mistaken for another, about 98 bits.
pub fn generate() -> Result<String> {
    const LETTERS: &[u8; 30] = b"abcdefghjkmnpqrstuvwxyz2345678";
    let random = random::bytes::<64>()?;
    // Bytes from 240 up are passed over, so that every letter is equally likely.
    let letters = random.iter().filter(|byte| **byte < 240).map(|byte| char::from(LETTERS[usize::from(byte % 30)]));
    Ok(letters.take(20).collect())
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| {
        tracing::error!(%error, "the parameters of Argon2 were refused");
        Error::internal()
    })?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
