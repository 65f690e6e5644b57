//! WoTKit's users on the wire, and how bodies become the core's. A password only comes in.

use serde::Serialize;
use serde_json::{Map, Value};

use super::wire::{extraneous, is_number, optional};
use crate::model::{
    Field, Patch, Result,
    error::Problems,
    user::{Contact, Join, NewUser, Role, User, UserPatch, validate_password},
};

/// Characters of a username [vendor].
const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 4..=50;

/// A user. An optional key that is unset is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person<'a> {
    id: i64,
    username: &'a str,
    firstname: &'a str,
    lastname: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    time_zone: &'a str,
    enabled: bool,
}

impl<'a> From<&'a User> for Person<'a> {
    fn from(user: &'a User) -> Self {
        let User { id, version: _, login, role: _, enabled, contact, max_sessions: _ } = user;
        let Contact { name: _, email, phone: _, note: _, locale: _, time_zone, external_id: _ } = contact;
        let (firstname, lastname) = contact.split_name();
        Self { id: id.0, username: login, firstname, lastname, email, time_zone, enabled: *enabled }
    }
}

/// A body that makes a user, and its password where it is to have one. The password is not hashed yet.
pub fn new_user(body: &Map<String, Value>) -> Result<(NewUser, Option<String>)> {
    let mut problems = Problems::default();
    let login = username(body, &mut problems);
    let has_login = login.is_some();
    let changes = Changes::of(body, &mut problems);
    let password = password(body, &mut problems);
    let new = NewUser {
        login: login.unwrap_or_default(),
        password_hash: None,
        role: Role::User,
        enabled: changes.enabled.unwrap_or(true),
        contact: Contact {
            name: full_name(&changes.firstname.unwrap_or_default(), &changes.lastname.unwrap_or_default()),
            email: changes.email.unwrap_or_default(),
            time_zone: changes.time_zone.unwrap_or_default(),
            ..Contact::default()
        },
        max_sessions: None,
        join: Join::None,
    };
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    problems.extend(bounds, |field| has_login || field != Field::Login);
    problems.check().map(|()| (new, password))
}

/// A body that changes a user, and its new password where there is one; `id` and `username` must be as they are.
pub fn patch(body: &Map<String, Value>, current: &User) -> Result<(UserPatch, Option<String>)> {
    for (key, same) in [
        ("id", body.get("id").is_none_or(|id| is_number(id, current.id.0))),
        ("username", body.get("username").is_none_or(|name| name.as_str() == Some(&current.login))),
    ] {
        if !same {
            return Err(extraneous(key));
        }
    }
    let mut problems = Problems::default();
    let Changes { firstname, lastname, email, time_zone, enabled } = Changes::of(body, &mut problems);
    let password = password(body, &mut problems);
    let (first, last) = current.contact.split_name();
    let renamed = firstname.is_some() || lastname.is_some();
    let name = || full_name(firstname.as_deref().unwrap_or(first), lastname.as_deref().unwrap_or(last));
    let patch = UserPatch { name: renamed.then(name), email, time_zone, enabled, ..UserPatch::default() };
    let mut bounds = Problems::default();
    let mut changed = current.clone();
    changed.apply(patch.clone());
    changed.validate(&mut bounds);
    problems.extend(bounds, |_| true);
    problems.check().map(|()| (patch, password))
}

/// What both bodies say of a user; `None` is absent, an empty text is unset.
struct Changes {
    firstname: Option<String>,
    lastname: Option<String>,
    email: Option<String>,
    time_zone: Option<String>,
    enabled: Option<bool>,
}

impl Changes {
    fn of(body: &Map<String, Value>, problems: &mut Problems) -> Self {
        let mut text = |key, field| match optional(body, key, field, problems) {
            Patch::Keep => None,
            Patch::Clear => Some(String::new()),
            Patch::Set(text) => Some(text),
        };
        Self {
            firstname: text("firstname", Field::FullName),
            lastname: text("lastname", Field::Wire("lastname")),
            email: text("email", Field::Email),
            time_zone: text("timeZone", Field::TimeZone),
            enabled: body.get("enabled").and_then(|value| {
                problems.require(value.is_boolean(), Field::Enabled, "must be true or false");
                value.as_bool()
            }),
        }
    }
}

fn username(body: &Map<String, Value>, problems: &mut Problems) -> Option<String> {
    let found = body.get("username").and_then(Value::as_str);
    let fits = found.filter(|name| USERNAME_CHARS.contains(&name.chars().count()));
    problems.require(fits.is_some(), Field::Login, "must be a text of 4 to 50 characters");
    fits.map(str::to_owned)
}

fn password(body: &Map<String, Value>, problems: &mut Problems) -> Option<String> {
    let value = body.get("password")?;
    match value.as_str() {
        Some(password) => validate_password(password, problems),
        None => problems.add(Field::Password, "must be a text"),
    }
    value.as_str().map(str::to_owned)
}

/// One name of two halves, which [`Contact::split_name`] takes apart again.
fn full_name(firstname: &str, lastname: &str) -> String {
    if lastname.is_empty() { firstname.to_owned() } else { format!("{firstname} {lastname}") }
}
