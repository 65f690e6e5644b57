//! Who acts, what can be done, and the one function that decides.

use std::net::IpAddr;

use super::{Error, Result, UserId, member::Rights, user::Role};

/// Stands for a dialect where the configuration's files act.
const FILE: &str = "file";

/// Whoever acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user, unless the box's own key or command line acts.
    pub user_id: Option<UserId>,
    /// Login, or the name of what acts.
    pub name: String,
    /// What it may do on the box as a whole.
    pub role: Role,
}

impl Actor {
    /// The operator at the box's own command line.
    pub fn command_line() -> Self {
        Self { user_id: None, name: "command line".to_owned(), role: Role::SuperAdmin }
    }

    /// The box itself: first start and configuration.
    pub fn system() -> Self {
        Self { user_id: None, name: "system".to_owned(), role: Role::SuperAdmin }
    }

    /// The configuration's files, named by the SHA-256 over them.
    pub fn file(digest: &[u8; 32]) -> Self {
        let name = format!("file:{}", super::text::hexadecimal(digest));
        Self { user_id: None, name, role: Role::SuperAdmin }
    }

    /// The bearer of the Watcher system key.
    pub fn system_key() -> Self {
        Self { user_id: None, name: "system key".to_owned(), role: Role::SuperAdmin }
    }

    /// Somebody without credentials, where a dialect has public calls.
    pub fn anonymous() -> Self {
        Self { user_id: None, name: "anonymous".to_owned(), role: Role::User }
    }
}

/// Where a request came from, for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address; `None` at the command line.
    pub address: Option<IpAddr>,
    /// The dialect, `cli`, `file` or `system`.
    pub dialect: &'static str,
    /// The request's id.
    pub request_id: String,
}

/// Who does it and from where: what every change is recorded with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Whoever acts.
    pub actor: Actor,
    /// Where the request came from.
    pub origin: Origin,
}

impl Who {
    /// The box itself, at its start.
    pub fn system() -> Self {
        let origin = Origin { address: None, dialect: "system", request_id: String::new() };
        Self { actor: Actor::system(), origin }
    }

    /// The configuration's files. What they change is audited once for all of it.
    pub fn file(digest: &[u8; 32]) -> Self {
        let origin = Origin { address: None, dialect: FILE, request_id: String::new() };
        Self { actor: Actor::file(digest), origin }
    }

    /// True where the configuration's files act.
    pub fn is_file(&self) -> bool {
        self.origin.dialect == FILE
    }

    /// The operator at the command line.
    pub fn command_line() -> Self {
        let origin = Origin { address: None, dialect: "cli", request_id: String::new() };
        Self { actor: Actor::command_line(), origin }
    }
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See the public directory of organizations.
    Browse,
    /// See an organization.
    View,
    /// See who its members are.
    ViewMembers,
    /// Change texts, branding, retention and profile.
    EditSettings,
    /// Change limits, owner, status and exclusivity.
    Govern,
    /// Add, change and remove members.
    EditMembers,
    /// Register, move and remove cameras.
    EditCameras,
    /// Create below it, link to it and unlink from it.
    EditHierarchy,
    /// Delete it.
    Delete,
    /// Do what concerns the box and no one organization: users, brandings, groups, the whole directory.
    Administer,
    /// Make, change and remove administrators, and what only they may.
    AdministerAdministrators,
}

/// How an actor stands to one organization; [`Standing::default`] where none is concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// It owns it, is a member of it, or is either on one above it.
    pub reaches: bool,
    /// It owns it or one above it.
    pub owns: bool,
    /// It owns one above it.
    pub owns_above: bool,
    /// Its rights as a member of it or of one above it.
    pub rights: Rights,
    /// The organization has an owner at all.
    pub has_owner: bool,
}

/// Proof that [`may`] said yes. Only that function makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a grant is asked for because something follows from it"]
pub struct Grant(());

/// Decides whether the actor may do this, given how it stands to the organization.
pub fn may(actor: &Actor, action: Action, standing: &Standing) -> Result<Grant> {
    let admin = actor.role.is_admin();
    let Standing { reaches, owns, owns_above, rights, has_owner } = *standing;
    let (allowed, otherwise) = match action {
        Action::Browse => (true, "the directory is public"),
        Action::View => (admin || reaches, "this organization is not among yours"),
        Action::ViewMembers => (
            admin || owns || rights.can_edit_users,
            "only its owner, a member who may edit users or an administrator sees the members",
        ),
        Action::EditSettings => (
            admin || owns || rights.can_edit_cameras,
            "only its owner, a member who may edit cameras or an administrator may change this organization",
        ),
        Action::Govern => (admin, "only an administrator may change limits, owner, status or exclusivity"),
        Action::EditMembers if !has_owner => {
            (false, "an organization without an owner cannot have its members edited; give it an owner first")
        }
        Action::EditMembers => (
            admin || owns || rights.can_edit_users,
            "only its owner, a member who may edit users or an administrator may edit the members",
        ),
        Action::EditCameras if !has_owner => {
            (false, "an organization without an owner cannot have its cameras edited; give it an owner first")
        }
        Action::EditCameras => (
            admin || owns || rights.can_edit_cameras,
            "only its owner, a member who may edit cameras or an administrator may edit the cameras",
        ),
        Action::EditHierarchy => (admin || owns, "only its owner or an administrator may change what hangs where"),
        Action::Delete => (admin || owns_above, "only an administrator or the owner of one above it may delete it"),
        Action::Administer => (admin, "only an administrator may do this"),
        Action::AdministerAdministrators => (actor.role == Role::SuperAdmin, "only a super administrator may do this"),
    };
    if allowed { Ok(Grant(())) } else { Err(Error::forbidden(otherwise)) }
}
