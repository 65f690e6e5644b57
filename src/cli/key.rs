//! `orgbox key …`: API keys, with which programs sign in as a user.

use clap::{Args, Subcommand};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    ask::{Form, NOTHING_CHANGED, Rehearsal},
    client::{Client, Flags, escape},
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
    screen::Cell,
    status::to_the_second,
};
use crate::config::Config;

const FLAGS: Flags = &[
    ("user", "--user"),
    ("name", "--name"),
    ("expires", "--expires"),
    ("scope", "--read-only"),
    ("organization", "--organization"),
    ("network", "--network"),
];

const COLUMNS: &[Column] = &[
    Column { head: "PUBLIC ID", cell: |key| text(&key["public_id"]).into() },
    Column { head: "NAME", cell: |key| text(&key["name"]).into() },
    Column { head: "USER", cell: |key| text(&key["user"]).into() },
    Column { head: "MAY", cell: may },
    Column { head: "FROM", cell: |key| key["network"].as_str().unwrap_or("anywhere").into() },
    Column {
        head: "LAST USED",
        cell: |key| key["last_used"].as_str().map_or("never".into(), |at| to_the_second(at).into()),
    },
    Column {
        head: "EXPIRES",
        cell: |key| key["expires"].as_str().map_or("never".into(), |at| to_the_second(at).into()),
    },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make a key with the rights of a user; it is shown once.
    Create(Create),
    /// List the keys; their secret halves are not kept.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// End a key.
    Revoke {
        /// The key's public id, or its name where no other key has the same.
        #[arg(value_name = "PUBLIC_ID_OR_NAME")]
        key: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The login of the user whose rights it has.
    #[arg(long, value_name = "LOGIN")]
    user: String,
    /// What tells people which key it is, 1 to 100 characters.
    #[arg(long)]
    name: String,
    /// When it ends, as a moment.
    #[arg(
        long,
        value_name = "WHEN",
        value_parser = expiry,
        help = "When it ends: 2027-01-31 (as that day begins, UTC) or 2027-01-31T18:00:00+01:00; without it the key never ends"
    )]
    expires: Option<Timestamp>,
    /// It may look at everything that its user sees, and change nothing.
    #[arg(long)]
    read_only: bool,
    /// It reaches this organization and what hangs below it, and nothing else; by name or id.
    #[arg(long, value_name = "ORG")]
    organization: Option<String>,
    /// It is refused from elsewhere, such as 10.0.0.0/8.
    #[arg(long, value_name = "ADDRESSES")]
    network: Option<String>,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Create(wanted) => create(&client, &wanted),
        Verb::List { form } => {
            let empty = "There are no keys. Make one with: orgbox key create --user LOGIN --name NAME";
            list(&client.all("/keys")?, form.json, COLUMNS, empty)
        }
        Verb::Revoke { key, rehearsal } => revoke(&client, &key, rehearsal),
    }
}

fn create(client: &Client, wanted: &Create) -> Result<(), Failed> {
    let Create { user: login, name, expires, read_only, organization, network, rehearsal, form } = wanted;
    let user = client.user(login)?;
    let organization = organization.as_deref().map(|wanted| client.organization(wanted)).transpose()?;
    if rehearsal.dry_run {
        let may = if *read_only { "look at" } else { "do" };
        let reach =
            organization.as_ref().map(|organization| format!(" in `{}` and below", text(&organization["name"])));
        let reach = reach.unwrap_or_default();
        return done(&format!("Would make the key `{name}`, to {may} what `{login}` may{reach}."), NOTHING_CHANGED);
    }
    let key = client.send(
        "POST",
        "/keys",
        Some(&json!({
            "user": login,
            "name": name,
            "expires": expires.map(|at| at.to_string()),
            "scope": if *read_only { "read" } else { "full" },
            "organization": organization.map(|organization| organization["id"].clone()),
            "network": network,
        })),
    )?;
    if form.json {
        return show_json(&key);
    }
    let until =
        key["expires"].as_str().map_or_else(|| "without end".to_owned(), |at| format!("until {}", to_the_second(at)));
    let disabled =
        if user["enabled"] == true { "" } else { "\nThe user is disabled: the key is refused until it is enabled." };
    let (whole, public_id) = (text(&key["key"]), text(&key["public_id"]));
    let secret = whole.split_once(public_id).map(|(_, secret)| secret).unwrap_or_default();
    say(&format!(
        "Made the key `{}` with the rights of `{login}`, {until}.{disabled}\n\n\
         key         {whole}\n\
         HTTP Basic  user name {public_id}, password {secret}\n\n\
         It is not shown again. End it with: orgbox key revoke {public_id}",
        plain(&key["name"]),
    ))
}

fn revoke(client: &Client, wanted: &str, rehearsal: Rehearsal) -> Result<(), Failed> {
    let keys = client.all("/keys")?;
    let by = |field: &'static str| keys.iter().filter(move |key| key[field] == wanted).collect::<Vec<&Value>>();
    let found = match by("public_id").as_slice() {
        [] => by("name"),
        found => found.to_vec(),
    };
    let key = match found.as_slice() {
        [key] => *key,
        [] => {
            return Err(Failed::refused(format!(
                "no key has the public id or the name `{wanted}`; see `orgbox key list`"
            )));
        }
        several => {
            return Err(Failed::refused(format!(
                "{} keys have the name `{wanted}`; say which by its public id",
                several.len()
            )));
        }
    };
    let (public_id, name, login) = (text(&key["public_id"]), text(&key["name"]), text(&key["user"]));
    if rehearsal.dry_run {
        return done(&format!("Would revoke the key `{name}` of `{login}` ({public_id})."), NOTHING_CHANGED);
    }
    client.send("DELETE", &format!("/keys/{}", escape(&plain(&key["id"]))), None)?;
    done(&format!("Revoked the key `{name}` of `{login}` ({public_id})."), "It is refused from now on.")
}

/// A date alone is its first moment in UTC. Only ten characters are taken for one: a time without an offset is refused,
/// not cut off.
fn expiry(text: &str) -> Result<Timestamp, String> {
    let moment = if text.len() == 10 {
        text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp())
    } else {
        text.parse::<Timestamp>()
    };
    moment.map_err(|_| {
        "write a date such as 2027-01-31, or a time with its offset such as 2027-01-31T18:00:00Z".to_owned()
    })
}

fn may(key: &Value) -> Cell {
    let does = if key["scope"] == "read" { "look" } else { "all" };
    match &key["organization_id"] {
        Value::Null => does.into(),
        id => format!("{does} in {id}").into(),
    }
}
