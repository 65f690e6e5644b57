//! Users on the wire, and bodies that make or change one. A password goes in and never comes out.

use serde::Serialize;
use serde_json::{Map, Value};

use super::input::Body;
use crate::{
    api::call::Read,
    model::{
        Error, Field, Kind, OrgId, Patch, Result,
        error::Problems,
        user::{Contact, Join, NewUser, PASSWORD_BYTES, Role, User as Core, UserPatch, validate_password},
    },
    ops::load,
};

const ROLE_RULE: &str = "must be user, admin or super_admin";

/// A user as lists show it.
#[derive(Serialize)]
pub struct User<'a> {
    id: i64,
    login: &'a str,
    role: &'static str,
    enabled: bool,
    name: &'a str,
    email: &'a str,
    phone: &'a str,
    note: &'a str,
    locale: &'a str,
    time_zone: &'a str,
    external_id: &'a str,
    max_sessions: Option<i64>,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizations: Option<Vec<i64>>,
}

impl<'a> From<&'a Core> for User<'a> {
    fn from(user: &'a Core) -> Self {
        let Core { id, version, login, role, enabled, contact, max_sessions } = user;
        let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
        Self {
            id: id.0,
            login,
            role: role.name(),
            enabled: *enabled,
            name,
            email,
            phone,
            note,
            locale,
            time_zone,
            external_id,
            max_sessions: *max_sessions,
            version: *version,
            organizations: None,
        }
    }
}

impl User<'_> {
    /// The same on its own: with the organizations that it owns or is a member of, as far as the caller sees them.
    pub fn with(self, organizations: &[OrgId]) -> Self {
        Self { organizations: Some(organizations.iter().map(|id| id.0).collect()), ..self }
    }
}

/// What a body changes, and the new password in clear.
pub struct Change {
    /// Without the password.
    pub patch: UserPatch,
    /// Checked and in clear.
    pub password: Option<String>,
}

/// A body that makes a user, the password left to the caller. `organization` is the one that it joins.
pub fn new_user(read: &Read<'_>, body: &Map<String, Value>) -> Result<NewUser> {
    let mut body = Body::of(body);
    let change = change(&mut body);
    let join = join(read, &mut body)?;
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
    } = change.patch;
    let has_login = login.is_some();
    if !has_login && body.any("login").is_none() {
        body.problems.add(Field::Login, "is required");
    }
    let text = Option::unwrap_or_default;
    let new = NewUser {
        login: text(login),
        password_hash: None,
        role: role.unwrap_or(Role::User),
        enabled: enabled.unwrap_or(true),
        contact: Contact {
            name: text(name),
            email: text(email),
            phone: text(phone),
            note: text(note),
            locale: text(locale),
            time_zone: text(time_zone),
            external_id: text(external_id),
        },
        max_sessions: max_sessions.set().copied(),
        join,
    };
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    body.problems.extend(bounds, |field| has_login || field != Field::Login);
    body.finish().map(|()| new)
}

/// A JSON Merge Patch of a user that is shown like this.
pub fn patch(body: &Map<String, Value>, present: &Value) -> Result<Change> {
    let mut body = Body::of(body);
    let change = change(&mut body);
    for name in ["id", "version", "organizations"] {
        if body.any(name).is_some_and(|given| present.get(name) != Some(given)) {
            body.problems.add(Field::Wire(name), "is read-only");
        }
    }
    let mut bounds = Problems::default();
    change.patch.validate(&mut bounds);
    body.problems.extend(bounds, |_| true);
    body.finish().map(|()| change)
}

/// The password of a body, where it has one that fits.
pub fn password(body: &Map<String, Value>) -> Option<String> {
    change(&mut Body::of(body)).password.filter(|password| PASSWORD_BYTES.contains(&password.len()))
}

fn change(body: &mut Body<'_>) -> Change {
    // Texts given as nothing are unset.
    let mut text = |field| match body.text(field) {
        Patch::Keep => None,
        Patch::Clear => Some(String::new()),
        Patch::Set(text) => Some(text),
    };
    let (name, email, phone) = (text(Field::FullName), text(Field::Email), text(Field::Phone));
    let (note, locale, time_zone) = (text(Field::Note), text(Field::Locale), text(Field::TimeZone));
    let external_id = text(Field::ExternalId);
    let (login, password, enabled) = (body.text(Field::Login), body.text(Field::Password), body.flag(Field::Enabled));
    let role = body.read(Field::Role, ROLE_RULE, |value| Role::parse(value.as_str()?));
    let patch = UserPatch {
        login: body.given(Field::Login, login),
        password_hash: None,
        role: body.given(Field::Role, role),
        enabled: body.given(Field::Enabled, enabled),
        name,
        email,
        phone,
        note,
        locale,
        time_zone,
        external_id,
        max_sessions: body.number(Field::MaxSessions),
    };
    let password = body.given(Field::Password, password);
    if let Some(password) = &password {
        validate_password(password, &mut body.problems);
    }
    Change { patch, password }
}

fn join(read: &Read<'_>, body: &mut Body<'_>) -> Result<Join> {
    const ORGANIZATION: Field = Field::Wire("organization");
    let segment = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let Patch::Set(wanted) = body.read(ORGANIZATION, "must be the name or the id of an organization", segment) else {
        return Ok(Join::None);
    };
    match load::identify(read, &wanted) {
        Ok(id) => Ok(Join::Organization(id)),
        Err(Error { kind: Kind::NotFound, .. }) => {
            body.problems.add(ORGANIZATION, format!("must exist; there is no organization {wanted}"));
            Ok(Join::None)
        }
        Err(error) => Err(error),
    }
}
