//! How long footage is kept, and the device settings that go with it.

use super::{Patch, camera::CameraKind, error::Problems, field::Field};

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
    /// Days for front (road-facing) cameras, type 1; default [`Retention::purge_days`].
    pub purge_days_front: i64,
    /// Days for rear (in-cab) cameras, type 2; default [`Retention::purge_days`].
    pub purge_days_rear: i64,
    /// Days for auxiliary cameras, types 50 and up; default [`Retention::purge_days`].
    pub purge_days_auxiliary: i64,
    /// Minutes that recordings stay on a device's card before they are overwritten, at least 4; default 1440 [ours].
    pub device_retention_minutes: i64,
    /// Seconds after which a live view ends by itself, at least 30; default 30.
    pub live_video_timeout_seconds: i64,
    /// Which of the four purge times are given; the others stand at their default.
    pub given: PurgesGiven,
}

/// Which of the four purge times are given rather than at their default. The default of a time by camera type is the
/// general time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the purge times of Retention")]
pub struct PurgesGiven {
    pub purge_days: bool,
    pub purge_days_front: bool,
    pub purge_days_rear: bool,
    pub purge_days_auxiliary: bool,
}

/// The purge time in force for one camera, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// Days, 1–366.
    pub days: i64,
    /// The purge time that decides: the one of the camera's type, or the general one.
    pub field: Field,
    /// Whether that one is given; otherwise it is the default.
    pub given: bool,
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
            given: PurgesGiven::default(),
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

impl PurgesGiven {
    /// Reads the number that stands for a set: 1 the general time, 2 front, 4 rear, 8 auxiliary.
    pub fn from_bits(bits: i64) -> Self {
        Self {
            purge_days: bits & 1 != 0,
            purge_days_front: bits & 2 != 0,
            purge_days_rear: bits & 4 != 0,
            purge_days_auxiliary: bits & 8 != 0,
        }
    }
}

impl Retention {
    /// The purge time in force for cameras of a type.
    pub fn purge(&self, kind: CameraKind) -> Purge {
        let (days, field, given) = match kind {
            CameraKind::Front => (self.purge_days_front, Field::PurgeDaysFront, self.given.purge_days_front),
            CameraKind::Rear => (self.purge_days_rear, Field::PurgeDaysRear, self.given.purge_days_rear),
            CameraKind::Auxiliary(_) => {
                (self.purge_days_auxiliary, Field::PurgeDaysAuxiliary, self.given.purge_days_auxiliary)
            }
        };
        if given { Purge { days, field, given } } else { Purge { days, ..self.general() } }
    }

    fn general(&self) -> Purge {
        Purge { days: self.purge_days, field: Field::PurgeDays, given: self.given.purge_days }
    }

    /// What is shorter afterwards, in force: the times that would let footage go earlier.
    pub fn shortened(&self, after: &Retention) -> Vec<Field> {
        [
            (self.purge_days > after.purge_days, Field::PurgeDays),
            (self.purge_days_front > after.purge_days_front, Field::PurgeDaysFront),
            (self.purge_days_rear > after.purge_days_rear, Field::PurgeDaysRear),
            (self.purge_days_auxiliary > after.purge_days_auxiliary, Field::PurgeDaysAuxiliary),
            (self.device_retention_minutes > after.device_retention_minutes, Field::DeviceRetention),
        ]
        .into_iter()
        .filter_map(|(shorter, field)| shorter.then_some(field))
        .collect()
    }

    /// What is shorter afterwards for cameras of one type.
    pub fn shortened_for(&self, kind: CameraKind, after: &Retention, kind_after: CameraKind) -> Vec<Field> {
        let (before, then) = (self.purge(kind), after.purge(kind_after));
        [
            (before.days > then.days, then.field),
            (self.device_retention_minutes > after.device_retention_minutes, Field::DeviceRetention),
        ]
        .into_iter()
        .filter_map(|(shorter, field)| shorter.then_some(field))
        .collect()
    }
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

    /// Keeps the times by camera type where they stand while the general one changes: for dialects in which the four are
    /// independent of each other.
    pub fn keep_types(&mut self, present: &Retention) {
        if self.purge_days.is_keep() || self.purge_days.set() == Some(&present.purge_days) {
            return;
        }
        for (patch, days, given) in [
            (&mut self.purge_days_front, present.purge_days_front, present.given.purge_days_front),
            (&mut self.purge_days_rear, present.purge_days_rear, present.given.purge_days_rear),
            (&mut self.purge_days_auxiliary, present.purge_days_auxiliary, present.given.purge_days_auxiliary),
        ] {
            if patch.is_keep() && !given {
                *patch = Patch::Set(days);
            }
        }
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
