//! How long footage is kept, and the device settings that go with it.

use super::{Patch, error::Problems, field::Field};

/// Bounds of the four purge times, in days [seed].
pub const PURGE_DAYS: std::ops::RangeInclusive<i64> = 1..=366;
/// Least recording retention on a device, in minutes [seed].
pub const DEVICE_RETENTION_MINUTES_MIN: i64 = 4;
/// Least duration of a live view, in seconds [seed].
pub const LIVE_VIDEO_TIMEOUT_SECONDS_MIN: i64 = 30;
/// Greatest duration that can be set, so that every dialect's numbers hold it.
pub const DURATION_MAX: i64 = 2_147_483_647;

/// What is wrong with a purge time that is not one, for every reader of one.
pub const PURGE_DAYS_RULE: &str = "must be a whole number from 1 to 366";
/// The same of a device's retention.
pub const DEVICE_RETENTION_RULE: &str = "must be a whole number from 4 to 2147483647";
/// The same of the duration of a live view.
pub const LIVE_VIDEO_TIMEOUT_RULE: &str = "must be a whole number from 30 to 2147483647";

/// The retention settings in force on an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days for every camera without a more particular time, 1–366; default 31 [seed].
    pub purge_days: i64,
    /// Days for front (road-facing) cameras, type 1; default 31.
    pub purge_days_front: i64,
    /// Days for rear (in-cab) cameras, type 2; default 31.
    pub purge_days_rear: i64,
    /// Days for auxiliary cameras, types 50 and up; default 31.
    pub purge_days_auxiliary: i64,
    /// Minutes that recordings stay on a device's card before they are overwritten, at least 4; default 1440 [ours].
    pub device_retention_minutes: i64,
    /// Seconds after which a live view ends by itself, at least 30; default 30.
    pub live_video_timeout_seconds: i64,
}

/// Where nothing is stored. The view `organizations_in_force` says the same of every row; a test compares them.
impl Default for Retention {
    fn default() -> Self {
        Self {
            purge_days: 31,
            purge_days_front: 31,
            purge_days_rear: 31,
            purge_days_auxiliary: 31,
            device_retention_minutes: 1440,
            live_video_timeout_seconds: 30,
        }
    }
}

/// A change of retention; [`Patch::Clear`] gives the default back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Retention")]
pub struct RetentionPatch {
    pub purge_days: Patch<i64>,
    pub purge_days_front: Patch<i64>,
    pub purge_days_rear: Patch<i64>,
    pub purge_days_auxiliary: Patch<i64>,
    pub device_retention_minutes: Patch<i64>,
    pub live_video_timeout_seconds: Patch<i64>,
}

impl RetentionPatch {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        for (value, field) in self.purges() {
            let fits = value.set().is_none_or(|days| PURGE_DAYS.contains(days));
            problems.require(fits, field, PURGE_DAYS_RULE);
        }
        let minutes = self.device_retention_minutes.set();
        problems.require(
            minutes.is_none_or(|minutes| (DEVICE_RETENTION_MINUTES_MIN..=DURATION_MAX).contains(minutes)),
            Field::DeviceRetention,
            DEVICE_RETENTION_RULE,
        );
        let seconds = self.live_video_timeout_seconds.set();
        problems.require(
            seconds.is_none_or(|seconds| (LIVE_VIDEO_TIMEOUT_SECONDS_MIN..=DURATION_MAX).contains(seconds)),
            Field::LiveVideoTimeout,
            LIVE_VIDEO_TIMEOUT_RULE,
        );
    }

    /// The four purge times with their fields.
    pub fn purges(&self) -> [(&Patch<i64>, Field); 4] {
        [
            (&self.purge_days, Field::PurgeDays),
            (&self.purge_days_front, Field::PurgeDaysFront),
            (&self.purge_days_rear, Field::PurgeDaysRear),
            (&self.purge_days_auxiliary, Field::PurgeDaysAuxiliary),
        ]
    }
}
