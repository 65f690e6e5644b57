//! Installation groups (IGRPs): outside groupings in which an organization has a type and a reference.

use super::{IgrpId, OrgId, branding::is_chosen_id, error::Problems, field::Field, text};

/// An installation group with the types it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Igrp {
    /// Chosen by whoever configures it.
    pub id: IgrpId,
    /// Shown to people.
    pub name: String,
    /// In ascending order.
    pub types: Vec<OrganizationType>,
}

/// A type that an organization can have within an installation group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationType {
    /// What requests name it by.
    pub code: String,
    /// Shown to people.
    pub name: String,
    /// Place among the group's types.
    pub order: i64,
}

/// What an organization is within one installation group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The group.
    pub igrp_id: IgrpId,
    /// The organization.
    pub organization_id: OrgId,
    /// Its type's code, if one was given.
    pub type_code: Option<String>,
    /// Its reference in that group, if one was given.
    pub reference: Option<String>,
}

/// The type or reference that a new organization is to have within one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlacement {
    /// The group.
    pub igrp_id: IgrpId,
    /// A code of one of its types.
    pub type_code: Option<String>,
    /// Free text of at most 255 characters.
    pub reference: Option<String>,
}

/// Most types of one group [ours].
pub const TYPES_MAX: usize = 1000;

impl Igrp {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        let Self { id, name, types } = self;
        problems.require(is_chosen_id(id.0), Field::Id, "must be a whole number from 1 to 2147483647");
        problems.require(text::is_line(name, 255), Field::Name, "must be 1 to 255 characters on one line");
        let codes: std::collections::HashSet<&str> = types.iter().map(|kind| kind.code.as_str()).collect();
        let types_field = Field::Wire("types");
        problems.require(codes.len() == types.len(), types_field, "must have each code once");
        problems.require(types.len() <= TYPES_MAX, types_field, "must be at most 1000");
        let fits = |kind: &OrganizationType| text::is_line(&kind.code, 64) && text::is_line(&kind.name, 255);
        let rule = "must each have a code of 1 to 64 and a name of 1 to 255 characters on one line";
        problems.require(types.iter().all(fits), types_field, rule);
        let fits = |kind: &OrganizationType| i32::try_from(kind.order).is_ok();
        problems.require(types.iter().all(fits), types_field, "must each have an order from -2147483648 to 2147483647");
    }
}
