//! `orgbox member …`: who is a member of an organization, and with which rights.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    ask::{Form, NOTHING_CHANGED, Rehearsal},
    client::{Client, Flags, at, escape},
    failed::Failed,
    output::{Column, done, list, show_json, text},
    screen::{Cell, Tone},
};
use crate::config::Config;

const FLAGS: Flags =
    &[("can_view_stats", "--view-stats"), ("can_edit_users", "--edit-users"), ("can_edit_cameras", "--edit-cameras")];

const COLUMNS: &[Column] = &[
    Column { head: "LOGIN", cell: |member| login(member).into() },
    Column { head: "VIEW STATS", cell: |member| right(&member["can_view_stats"]) },
    Column { head: "EDIT USERS", cell: |member| right(&member["can_edit_users"]) },
    Column { head: "EDIT CAMERAS", cell: |member| right(&member["can_edit_cameras"]) },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List the members of an organization.
    List {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        #[command(flatten)]
        form: Form,
    },
    /// Make a user a member, or give a member exactly these rights.
    Add(Add),
    /// Take a user out of an organization; the user stays.
    Remove {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        /// The user's login.
        login: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: String,
    /// The user's login.
    login: String,
    /// It may see statistics.
    #[arg(long)]
    view_stats: bool,
    /// It may add, change and remove members.
    #[arg(long)]
    edit_users: bool,
    /// It may register, move and remove cameras, and change settings.
    #[arg(long)]
    edit_cameras: bool,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::List { organization, form } => show(&client, &organization, form),
        Verb::Add(wanted) => add(&client, &wanted),
        Verb::Remove { organization, login, rehearsal } => remove(&client, &organization, &login, rehearsal),
    }
}

fn show(client: &Client, organization: &str, form: Form) -> Result<(), Failed> {
    let known = client.organization(organization)?;
    let rows = client.all(&format!("{}/members", at(&known)))?;
    let empty = format!("`{organization}` has no members. Add one with: orgbox member add {organization} LOGIN");
    list(&rows, form.json, COLUMNS, &empty)
}

fn add(client: &Client, wanted: &Add) -> Result<(), Failed> {
    let Add { organization, login, view_stats, edit_users, edit_cameras, rehearsal, form } = wanted;
    let known = client.organization(organization)?;
    client.user(login)?;
    let rights = [("view stats", *view_stats), ("edit users", *edit_users), ("edit cameras", *edit_cameras)];
    let rights: Vec<_> = rights.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    let rights =
        if rights.is_empty() { "no right but to look".to_owned() } else { format!("may {}", rights.join(", ")) };
    let name = text(&known["name"]);
    if rehearsal.dry_run {
        return done(&format!("Would make `{login}` a member of `{name}`: {rights}."), NOTHING_CHANGED);
    }
    let body = json!({ "can_view_stats": view_stats, "can_edit_users": edit_users, "can_edit_cameras": edit_cameras });
    let member = client.send("PUT", &path(&known, login), Some(&body))?;
    if form.json {
        return show_json(&member);
    }
    done(
        &format!("`{login}` is a member of `{name}`: {rights}."),
        &format!("See why it reaches what with: orgbox explain {name} --user {login}"),
    )
}

fn remove(client: &Client, organization: &str, login: &str, rehearsal: Rehearsal) -> Result<(), Failed> {
    let known = client.organization(organization)?;
    let name = text(&known["name"]);
    if rehearsal.dry_run {
        return done(&format!("Would take `{login}` out of `{name}`."), NOTHING_CHANGED);
    }
    let removed = client.try_send("DELETE", &path(&known, login), None)?;
    removed.map_err(|problem| match problem.status {
        404 => Failed::refused(format!("`{login}` is no member of `{name}`; see `orgbox member list {name}`")),
        _ => problem.told(FLAGS),
    })?;
    done(
        &format!("`{login}` is no member of `{name}` any more."),
        &format!("Whether it still reaches it, and why: orgbox explain {name} --user {login}"),
    )
}

fn path(organization: &Value, login: &str) -> String {
    format!("{}/members/{}", at(organization), escape(login))
}

fn login(member: &Value) -> &str {
    text(&member["login"])
}

fn right(value: &Value) -> Cell {
    if *value == true { Cell::toned("yes", Tone::Good) } else { Cell::toned("-", Tone::Faint) }
}
