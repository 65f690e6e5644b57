//! What an export looks like: a JSON object in each line behind a head, or a table as RFC 4180 has it.

use serde_json::{Map, Value, json};

use super::query::moment;
use crate::{
    api::failure::Failure,
    model::{
        Error, UserId,
        camera::Camera,
        hold::{Held, Hold},
        igrp::{Igrp, NewPlacement, OrganizationType},
        member::{Member, Rights},
        overrides::{self, Place, Source},
        transfer::{Entry, Extent, OrganizationEntry},
        user::{Contact, User},
    },
};

/// The version of the form, in the head of every export.
pub const FORM: u64 = 1;
/// What joins several names in one cell: no name holds it.
pub const JOINT: char = '/';

/// The columns of a table of organizations.
pub const ORGANIZATION_COLUMNS: [&str; 21] = [
    "id",
    "name",
    "title",
    "description",
    "image_url",
    "status",
    "branding_id",
    "owner",
    "parents",
    "camera_limit",
    "user_limit",
    "dvr_limit_gb",
    "purge_days",
    "purge_days_front",
    "purge_days_rear",
    "purge_days_auxiliary",
    "device_retention_minutes",
    "live_video_timeout_seconds",
    "organization_profile_enabled",
    "exclusive_partner_only",
    "partner",
];
/// The columns of a table of members.
pub const MEMBER_COLUMNS: [&str; 6] =
    ["organization", "login", "name", "can_view_stats", "can_edit_users", "can_edit_cameras"];

/// What an export is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Everything, a JSON object in each line.
    JsonLines,
    /// A table of these.
    Csv(&'static [&'static str]),
}

impl Form {
    /// What it holds.
    pub fn extent(self) -> Extent {
        match self {
            Form::JsonLines => Extent::All,
            Form::Csv(columns) if columns == MEMBER_COLUMNS => Extent::Members,
            Form::Csv(_) => Extent::Organizations,
        }
    }

    /// The content type.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::JsonLines => "application/x-ndjson",
            Form::Csv(_) => "text/csv; charset=utf-8",
        }
    }

    /// A file's name for it.
    pub fn file_name(self) -> &'static str {
        match self.extent() {
            Extent::All => "orgbox.ndjson",
            Extent::Organizations => "organizations.csv",
            Extent::Members => "members.csv",
        }
    }

    /// One thing as it is written; nothing for the head of a table, which is that of its columns.
    pub fn write(self, entry: &Entry) -> std::io::Result<Vec<u8>> {
        match self {
            Form::JsonLines => {
                let mut text = serde_json::to_vec(&object(entry))?;
                text.push(b'\n');
                Ok(text)
            }
            Form::Csv(columns) if matches!(entry, Entry::Site { .. }) => {
                record(columns.iter().map(|column| (*column).to_owned()))
            }
            Form::Csv(columns) => {
                let object = object(entry);
                record(columns.iter().map(|column| object.get(*column).map(cell).unwrap_or_default()))
            }
        }
    }
}

/// What cannot be written down is a fault of the program.
pub fn unwritten(error: &std::io::Error) -> Error {
    tracing::error!(%error, "an export could not be written");
    Error::internal()
}

/// As [`unwritten`], at the edge.
pub fn broken(error: &std::io::Error) -> Failure {
    unwritten(error).into()
}

/// A text as it stands in a cell: what a spreadsheet would take for a formula gets a quotation mark in front, and so does
/// what would be read back as if it had got one.
fn guarded(text: &str) -> String {
    if looks_like_a_formula(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}

/// The text that a cell stands for.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if looks_like_a_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn looks_like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => guarded(text),
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            guarded(&texts.join(&JOINT.to_string()))
        }
        other => other.to_string(),
    }
}

