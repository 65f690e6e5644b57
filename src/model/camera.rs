//! Cameras, as far as limits and retention need them.

use super::{CameraId, OrgId, UserId, error::Error, field::Field, text};

/// Where a camera looks; decides which purge time applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraKind {
    /// Type 1, road-facing.
    Front,
    /// Type 2, in-cab.
    Rear,
    /// Types 50 to 999.
    Auxiliary(u16),
}

impl CameraKind {
    /// Reads the number: 1, 2, or 50 to 999.
    pub fn from_number(number: i64) -> Result<Self, Error> {
        match number {
            1 => Ok(CameraKind::Front),
            2 => Ok(CameraKind::Rear),
            50..=999 => Ok(CameraKind::Auxiliary(number as u16)),
            _ => Err(Error::invalid(Field::CameraKind, "must be 1 (front), 2 (rear) or 50 to 999 (auxiliary)")),
        }
    }

    /// The number that stands for it.
    pub fn number(self) -> i64 {
        match self {
            CameraKind::Front => 1,
            CameraKind::Rear => 2,
            CameraKind::Auxiliary(number) => i64::from(number),
        }
    }
}

/// A registered camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Camera {
    /// Assigned by the box.
    pub id: CameraId,
    /// Counts the changes of this camera, from 1.
    pub version: i64,
    /// The organization it is counted in.
    pub organization_id: OrgId,
    /// Shown to people; 1 to 255 characters.
    pub name: String,
    /// Where it looks.
    pub kind: CameraKind,
    /// The partner (administrator) whose device it is, if known.
    pub partner_id: Option<UserId>,
}

/// A camera to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCamera {
    /// The organization it is to be counted in.
    pub organization_id: OrgId,
    /// 1 to 255 characters.
    pub name: String,
    /// Where it looks.
    pub kind: CameraKind,
    /// The partner whose device it is.
    pub partner_id: Option<UserId>,
}

impl NewCamera {
    /// Checks the bounds of its fields.
    pub fn validate(&self) -> Result<(), Error> {
        if text::is_line(&self.name, 255) {
            Ok(())
        } else {
            Err(Error::invalid(Field::Camera, "must be 1 to 255 characters on one line"))
        }
    }
}
