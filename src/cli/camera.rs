//! `orgbox camera …`: the cameras of an organization, as far as limits and retention need them.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    ask::{Consent, Form, Rehearsal},
    client::{Client, Flags, escape},
    failed::Failed,
    output::{Column, done, list, plain, show_json, text},
    preview::Preview,
    screen::{Cell, Tone},
};
use crate::config::Config;

const FLAGS: Flags = &[("type", "--type"), ("name", "NAME"), ("camera", "NAME"), ("partner", "--partner")];

const COLUMNS: &[Column] = &[
    Column { head: "ID", cell: |camera| plain(&camera["id"]).into() },
    Column { head: "NAME", cell: |camera| text(&camera["name"]).into() },
    Column { head: "TYPE", cell: looks },
    Column { head: "KEPT", cell: |camera| format!("{} days", camera["purge_days"]).into() },
    Column { head: "PARTNER", cell: |camera| plain(&camera["partner"]).into() },
    Column { head: "HOLD", cell: held },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Register a camera, within the organization's camera limit.
    Add {
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
        form: Form,
    },
    /// List the cameras of an organization.
    List {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        #[command(flatten)]
        form: Form,
    },
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

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Add { organization, name, kind, partner, form } => {
            add(&client, &organization, &name, kind, partner.as_deref(), form)
        }
        Verb::List { organization, form } => show(&client, &organization, form),
        Verb::Remove { id, rehearsal, consent } => remove(&client, id, rehearsal, consent),
    }
}

fn add(
    client: &Client,
    organization: &str,
    name: &str,
    kind: i64,
    partner: Option<&str>,
    form: Form,
) -> Result<(), Failed> {
    let known = client.organization(organization)?;
    let mut body = json!({ "organization_id": known["id"], "name": name, "type": kind });
    if let Some(login) = partner {
        body["partner_id"] = client.user(login)?["id"].take();
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
    let path = format!("/cameras/{id}");
    let camera = client.try_send("GET", &path, None)?.map_err(|problem| match problem.status {
        404 => Failed::refused(format!("there is no camera {id}; see `orgbox camera list ORG`")),
        _ => problem.told(FLAGS),
    })?;
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
        return done(&loss, "Nothing was changed.");
    }
    consent.ask(&loss, &id.to_string())?;
    client.try_send_for(&camera, "DELETE", &path, None)?.map_err(|problem| problem.told(FLAGS))?;
    done(&format!("Removed the camera `{name}` (id {id})."), "Its place in the camera limit is free again.")
}

fn show(client: &Client, organization: &str, form: Form) -> Result<(), Failed> {
    let known = client.organization(organization)?;
    let mut rows = client.all(&format!("/cameras?organization={}", escape(text(&known["name"]))))?;
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
