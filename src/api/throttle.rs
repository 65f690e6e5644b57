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

    /// Lets an attempt begin, or says how many seconds it must wait. Where failures have used up what is free, one that
    /// begins makes the next one wait before its own outcome is known: otherwise as many could guess side by side as the
    /// queue holds.
    pub(super) fn begin(&self, account: &str, address: Option<IpAddr>) -> Result<(), u64> {
        let now_ms = self.clock.monotonic_ms();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let suspects = suspects(account, address);
        let wait_ms =
            suspects.iter().filter_map(|suspect| Some(ready_ms(suspect, failures.get(suspect)?) - now_ms)).max();
        if let Some(wait_ms) = wait_ms.filter(|wait_ms| *wait_ms > 0) {
            return Err(u64::try_from(wait_ms.div_euclid(1000) + 1).unwrap_or(1));
        }
        for suspect in &suspects {
            if let Some(known) = failures.get_mut(suspect)
                && now_ms - known.last_ms < FADE_MS
                && known.count >= suspect.bounds().0
            {
                known.last_ms = now_ms;
            }
        }
        Ok(())
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
            failures.remove(&Suspect::Pair(account.to_owned(), network(address)));
        }
    }
}

fn suspects(account: &str, address: Option<IpAddr>) -> Vec<Suspect> {
    let mut suspects = Vec::with_capacity(3);
    if let Some(address) = address.map(network) {
        suspects.push(Suspect::Pair(account.to_owned(), address));
        suspects.push(Suspect::Address(address));
    }
    suspects.push(Suspect::Account(account.to_owned()));
    suspects
}

/// Whoever has one IPv6 address has the 64 bits below it too, so they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address => address,
    }
}

/// When the next attempt is welcome: each failure past the free ones doubles the wait, up to the bound.
fn ready_ms(suspect: &Suspect, failures: &Failures) -> i64 {
    let (free, longest_ms) = suspect.bounds();
    match failures.count.checked_sub(free) {
        None => failures.last_ms,
        Some(over) => failures.last_ms + (1000_i64 << over.min(16)).min(longest_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle() -> Throttle {
        Throttle::new(Clock::manual(0))
    }

    fn address(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn guesses_side_by_side_wait_as_those_one_after_the_other_do() {
        let (throttle, here) = (throttle(), address("192.0.2.1"));
        for _ in 0..5 {
            assert_eq!(throttle.begin("ann", here), Ok(()));
            throttle.failed("ann", here);
        }
        throttle.clock.advance_ms(2000);
        assert_eq!(throttle.begin("ann", here), Ok(()));
        assert!(throttle.begin("ann", here).is_err());
        throttle.succeeded("ann", here);
        assert_eq!(throttle.begin("ann", here), Ok(()));
    }

    #[test]
    fn failures_that_have_faded_hold_nobody_up() {
        let (throttle, here) = (throttle(), address("192.0.2.1"));
        for _ in 0..5 {
            throttle.failed("ann", here);
        }
        throttle.clock.advance_ms(FADE_MS);
        for _ in 0..5 {
            assert_eq!(throttle.begin("ann", here), Ok(()));
        }
    }

    #[test]
    fn another_address_of_the_same_network_is_the_same_suspect() {
        let throttle = throttle();
        for number in 0..5 {
            throttle.failed("ann", address(&format!("2001:db8::{number}:1")));
        }
        assert!(throttle.begin("ann", address("2001:db8::9")).is_err());
        assert!(throttle.begin("ann", address("2001:db8:0:1::9")).is_ok());
        for _ in 0..5 {
            throttle.failed("bob", address("192.0.2.1"));
        }
        assert!(throttle.begin("bob", address("::ffff:192.0.2.1")).is_err());
        assert!(throttle.begin("bob", address("192.0.2.2")).is_ok());
    }
}
