//! The thread that looks at the files whenever something wakes it, and every ten seconds anyhow. It must not know what a
//! look does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{
    bell::Bell,
    edge::{Edge, Outcome},
    watch::Watch,
};
use crate::clock::Clock;

/// How often files are looked at from outside, for file systems that tell of no change; and the longest that a jump of the
/// clock goes unnoticed.
const POLL: Duration = Duration::from_secs(10);

/// So long nothing may have happened to the files before they are read.
const QUIET: Duration = Duration::from_millis(500);

/// Longer than this a change is not left waiting for quiet.
const PATIENCE_MS: i64 = 5000;

/// Between two readings that must be equal.
const BETWEEN_READINGS: Duration = Duration::from_millis(100);

/// From the beginning of one application to that of the next, at least.
const BETWEEN_APPLICATIONS_MS: i64 = 1000;

/// The thread's work. `waits` measures how long it waits, whatever time the box is told.
pub(super) fn run(mut edge: Edge, mut watch: Watch, bell: &Arc<Bell>, waits: &Clock) {
    let mut applied_ms = None;
    loop {
        let work = || turn(&mut edge, &mut watch, bell, waits, &mut applied_ms);
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(true) => {}
            Ok(false) => return,
            Err(_) => {
                // The panic itself has been logged by its hook.
                tracing::error!("looking at the configuration ended in a panic; it is tried again");
                edge.forget();
                bell.pause(POLL);
            }
        }
    }
}

/// Waits for a reason to look, and looks. False where the thread shall end.
fn turn(edge: &mut Edge, watch: &mut Watch, bell: &Bell, waits: &Clock, applied_ms: &mut Option<i64>) -> bool {
    let next_ms = edge.expire();
    let rung = bell.wait(until(next_ms.map(|next_ms| next_ms - edge.now_ms())));
    if rung.stop || (rung.changed && !quiet(bell, waits)) {
        return false;
    }
    watch.arm();
    edge.note_polling(watch.failure());
    if rung.reload {
        edge.forget();
    }
    if !(rung.reload || rung.changed || edge.is_due()) {
        return true;
    }
    if let Some(applied_ms) = *applied_ms {
        let rest_ms = applied_ms + BETWEEN_APPLICATIONS_MS - waits.monotonic_ms();
        bell.pause(Duration::from_millis(u64::try_from(rest_ms).unwrap_or_default()));
    }
    let started_ms = waits.monotonic_ms();
    let asked = bell.asked();
    match edge.run_once(&mut || bell.pause(BETWEEN_READINGS)) {
        Outcome::Unchanged => bell.served(asked),
        // Somebody is still writing, or has been: nothing more may come to tell of it.
        Outcome::Unsettled => bell.changed(),
        Outcome::Applied(_) | Outcome::Rejected(_) | Outcome::Held(_) | Outcome::Failed(_) => {
            bell.served(asked);
            *applied_ms = Some(started_ms);
        }
    }
    true
}

/// How long to wait where something ends in so many milliseconds.
fn until(ends_in_ms: Option<i64>) -> Duration {
    let ends_in = ends_in_ms.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
    ends_in.map_or(POLL, |ends_in| ends_in.clamp(Duration::from_millis(1), POLL))
}

/// Waits until nothing has happened for a while, or patience is at its end. False where the thread shall end.
fn quiet(bell: &Bell, waits: &Clock) -> bool {
    let started_ms = waits.monotonic_ms();
    loop {
        let rung = bell.wait(QUIET);
        if rung.stop {
            return false;
        }
        if rung.reload {
            // Whoever asks has finished writing.
            bell.reload_still();
            return true;
        }
        if !rung.changed || waits.monotonic_ms() - started_ms >= PATIENCE_MS {
            return true;
        }
    }
}
