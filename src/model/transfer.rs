//! What an export holds and what an import wants: organizations with all that hangs on them, named so that another box
//! understands it. How a file spells it is not known here.

use uuid::Uuid;

use super::{
    CameraId, OrgId, Organization, Patch,
    branding::Branding,
    camera::{Camera, CameraKind},
    field::Field,
    hold::Hold,
    igrp::{Igrp, NewPlacement},
    member::{Member, RightsPatch},
    overrides::{Source, Value},
    user::{User, UserPatch},
};

/// Most lines of one import: it is one transaction, and all others wait for it.
pub const LINES_MAX: usize = 50_000;
/// Most mistakes that are told of one import; with more of them the rest is not looked at.
pub const MISTAKES_MAX: usize = 100;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything but secrets.
    All,
    /// Organizations only.
    Organizations,
    /// Members only.
    Members,
}

/// One thing of an export.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are what their types say; references are names and logins")]
pub enum Entry {
    /// The box, first of all.
    Site { site: Uuid, epoch: Uuid, at_ms: i64 },
    /// An installation group; `managed`: from the configuration file.
    Igrp { igrp: Igrp, managed: bool },
    /// A user, without what it signs in with.
    User(User),
    /// An organization.
    Organization(Box<OrganizationEntry>),
    /// A branding, with the names of its organizations.
    Branding { branding: Branding, organizations: Vec<String>, managed: bool },
    /// A member, with the name of its organization.
    Member { organization: String, member: Member },
    /// A camera, with the name of its organization and the login of its partner.
    Camera { camera: Camera, organization: String, partner: Option<String> },
    /// A legal hold; `organization`: the name of the one that it is on.
    Hold { hold: Hold, organization: Option<String> },
}

/// Fields of an organization that files can manage, each with what is stored; `None` is the default.
pub type Stored = Vec<(Field, Option<Value>)>;

/// An organization as it is exported.
#[derive(Debug, Clone)]
pub struct OrganizationEntry {
    /// With the values in force.
    pub organization: Organization,
    /// The owner's login.
    pub owner: Option<String>,
    /// The login of the administrator who made it.
    pub partner: Option<String>,
    /// The names of its parents, by id.
    pub parents: Vec<String>,
    /// Its types and references in installation groups.
    pub placements: Vec<NewPlacement>,
    /// What is stored in each, whether a file manages it or not.
    pub stored: Stored,
    /// The fields that files or holds keep, with where they do.
    pub managed: Vec<(Field, Source)>,
}

/// A file that is to be imported.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The box that it was exported from, where the file says.
    pub site: Option<Uuid>,
    /// In the order of the file.
    pub lines: Vec<Line>,
}

/// One thing that a file wants.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it begins, from 1.
    pub number: u64,
    /// What it wants.
    pub item: Item,
}

/// What a line wants.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the thing of its name")]
pub enum Item {
    Igrp(Igrp),
    User(UserItem),
    Organization(OrganizationItem),
    Branding(BrandingItem),
    Member(MemberItem),
    Camera(CameraItem),
    Hold(HoldItem),
}

/// A user that shall be there.
#[derive(Debug, Clone)]
pub struct UserItem {
    /// By which it is found.
    pub login: String,
    /// What it shall be, without login and password.
    pub patch: UserPatch,
}

/// An organization that shall be there.
#[derive(Debug, Clone)]
pub struct OrganizationItem {
    /// Its id on the box that it comes from.
    pub id: Option<OrgId>,
    /// By which it is found elsewhere.
    pub name: String,
    /// Its owner's login.
    pub owner: Patch<String>,
    /// The names of its parents; `None` or empty: as they are, and below the default organization where it is new.
    pub parents: Option<Vec<String>>,
    /// The fields that are mentioned.
    pub values: Stored,
    /// Its types and references in installation groups, where it is new.
    pub placements: Vec<NewPlacement>,
}

/// A branding that shall be there.
#[derive(Debug, Clone)]
pub struct BrandingItem {
    /// Without its organizations.
    pub branding: Branding,
    /// Their names.
    pub organizations: Vec<String>,
}

/// A member that shall be there.
#[derive(Debug, Clone)]
pub struct MemberItem {
    /// The organization's name.
    pub organization: String,
    /// The user's.
    pub login: String,
    /// The rights that are mentioned.
    pub rights: RightsPatch,
}

/// A camera that shall be there.
#[derive(Debug, Clone)]
pub struct CameraItem {
    /// Its id on the box that it comes from.
    pub id: Option<CameraId>,
    /// The organization's name.
    pub organization: String,
    /// By which it is found elsewhere, among the cameras of its organization.
    pub name: String,
    /// Where it looks.
    pub kind: CameraKind,
    /// The login of the partner whose device it is; only for a new one.
    pub partner: Option<String>,
}

/// A hold that shall be there: on an organization, or on a camera.
#[derive(Debug, Clone)]
pub struct HoldItem {
    /// The organization's name.
    pub organization: Option<String>,
    /// The camera's id on the box that it comes from.
    pub camera: Option<CameraId>,
    /// Why.
    pub reason: String,
}

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line.
    pub line: u64,
    /// The field at fault, by the name in the file; empty where it is the line.
    pub field: String,
    /// Follows the field's name, or is a sentence of its own.
    pub message: String,
}

/// What came of an import, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies(pub Vec<(&'static str, Tally)>);

/// What came of the lines of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Made.
    pub created: u64,
    /// There already, and changed.
    pub changed: u64,
    /// There already, and just so.
    pub unchanged: u64,
}

impl Item {
    /// Its kind, as a file names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Item::Igrp(_) => "igrp",
            Item::User(_) => "user",
            Item::Organization(_) => "organization",
            Item::Branding(_) => "branding",
            Item::Member(_) => "member",
            Item::Camera(_) => "camera",
            Item::Hold(_) => "hold",
        }
    }
}
