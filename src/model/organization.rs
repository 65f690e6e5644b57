//! The organization: what everything on the box belongs to.

use super::{
    BrandingId, OrgId, Patch, UserId,
    error::Problems,
    field::Field,
    filter::Condition,
    igrp::NewPlacement,
    limits::{Limits, LimitsPatch},
    retention::{Retention, RetentionPatch},
    text,
};

/// Longest title, in characters [seed, Surfsight].
pub const TITLE_MAX_CHARS: usize = 255;
/// Longest description, in characters [ours].
pub const DESCRIPTION_MAX_CHARS: usize = 4000;
/// Most direct parents of one organization [ours].
pub const PARENTS_MAX: usize = 64;

/// Most organizations that somebody who is no administrator may own and still make another [ours]: each has the limits of
/// what it hangs below, so without this bound nobody would have any.
pub const OWNED_MAX: usize = 1000;

/// An organization with the values in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Assigned by the box, never reused.
    pub id: OrgId,
    /// Counts the changes of this organization, its links and its members, from 1.
    pub version: i64,
    /// Unique and URL-safe; see [`text::is_name`].
    pub name: String,
    /// Shown to people; duplicates are allowed.
    pub title: String,
    /// Longer text about it.
    pub description: Option<String>,
    /// An `http` or `https` URL of a picture; never fetched by the box.
    pub image_url: Option<String>,
    /// Status code; 200 is active.
    pub status: i64,
    /// The branding option chosen.
    pub branding_id: Option<BrandingId>,
    /// The user whose organization it is. Without one nobody may edit its members and cameras [seed, Watcher].
    pub owner_id: Option<UserId>,
    /// The administrator who made it: its partner.
    pub partner_id: Option<UserId>,
    /// What it may have.
    pub limits: Limits,
    /// How long footage is kept.
    pub retention: Retention,
    /// Whether the organization's profile is applied to its devices; default true [seed, Surfsight].
    pub organization_profile_enabled: bool,
    /// Whether it may hold the devices of its own partner only.
    pub exclusive_partner_only: bool,
    /// Listed members.
    pub user_count: i64,
    /// Registered cameras.
    pub camera_count: i64,
    /// Mosaics, as the VMS reports them.
    pub mosaic_count: i64,
    /// Gigabytes of footage, rounded up, as the VMS reports them.
    pub dvr_used_gb: i64,
}

/// What a directory shows of an organization: read for lists that need no more, at a third of the cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Organization")]
pub struct Heading {
    pub id: OrgId,
    pub name: String,
    pub title: String,
    pub description: Option<String>,
    pub image_url: Option<String>,
    pub status: i64,
    pub branding_id: Option<BrandingId>,
}

impl From<Organization> for Heading {
    fn from(organization: Organization) -> Self {
        let Organization { id, name, title, description, image_url, status, branding_id, .. } = organization;
        Self { id, name, title, description, image_url, status, branding_id }
    }
}

/// What billing looks at: whose an organization is, what it may have and what it has. As cheap to list as [`Heading`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Organization")]
pub struct Account {
    pub id: OrgId,
    pub title: String,
    pub owner_id: Option<UserId>,
    pub limits: Limits,
    pub user_count: i64,
    pub camera_count: i64,
    pub mosaic_count: i64,
    pub dvr_used_gb: i64,
}

impl From<Organization> for Account {
    fn from(organization: Organization) -> Self {
        let Organization { id, title, owner_id, limits, user_count, camera_count, mosaic_count, dvr_used_gb, .. } =
            organization;
        Self { id, title, owner_id, limits, user_count, camera_count, mosaic_count, dvr_used_gb }
    }
}

impl Account {
    /// True for the default organization.
    pub fn is_default(&self) -> bool {
        self.id == OrgId::DEFAULT
    }
}

/// An organization to be created. Whatever is not given gets its default.
#[derive(Debug, Clone, Default)]
pub struct NewOrganization {
    /// Derived from the title where absent.
    pub name: Option<String>,
    /// 1 to 255 characters.
    pub title: String,
    /// At most 4000 characters.
    pub description: Option<String>,
    /// An `http` or `https` URL.
    pub image_url: Option<String>,
    /// The first parent's where absent.
    pub branding_id: Option<BrandingId>,
    /// Who owns it.
    pub owner: NewOwner,
    /// The organizations it hangs below; empty is the default organization.
    pub parents: Vec<OrgId>,
    /// Only administrators may give any.
    pub limits: LimitsPatch,
    /// How long footage is kept.
    pub retention: RetentionPatch,
    /// Status code, 200 where absent; only administrators may give one.
    pub status: Option<i64>,
    /// See [`Organization::organization_profile_enabled`].
    pub organization_profile_enabled: Option<bool>,
    /// Whether only devices of its own partner may be in it.
    pub exclusive_partner_only: bool,
    /// Its types and references in installation groups.
    pub placements: Vec<NewPlacement>,
}

