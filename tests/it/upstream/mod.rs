//! Upstream: what answers mean, and that billing ends up with the box's state.

mod connected;
mod epochs;
mod high_water;
mod outage;
mod receiver;
mod sending;
mod signatures;
mod verdicts;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The digest that a receiver of these states computes.
fn digest_of<'a>(states: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let mut sums = [0_u64; 16];
    for (subject, state) in states {
        let bucket = usize::from(Sha256::digest(subject)[0] >> 4);
        let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(state.to_string()).finalize();
        let weight = u64::from_be_bytes(std::array::from_fn(|place| hash[place]));
        sums[bucket] = sums[bucket].wrapping_add(weight);
    }
    sums.iter().map(|sum| format!("{sum:016x}")).collect()
}
