//! How bodies become the core's: JSON or form, numbers and truths as texts too, every problem told at once.

use serde_json::{Map, Value};

use crate::{
    api::body::whole,
    model::{
        Field, OrgId, Patch, Result, UserId,
        error::Problems,
        limits::LimitsPatch,
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        user::{Contact, Join, NewUser, Role, UserPatch, validate_password},
    },
};

const LIMIT: &str = "must be a whole number from 0 to 2147483647";
const USER: &str = "must be the id of a user";
const ORGANIZATION: &str = "must be the id of an organization";
const SESSIONS: &str = "must be a whole number from 1 to 10000";

/// A body that makes an organization. Without `owner_id` nobody owns it.
pub fn new_organization(body: &Map<String, Value>) -> Result<NewOrganization> {
    let mut input = Input::new(body);
    let new = NewOrganization {
        title: input.text("title", Field::Title).unwrap_or_default(),
        owner: NewOwner::Given(input.owner().set().copied()),
        limits: input.limits(),
        ..NewOrganization::default()
    };
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    input.check(bounds).map(|()| new)
}

/// A body that changes an organization: only what is present.
pub fn organization_patch(body: &Map<String, Value>) -> Result<OrganizationPatch> {
    let mut input = Input::new(body);
    let patch = OrganizationPatch {
        title: input.text("title", Field::Title),
        owner_id: input.owner(),
        limits: input.limits(),
        ..OrganizationPatch::default()
    };
    let mut bounds = Problems::default();
    patch.validate(&mut bounds);
    input.check(bounds).map(|()| patch)
}

/// A body that makes a user a member, and what the member may do.
pub fn new_member(body: &Map<String, Value>) -> Result<(UserId, RightsPatch)> {
    let mut input = Input::new(body);
    let user = input.number("user_id", Field::Member, USER).set().copied();
    if user.is_none() {
        input.refuse(Field::Member, USER);
    }
    let rights = input.rights();
    input.check(Problems::default()).map(|()| (UserId(user.unwrap_or_default()), rights))
}

/// A body that changes what a member may do.
pub fn rights(body: &Map<String, Value>) -> Result<RightsPatch> {
    let mut input = Input::new(body);
    let rights = input.rights();
    input.check(Problems::default()).map(|()| rights)
}

/// A body that makes a user, without the hash of its password, and the password.
pub fn new_user(body: &Map<String, Value>) -> Result<(NewUser, Option<String>)> {
    let mut input = Input::new(body);
    let organization = input.number("organization_id", Field::Wire("organization_id"), ORGANIZATION);
    let is_admin = input.truth("is_admin", Field::Role).unwrap_or(false);
    let mut text = |key, field| input.text(key, field).unwrap_or_default();
    let new = NewUser {
        login: text("login", Field::Login),
        password_hash: None,
        role: if is_admin { Role::Admin } else { Role::User },
        contact: Contact {
            name: text("name", Field::FullName),
            email: text("notification_email", Field::Email),
            phone: text("phone", Field::Phone),
            note: text("note", Field::Note),
            locale: text("locale", Field::Locale),
            time_zone: String::new(),
            external_id: text("external_id", Field::ExternalId),
        },
        enabled: input.truth("enabled", Field::Enabled).unwrap_or(true),
        max_sessions: input.number("max_sessions", Field::MaxSessions, SESSIONS).set().copied(),
        join: organization.set().map_or(Join::Default, |id| Join::Organization(OrgId(*id))),
    };
    let password = input.password();
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    input.check(bounds).map(|()| (new, password))
}

/// A change of a user as a body has it.
#[derive(Debug)]
pub struct UserChange {
    /// Everything but the role and the hash of the password.
    pub patch: UserPatch,
    /// Whether it is to be an administrator. Which degree stays as it is.
    pub is_admin: Option<bool>,
    /// A new password.
    pub password: Option<String>,
    /// An organization it is to be a member of as well.
    pub organization: Option<OrgId>,
}

/// A body that changes a user: only what is present.
pub fn user_change(body: &Map<String, Value>) -> Result<UserChange> {
    let mut input = Input::new(body);
    let change = UserChange {
        patch: UserPatch {
            login: input.text("login", Field::Login),
            password_hash: None,
            role: None,
            enabled: input.truth("enabled", Field::Enabled),
            name: input.text("name", Field::FullName),
            email: input.text("notification_email", Field::Email),
            phone: input.text("phone", Field::Phone),
            note: input.text("note", Field::Note),
            locale: input.text("locale", Field::Locale),
            time_zone: None,
            external_id: input.text("external_id", Field::ExternalId),
            max_sessions: input.number("max_sessions", Field::MaxSessions, SESSIONS),
        },
        is_admin: input.truth("is_admin", Field::Role),
        password: input.password(),
        organization: input
            .number("organization_id", Field::Wire("organization_id"), ORGANIZATION)
            .set()
            .map(|id| OrgId(*id)),
    };
    let mut bounds = Problems::default();
    change.patch.validate(&mut bounds);
    input.check(bounds).map(|()| change)
}