/// Who owns a new organization.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NewOwner {
    /// Whoever creates it.
    #[default]
    Creator,
    /// This user, or nobody: administrators only.
    Given(Option<UserId>),
}

/// A change of an organization. Every dialect's update becomes one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Organization")]
pub struct OrganizationPatch {
    pub title: Option<String>,
    pub description: Patch<String>,
    pub image_url: Patch<String>,
    pub status: Option<i64>,
    pub branding_id: Patch<BrandingId>,
    pub owner_id: Patch<UserId>,
    pub limits: LimitsPatch,
    pub retention: RetentionPatch,
    pub organization_profile_enabled: Patch<bool>,
    pub exclusive_partner_only: Option<bool>,
}

impl NewOrganization {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        if let Some(name) = &self.name {
            problems.require(
                text::is_name(name),
                Field::Name,
                "must be 1 to 50 characters without a slash, a control character or spaces at its ends",
            );
        }
        validate_texts(Some(&self.title), self.description.as_deref(), self.image_url.as_deref(), problems);
        problems.require(self.parents.len() <= PARENTS_MAX, Field::Parents, "must be at most 64 organizations");
        validate_status(self.status, problems);
        self.limits.validate(problems);
        self.retention.validate(problems);
        for placement in &self.placements {
            let fits = placement.reference.as_ref().is_none_or(|text| text.is_empty() || text::is_line(text, 255));
            problems.require(fits, Field::OrganizationRefs, "must each be at most 255 characters on one line");
        }
    }
}

impl OrganizationPatch {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        let description = self.description.set().map(String::as_str);
        let image_url = self.image_url.set().map(String::as_str);
        validate_texts(self.title.as_deref(), description, image_url, problems);
        validate_status(self.status, problems);
        self.limits.validate(problems);
        self.retention.validate(problems);
    }

    /// True where it touches what only administrators may set: limits, owner, status and exclusivity.
    pub fn needs_administrator(&self) -> bool {
        !self.limits.is_empty()
            || !self.owner_id.is_keep()
            || self.status.is_some()
            || self.exclusive_partner_only.is_some()
    }
}

/// Which organizations a list holds, and in which order.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Case-insensitive substring.
    pub search: Option<Search>,
    /// Only the one with this name.
    pub name: Option<String>,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Only those that the actor owns or is a member of itself, for dialects that know no hierarchy. Administrators are
    /// not confined.
    pub own: bool,
    /// Only these and what hangs below them.
    pub below: Option<OrgId>,
    /// Only the parents or children of one organization, or all above it.
    pub linked: Option<Linked>,
    /// The order; see [`Order`].
    pub order: Order,
    /// Only what comes after this one in the order, which must be [`Order::Id`] or [`Order::Title`].
    pub after: Option<After>,
    /// Greatest number; `None` is all.
    pub limit: Option<u64>,
    /// Organizations to pass over.
    pub offset: u64,
}

/// A text to be found.
#[derive(Debug, Clone)]
pub enum Search {
    /// In the title.
    Title(String),
    /// In the name, the title or the description.
    Everywhere(String),
}

/// Where a page begins: behind the last organization of the page before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Its title, folded as [`text::fold`] does; only where the order goes by title.
    pub title_key: String,
    /// Its id.
    pub id: OrgId,
}

/// What one organization is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// The parents of this one.
    ParentsOf(OrgId),
    /// The children of this one.
    ChildrenOf(OrgId),
    /// Everything above this one.
    AncestorsOf(OrgId),
}

/// The order of a list; the id breaks every tie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Id,
    /// Newest first.
    Newest,
    /// By title without regard to case.
    Title,
    /// By the given fields, one after the other.
    By(Vec<super::filter::SortKey>),
}

fn validate_status(status: Option<i64>, problems: &mut Problems) {
    problems.require(
        status.is_none_or(|status| (0..=999).contains(&status)),
        Field::Status,
        "must be a whole number from 0 to 999",
    );
}

fn validate_texts(title: Option<&str>, description: Option<&str>, image_url: Option<&str>, problems: &mut Problems) {
    problems.require(
        title.is_none_or(|title| text::is_line(title, TITLE_MAX_CHARS)),
        Field::Title,
        "must be 1 to 255 characters on one line",
    );
    problems.require(
        description.is_none_or(|text| text::is_text(text, DESCRIPTION_MAX_CHARS)),
        Field::Description,
        "must be at most 4000 characters without control characters",
    );
    problems.require(
        image_url.is_none_or(text::is_http_url),
        Field::ImageUrl,
        "must be an http or https URL of at most 2048 characters",
    );
}
