//! The only reader of the time. Everything else is handed a clock, or a moment that was read from one.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// 2026-01-01: a clock that shows less is wrong, for this program had not been made then. Boxes without a battery start
/// in 1970.
const EARLIEST_MS: i64 = 1_767_225_600_000;

/// A source of time: the system's, or one that a test sets.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System { started: Instant, newest_ms: Arc<AtomicI64> },
    Manual { now_ms: Arc<AtomicI64> },
}

impl Clock {
    /// The system's time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn system() -> Self {
        Self(Source::System { started: Instant::now(), newest_ms: Arc::new(AtomicI64::new(EARLIEST_MS)) })
    }

    /// A clock that stands still until it is [advanced](Clock::advance_ms). Clones show the same time.
    pub fn manual(now_ms: i64) -> Self {
        Self(Source::Manual { now_ms: Arc::new(AtomicI64::new(now_ms)) })
    }

    /// Milliseconds since 1970. May jump either way, as the system's clock does. While that [is wrong](Clock::is_wrong),
    /// time goes on from the newest moment that is remembered: or else keys that have expired would come to life again.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System { newest_ms, .. } => match system_ms() {
                wrong if wrong < EARLIEST_MS => newest_ms.load(Ordering::SeqCst).saturating_add(self.monotonic_ms()),
                now_ms => now_ms,
            },
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst),
        }
    }

    /// True where the clock shows a time before this program was made.
    pub fn is_wrong(&self) -> bool {
        match &self.0 {
            Source::System { .. } => system_ms() < EARLIEST_MS,
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst) < EARLIEST_MS,
        }
    }

    /// Remembers that it has been this late already. A clock that a test sets needs no memory.
    pub fn has_been(&self, ms: i64) {
        if let Source::System { newest_ms, .. } = &self.0 {
            newest_ms.fetch_max(ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds on a clock that never goes back; for waits and throttles. Its zero means nothing.
    pub fn monotonic_ms(&self) -> i64 {
        match &self.0 {
            Source::System { started, .. } => i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst),
        }
    }

    /// As [`Clock::monotonic_ms`], in microseconds; for measuring what is over soon.
    pub fn monotonic_us(&self) -> i64 {
        match &self.0 {
            Source::System { started, .. } => i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX),
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst).saturating_mul(1000),
        }
    }

    /// Moves a manual clock; the system's clock stays as it is.
    pub fn advance_ms(&self, by_ms: i64) {
        if let Source::Manual { now_ms } = &self.0 {
            now_ms.fetch_add(by_ms, Ordering::SeqCst);
        }
    }
}

/// Milliseconds since 1970 as the system has them.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
fn system_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}
