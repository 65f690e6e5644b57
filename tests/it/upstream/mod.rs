//! Upstream: what answers mean, and that billing ends up with the box's state.

mod ahead;
mod connected;
mod epochs;
mod fake;
mod fault_proxy;
mod faults;
mod feed;
mod gauges;
mod high_water;
mod killed;
mod mill;
mod offline;
mod outage;
mod panic;
mod place;
mod presets;
mod receiver;
mod rewound;
mod rig;
mod sdk;
mod sending;
mod signatures;
mod systems;
mod verdicts;

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The digest that a receiver of these states computes.
fn digest_of<'a>(states: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    digest_of_texts(&states.map(|(subject, state)| (subject.clone(), state.to_string())).collect())
}

/// The same of states as text.
fn digest_of_texts(states: &BTreeMap<String, String>) -> String {
    let mut sums = [0_u64; 16];
    for (subject, state) in states {
        let bucket = usize::from(Sha256::digest(subject)[0] >> 4);
        let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(state).finalize();
        let weight = u64::from_be_bytes(std::array::from_fn(|place| hash[place]));
        sums[bucket] = sums[bucket].wrapping_add(weight);
    }
    sums.iter().map(|sum| format!("{sum:016x}")).collect()
}
