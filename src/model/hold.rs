//! Legal holds: what is under one is not deleted, and its footage is not kept shorter.

use super::{CameraId, OrgId, error::Error, field::Field, text};

/// Longest reason, in characters [ours].
pub const REASON_MAX_CHARS: usize = 1000;

/// What a hold was set on. Organizations come before cameras, each by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Held {
    /// An organization, its cameras and everything below it.
    Organization(OrgId),
    /// One camera.
    Camera(CameraId),
}

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it was set on.
    pub on: Held,
    /// Why; 1 to 1000 characters.
    pub reason: String,
    /// Login of whoever set it or gave it its reason.
    pub author: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

/// Checks a reason.
pub fn validate_reason(reason: &str) -> Result<(), Error> {
    if !reason.trim().is_empty() && text::is_text(reason, REASON_MAX_CHARS) {
        return Ok(());
    }
    Err(Error::invalid(Field::Wire("reason"), "must be 1 to 1000 characters without control characters"))
}

impl std::fmt::Display for Held {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Held::Organization(id) => write!(formatter, "organization {id}"),
            Held::Camera(id) => write!(formatter, "camera {id}"),
        }
    }
}
