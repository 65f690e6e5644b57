//! Events: what billing and the audit trail hear of a change.

use uuid::Uuid;

use super::{
    OrgId, Organization, UserId,
    camera::Camera,
    credential::ApiKey,
    hold::Hold,
    id::{BrandingId, CameraId, IgrpId, KeyId},
    member::Member,
    user::User,
};

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `organization/42`
    Organization(OrgId),
    /// `member/42-7`: organization, user.
    Member(OrgId, UserId),
    /// `camera/3`
    Camera(CameraId),
    /// `user/7`
    User(UserId),
    /// `key/5`; audited only.
    Key(KeyId),
    /// `branding/1`; audited only.
    Branding(BrandingId),
    /// `igrp/19`; audited only.
    Igrp(IgrpId),
    /// `overrides`: what the files say of organizations; audited only.
    Overrides,
}

impl Subject {
    /// The kind of thing, as event types and subjects spell it.
    pub fn kind(self) -> &'static str {
        match self {
            Subject::Organization(_) => "organization",
            Subject::Member(..) => "member",
            Subject::Camera(_) => "camera",
            Subject::User(_) => "user",
            Subject::Key(_) => "key",
            Subject::Branding(_) => "branding",
            Subject::Igrp(_) => "igrp",
            Subject::Overrides => "overrides",
        }
    }

    /// True where billing hears of it; everything is audited.
    pub fn goes_upstream(self) -> bool {
        match self {
            Subject::Organization(_) | Subject::Member(..) | Subject::Camera(_) | Subject::User(_) => true,
            Subject::Key(_) | Subject::Branding(_) | Subject::Igrp(_) | Subject::Overrides => false,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind();
        match self {
            Subject::Organization(id) => write!(formatter, "{kind}/{id}"),
            Subject::Member(organization, user) => write!(formatter, "{kind}/{organization}-{user}"),
            Subject::Camera(id) => write!(formatter, "{kind}/{id}"),
            Subject::User(id) => write!(formatter, "{kind}/{id}"),
            Subject::Key(id) => write!(formatter, "{kind}/{id}"),
            Subject::Branding(id) => write!(formatter, "{kind}/{id}"),
            Subject::Igrp(id) => write!(formatter, "{kind}/{id}"),
            Subject::Overrides => formatter.write_str(kind),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It is new.
    Create,
    /// It is different.
    Update,
    /// It is gone.
    Delete,
}

impl Operation {
    /// `create`, `update`, `delete`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }

    /// `created`, `updated`, `deleted`: the last word of an event's type.
    pub fn past(self) -> &'static str {
        match self {
            Operation::Create => "created",
            Operation::Update => "updated",
            Operation::Delete => "deleted",
        }
    }
}

/// The whole state of a subject at one moment; never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// An organization with its links and members.
    Organization(Box<OrganizationImage>),
    /// A membership.
    Member(Member),
    /// A camera.
    Camera(Camera),
    /// A user.
    User(Box<User>),
    /// A key, without its secret.
    Key(ApiKey),
    /// A branding option.
    Branding(super::branding::Branding),
    /// An installation group.
    Igrp(super::igrp::Igrp),
}

/// Most members that the image of an organization lists: as many as the default limit admits [ours]. With a longer list
/// every change of a large organization would be written down at the size of all its logins.
pub const IMAGE_MEMBERS_MAX: i64 = 1000;

/// An organization with everything that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationImage {
    /// The organization.
    pub organization: Organization,
    /// Its direct parents, ascending.
    pub parents: Vec<OrgId>,
    /// The logins of its members, ascending; `None` past [`IMAGE_MEMBERS_MAX`], where only the members' own events tell.
    pub members: Option<Vec<String>>,
    /// The hold on this very organization.
    pub hold: Option<Hold>,
}

/// An event as it was recorded. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it stands among the others.
    pub position: Position,
    /// Random, so that it is never given twice, whatever is restored.
    pub id: Uuid,
    /// `io.orgbox.organization.updated.v1`.
    pub kind: String,
    /// `organization/42`.
    pub subject: String,
    /// Rises per subject: a receiver keeps the greatest.
    pub version: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// JSON: id, op, changed, cause, actor, and the full state afterwards.
    pub data: String,
}

impl Event {
    /// True where it tells how an organization is, or that it is gone.
    pub fn is_of_organization(&self) -> bool {
        self.subject.starts_with("organization/")
    }
}

/// A place between events: behind the one with this number. Written `<epoch>:<seq>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The run of numbers: a restored database begins another one.
    pub epoch: Uuid,
    /// 0 stands before the first event.
    pub seq: i64,
}

impl Position {
    /// Reads what [`Position`] displays as.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.split_once(':')?;
        let is_number = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { epoch: Uuid::try_parse(epoch).ok()?, seq: seq.parse().ok().filter(|_| is_number)? })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.epoch.hyphenated(), self.seq)
    }
}
