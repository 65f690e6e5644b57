//! Users: the people and programs that sign in.

use super::{OrgId, Patch, UserId, error::Problems, field::Field, text};

/// Bounds of a password, in bytes. The upper one keeps the cost of hashing bounded.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=1024;

/// What a user may do on the box as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reaches what it owns or is a member of, and all below.
    User,
    /// Reaches every organization and manages users.
    Admin,
    /// As an administrator, and manages administrators.
    SuperAdmin,
}

impl Role {
    /// The name in the database, on the command line and in events.
    pub fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Admin => "admin",
            Role::SuperAdmin => "super_admin",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Role::User, Role::Admin, Role::SuperAdmin].into_iter().find(|role| role.name() == name)
    }

    /// Administrators of either degree.
    pub fn is_admin(self) -> bool {
        self >= Role::Admin
    }
}

/// A user. The password hash is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Assigned by the box.
    pub id: UserId,
    /// Counts the changes of this user, from 1.
    pub version: i64,
    /// Unique, 1 to 100 characters, may hold spaces.
    pub login: String,
    /// What it may do.
    pub role: Role,
    /// A disabled user cannot sign in, and what it signed in to is ended.
    pub enabled: bool,
    /// Everything else that is known of it.
    pub contact: Contact,
    /// Bound of its concurrent sessions, where it differs from the box's.
    pub max_sessions: Option<i64>,
}

/// What is known of a user beside its login. Empty texts are unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// Free text.
    pub note: String,
    /// Language tag, such as `en`.
    pub locale: String,
    /// Time zone name, such as `Europe/Paris`.
    pub time_zone: String,
    /// The user's id in another system.
    pub external_id: String,
}

impl Contact {
    /// The given and the family name: the first word, and the rest.
    pub fn split_name(&self) -> (&str, &str) {
        self.name.split_once(' ').unwrap_or((&self.name, ""))
    }
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// See [`User::login`].
    pub login: String,
    /// The Argon2id hash of the password, in PHC format; `None`: the user cannot sign in with one.
    pub password_hash: Option<String>,
    /// See [`User::role`].
    pub role: Role,
    /// See [`User::enabled`].
    pub enabled: bool,
    /// See [`User::contact`].
    pub contact: Contact,
    /// See [`User::max_sessions`].
    pub max_sessions: Option<i64>,
    /// The organization it becomes a member of.
    pub join: Join,
}

/// Which organization a new user becomes a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// None.
    None,
    /// The default organization, where there is one.
    Default,
    /// This one.
    Organization(OrgId),
}

/// A change of a user. Texts set to nothing are unset.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of User, Contact and NewUser")]
pub struct UserPatch {
    pub login: Option<String>,
    pub password_hash: Option<String>,
    pub role: Option<Role>,
    pub enabled: Option<bool>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub external_id: Option<String>,
    pub max_sessions: Patch<i64>,
}

/// Which users a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Case-insensitive substring of login, name or e-mail address.
    pub search: Option<String>,
    /// Only those that come after this one in the order, which must be [`UserOrder::Oldest`].
    pub after: Option<UserId>,
    /// Greatest number of users; `None` is all.
    pub limit: Option<u64>,
    /// Users to pass over.
    pub offset: u64,
    /// The order; see [`UserOrder`].
    pub order: UserOrder,
}

/// The order of a list of users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserOrder {
    /// By login.
    #[default]
    Login,
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

impl User {
    /// Applies a change; the password is not part of a user and is left to the caller.
    pub fn apply(&mut self, patch: UserPatch) {
        let UserPatch {
            login,
            password_hash: _,
            role,
            enabled,
            name,
            email,
            phone,
            note,
            locale,
            time_zone,
            external_id,
            max_sessions,
        } = patch;
        let contact = &mut self.contact;
        for (value, target) in [
            (login, &mut self.login),
            (name, &mut contact.name),
            (email, &mut contact.email),
            (phone, &mut contact.phone),
            (note, &mut contact.note),
            (locale, &mut contact.locale),
            (time_zone, &mut contact.time_zone),
            (external_id, &mut contact.external_id),
        ] {
            if let Some(value) = value {
                *target = value;
            }
        }
        self.role = role.unwrap_or(self.role);
        self.enabled = enabled.unwrap_or(self.enabled);
        max_sessions.apply(&mut self.max_sessions);
    }

    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        validate(&self.login, &self.contact, self.max_sessions, problems);
    }
}

impl UserPatch {
    /// Collects what is out of bounds, before the user is known; a change of a valid user that passes is valid.
    pub fn validate(&self, problems: &mut Problems) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let contact = Contact {
            name: text(&self.name),
            email: text(&self.email),
            phone: text(&self.phone),
            note: text(&self.note),
            locale: text(&self.locale),
            time_zone: text(&self.time_zone),
            external_id: text(&self.external_id),
        };
        // A login that stays is valid already.
        let login = self.login.as_deref().unwrap_or("unchanged");
        validate(login, &contact, self.max_sessions.set().copied(), problems);
    }
}

impl NewUser {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        validate(&self.login, &self.contact, self.max_sessions, problems);
    }
}

fn validate(login: &str, contact: &Contact, max_sessions: Option<i64>, problems: &mut Problems) {
    let login_fits = text::is_line(login, 100) && login.trim() == login && !login.contains(':');
    problems.require(
        login_fits,
        Field::Login,
        "must be 1 to 100 characters on one line, without a colon and without spaces at its ends",
    );
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    for (value, field) in [
        (name, Field::FullName),
        (email, Field::Email),
        (phone, Field::Phone),
        (locale, Field::Locale),
        (time_zone, Field::TimeZone),
        (external_id, Field::ExternalId),
    ] {
        problems.require(
            value.is_empty() || text::is_line(value, 255),
            field,
            "must be at most 255 characters on one line",
        );
    }
    problems.require(
        text::is_text(note, 4000),
        Field::Note,
        "must be at most 4000 characters without control characters",
    );
    problems.require(
        email.is_empty() || (email.contains('@') && !email.contains(char::is_whitespace)),
        Field::Email,
        "must be an e-mail address",
    );
    problems.require(
        max_sessions.is_none_or(|sessions| (1..=10_000).contains(&sessions)),
        Field::MaxSessions,
        "must be a whole number from 1 to 10000",
    );
}

/// Checks the length of a new password.
pub fn validate_password(password: &str, problems: &mut Problems) {
    problems.require(PASSWORD_BYTES.contains(&password.len()), Field::Password, "must be 8 to 1024 bytes long");
}
