//! `orgbox explain ORG [FIELD]`: what a value is, where it comes from, where the organization hangs, and why a user
//! reaches it.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::{Value, json};

use super::{
    ask::Form,
    client::{Client, at, escape},
    failed::Failed,
    fields::{self, Field},
    output::{plain, say, show_json, text},
    screen::{Cell, Screen, Tone, printable},
    table::table,
};
use crate::config::Config;

/// Ways up that are shown; an organization may hang below very many.
const WAYS_MAX: usize = 20;
/// Organizations of one way that are shown.
const STEPS_MAX: usize = 100;

/// What a member may do, in words.
const RIGHTS: [(&str, &str); 3] =
    [("can_view_stats", "view stats"), ("can_edit_users", "edit users"), ("can_edit_cameras", "edit cameras")];

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: String,
    /// One field of it, such as purge_days; without one all are explained.
    #[arg(value_name = "FIELD")]
    field: Option<String>,
    /// Explain why this user reaches the organization, or that it does not.
    #[arg(long, value_name = "LOGIN", conflicts_with = "field")]
    user: Option<String>,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, wanted: Wanted) -> Result<(), Failed> {
    let Wanted { organization, field, user, form } = wanted;
    let field = field.as_deref().map(fields::find).transpose()?;
    let client = Client::open(config, &[("user", "--user")])?;
    let organization = client.organization(&organization)?;
    if let Some(login) = user {
        return reach(&client, &organization, &login, form);
    }
    let ancestors = client.all(&format!("{}/ancestors", at(&organization)))?;
    let ways = ways(&organization, &ancestors);
    if form.json {
        let values = match field {
            Some(field) => json!({ field.name: organization["values"][field.name] }),
            None => organization["values"].clone(),
        };
        return show_json(
            &json!({ "organization": organization["name"], "values": values, "hold": organization["hold"], "paths": ways }),
        );
    }
    let screen = Screen::of_output();
    let values = match field {
        Some(field) => sentence(&screen, &organization, field),
        None => values(&screen, &organization),
    };
    let hold = organization["hold"]["reason"].as_str().map(|reason| {
        let hold = format!("Under legal hold: {} (by {})", printable(reason), plain(&organization["hold"]["author"]));
        format!("\n\n{}", screen.paint(&hold, Tone::Warning))
    });
    say(&format!("{values}{}\n\n{}", hold.unwrap_or_default(), drawn(&screen, &ways)))
}

/// Why a user reaches the organization.
fn reach(client: &Client, organization: &Value, login: &str, form: Form) -> Result<(), Failed> {
    client.user(login)?;
    let path = format!("{}/path?user={}", at(organization), escape(login));
    let answer = client.get(&path)?;
    if form.json {
        return show_json(&answer);
    }
    let name = text(&organization["name"]);
    if answer["reaches"] != true {
        return say(&format!(
            "`{login}` does not reach `{name}`: it owns neither it nor one above it, and is a member of none of them\n\
             with a right that goes down. Make it a member with: orgbox member add {name} {login}"
        ));
    }
    let because = answer["because"].as_array().map(Vec::as_slice).unwrap_or_default();
    let screen = Screen::of_output();
    let reasons = because.iter().map(|reason| format!("  {}", reached(&screen, reason)));
    say(&format!("`{login}` reaches `{name}`:\n{}", reasons.collect::<Vec<_>>().join("\n")))
}

/// One reason: as what, on which organization, with which rights, and the way down from there.
fn reached(screen: &Screen, reason: &Value) -> String {
    let names = reason["steps"].as_array().into_iter().flatten().map(|step| printable(text(&step["name"])));
    let names: Vec<_> = names.collect();
    let rights = RIGHTS.iter().filter(|(key, _)| reason["rights"][*key] == true).map(|(_, words)| *words);
    let rights: Vec<_> = rights.collect();
    let rights = match (text(&reason["as"]), rights.is_empty()) {
        ("member", true) => " without any right".to_owned(),
        ("member", false) => format!(" who may {}", rights.join(", ")),
        _ => String::new(),
    };
    let way = if names.len() > 1 { format!(": {}", names.join(" › ")) } else { String::new() };
    let on = printable(text(&reason["organization"]["name"]));
    let is_admin = reason["as"] == "administrator";
    let reason = screen.paint(text(&reason["as"]), Tone::Strong);
    if is_admin { format!("{reason} of the box") } else { format!("{reason} of `{on}`{rights}{way}") }
}

