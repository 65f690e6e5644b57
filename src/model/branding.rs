//! Branding options: the look an organization's portal has.

use super::{BrandingId, OrgId, error::Problems, field::Field, text};

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

/// Bound on ids of brandings and installation groups, which people choose.
pub const CHOSEN_ID_MAX: i64 = 2_147_483_647;
/// Most organizations that one branding belongs to [ours].
pub const OWNERS_MAX: usize = 1000;

impl Branding {
    /// Collects what is out of bounds. Whether its organizations exist, the database knows.
    pub fn validate(&self, problems: &mut Problems) {
        let Self { id, name, logo_filename, landing_domain, primary_color, organizations } = self;
        let wire = Field::Wire;
        problems.require(is_chosen_id(id.0), Field::Id, "must be a whole number from 1 to 2147483647");
        problems.require(text::is_line(name, 255), Field::Name, "must be 1 to 255 characters on one line");
        let fits = text::is_line(logo_filename, 255) && !logo_filename.contains(['/', '\\']);
        let fits = fits && logo_filename != "." && logo_filename != "..";
        problems.require(fits, wire("logo_filename"), "must be a file name without a folder, such as logo.png");
        let fits = landing_domain.len() <= 253 && landing_domain.split('.').all(is_label);
        problems.require(fits, wire("landing_domain"), "must be a host name, such as video.example.net");
        problems.require(is_color(primary_color), wire("primary_color"), "must be a colour such as #1A2B3C");
        let fits = organizations.len() <= OWNERS_MAX;
        problems.require(fits, wire("organizations"), "must be at most 1000 organizations");
    }
}

/// True for an id that people may choose.
pub fn is_chosen_id(id: i64) -> bool {
    (1..=CHOSEN_ID_MAX).contains(&id)
}

fn is_label(label: &str) -> bool {
    let fits = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (1..=63).contains(&label.len()) && fits && !label.starts_with('-') && !label.ends_with('-')
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
