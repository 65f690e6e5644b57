//! When a backup is due: once a day at a time of day, at once after that time was slept through, and whatever the clock
//! does. Nothing here waits or reads a clock.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use crate::clock::Clock;

/// Boxes that share a disk or a host begin within this time, and not all at once, in milliseconds.
pub const JITTER_MS: i64 = 15 * 60_000;
/// A box that has just started is left alone for so long, in milliseconds.
pub const AFTER_START_MS: i64 = 2 * 60_000;
/// After a failure it is tried again after so long, in milliseconds.
pub const RETRY_MS: i64 = 60 * 60_000;
const DAY_MS: i64 = 24 * 60 * 60_000;
/// Whatever the clock says, no more time than this passes without a backup, in milliseconds.
pub const WITHOUT_MAX_MS: i64 = DAY_MS + 60 * 60_000;
/// 2024-01-01. A clock that says less was never set: its time of day means nothing.
const SET_FROM_MS: i64 = 1_704_067_200_000;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

/// One moment by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970; may jump either way.
    pub wall_ms: i64,
    /// Milliseconds that only ever grow.
    pub monotonic_ms: i64,
}

/// The last try of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// When it ended.
    pub at: Moment,
    /// Whether it failed.
    pub failed: bool,
}

/// All that decides.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// The time of day.
    pub daily_at: TimeOfDay,
    /// Now.
    pub now: Moment,
    /// When this process began.
    pub started: Moment,
    /// The last try of this process.
    pub tried: Option<Tried>,
    /// What the box was last saved at: its newest backup that is not of the future, or else its first start; 0 where that is
    /// not known.
    pub saved_ms: i64,
    /// How much later than the time of day this box begins.
    pub jitter_ms: i64,
}

impl Moment {
    /// Now.
    pub fn of(clock: &Clock) -> Self {
        Self { wall_ms: clock.now_ms(), monotonic_ms: clock.monotonic_ms() }
    }
}

impl FromStr for TimeOfDay {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (hour, minute) = text.split_once(':').filter(|_| text.len() == 5).ok_or(())?;
        let number = |text: &str, most: i8| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i8>().ok().filter(|number| digits && *number <= most).ok_or(())
        };
        Ok(Self { hour: number(hour, 23)?, minute: number(minute, 59)? })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Situation {
    /// Whether a backup is due now.
    pub fn is_due(&self, zone: &TimeZone) -> bool {
        let Self { now, started, tried, .. } = *self;
        let since = |moment: Moment| now.monotonic_ms - moment.monotonic_ms;
        if since(started) < AFTER_START_MS {
            return false;
        }
        match tried {
            Some(tried) if tried.failed => return since(tried.at) >= RETRY_MS,
            // Two within a minute help nobody, whatever a clock does that jumps to and fro.
            Some(tried) if since(tried.at) < RETRY_MS => return false,
            _ => {}
        }
        if since(tried.map_or(started, |tried| tried.at)) >= WITHOUT_MAX_MS {
            return true;
        }
        let is_set = now.wall_ms >= SET_FROM_MS;
        let last = self.time_of_day_before(now.wall_ms - self.jitter_ms, zone);
        is_set && last.is_some_and(|last_ms| self.saved_ms < last_ms)
    }

    /// When the next is due by the wall clock.
    pub fn next_ms(&self, zone: &TimeZone) -> Option<i64> {
        let Self { now, started, tried, jitter_ms, .. } = *self;
        if let Some(tried) = tried.filter(|tried| tried.failed) {
            return Some((tried.at.wall_ms + RETRY_MS).max(now.wall_ms));
        }
        let last_ms = self.time_of_day_before(now.wall_ms - jitter_ms, zone)?;
        if self.saved_ms < last_ms {
            return Some((started.wall_ms + AFTER_START_MS).max(now.wall_ms));
        }
        // Half a day behind the next time of day, also on the day on which the clocks are put back or forward.
        let next_ms = self.time_of_day_before(last_ms + DAY_MS + DAY_MS / 2, zone)?;
        Some(next_ms + jitter_ms)
    }

    /// The latest time of day at this moment or before it, in milliseconds since 1970.
    fn time_of_day_before(&self, ms: i64, zone: &TimeZone) -> Option<i64> {
        let TimeOfDay { hour, minute } = self.daily_at;
        let today = Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone()).date();
        let on = |date: jiff::civil::Date| {
            let at = date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?;
            Some(at.timestamp().as_millisecond()).filter(|at_ms| *at_ms <= ms)
        };
        on(today).or_else(|| on(today.checked_sub(1.day()).ok()?))
    }
}

/// What the box was last saved at, by the moments of its backups and of its first start. What lies more than a day ahead was
/// dated by a clock that was wrong, and counts for nothing.
pub fn saved_ms(now_ms: i64, taken_ms: impl Iterator<Item = i64>, founded_ms: Option<i64>) -> i64 {
    let plausible = |ms: &i64| *ms <= now_ms.saturating_add(DAY_MS);
    taken_ms.filter(plausible).max().or(founded_ms.filter(plausible)).unwrap_or_default()
}