fn record(cells: impl Iterator<Item = String>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn object(entry: &Entry) -> Map<String, Value> {
    let value = match entry {
        Entry::Site { site, epoch, at_ms } => json!({
            "orgbox_export": FORM,
            "site": site.hyphenated().to_string(),
            "epoch": epoch.hyphenated().to_string(),
            "at": moment(*at_ms),
            "orgbox": env!("CARGO_PKG_VERSION"),
        }),
        Entry::Igrp { igrp: Igrp { id, name, types }, managed } => {
            let kind = |OrganizationType { code, name, order }: &OrganizationType| json!({ "code": code, "name": name, "order": order });
            let types: Vec<Value> = types.iter().map(kind).collect();
            json!({ "kind": "igrp", "id": id.0, "name": name, "types": types, "managed": managed })
        }
        Entry::User(user) => self::user(user),
        Entry::Organization(organization) => return self::organization(organization),
        Entry::Branding { branding, organizations, managed } => json!({
            "kind": "branding",
            "id": branding.id.0,
            "name": branding.name,
            "logo_filename": branding.logo_filename,
            "landing_domain": branding.landing_domain,
            "primary_color": branding.primary_color,
            "organizations": organizations,
            "managed": managed,
        }),
        Entry::Member { organization, member } => {
            let Member { organization_id: _, user_id: UserId(_), login, name, rights } = member;
            let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
            json!({
                "kind": "member",
                "organization": organization,
                "login": login,
                "name": name,
                "can_view_stats": can_view_stats,
                "can_edit_users": can_edit_users,
                "can_edit_cameras": can_edit_cameras,
            })
        }
        Entry::Camera { camera, organization, partner } => {
            let Camera { id, version: _, organization_id: _, name, kind, partner_id: _, hold: _ } = camera;
            json!({
                "kind": "camera",
                "id": id.0,
                "organization": organization,
                "name": name,
                "type": kind.number(),
                "partner": partner,
            })
        }
        Entry::Hold { hold: Hold { on, reason, author, since_ms }, organization } => {
            let camera = match on {
                Held::Camera(id) => Some(id.0),
                Held::Organization(_) => None,
            };
            json!({
                "kind": "hold",
                "organization": organization,
                "camera": camera,
                "reason": reason,
                "author": author,
                "since": moment(*since_ms),
            })
        }
    };
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn user(user: &User) -> Value {
    let User { id, version: _, login, role, enabled, contact, max_sessions } = user;
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    json!({
        "kind": "user",
        "id": id.0,
        "login": login,
        "role": role.name(),
        "enabled": enabled,
        "name": name,
        "email": email,
        "phone": phone,
        "note": note,
        "locale": locale,
        "time_zone": time_zone,
        "external_id": external_id,
        "max_sessions": max_sessions,
    })
}

/// What is stored, and beside it what files and holds put in force instead.
fn organization(entry: &OrganizationEntry) -> Map<String, Value> {
    let OrganizationEntry { organization, owner, partner, parents, placements, stored, managed } = entry;
    let mut object = Map::new();
    object.insert("kind".to_owned(), "organization".into());
    object.insert("id".to_owned(), organization.id.0.into());
    object.insert("name".to_owned(), organization.name.as_str().into());
    for (field, value) in stored {
        object.insert(field.core_name().to_owned(), value.clone().map_or(Value::Null, plain));
    }
    object.insert("owner".to_owned(), owner.as_deref().into());
    object.insert("partner".to_owned(), partner.as_deref().into());
    object.insert("parents".to_owned(), parents.as_slice().into());
    let placement = |NewPlacement { igrp_id, type_code, reference }: &NewPlacement| json!({ "igrp": igrp_id.0, "type": type_code, "reference": reference });
    object.insert("placements".to_owned(), placements.iter().map(placement).collect());
    let managed = managed.iter().map(|(field, source)| {
        let value = overrides::value(organization, *field).map_or(Value::Null, plain);
        match source {
            Source::File { place: Place { file, line }, stored: _ } => {
                json!({ "field": field.core_name(), "value": value, "file": file, "line": line })
            }
            Source::Held { stored: _ } | Source::Stored | Source::Default => {
                json!({ "field": field.core_name(), "value": value, "file": null, "line": null })
            }
        }
    });
    object.insert("managed".to_owned(), managed.collect());
    object
}

fn plain(value: overrides::Value) -> Value {
    match value {
        overrides::Value::Text(text) => text.into(),
        overrides::Value::Number(number) => number.into(),
        overrides::Value::Flag(flag) => flag.into(),
    }
}
