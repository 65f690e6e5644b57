//! Signs of life: a thread that makes progress beats its pulse, and whoever watches over the process looks whether all
//! have beaten. It must not know what a thread does, nor read the time.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The sign of life of one thread.
#[derive(Debug)]
pub struct Pulse {
    name: &'static str,
    beats: AtomicU64,
    excused_ms: AtomicU64,
}

/// All threads whose progress the box depends on. A pulse that nobody holds any more is forgotten: who must never end
/// without notice has another hold it.
#[derive(Debug, Default)]
pub struct Pulses(Mutex<Vec<Weak<Pulse>>>);

/// Who has beaten since everybody did last.
#[derive(Debug, Default)]
pub struct Round(Vec<Seen>);

#[derive(Debug)]
struct Seen {
    pulse: Weak<Pulse>,
    beats: u64,
    has_beaten: bool,
    silent: Duration,
}

impl Pulse {
    /// Of a thread of this name.
    pub fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, beats: AtomicU64::new(0), excused_ms: AtomicU64::new(0) })
    }

    /// Progress was made: a turn of the loop, a job.
    pub fn beat(&self) {
        self.excused_ms.store(0, Ordering::Relaxed);
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// As [`Pulse::beat`], and the next beat may be so far away: before a wait that something else bounds, such as a
    /// request with a timeout.
    pub fn excuse(&self, at_most: Duration) {
        self.beats.fetch_add(1, Ordering::Relaxed);
        self.excused_ms.store(u64::try_from(at_most.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Pulses {
    /// Watches over one more.
    pub fn add(&self, pulse: &Arc<Pulse>) {
        let mut pulses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulses.retain(|known| known.strong_count() > 0);
        pulses.push(Arc::downgrade(pulse));
    }
}

impl Round {
    /// Looks, so long after it looked last. Returns the names of those that have neither beaten in this round nor are
    /// excused. Where there are none the round is over, and the next has begun.
    pub fn look(&mut self, pulses: &Pulses, passed: Duration) -> Vec<&'static str> {
        let Self(seen) = self;
        for pulse in pulses.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if !seen.iter().any(|seen| Weak::ptr_eq(&seen.pulse, pulse)) {
                let beats = pulse.upgrade().map_or(0, |pulse| pulse.beats.load(Ordering::Relaxed));
                // Whoever is new has just made the progress of being there.
                seen.push(Seen { pulse: Weak::clone(pulse), beats, has_beaten: true, silent: Duration::ZERO });
            }
        }
        let mut silent = Vec::new();
        seen.retain_mut(|seen| {
            let Some(pulse) = seen.pulse.upgrade() else { return false };
            if !seen.look(&pulse, passed) {
                silent.push(pulse.name);
            }
            true
        });
        if silent.is_empty() {
            seen.iter_mut().for_each(|seen| seen.has_beaten = false);
        }
        silent.dedup();
        silent
    }
}

impl Seen {
    fn look(&mut self, pulse: &Pulse, passed: Duration) -> bool {
        let beats = pulse.beats.load(Ordering::Relaxed);
        if beats == self.beats {
            self.silent = self.silent.saturating_add(passed);
        } else {
            self.beats = beats;
            self.silent = Duration::ZERO;
            self.has_beaten = true;
        }
        let excused = Duration::from_millis(pulse.excused_ms.load(Ordering::Relaxed));
        self.has_beaten || self.silent <= excused
    }
}

#[cfg(test)]
mod tests {
    //! The rule alone; that the box's threads keep to it is tested on the real process.

    use super::*;

    const STEP: Duration = Duration::from_secs(1);

    #[test]
    fn a_round_ends_when_everybody_has_beaten() {
        let (pulses, one, two) = (Pulses::default(), Pulse::new("one"), Pulse::new("two"));
        let mut round = Round::default();
        pulses.add(&one);
        pulses.add(&two);
        assert!(round.look(&pulses, STEP).is_empty(), "whoever is new is alive");
        one.beat();
        assert_eq!(round.look(&pulses, STEP), ["two"]);
        two.beat();
        assert!(round.look(&pulses, STEP).is_empty(), "that one has beaten a look ago still counts");
        assert_eq!(round.look(&pulses, STEP), ["one", "two"], "and in the next round no more");
    }

    #[test]
    fn an_excuse_lasts_as_long_as_it_says() {
        let (pulses, one) = (Pulses::default(), Pulse::new("one"));
        let mut round = Round::default();
        pulses.add(&one);
        one.excuse(3 * STEP);
        for _ in 0..3 {
            assert!(round.look(&pulses, STEP).is_empty());
        }
        assert_eq!(round.look(&pulses, STEP), ["one"]);
        one.beat();
        assert!(round.look(&pulses, STEP).is_empty());
        assert_eq!(round.look(&pulses, STEP), ["one"], "a beat ends the excuse");
    }

    #[test]
    fn nobody_waits_for_one_that_is_gone() {
        let (pulses, one) = (Pulses::default(), Pulse::new("one"));
        let mut round = Round::default();
        pulses.add(&one);
        round.look(&pulses, STEP);
        assert_eq!(round.look(&pulses, STEP), ["one"]);
        drop(one);
        assert!(round.look(&pulses, STEP).is_empty());
    }
}
