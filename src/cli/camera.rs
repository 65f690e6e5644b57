//! `orgbox camera …`: the cameras of an organization, as far as limits and retention need them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    ask::{Consent, Form, NOTHING_CHANGED, Rehearsal},
    client::{Client, Flags},
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
    preview::Preview,
    screen::{Cell, Screen, Tone, printable},
};
use crate::config::Config;

const FLAGS: Flags = &[
    ("type", "--type"),
    ("name", "NAME"),
    ("camera", "NAME"),
    ("partner", "--partner"),
    ("organization_id", "--organization"),
];

const COLUMNS: &[Column] = &[
    Column { head: "ID", cell: |camera| plain(&camera["id"]).into() },
    Column { head: "NAME", cell: |camera| text(&camera["name"]).into() },
    Column { head: "TYPE", cell: looks },
    Column { head: "KEPT", cell: |camera| format!("{} days", camera["purge_days"]).into() },
    Column { head: "BY", cell: |camera| decided(camera).into() },
    Column { head: "PARTNER", cell: |camera| plain(&camera["partner"]).into() },
    Column { head: "HOLD", cell: held },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Register a camera, within the organization's camera limit.
    Add(Add),
    /// List the cameras of an organization.
    List {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        #[command(flatten)]
        form: Form,
    },
    /// Show one camera: how long its footage is kept, what says so, and the legal hold over it.
    Show {
        /// Its id, as `orgbox camera list` shows it.
        id: u32,
        #[command(flatten)]
        form: Form,
    },
    /// Give a camera another name or type, or move it to another organization.
    Set(Set),
    /// Remove a camera; its footage is no longer kept.
    Remove {
        /// Its id, as `orgbox camera list` shows it.
        id: u32,
        #[command(flatten)]
        rehearsal: Rehearsal,
        #[command(flatten)]
        consent: Consent,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: String,
    /// What people call it, 1 to 255 characters.
    name: String,
    /// Where it looks: 1 front, 2 rear, 50 to 999 auxiliary.
    #[arg(long = "type", value_name = "N")]
    kind: i64,
    /// The login of the partner (an administrator) whose device it is.
    #[arg(long, value_name = "LOGIN")]
    partner: Option<String>,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// Its id, as `orgbox camera list` shows it.
    id: u32,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
}

/// What is to be another.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Wanted {
    /// What people call it, 1 to 255 characters.
    #[arg(long)]
    name: Option<String>,
    /// Where it looks: 1 front, 2 rear, 50 to 999 auxiliary.
    #[arg(long = "type", value_name = "N")]
    kind: Option<i64>,
    /// The organization it moves to, by id or name.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Add(wanted) => add(&client, &wanted),
        Verb::Show { id, form } => show_one(&client, id, form),
        Verb::Set(wanted) => set(&client, &wanted),
        Verb::List { organization, form } => show(&client, &organization, form),
        Verb::Remove { id, rehearsal, consent } => remove(&client, id, rehearsal, consent),
    }
}

fn add(client: &Client, wanted: &Add) -> Result<(), Failed> {
    let Add { organization, name, kind, partner, rehearsal, form } = wanted;
    let known = client.organization(organization)?;
    let mut body = json!({ "organization_id": known["id"], "name": name, "type": kind });
    if let Some(login) = partner {
        body["partner_id"] = client.user(login)?["id"].take();
    }
    if rehearsal.dry_run {
        let (count, limit) = (&known["camera_count"], &known["camera_limit"]);
        let would = format!("Would register the camera `{name}` in `{organization}`, which has {count} of {limit}.");
        return done(&would, NOTHING_CHANGED);
    }
    let camera = client.send("POST", "/cameras", Some(&body))?;
    if form.json {
        return show_json(&camera);
    }
    let (id, name) = (&camera["id"], text(&camera["name"]));
    done(
        &format!("Registered the camera `{name}` (id {id}) in `{organization}`."),
        &format!("Remove it with: orgbox camera remove {id}"),
    )
}

fn remove(client: &Client, id: u32, rehearsal: Rehearsal, consent: Consent) -> Result<(), Failed> {
    let (path, camera) = (at(id), known(client, id)?);
    let preview = Preview::of_deletion(client, &path, &json!({}))?;
    if let Some(problem) = preview.refusal() {
        return Err(problem.told(FLAGS));
    }
    let name = text(&camera["name"]);
    let loss = format!(
        "The camera `{name}` (id {id}) of `{}` goes, and its footage is no longer kept.",
        text(&camera["organization"])
    );
    if rehearsal.dry_run {
        return done(&loss, NOTHING_CHANGED);
    }
    consent.ask(&loss, &id.to_string())?;
    client.try_send_for(&camera, "DELETE", &path, None)?.map_err(|problem| problem.told(FLAGS))?;
    done(&format!("Removed the camera `{name}` (id {id})."), "Its place in the camera limit is free again.")
}

