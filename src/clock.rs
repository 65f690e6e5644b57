//! The only reader of the time. Everything else is handed a clock, or a moment that was read from one.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A source of time: the system's, or one that a test sets.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System { started: Instant },
    Manual { now_ms: Arc<AtomicI64> },
}

impl Clock {
    /// The system's time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn system() -> Self {
        Self(Source::System { started: Instant::now() })
    }

    /// A clock that stands still until it is [advanced](Clock::advance_ms). Clones show the same time.
    pub fn manual(now_ms: i64) -> Self {
        Self(Source::Manual { now_ms: Arc::new(AtomicI64::new(now_ms)) })
    }

    /// Milliseconds since 1970. May jump either way, as the system's clock does.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System { .. } => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
                Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
            },
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds on a clock that never goes back; for waits and throttles. Its zero means nothing.
    pub fn monotonic_ms(&self) -> i64 {
        match &self.0 {
            Source::System { started } => i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            Source::Manual { now_ms } => now_ms.load(Ordering::SeqCst),
        }
    }

    /// As [`Clock::monotonic_ms`], in microseconds; for measuring what is over soon.
    pub fn monotonic_us(&self) -> i64 {
        match &self.0 {
            Source::System { started } => i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX),
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
