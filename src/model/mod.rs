//! What things are: types, bounds and pure rules of the core model.
//!
//! Nothing here does IO, names SQL, HTTP or serde, or reads a clock. Names are the core's own; what a vendor calls a
//! thing lives in that vendor's dialect under `api/`.

pub mod actor;
pub mod audit;
pub mod backup;
pub mod branding;
pub mod camera;
pub mod credential;
pub mod error;
pub mod event;
pub mod field;
pub mod filter;
pub mod hierarchy;
pub mod hold;
pub mod id;
pub mod igrp;
pub mod limits;
pub mod member;
pub mod network;
pub mod organization;
pub mod overrides;
pub mod patch;
pub mod queue;
pub mod remark;
pub mod repeat;
pub mod retention;
pub mod text;
pub mod transfer;
pub mod user;

pub use error::{Error, Fault, Kind, Result};
pub use field::Field;
pub use id::{BrandingId, CameraId, IgrpId, KeyId, OrgId, UserId};
pub use organization::Organization;
pub use patch::Patch;
pub use remark::Remark;
