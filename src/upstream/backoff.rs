//! When to try again: full jitter over an exponential bound, and probes once it has failed for long.

/// Failures in a row after which each interval holds one probe.
pub const PROBING_AFTER: u32 = 5;
/// Bounds of what a `Retry-After` may ask for, in milliseconds.
pub const RETRY_AFTER_MS: std::ops::RangeInclusive<i64> = 1000..=3_600_000;

/// The two numbers of the configuration, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The bound of the first wait.
    pub base_ms: i64,
    /// The bound of every wait.
    pub cap_ms: i64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base_ms: 1000, cap_ms: 300_000 }
    }
}

impl Backoff {
    /// Milliseconds until the next try after `failures` in a row (at least 1). `dice` is random, from 0 to 1. What the
    /// server asked for is a lower bound, itself bounded.
    pub fn wait_ms(self, failures: u32, asked_ms: Option<i64>, dice: f64) -> i64 {
        let doublings = failures.saturating_sub(1).min(40);
        let bound = self.base_ms.saturating_mul(1_i64 << doublings).min(self.cap_ms).max(1);
        let dice = dice.clamp(0.0, 1.0);
        let jittered = if failures > PROBING_AFTER {
            // Somewhere in the second half: one probe an interval, and never all boxes of a region at once.
            bound / 2 + (bound as f64 / 2.0 * dice) as i64
        } else {
            (bound as f64 * dice) as i64
        };
        let asked = asked_ms.map_or(0, |asked| asked.clamp(*RETRY_AFTER_MS.start(), *RETRY_AFTER_MS.end()));
        jittered.max(asked)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let bounds: Vec<i64> = (1..=11).map(|failures| Backoff::default().wait_ms(failures, None, 1.0)).collect();
        assert_eq!(bounds, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
        assert_eq!(Backoff::default().wait_ms(3, None, 0.0), 0, "full jitter begins at once");
        assert_eq!(Backoff::default().wait_ms(6, None, 0.0), 16_000, "a probe waits half its interval at least");
    }

    #[test]
    fn what_the_server_asks_is_a_lower_bound_within_reason() {
        let wait = |asked| Backoff::default().wait_ms(1, Some(asked), 0.5);
        assert_eq!(wait(120_000), 120_000);
        assert_eq!(wait(-5), 1000);
        assert_eq!(wait(86_400_000), 3_600_000);
    }

    proptest! {
        #[test]
        fn never_past_the_cap_nor_negative(failures in 1_u32.., dice in 0.0..=1.0, base in 1_i64..=60_000, cap in 1_i64..=3_600_000) {
            let wait = Backoff { base_ms: base, cap_ms: cap }.wait_ms(failures, None, dice);
            prop_assert!((0..=cap).contains(&wait));
        }
    }
}
