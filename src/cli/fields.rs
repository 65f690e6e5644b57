//! The fields of an organization as an operator reads and writes them: names, what belongs together, and `field=value`.

use serde_json::{Map, Value};

use super::failed::Failed;
use crate::suggest::nearest;

/// A field of an organization.
pub(super) struct Field {
    /// Its name on the wire, which is its name on the command line.
    pub(super) name: &'static str,
    /// What it is called in a table.
    pub(super) label: &'static str,
    /// What follows its number.
    pub(super) unit: &'static str,
    pub(super) kind: Kind,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// `yes` or `no`.
    Flag,
    /// The login of a user.
    User,
}

/// A title and the fields below it.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) fields: &'static [Field],
}

/// Every field that can be set.
pub(super) const GROUPS: &[Group] = &[
    Group {
        title: "About it",
        fields: &[
            Field::text("title", "Title"),
            Field::text("description", "Description"),
            Field::text("image_url", "Picture"),
            Field::number("status", "Status", ""),
            Field::number("branding_id", "Branding", ""),
            Field { name: "owner", label: "Owner", unit: "", kind: Kind::User },
        ],
    },
    Group {
        title: "Limits",
        fields: &[
            Field::number("camera_limit", "Cameras", ""),
            Field::number("user_limit", "Users", ""),
            Field::number("dvr_limit_gb", "Recordings", "GB"),
        ],
    },
    Group {
        title: "How long footage is kept",
        fields: &[
            Field::number("purge_days", "All cameras", "days"),
            Field::number("purge_days_front", "Front", "days"),
            Field::number("purge_days_rear", "Rear", "days"),
            Field::number("purge_days_auxiliary", "Auxiliary", "days"),
            Field::number("device_retention_minutes", "On the device", "minutes"),
            Field::number("live_video_timeout_seconds", "Live video ends", "seconds"),
        ],
    },
    Group {
        title: "Devices",
        fields: &[
            Field::flag("organization_profile_enabled", "Profile applied"),
            Field::flag("exclusive_partner_only", "Own partner only"),
        ],
    },
];

/// Words that give the default back.
const DEFAULT_WORDS: [&str; 2] = ["", "default"];

impl Field {
    const fn text(name: &'static str, label: &'static str) -> Self {
        Self { name, label, unit: "", kind: Kind::Text }
    }

    const fn number(name: &'static str, label: &'static str, unit: &'static str) -> Self {
        Self { name, label, unit, kind: Kind::Number }
    }

    const fn flag(name: &'static str, label: &'static str) -> Self {
        Self { name, label, unit: "", kind: Kind::Flag }
    }
}

/// Every field that can be set.
pub(super) fn all() -> impl Iterator<Item = &'static Field> + Clone {
    GROUPS.iter().flat_map(|group| group.fields)
}

/// The field of this name.
pub(super) fn find(name: &str) -> Result<&'static Field, Failed> {
    all().find(|field| field.name == name).ok_or_else(|| {
        let near = nearest(name, all().map(|field| field.name));
        let remedy = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", all().map(|field| field.name).collect::<Vec<_>>().join(", ")),
        };
        Failed::refused(format!("an organization has no field `{name}`; {remedy}"))
    })
}

/// `field=value` and the like as a patch; an empty value or `default` gives the default back.
pub(super) fn patch(assignments: &[String]) -> Result<Map<String, Value>, Failed> {
    let mut patch = Map::new();
    for assignment in assignments {
        let (name, value) = assignment.split_once('=').ok_or_else(|| {
            Failed::refused(format!("`{assignment}` is no assignment; write field=value, such as camera_limit=20"))
        })?;
        let field = find(name.trim())?;
        if patch.insert(field.name.to_owned(), read(field, value)?).is_some() {
            return Err(Failed::refused(format!("{} is set twice", field.name)));
        }
    }
    Ok(patch)
}

fn read(field: &Field, value: &str) -> Result<Value, Failed> {
    if DEFAULT_WORDS.contains(&value) {
        return Ok(Value::Null);
    }
    let wrong = |wanted: &str| Failed::refused(format!("{} must be {wanted}, not `{value}`", field.name));
    match field.kind {
        Kind::Text | Kind::User => Ok(value.into()),
        Kind::Number => value.parse::<i64>().map(Value::from).map_err(|_| wrong("a whole number")),
        Kind::Flag => match value {
            "yes" | "true" | "1" => Ok(true.into()),
            "no" | "false" | "0" => Ok(false.into()),
            _ => Err(wrong("yes or no")),
        },
    }
}