fn set(client: &Client, wanted: &Set) -> Result<(), Failed> {
    let Set { id, wanted: Wanted { name, kind, organization }, rehearsal, consent, form } = wanted;
    let (path, camera) = (at(*id), known(client, *id)?);
    let target = organization.as_deref().map(|wanted| client.organization(wanted)).transpose()?;
    let fields = [
        ("name", name.clone().map(Value::from)),
        ("type", kind.map(Value::from)),
        ("organization_id", target.map(|mut target| target["id"].take())),
    ];
    let fields = fields.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?)));
    let patch = Value::Object(fields.collect());
    let preview = Preview::of_patch(client, &path, &patch)?;
    if rehearsal.dry_run && form.json {
        return show_json(preview.whole());
    }
    if let Some(problem) = preview.refusal() {
        return Err(problem.told(FLAGS));
    }
    let named = format!("the camera `{}` (id {id})", text(&camera["name"]));
    let (changes, lost) = (preview.changes(&format!("camera/{id}")), preview.footage_lost());
    let lost = if lost.is_empty() { lost } else { format!("\nFootage kept shorter than now is deleted:\n{lost}") };
    if rehearsal.dry_run {
        return done(&format!("Would change {named}:\n{changes}{lost}"), NOTHING_CHANGED);
    }
    if !lost.is_empty() {
        consent.ask(&format!("{named} changes:\n{changes}{lost}"), &id.to_string())?;
    }
    // What was shown and confirmed is what is done, or nothing.
    let changed = client.try_send_for(&camera, "PATCH", &path, Some(&patch))?;
    let changed = changed.map_err(|problem| problem.told(FLAGS))?;
    if form.json {
        return show_json(&changed);
    }
    done(&format!("Changed {named}:\n{changes}"), &format!("Look at it with: orgbox camera show {id}"))
}

fn show_one(client: &Client, id: u32, form: Form) -> Result<(), Failed> {
    let camera = known(client, id)?;
    if form.json {
        return show_json(&camera);
    }
    let mut cameras = [camera];
    name_partners(client, &mut cameras)?;
    let [camera] = cameras;
    let screen = Screen::of_output();
    let line = |name: &str, value: &str| format!("  {}  {value}", screen.paint(&format!("{name:<12}"), Tone::Faint));
    let mut lines = vec![
        format!("{} (id {id})", printable(text(&camera["name"]))),
        line("organization", &printable(text(&camera["organization"]))),
        line("type", &looks(&camera).text),
        line("kept", &format!("{} days", camera["purge_days"])),
        line("by", &printable(&decided(&camera))),
        line("partner", &printable(&plain(&camera["partner"]))),
    ];
    if let Some(reason) = camera["hold"]["reason"].as_str() {
        let hold = format!("{} (by {})", printable(reason), printable(&plain(&camera["hold"]["author"])));
        lines.push(screen.paint(&format!("Under legal hold: {hold}"), Tone::Warning));
    }
    say(&lines.join("\n"))
}

fn at(id: u32) -> String {
    format!("/cameras/{id}")
}

fn known(client: &Client, id: u32) -> Result<Value, Failed> {
    client.try_send("GET", &at(id), None)?.map_err(|problem| match problem.status {
        404 => Failed::refused(format!("there is no camera {id}; see `orgbox camera list ORG`")),
        _ => problem.told(FLAGS),
    })
}

fn show(client: &Client, organization: &str, form: Form) -> Result<(), Failed> {
    let known = client.organization(organization)?;
    let mut rows = client.all(&format!("/cameras?organization={}", known["id"]))?;
    name_partners(client, &mut rows)?;
    let empty =
        format!("`{organization}` has no cameras. Register one with: orgbox camera add {organization} NAME --type 1");
    list(&rows, form.json, COLUMNS, &empty)
}

/// Adds the login of each camera's partner.
fn name_partners(client: &Client, cameras: &mut [Value]) -> Result<(), Failed> {
    if cameras.iter().all(|camera| camera["partner_id"].is_null()) {
        return Ok(());
    }
    let users = client.all("/users")?;
    for camera in cameras {
        let partner = users.iter().find(|user| user["id"] == camera["partner_id"]);
        camera["partner"] = partner.map(|user| user["login"].clone()).unwrap_or_default();
    }
    Ok(())
}

/// The field that decides how long footage is kept, and what says so.
fn decided(camera: &Value) -> String {
    let Value::Object(decided) = &camera["purge_days_source"] else { return "-".to_owned() };
    let of = |name: &str| decided.get(name).map(plain).unwrap_or_default();
    match of("source").as_str() {
        "default" => "default".to_owned(),
        "file" => format!("{}, {}:{}", of("field"), of("file"), of("line")),
        "legal_hold" => format!("{}, legal hold", of("field")),
        _ => of("field"),
    }
}

fn held(camera: &Value) -> Cell {
    if camera["hold"].is_object() { Cell::toned("held", Tone::Warning) } else { Cell::default() }
}

fn looks(camera: &Value) -> Cell {
    match camera["type"].as_i64() {
        Some(1) => "1 front".into(),
        Some(2) => "2 rear".into(),
        Some(other) => format!("{other} auxiliary").into(),
        None => "-".into(),
    }
}
