//! Slowing down whoever guesses passwords: per account and address, per account, and per address.
//!
//! Nobody is locked out for good: a wait is at most a minute, failures fade, and a credential that was verified lately
//! passes without asking here.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use crate::clock::Clock;

/// Records kept; past it those that have faded are dropped, then everything is: forgetting is safer than locking out.
const RECORDS_MAX: usize = 16_384;
/// Failures are forgotten this long after the last one.
const FADE_MS: i64 = 15 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Suspect {
    Pair(String, IpAddr),
    Account(String),
    Address(IpAddr),
}

impl Suspect {
    /// Failures that cost nothing, and the longest wait after more, in milliseconds. An account as a whole waits only
    /// shortly, or else anybody could keep its owner out from anywhere.
    fn bounds(&self) -> (u32, i64) {
        match self {
            Suspect::Pair(..) => (5, 60_000),
            Suspect::Account(_) => (50, 5_000),
            Suspect::Address(_) => (50, 60_000),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last_ms: i64,
}

/// Who failed to sign in, and how often.
#[derive(Debug)]
pub(super) struct Throttle {
    clock: Clock,
    failures: Mutex<HashMap<Suspect, Failures>>,
}

impl Throttle {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, failures: Mutex::default() }
    }

    /// Seconds that this attempt must wait; `None`: go ahead.
    pub(super) fn wait_seconds(&self, account: &str, address: Option<IpAddr>) -> Option<u64> {
        let now_ms = self.clock.monotonic_ms();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait_ms = suspects(account, address)
            .iter()
            .filter_map(|suspect| Some(ready_ms(suspect, failures.get(suspect)?) - now_ms))
            .max()
            .filter(|wait_ms| *wait_ms > 0)?;
        Some(u64::try_from(wait_ms.div_euclid(1000) + 1).unwrap_or(1))
    }

    /// Notes a failed attempt.
    pub(super) fn failed(&self, account: &str, address: Option<IpAddr>) {
        let now_ms = self.clock.monotonic_ms();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= RECORDS_MAX {
            failures.retain(|_, failures| now_ms - failures.last_ms < FADE_MS);
            if failures.len() >= RECORDS_MAX {
                failures.clear();
            }
        }
        for suspect in suspects(account, address) {
            let entry = failures.entry(suspect).or_insert(Failures { count: 0, last_ms: now_ms });
            let faded = now_ms - entry.last_ms >= FADE_MS;
            *entry = Failures { count: if faded { 1 } else { entry.count.saturating_add(1) }, last_ms: now_ms };
        }
    }

    /// Notes a successful attempt: this account from this address is no suspect any more.
    pub(super) fn succeeded(&self, account: &str, address: Option<IpAddr>) {
        if let Some(address) = address {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.remove(&Suspect::Pair(account.to_owned(), address));
        }
    }
}

fn suspects(account: &str, address: Option<IpAddr>) -> Vec<Suspect> {
    let mut suspects = Vec::with_capacity(3);
    if let Some(address) = address {
        suspects.push(Suspect::Pair(account.to_owned(), address));
        suspects.push(Suspect::Address(address));
    }
    suspects.push(Suspect::Account(account.to_owned()));
    suspects
}

/// When the next attempt is welcome: each failure past the free ones doubles the wait, up to the bound.
fn ready_ms(suspect: &Suspect, failures: &Failures) -> i64 {
    let (free, longest_ms) = suspect.bounds();
    match failures.count.checked_sub(free) {
        None => failures.last_ms,
        Some(over) => failures.last_ms + (1000_i64 << over.min(16)).min(longest_ms),
    }
}
