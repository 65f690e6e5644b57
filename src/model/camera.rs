//! Cameras, as far as limits and retention need them.

use super::{CameraId, OrgId, UserId, error::Error, field::Field, hold::Hold, retention::Purge, text};

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
    /// The hold on this very camera; its organization or one above that may be under one as well.
    pub hold: Option<Hold>,
}

/// A camera with what its organization says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedCamera {
    /// The camera.
    pub camera: Camera,
    /// Its organization's name.
    pub organization: String,
    /// How long its footage is kept.
    pub purge: Purge,
}

/// Which cameras a list holds; by id.
#[derive(Debug, Clone, Default)]
pub struct CameraFilter {
    /// Only of this organization.
    pub organization: Option<OrgId>,
    /// Only of this organization and those below it.
    pub below: Option<OrgId>,
    /// Case-insensitive substring of the name.
    pub search: Option<String>,
    /// Only those that follow this one.
    pub after: Option<CameraId>,
    /// Greatest number; `None` is all.
    pub limit: Option<u64>,
}

/// A change of a camera; `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Camera")]
pub struct CameraPatch {
    pub organization_id: Option<OrgId>,
    pub name: Option<String>,
    pub kind: Option<CameraKind>,
}

/// What the VMS needs to know of a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameraRetention {
    /// The camera.
    pub id: CameraId,
    /// Its organization.
    pub organization_id: OrgId,
    /// Where it looks.
    pub kind: CameraKind,
    /// How long its footage is kept.
    pub purge: Purge,
    /// Whether it is under a hold of its own.
    pub held: bool,
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
        validate_name(&self.name)
    }
}

impl CameraPatch {
    /// Checks the bounds of its fields.
    pub fn validate(&self) -> Result<(), Error> {
        self.name.as_deref().map_or(Ok(()), validate_name)
    }
}

fn validate_name(name: &str) -> Result<(), Error> {
    if text::is_line(name, 255) {
        Ok(())
    } else {
        Err(Error::invalid(Field::Camera, "must be 1 to 255 characters on one line"))
    }
}
