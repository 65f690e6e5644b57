//! Infinity's objects on the wire: their keys in order, and the value under each.

use std::collections::BTreeMap;

use super::{
    formats::{Cell, Row},
    listing::Fields,
};
use crate::model::{
    BrandingId, Organization,
    branding::Branding,
    filter::FilterField,
    igrp::{Igrp, OrganizationType, Placement},
    organization::Heading,
    user::User,
};

/// What lists of organisations are filtered and sorted by.
pub const ORGANIZATION_FIELDS: &Fields = &[
    ("orgId", FilterField::OrganizationId),
    ("orgName", FilterField::Title),
    ("orgStatus", FilterField::Status),
    ("brandingId", FilterField::BrandingId),
    ("brandingName", FilterField::BrandingName),
    ("logoFilename", FilterField::LogoFilename),
    ("landingDomain", FilterField::LandingDomain),
    ("primaryColor", FilterField::PrimaryColor),
];

/// What lists of branding options are filtered and sorted by.
pub const BRANDING_FIELDS: &Fields = &[
    ("brandingId", FilterField::BrandingId),
    ("brandingName", FilterField::BrandingName),
    ("logoFilename", FilterField::LogoFilename),
    ("landingDomain", FilterField::LandingDomain),
    ("primaryColor", FilterField::PrimaryColor),
];

/// An organisation with the branding it has chosen.
pub struct OrganizationRow<'a> {
    organization: &'a Heading,
    branding: Option<&'a Branding>,
}

impl<'a> OrganizationRow<'a> {
    /// Looks the branding up.
    pub fn new(organization: &'a Heading, brandings: &'a BTreeMap<BrandingId, Branding>) -> Self {
        let branding = organization.branding_id.and_then(|id| brandings.get(&id));
        Self { organization, branding }
    }
}

impl Row for OrganizationRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "orgId",
        "orgName",
        "orgStatus",
        "brandingId",
        "brandingName",
        "logoFilename",
        "landingDomain",
        "primaryColor",
    ];
    const ELEMENTS: (&'static str, &'static str) = ("organisation", "organisations");

    fn cell(&self, field: usize) -> Cell<'_> {
        match (field, self.branding) {
            (0, _) => Cell::Number(self.organization.id.0),
            (1, _) => Cell::Text(&self.organization.title),
            (2, _) => Cell::Number(self.organization.status),
            (_, Some(branding)) => BrandingRow(branding).into_cell(field - 3),
            (_, None) => Cell::Text(""),
        }
    }
}

/// A branding option.
pub struct BrandingRow<'a>(pub &'a Branding);

impl<'a> BrandingRow<'a> {
    fn into_cell(self, field: usize) -> Cell<'a> {
        let Branding { id, name, logo_filename, landing_domain, primary_color, organizations: _ } = self.0;
        match field {
            0 => Cell::Number(id.0),
            1 => Cell::Text(name),
            2 => Cell::Text(logo_filename),
            3 => Cell::Text(landing_domain),
            _ => Cell::Text(primary_color),
        }
    }
}

impl Row for BrandingRow<'_> {
    const FIELDS: &'static [&'static str] =
        &["brandingId", "brandingName", "logoFilename", "landingDomain", "primaryColor"];
    const ELEMENTS: (&'static str, &'static str) = ("branding", "brandings");

    fn cell(&self, field: usize) -> Cell<'_> {
        BrandingRow(self.0).into_cell(field)
    }
}

/// An installation group.
pub struct IgrpRow<'a>(pub &'a Igrp);

impl Row for IgrpRow<'_> {
    const FIELDS: &'static [&'static str] = &["igrpId", "igrpName"];
    const ELEMENTS: (&'static str, &'static str) = ("igrp", "igrps");

    fn cell(&self, field: usize) -> Cell<'_> {
        let Igrp { id, name, types: _ } = self.0;
        if field == 0 { Cell::Number(id.0) } else { Cell::Text(name) }
    }
}

/// A type that organisations can have in a group.
pub struct TypeRow<'a>(pub &'a OrganizationType);

impl Row for TypeRow<'_> {
    const FIELDS: &'static [&'static str] = &["orgTypeCode", "orgTypeName", "orgTypeOrder"];
    const ELEMENTS: (&'static str, &'static str) = ("organisationType", "organisationTypes");

    fn cell(&self, field: usize) -> Cell<'_> {
        let OrganizationType { code, name, order } = self.0;
        match field {
            0 => Cell::Text(code),
            1 => Cell::Text(name),
            _ => Cell::Number(*order),
        }
    }
}

/// What an organisation is within a group.
pub struct PlacementRow<'a>(pub &'a Placement);

impl Row for PlacementRow<'_> {
    const FIELDS: &'static [&'static str] = &["orgId", "orgTypeCode", "orgRef"];
    const ELEMENTS: (&'static str, &'static str) = ("organisation", "organisations");

    fn cell(&self, field: usize) -> Cell<'_> {
        let Placement { igrp_id: _, organization_id, type_code, reference } = self.0;
        match field {
            0 => Cell::Number(organization_id.0),
            1 => Cell::Text(type_code.as_deref().unwrap_or_default()),
            _ => Cell::Text(reference.as_deref().unwrap_or_default()),
        }
    }
}

/// The caller, with the first organisation that it owns or is a member of.
pub struct ProfileRow {
    /// The caller.
    pub user: User,
    /// Its first organisation, if it has any.
    pub primary: Option<Organization>,
}

impl Row for ProfileRow {
    const FIELDS: &'static [&'static str] =
        &["userId", "username", "firstName", "lastName", "primaryOrgId", "primaryOrgName"];
    const ELEMENTS: (&'static str, &'static str) = ("profile", "profiles");

    fn cell(&self, field: usize) -> Cell<'_> {
        let (first_name, last_name) = self.user.contact.split_name();
        match (field, &self.primary) {
            (0, _) => Cell::Number(self.user.id.0),
            (1, _) => Cell::Text(&self.user.login),
            (2, _) => Cell::Text(first_name),
            (3, _) => Cell::Text(last_name),
            (4, Some(primary)) => Cell::Number(primary.id.0),
            (_, Some(primary)) => Cell::Text(&primary.title),
            (_, None) => Cell::Text(""),
        }
    }
}
