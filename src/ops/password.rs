//! Passwords: Argon2id with 19 MiB, two passes and one lane, as OWASP recommends. One hash costs about 50 ms of CPU;
//! whoever calls this from a server bounds how many run at once.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use super::random;
use crate::model::{Error, Result};

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// KiB that are asked for. What glibc's `malloc` gives out below 32 MiB it may keep for the thread that gives it back, and in
/// time for every thread; beyond that it is the system's again at once. What is not used of it is never touched.
const ROOM_KIB: usize = 33 * 1024;

/// Hashes a password with a new salt. The result is in PHC form.
pub fn hash(password: &str) -> Result<String> {
    let salt = random::bytes::<16>()?;
    made(password, &salt).map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Error::internal()
    })
}

/// Checks a password against a hash in PHC form, in constant time.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| fits(password, &hash).unwrap_or(false))
}

fn made(password: &str, salt: &[u8]) -> argon2::password_hash::Result<PasswordHash> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let parameters = ParamsString::try_from(&params)?;
    derive(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params), password, salt, &mut output)?;
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: parameters,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&output)?),
    })
}

fn fits(password: &str, hash: &PasswordHash) -> argon2::password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let mut output = vec![0; expected.len()];
    derive(&Argon2::new(algorithm, version, Params::try_from(hash)?), password, salt, &mut output)?;
    // This comparison takes the same time whatever differs.
    Ok(Output::new(&output)? == *expected)
}

fn derive(argon2: &Argon2<'_>, password: &str, salt: &[u8], output: &mut [u8]) -> argon2::Result<()> {
    let blocks = argon2.params().block_count();
    let mut memory = Vec::with_capacity(blocks.max(ROOM_KIB));
    memory.resize(blocks, Block::default());
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory)
}

/// A password that nobody has chosen: 20 characters of which none is mistaken for another, about 98 bits.
pub fn generate() -> Result<String> {
    const LETTERS: &[u8; 30] = b"abcdefghjkmnpqrstuvwxyz2345678";
    let random = random::bytes::<64>()?;
    // Bytes from 240 up are passed over, so that every letter is equally likely.
    let letters = random.iter().filter(|byte| **byte < 240).map(|byte| char::from(LETTERS[usize::from(byte % 30)]));
    Ok(letters.take(20).collect())
}

#[cfg(test)]
mod tests {
    use super::{fits, made, verify};
    use argon2::password_hash::phc::PasswordHash;

    /// As the reference implementation, libargon2, makes it of "correct horse" and "saltsaltsaltsalt".
    const REFERENCE: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AdweBLwcflnNX2HVW8i1Mtu7frrn4Ki7h/rYSGuU7Is";

    #[test]
    fn a_hash_is_that_of_the_reference_implementation() {
        let hash = made("correct horse", b"saltsaltsaltsalt").map(|hash| hash.to_string());
        assert_eq!(hash.as_deref(), Ok(REFERENCE));
        assert!(verify("correct horse", REFERENCE) && !verify("correct horsE", REFERENCE));
    }

    #[test]
    fn what_is_no_hash_fits_nothing() {
        let salted = REFERENCE.rsplit_once('$').map_or("", |(before, _)| before);
        for text in ["", "plain", "$argon2id$", salted, &REFERENCE.replace("argon2id", "scrypt")] {
            assert!(!verify("correct horse", text), "{text}");
        }
        let without = PasswordHash::new(salted).map(|hash| fits("correct horse", &hash).unwrap_or(true));
        assert_eq!(without, Ok(false));
    }
}