fn values(screen: &Screen, organization: &Value) -> String {
    let rows: Vec<Vec<Cell>> = fields::all()
        .map(|field| {
            let (source, tone) = source(organization, field);
            vec![field.name.into(), value(organization, field).into(), Cell::toned(source, tone)]
        })
        .collect();
    table(screen, &["FIELD", "VALUE", "SOURCE"], &rows)
}

fn sentence(screen: &Screen, organization: &Value, field: &Field) -> String {
    let about = &organization["values"][field.name];
    let value = value(organization, field);
    let (source, tone) = source(organization, field);
    let mut told = format!(
        "{} of `{}` is {}.\nSource: {}",
        field.name,
        text(&organization["name"]),
        screen.paint(&printable(&value), Tone::Strong),
        screen.paint(&source, tone)
    );
    if about["source"] == "file" {
        let stored = printable(&plain(&about["stored"]));
        told.push_str(&format!("\nStored: {stored}, in force again once the file does not say otherwise."));
    }
    if about["source"] == "legal_hold" {
        told.push_str("\nIt changes to what files or clients have said once the hold is lifted.");
    }
    told
}

fn value(organization: &Value, field: &Field) -> String {
    let about = &organization["values"][field.name]["value"];
    let value = plain(if about.is_null() { &organization[field.name] } else { about });
    if field.unit.is_empty() || value == "-" { value } else { format!("{value} {}", field.unit) }
}

fn source(organization: &Value, field: &Field) -> (String, Tone) {
    let about = &organization["values"][field.name];
    match about["source"].as_str() {
        // What is not given for a type of camera is that of all cameras.
        Some("default") if field.name.starts_with("purge_days_") => ("as purge_days".to_owned(), Tone::Faint),
        Some("default") => ("default".to_owned(), Tone::Faint),
        Some("stored") => ("stored".to_owned(), Tone::Plain),
        Some("file") => {
            let place = match (about["file"].as_str(), about["line"].as_u64()) {
                (Some(file), Some(line)) => format!("the file {file}:{line}"),
                (Some(file), None) => format!("the file {file}"),
                _ => "the file".to_owned(),
            };
            (printable(&place), Tone::Warning)
        }
        Some("legal_hold") => ("a legal hold, against what files say by now".to_owned(), Tone::Warning),
        // It has no default: it is what somebody gave.
        _ if !organization[field.name].is_null() => ("stored".to_owned(), Tone::Plain),
        _ => ("-".to_owned(), Tone::Faint),
    }
}

/// Every way from the top down to the organization, as names.
fn ways(organization: &Value, ancestors: &[Value]) -> Vec<Vec<String>> {
    let known: BTreeMap<i64, &Value> =
        ancestors.iter().chain([organization]).filter_map(|row| Some((row["id"].as_i64()?, row))).collect();
    let mut ways = Vec::new();
    let mut open: Vec<Vec<i64>> = organization["id"].as_i64().map(|id| vec![id]).into_iter().collect();
    while let Some(way) = open.pop().filter(|_| ways.len() < WAYS_MAX) {
        let row = way.last().and_then(|id| known.get(id));
        let parents = row.and_then(|row| row["parents"].as_array()).into_iter().flatten().filter_map(Value::as_i64);
        let above: BTreeSet<i64> = parents.filter(|id| known.contains_key(id)).collect();
        if above.is_empty() || way.len() >= STEPS_MAX {
            let names = way.iter().rev().filter_map(|id| Some(text(&known.get(id)?["name"]).to_owned()));
            ways.push(names.collect());
        }
        // The first parent is followed first.
        open.extend(above.into_iter().rev().filter(|_| way.len() < STEPS_MAX).map(|id| [&way[..], &[id]].concat()));
    }
    ways
}

fn drawn(screen: &Screen, ways: &[Vec<String>]) -> String {
    let lines = ways.iter().map(|way| {
        let steps = way.iter().enumerate().map(|(place, name)| {
            let tone = if place + 1 == way.len() { Tone::Strong } else { Tone::Plain };
            screen.paint(&printable(name), tone)
        });
        format!("  {}", steps.collect::<Vec<_>>().join(" › "))
    });
    format!("{}\n{}", screen.paint("Path through the hierarchy", Tone::Strong), lines.collect::<Vec<_>>().join("\n"))
}
