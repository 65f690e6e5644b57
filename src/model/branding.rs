//! Branding options: the look an organization's portal has.

use super::{BrandingId, OrgId};

/// A branding option. It is available to the organizations it belongs to and to all below them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branding {
    /// Chosen by whoever configures it.
    pub id: BrandingId,
    /// Shown to people.
    pub name: String,
    /// File name of the logo.
    pub logo_filename: String,
    /// Host name of the portal.
    pub landing_domain: String,
    /// `#RRGGBB`.
    pub primary_color: String,
    /// The organizations it belongs to; none only where they are gone.
    pub organizations: Vec<OrgId>,
}