/// A body that signs in: login and password. Logins of digits come as numbers too.
pub fn sign_in(body: &Map<String, Value>) -> Result<(String, String)> {
    let mut problems = Problems::default();
    let mut text = |key, field| match body.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        given => {
            let missing = matches!(given, None | Some(Value::Null));
            problems.add(field, if missing { "must be given" } else { "must be a text" });
            String::new()
        }
    };
    let found = (text("login", Field::Login), text("password", Field::Password));
    problems.check().map(|()| found)
}

/// What a text says of a truth, the header `force` included; empty or unknown says nothing.
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A body being read; collects what is wrong with it.
struct Input<'a> {
    body: &'a Map<String, Value>,
    problems: Problems,
    refused: Vec<Field>,
}

impl<'a> Input<'a> {
    fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, problems: Problems::default(), refused: Vec::new() }
    }

    /// What the core finds wrong is told together with what could not be read; of one field only the latter.
    fn check(self, bounds: Problems) -> Result<()> {
        let Self { body: _, mut problems, refused } = self;
        problems.extend(bounds, |field| !refused.contains(&field));
        problems.check()
    }

    fn refuse(&mut self, field: Field, message: &'static str) {
        if !self.refused.contains(&field) {
            self.refused.push(field);
            self.problems.add(field, message);
        }
    }

    /// A text; null is an empty one. Ids and telephone numbers come as numbers too.
    fn text(&mut self, key: &str, field: Field) -> Option<String> {
        match self.body.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => Some(String::new()),
            Value::Number(number) if matches!(field, Field::ExternalId | Field::Phone) => Some(number.to_string()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.refuse(field, "must be a text");
                None
            }
        }
    }

    /// A whole number, as a number or a text; an empty text is not given, null clears.
    fn number(&mut self, key: &str, field: Field, otherwise: &'static str) -> Patch<i64> {
        let number = match self.body.get(key) {
            None => return Patch::Keep,
            Some(Value::Null) => return Patch::Clear,
            Some(Value::String(text)) if text.trim().is_empty() => return Patch::Keep,
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Number(number)) => whole(number),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        if number.is_none() {
            self.refuse(field, otherwise);
        }
        number.into()
    }

    /// A truth, as such, as a number or as a text; null and an empty text are not given.
    fn truth(&mut self, key: &str, field: Field) -> Option<bool> {
        let found = match self.body.get(key)? {
            Value::Null => return None,
            Value::String(text) if text.trim().is_empty() => return None,
            Value::Bool(found) => Some(*found),
            Value::String(text) => truth(text),
            Value::Number(number) => truth(&number.to_string()),
            Value::Array(_) | Value::Object(_) => None,
        };
        if found.is_none() {
            self.refuse(field, "must be true or false");
        }
        found
    }

    fn owner(&mut self) -> Patch<UserId> {
        self.number("owner_id", Field::Owner, USER).map(UserId)
    }

    /// The three limits. No camera at all cannot be had: 0 is the default there [seed].
    fn limits(&mut self) -> LimitsPatch {
        let camera_limit = match self.number("camera_limit", Field::CameraLimit, LIMIT) {
            Patch::Set(0) => Patch::Clear,
            given => given,
        };
        LimitsPatch {
            camera_limit,
            user_limit: self.number("user_limit", Field::UserLimit, LIMIT),
            dvr_limit_gb: self.number("dvr_limit", Field::DvrLimit, LIMIT),
        }
    }

    fn rights(&mut self) -> RightsPatch {
        let mut right = |key| self.truth(key, Field::Wire(key));
        RightsPatch {
            can_view_stats: right("can_view_organization_stats"),
            can_edit_users: right("can_edit_organization_users"),
            can_edit_cameras: right("can_edit_organization_cameras"),
        }
    }

    /// A new password; an empty one, as forms send it, is none.
    fn password(&mut self) -> Option<String> {
        let password = self.text("password", Field::Password).filter(|password| !password.is_empty())?;
        validate_password(&password, &mut self.problems);
        Some(password)
    }
}
