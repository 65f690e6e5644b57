//! Who acts, what can be done, and the one function that decides.

use std::net::IpAddr;

use super::{
    Error, Kind, OrgId, Result, UserId,
    credential::{ApiKey, Scope},
    id::KeyId,
    member::Rights,
    user::Role,
};

/// Stands for a dialect where the configuration's files act.
const FILE: &str = "file";

/// Whoever acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user, unless the box's own key or command line acts.
    pub user_id: Option<UserId>,
    /// Login, or the name of what acts.
    pub name: String,
    /// The user's role; asked for through [`Actor::role`], which knows what a key takes from it.
    role: Role,
    /// The API key that it signed in with.
    pub key: Option<KeyUsed>,
}

/// The API key that an actor signed in with, and what it takes from the rights of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUsed {
    /// Its row.
    pub id: KeyId,
    /// What tells people which key it is.
    pub name: String,
    /// Whether it changes anything at all.
    pub scope: Scope,
    /// The one organization that it reaches, with what is below it; `None`: all that its user reaches.
    pub organization_id: Option<OrgId>,
    /// It has less than its user: a scope, an organization, a network or an end. What it makes must not have more.
    pub limited: bool,
}

impl From<&ApiKey> for KeyUsed {
    fn from(key: &ApiKey) -> Self {
        let limited = key.scope == Scope::Read
            || key.organization_id.is_some()
            || key.network.is_some()
            || key.expires_at_ms.is_some();
        Self { id: key.id, name: key.name.clone(), scope: key.scope, organization_id: key.organization_id, limited }
    }
}

impl Actor {
    /// A user.
    pub fn user(id: UserId, login: impl Into<String>, role: Role) -> Self {
        Self { user_id: Some(id), name: login.into(), role, key: None }
    }

    /// The same, signed in with a key.
    pub fn with_key(self, key: &ApiKey) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// What it may do on the box as a whole. A key for one organization makes nobody an administrator of the box.
    pub fn role(&self) -> Role {
        if self.confinement().is_some() { Role::User } else { self.role }
    }

    /// Administrators of either degree, of the box as a whole.
    pub fn is_admin(&self) -> bool {
        self.role().is_admin()
    }

    /// The organization that its key is for: it reaches this one and what is below it, and nothing else.
    pub fn confinement(&self) -> Option<OrgId> {
        self.key.as_ref().and_then(|key| key.organization_id)
    }

    /// Whether its user is an administrator, though its key be for one organization: there it acts as the owner.
    pub fn administers_its_confinement(&self) -> bool {
        self.role.is_admin()
    }

    /// Whether its key has less than its user has.
    pub fn is_limited(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.limited)
    }

    /// The operator at the box's own command line.
    pub fn command_line() -> Self {
        Self::nobody("command line", Role::SuperAdmin)
    }

    /// The box itself: first start and configuration.
    pub fn system() -> Self {
        Self::nobody("system", Role::SuperAdmin)
    }

    /// The configuration's files, named by the SHA-256 over them.
    pub fn file(digest: &[u8; 32]) -> Self {
        let name = format!("file:{}", super::text::hexadecimal(digest));
        Self::nobody(&name, Role::SuperAdmin)
    }

    /// The bearer of the Watcher system key.
    pub fn system_key() -> Self {
        Self::nobody("system key", Role::SuperAdmin)
    }

    /// Somebody without credentials, where a dialect has public calls.
    pub fn anonymous() -> Self {
        Self::nobody("anonymous", Role::User)
    }

    fn nobody(name: &str, role: Role) -> Self {
        Self { user_id: None, name: name.to_owned(), role, key: None }
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

impl Action {
    /// Whether it changes something. The rest is asked for to look as well as to change.
    fn changes(self) -> bool {
        match self {
            Action::EditSettings
            | Action::Govern
            | Action::EditMembers
            | Action::EditCameras
            | Action::EditHierarchy
            | Action::Delete => true,
            Action::Browse
            | Action::View
            | Action::ViewMembers
            | Action::Administer
            | Action::AdministerAdministrators => false,
        }
    }
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

/// Decides whether the actor may change anything at all. Every change of every dialect passes it on its way to the writer.
pub fn may_change(actor: &Actor) -> Result<Grant> {
    match &actor.key {
        Some(KeyUsed { scope: Scope::Read, name, .. }) => {
            Err(Error::new(Kind::Forbidden, "read_only_key", format!("the key {name} may read and change nothing")))
        }
        Some(KeyUsed { scope: Scope::Full, .. }) | None => Ok(Grant(())),
    }
}

/// Decides whether the actor may do this, given how it stands to the organization.
pub fn may(actor: &Actor, action: Action, standing: &Standing) -> Result<Grant> {
    if action.changes() {
        let _grant = may_change(actor)?;
    }
    let admin = actor.is_admin();
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
        Action::AdministerAdministrators => {
            (actor.role() == Role::SuperAdmin, "only a super administrator may do this")
        }
    };
    if allowed { Ok(Grant(())) } else { Err(Error::forbidden(otherwise)) }
}
