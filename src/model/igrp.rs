//! Installation groups (IGRPs): outside groupings in which an organization has a type and a reference.

use super::{IgrpId, OrgId};

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
