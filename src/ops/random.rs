//! Random bytes of the system: what every secret, token and key is made of.

use crate::model::{Error, Kind, Result};

/// Bytes that nobody can guess.
///
/// # Errors
/// [`Kind::Internal`] where the system has none.
pub fn bytes<const COUNT: usize>() -> Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gave no random bytes");
        Error::new(Kind::Internal, "no_randomness", "the system gave no random bytes; try again")
    })?;
    Ok(bytes)
}

/// A random number from 0 to 1. Where the system gives none, the middle: it only spreads waits.
pub fn unit() -> f64 {
    bytes::<4>().map_or(0.5, |bytes| f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX))
}
