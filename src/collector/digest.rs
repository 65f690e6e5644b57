//! The digest of a state: two sides that hold the same subjects with the same texts have the same sums. It must not know
//! where the state is kept.

use sha2::{Digest, Sha256};

/// Buckets of the sums, so that a difference can be told to be in a part of the state.
pub const BUCKETS: usize = 16;
/// Bytes of the sums as they are kept.
pub const SUMS_BYTES: usize = BUCKETS * 8;

/// One wrapping sum of hashes for each bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums([u64; BUCKETS]);

/// What a live subject adds to its bucket: the head of the hash of its name and the text of its state.
pub fn weight(subject: &str, state: &str) -> u64 {
    let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(state).finalize();
    head(&hash)
}

impl Sums {
    /// Adds a subject that has come to life.
    pub fn add(&mut self, subject: &str, weight: u64) {
        let sum = &mut self.0[bucket(subject)];
        *sum = sum.wrapping_add(weight);
    }

    /// Takes out a subject that is gone or has another state now.
    pub fn remove(&mut self, subject: &str, weight: u64) {
        let sum = &mut self.0[bucket(subject)];
        *sum = sum.wrapping_sub(weight);
    }

    /// All sums, big-endian, one after the other.
    pub fn bytes(&self) -> [u8; SUMS_BYTES] {
        let mut bytes = [0; SUMS_BYTES];
        for (place, sum) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&sum.to_be_bytes());
        }
        bytes
    }

    /// The sums that [`bytes`](Sums::bytes) gave.
    pub fn from_bytes(bytes: &[u8; SUMS_BYTES]) -> Self {
        let mut sums = [0; BUCKETS];
        for (sum, place) in sums.iter_mut().zip(bytes.chunks_exact(8)) {
            *sum = head(place);
        }
        Self(sums)
    }

    /// The digest as a heartbeat carries it.
    pub fn hex(&self) -> String {
        hex(&self.bytes())
    }

    /// The buckets in which this digest says something else; `None` where it is no digest.
    pub fn differing(&self, digest: &str) -> Option<Vec<usize>> {
        let bytes: [u8; SUMS_BYTES] = unhex(digest)?;
        let other = Self::from_bytes(&bytes);
        Some((0..BUCKETS).filter(|bucket| self.0[*bucket] != other.0[*bucket]).collect())
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `N` bytes in hexadecimal digits of either case.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn bucket(subject: &str) -> usize {
    usize::from(Sha256::digest(subject)[0] >> 4)
}

fn head(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_contract() {
        let first = Sha256::digest("organization/1");
        let weight = weight("organization/1", "{}");
        let whole = Sha256::digest(b"organization/1\0{}");
        assert_eq!(weight.to_be_bytes(), whole[..8]);
        let mut sums = Sums::default();
        sums.add("organization/1", weight);
        let at = usize::from(first[0] >> 4) * 16;
        assert_eq!(sums.hex().len(), 256);
        assert_eq!(sums.hex()[at..at + 16], format!("{weight:016x}"));
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_behind() {
        let mut sums = Sums::default();
        for number in 0..100 {
            sums.add(&format!("camera/{number}"), u64::MAX - number);
        }
        for number in (0..100).rev() {
            sums.remove(&format!("camera/{number}"), u64::MAX - number);
        }
        assert_eq!(sums, Sums::default());
    }

    #[test]
    fn a_difference_names_its_bucket() {
        let (mut here, mut there) = (Sums::default(), Sums::default());
        here.add("user/7", 5);
        there.add("user/7", 6);
        assert_eq!(here.differing(&there.hex()), Some(vec![bucket("user/7")]));
        assert_eq!(here.differing(&here.hex()), Some(Vec::new()));
        for wrong in ["", "00", &"g".repeat(256), &"é".repeat(128)] {
            assert_eq!(here.differing(wrong), None, "{wrong}");
        }
        assert_eq!(Sums::from_bytes(&here.bytes()), here);
    }
}
