//! WoTKit's objects on the wire, and how bodies become the core's.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::{
    Error, Field, Organization, Patch, Result,
    error::Problems,
    member::Member,
    organization::{Heading, NewOrganization, OrganizationPatch},
    user::Contact,
};

/// An organization. An optional key that is unset is left out: clients count keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Org<'a> {
    id: i64,
    name: &'a str,
    long_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
}

impl<'a> From<&'a Heading> for Org<'a> {
    fn from(organization: &'a Heading) -> Self {
        let Heading { id, name, title, description, image_url, status: _, branding_id: _ } = organization;
        Self { id: id.0, name, long_name: title, description: description.as_deref(), image_url: image_url.as_deref() }
    }
}

/// A member of an organization; without an e-mail address.
#[derive(Serialize)]
pub struct OrgMember<'a> {
    id: i64,
    username: &'a str,
    firstname: String,
    lastname: String,
    role: &'static str,
}

impl<'a> From<&'a Member> for OrgMember<'a> {
    fn from(member: &'a Member) -> Self {
        let Member { organization_id: _, user_id, login, name, rights } = member;
        let contact = Contact { name: name.clone(), ..Contact::default() };
        let (firstname, lastname) = contact.split_name();
        let role = if rights.can_edit_users { "ADMIN" } else { "MEMBER" };
        Self { id: user_id.0, username: login, firstname: firstname.to_owned(), lastname: lastname.to_owned(), role }
    }
}

/// A body that makes an organization: `name` and `longName` of at least 4 characters [seed].
pub fn new_organization(body: &Map<String, Value>) -> Result<NewOrganization> {
    let mut problems = Problems::default();
    let name = required(body, "name", Field::Name, &mut problems);
    let title = required(body, "longName", Field::Title, &mut problems);
    let description = optional(body, "description", Field::Description, &mut problems);
    let image_url = optional(body, "imageUrl", Field::ImageUrl, &mut problems);
    let new = NewOrganization {
        name,
        title: title.unwrap_or_default(),
        description: description.set().cloned(),
        image_url: image_url.set().cloned(),
        ..NewOrganization::default()
    };
    // What the core checks is told together with what only this dialect asks; a missing title once.
    let missing = new.title.is_empty() && !problems.is_empty();
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    problems.extend(bounds, |field| !(missing && field == Field::Title));
    problems.check().map(|()| new)
}

/// A body that changes an organization: only what is present; `id` and `name` must be as they are.
pub fn patch(body: &Map<String, Value>, current: &Organization) -> Result<OrganizationPatch> {
    let mut problems = Problems::default();
    for (key, same) in [
        ("id", body.get("id").is_none_or(|id| is_number(id, current.id.0))),
        ("name", body.get("name").is_none_or(|name| name.as_str() == Some(&current.name))),
    ] {
        if !same {
            return Err(extraneous(key));
        }
    }
    let title =
        if body.contains_key("longName") { required(body, "longName", Field::Title, &mut problems) } else { None };
    let patch = OrganizationPatch {
        title,
        description: optional(body, "description", Field::Description, &mut problems),
        image_url: optional(body, "imageUrl", Field::ImageUrl, &mut problems),
        ..OrganizationPatch::default()
    };
    let mut bounds = Problems::default();
    patch.validate(&mut bounds);
    problems.extend(bounds, |_| true);
    problems.check().map(|()| patch)
}

/// A change of what never changes.
pub fn extraneous(key: &'static str) -> Error {
    let mut error = Error::invalid(Field::Wire(key), format!("Cannot change the field \"{key}\""));
    error.code = super::error::EXTRANEOUS;
    error
}

/// A text that must be there with at least 4 characters.
pub(super) fn required(body: &Map<String, Value>, key: &str, field: Field, problems: &mut Problems) -> Option<String> {
    match body.get(key).and_then(Value::as_str) {
        Some(text) if text.chars().count() >= 4 => Some(text.to_owned()),
        _ => {
            problems.add(field, "must be a text of at least 4 characters");
            None
        }
    }
}

/// A text that may be absent (keep) or null (clear).
pub(super) fn optional(body: &Map<String, Value>, key: &str, field: Field, problems: &mut Problems) -> Patch<String> {
    match body.get(key) {
        None => Patch::Keep,
        Some(Value::Null) => Patch::Clear,
        Some(Value::String(text)) => Patch::Set(text.clone()),
        Some(_) => {
            problems.add(field, "must be a text or null");
            Patch::Keep
        }
    }
}

/// True where a value is this number, or the text of it.
pub(super) fn is_number(value: &Value, wanted: i64) -> bool {
    value.as_i64() == Some(wanted) || value.as_str() == Some(&wanted.to_string())
}
