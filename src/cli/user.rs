//! `orgbox user …`: the users of the box.

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::{Map, Value, json};

use super::{
    ask::{Consent, Form, NOTHING_CHANGED, Rehearsal},
    client::{Client, Flags, escape},
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
    password::Source,
    screen::{Cell, Tone},
};
use crate::{config::Config, model::user::Role};

const FLAGS: Flags = &[
    ("login", "LOGIN"),
    ("name", "--name"),
    ("email", "--email"),
    ("role", "--role"),
    ("password", "the password"),
    ("organization", "--organization"),
];

const COLUMNS: &[Column] = &[
    Column { head: "ID", cell: |user| plain(&user["id"]).into() },
    Column { head: "LOGIN", cell: |user| text(&user["login"]).into() },
    Column { head: "ROLE", cell: |user| text(&user["role"]).into() },
    Column { head: "STATE", cell: state },
    Column { head: "NAME", cell: |user| plain(&user["name"]).into() },
    Column { head: "EMAIL", cell: |user| plain(&user["email"]).into() },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Add a user; its password is asked for, or read from standard input or --password-file.
    Add(Add),
    /// Set a user's password, which ends all its sessions.
    Passwd {
        /// The user's login.
        login: String,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
    /// List the users.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Refuse a user's password, keys and sessions from now on.
    Disable {
        /// The user's login.
        login: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
    /// Let a disabled user in again.
    Enable {
        /// The user's login.
        login: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
    /// Remove a user for ever, with its keys and memberships; what it owns stays, without an owner.
    Remove {
        /// The user's login.
        login: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
        #[command(flatten)]
        consent: Consent,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// 1 to 100 characters without a colon, unique on the box.
    login: String,
    /// What it may do: administrators reach every organization, super administrators manage administrators.
    #[arg(long, default_value = "user", value_name = "ROLE", value_parser = roles())]
    role: String,
    /// Its full name.
    #[arg(long)]
    name: Option<String>,
    /// Its e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// The organization it becomes a member of, by name or id.
    #[arg(long, value_name = "NAME_OR_ID")]
    organization: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Add(arguments) => add(&client, arguments),
        Verb::Passwd { login, source, rehearsal } => passwd(&client, &login, &source, rehearsal),
        Verb::List { form } => list(&client.all("/users")?, form.json, COLUMNS, "There are no users."),
        Verb::Disable { login, rehearsal } => set_enabled(&client, &login, false, rehearsal),
        Verb::Enable { login, rehearsal } => set_enabled(&client, &login, true, rehearsal),
        Verb::Remove { login, rehearsal, consent } => remove(&client, &login, rehearsal, consent),
    }
}

fn add(client: &Client, arguments: Add) -> Result<(), Failed> {
    let Add { login, role, name, email, organization, source, rehearsal, form } = arguments;
    let joined = organization.as_deref().map(|wanted| client.organization(wanted)).transpose()?;
    if rehearsal.dry_run {
        if client.try_send("GET", &format!("/users/{}", escape(&login)), None)?.is_ok_and(|user| user["login"] == login)
        {
            return Err(Failed::refused(format!("there is a user `{login}` already")));
        }
        let joined = joined.map(|joined| format!(", a member of `{}`", text(&joined["name"]))).unwrap_or_default();
        return done(&format!("Would add the user `{login}` ({role}){joined}."), NOTHING_CHANGED);
    }
    let mut body = Map::new();
    body.insert("password".to_owned(), source.new_password(&login)?.into());
    body.insert("login".to_owned(), login.into());
    body.insert("role".to_owned(), role.into());
    let more = [("name", name), ("email", email)];
    body.extend(more.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
    body.extend(joined.map(|joined| ("organization".to_owned(), joined["id"].clone())));
    let user = client.send("POST", "/users", Some(&body.into()))?;
    if form.json {
        return show_json(&user);
    }
    let role = text(&user["role"]);
    let next = match &organization {
        Some(organization) => format!("It is a member of `{organization}` and can sign in now."),
        None if role != Role::User.name() => "It reaches every organization and can sign in now.".to_owned(),
        None => "It can sign in now, but reaches no organization until it owns one or is made a member.".to_owned(),
    };
    done(&format!("Added the user `{}` (id {}, {role}).", text(&user["login"]), user["id"]), &next)
}

fn passwd(client: &Client, login: &str, source: &Source, rehearsal: Rehearsal) -> Result<(), Failed> {
    client.user(login)?;
    if rehearsal.dry_run {
        return done(&format!("Would change the password of `{login}` and end its sessions."), NOTHING_CHANGED);
    }
    let body = json!({ "password": source.new_password(login)? });
    let user = client.send("PATCH", &format!("/users/{}", escape(login)), Some(&body))?;
    let next = if user["enabled"] == true {
        "Only the new one is good from now on.".to_owned()
    } else {
        format!("The user is disabled; let it in with: orgbox user enable {login}")
    };
    done(&format!("Changed the password of `{login}` and ended its sessions."), &next)
}

fn set_enabled(client: &Client, login: &str, enabled: bool, rehearsal: Rehearsal) -> Result<(), Failed> {
    let was_enabled = client.user(login)?["enabled"] == true;
    if was_enabled == enabled {
        let state = if enabled { "enabled" } else { "disabled" };
        return say(&format!("`{login}` is {state} already; nothing was changed."));
    }
    if rehearsal.dry_run {
        let would = if enabled { "enable" } else { "end the sessions of and disable" };
        return done(&format!("Would {would} `{login}`."), NOTHING_CHANGED);
    }
    client.send("PATCH", &format!("/users/{}", escape(login)), Some(&json!({ "enabled": enabled })))?;
    if enabled {
        let next = "Its password and its keys are good again; what it had signed in to stays ended.";
        return done(&format!("Enabled `{login}`."), next);
    }
    let next = format!("Its password and its keys are refused from now on. Undo it with: orgbox user enable {login}");
    done(&format!("Disabled `{login}` and ended its sessions."), &next)
}

fn remove(client: &Client, login: &str, rehearsal: Rehearsal, consent: Consent) -> Result<(), Failed> {
    let user = client.user(login)?;
    let loss =
        format!("The user `{login}` (id {}) goes for ever, with its keys, sessions and memberships.", user["id"]);
    if rehearsal.dry_run {
        return done(&loss, NOTHING_CHANGED);
    }
    consent.ask(&loss, login)?;
    client.send("DELETE", &format!("/users/{}", escape(login)), None)?;
    done(&format!("Removed the user `{login}`."), "Organizations that it owned have no owner now: orgbox org list")
}

fn roles() -> PossibleValuesParser {
    PossibleValuesParser::new([Role::User, Role::Admin, Role::SuperAdmin].map(Role::name))
}

fn state(user: &Value) -> Cell {
    if user["enabled"] == true { "enabled".into() } else { Cell::toned("disabled", Tone::Bad) }
}
