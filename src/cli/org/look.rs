//! Looking at organizations: the list and the whole of one.

use serde_json::Value;

use super::List;
use crate::cli::{
    ask::Form,
    client::{Client, at, escape},
    failed::Failed,
    fields::{Field, GROUPS},
    output::{Column, list as print_list, plain, say, show_json, text},
    screen::{Cell, Screen, Tone, printable},
};

const COLUMNS: &[Column] = &[
    Column { head: "ID", cell: |organization| plain(&organization["id"]).into() },
    Column { head: "NAME", cell: |organization| text(&organization["name"]).into() },
    Column { head: "TITLE", cell: |organization| text(&organization["title"]).into() },
    Column { head: "STATUS", cell: |organization| plain(&organization["status"]).into() },
    Column { head: "CAMERAS", cell: |organization| used(organization, "camera_count", "camera_limit") },
    Column { head: "USERS", cell: |organization| used(organization, "user_count", "user_limit") },
    Column { head: "OWNER", cell: |organization| plain(&organization["owner"]).into() },
    Column { head: "HOLD", cell: held },
];

/// The status of an organization that is in use.
const STATUS_ACTIVE: i64 = 200;

/// Columns of the labels at the left.
const LABEL_COLUMNS: usize = 18;

pub(super) fn list(client: &Client, wanted: &List) -> Result<(), Failed> {
    let List { search, below, form } = wanted;
    let below = below.as_deref().map(|wanted| client.organization(wanted)).transpose()?;
    let mut query = Vec::new();
    query.extend(search.as_deref().map(|search| format!("search={}", escape(search))));
    query.extend(below.map(|below| format!("below={}", below["id"])));
    let rows = client.all(&format!("/organizations?{}", query.join("&")))?;
    let empty = if query.is_empty() {
        "There are no organizations. Make one with: orgbox org create NAME"
    } else {
        "No organization is like that."
    };
    print_list(&rows, form.json, COLUMNS, empty)
}

pub(super) fn show(client: &Client, wanted: &str, form: Form) -> Result<(), Failed> {
    let organization = client.organization(wanted)?;
    if form.json {
        return show_json(&organization);
    }
    let parents = client.all(&format!("{}/parents", at(&organization)))?;
    say(&page(&Screen::of_output(), &organization, &parents))
}

fn page(screen: &Screen, organization: &Value, parents: &[Value]) -> String {
    let name = text(&organization["name"]);
    let mut lines = vec![format!(
        "{} {}",
        screen.paint(&printable(text(&organization["title"])), Tone::Strong),
        screen.paint(&format!("({name}, id {})", organization["id"]), Tone::Faint)
    )];
    if let Some(reason) = organization["hold"]["reason"].as_str() {
        let hold = format!("Under legal hold: {} (by {})", printable(reason), plain(&organization["hold"]["author"]));
        lines.push(screen.paint(&hold, Tone::Warning));
    }
    for group in GROUPS {
        lines.push(String::new());
        lines.push(screen.paint(group.title, Tone::Strong));
        for field in group.fields {
            lines.push(format!("  {:LABEL_COLUMNS$}{}", field.label, value(screen, organization, field)));
        }
    }
    let above: Vec<_> = parents.iter().map(|parent| printable(text(&parent["name"]))).collect();
    lines.push(String::new());
    lines.push(screen.paint("Where it hangs", Tone::Strong));
    let above = if above.is_empty() { "nothing".to_owned() } else { above.join(", ") };
    lines.push(format!("  {:LABEL_COLUMNS$}{above}", "Below"));
    lines.push(String::new());
    lines.push(screen.paint(&format!("Where a value comes from: orgbox explain {name}"), Tone::Faint));
    lines.join("\n")
}

/// A value with what it is measured in, how much of it is used, and whether it is the default or a file's.
fn value(screen: &Screen, organization: &Value, field: &Field) -> String {
    let used = match field.name {
        "camera_limit" => organization["camera_count"].as_i64(),
        "user_limit" => organization["user_count"].as_i64(),
        "dvr_limit_gb" => organization["dvr_used_gb"].as_i64(),
        _ => None,
    };
    let value = printable(&plain(&organization[field.name]));
    let value = match used {
        Some(used) => format!("{used} of {value}"),
        None if field.name == "status" && organization["status"] == STATUS_ACTIVE => format!("{value} active"),
        None => value,
    };
    let unit = if field.unit.is_empty() || value == "-" { String::new() } else { format!(" {}", field.unit) };
    let source = match organization["values"][field.name]["source"].as_str() {
        Some("default") => screen.paint("  default", Tone::Faint),
        Some("file") => screen.paint("  from the file", Tone::Warning),
        Some("legal_hold") => screen.paint("  kept by the legal hold", Tone::Warning),
        _ => String::new(),
    };
    format!("{value}{unit}{source}")
}

fn used(organization: &Value, count: &str, limit: &str) -> Cell {
    let (used, limit) = (organization[count].as_i64().unwrap_or_default(), &organization[limit]);
    let full = limit.as_i64().is_some_and(|limit| used >= limit && limit > 0);
    Cell::toned(format!("{used} of {limit}"), if full { Tone::Warning } else { Tone::Plain })
}

fn held(organization: &Value) -> Cell {
    if organization["hold"].is_object() { Cell::toned("held", Tone::Warning) } else { Cell::default() }
}
