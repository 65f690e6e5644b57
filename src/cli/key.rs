//! `orgbox key …`: API keys, with which programs sign in as a user.

use clap::Subcommand;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    ask::Form,
    client::{Client, Flags, escape},
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
};
use crate::config::Config;

const FLAGS: Flags = &[("user", "--user"), ("name", "--name"), ("expires_at", "--expires"), ("expires", "--expires")];

const COLUMNS: &[Column] = &[
    Column { head: "PUBLIC ID", cell: |key| text(&key["public_id"]).into() },
    Column { head: "NAME", cell: |key| text(&key["name"]).into() },
    Column { head: "USER", cell: |key| text(&key["user"]).into() },
    Column { head: "CREATED", cell: |key| text(&key["created_at"]).into() },
    Column { head: "EXPIRES", cell: |key| key["expires_at"].as_str().unwrap_or("never").into() },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make a key with the rights of a user; it is shown once.
    Create {
        /// The login of the user whose rights it has.
        #[arg(long, value_name = "LOGIN")]
        user: String,
        /// What tells people which key it is, 1 to 100 characters.
        #[arg(long)]
        name: String,
        /// When it ends, as a moment.
        #[arg(
            long = "expires",
            value_name = "WHEN",
            value_parser = expiry,
            help = "When it ends: 2027-01-31 (as that day begins, UTC) or 2027-01-31T18:00:00+01:00; without it the key never ends"
        )]
        expires_at: Option<Timestamp>,
        #[command(flatten)]
        form: Form,
    },
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
    },
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Create { user, name, expires_at, form } => create(&client, &user, &name, expires_at, form),
        Verb::List { form } => {
            let empty = "There are no keys. Make one with: orgbox key create --user LOGIN --name NAME";
            list(&client.all("/keys")?, form.json, COLUMNS, empty)
        }
        Verb::Revoke { key } => revoke(&client, &key),
    }
}

fn create(client: &Client, login: &str, name: &str, expires_at: Option<Timestamp>, form: Form) -> Result<(), Failed> {
    let user = client.user(login)?;
    let body = json!({ "user": login, "name": name, "expires_at": expires_at.map(|at| at.to_string()) });
    let key = client.send("POST", "/keys", Some(&body))?;
    if form.json {
        return show_json(&key);
    }
    let until = key["expires_at"].as_str().map_or_else(|| "without end".to_owned(), |at| format!("until {at}"));
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

fn revoke(client: &Client, wanted: &str) -> Result<(), Failed> {
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
    client.send("DELETE", &format!("/keys/{}", escape(&plain(&key["id"]))), None)?;
    let (public_id, name, login) = (text(&key["public_id"]), text(&key["name"]), text(&key["user"]));
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
