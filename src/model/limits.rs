//! What an organization may have: cameras, users, gigabytes.

use super::{Patch, error::Problems, field::Field};

/// Greatest limit that can be set, so that every dialect's numbers hold it.
pub const LIMIT_MAX: i64 = 2_147_483_647;

/// The limits in force on an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Cameras that may be registered; default 1000 [seed].
    pub camera_limit: i64,
    /// Members that may be listed; default 1000 [seed].
    pub user_limit: i64,
    /// Disk space for recordings, in gigabytes; default 100 [seed].
    pub dvr_limit_gb: i64,
}

/// Where nothing is stored. The view `organizations_in_force` says the same of every row; a test compares them.
impl Default for Limits {
    fn default() -> Self {
        Self { camera_limit: 1000, user_limit: 1000, dvr_limit_gb: 100 }
    }
}

/// A change of limits; [`Patch::Clear`] gives the default back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitsPatch {
    /// See [`Limits::camera_limit`].
    pub camera_limit: Patch<i64>,
    /// See [`Limits::user_limit`].
    pub user_limit: Patch<i64>,
    /// See [`Limits::dvr_limit_gb`].
    pub dvr_limit_gb: Patch<i64>,
}

impl LimitsPatch {
    /// True where nothing is mentioned.
    pub fn is_empty(&self) -> bool {
        self.camera_limit.is_keep() && self.user_limit.is_keep() && self.dvr_limit_gb.is_keep()
    }

    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        for (value, field) in [
            (&self.camera_limit, Field::CameraLimit),
            (&self.user_limit, Field::UserLimit),
            (&self.dvr_limit_gb, Field::DvrLimit),
        ] {
            let fits = value.set().is_none_or(|limit| (0..=LIMIT_MAX).contains(limit));
            problems.require(fits, field, "must be a whole number from 0 to 2147483647");
        }
    }
}
