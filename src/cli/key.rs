//! `orgbox key …`: API keys, with which programs sign in as a user.

use clap::Subcommand;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    database::Database,
    failed::Failed,
    output::{Row, list, moment, say},
};
use crate::{
    config::Config,
    model::credential::{ApiKey, NewKey, Scope},
    ops::{credential, key::KeyPair, user},
};

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
        /// When it ends, in milliseconds since 1970.
        #[arg(
            long = "expires",
            value_name = "WHEN",
            value_parser = expiry,
            help = "When it ends: 2027-01-31 (as that day begins, UTC) or 2027-01-31T18:00:00+01:00; without it the key never ends"
        )]
        expires_at_ms: Option<i64>,
    },
    /// List the keys; their secret halves are not kept.
    List {
        /// As JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// End a key.
    Revoke {
        /// The key's public id, or its name where no other key has the same.
        #[arg(value_name = "PUBLIC_ID_OR_NAME")]
        key: String,
    },
}

#[derive(Serialize)]
struct KeyRow {
    public_id: String,
    name: String,
    user: String,
    created_at: String,
    expires_at: Option<String>,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let database = Database::open(config)?;
    match verb {
        Verb::Create { user, name, expires_at_ms } => create(&database, &user, name, expires_at_ms),
        Verb::List { json } => show(&database, json),
        Verb::Revoke { key } => revoke(&database, key),
    }
}

fn create(database: &Database, login: &str, name: String, expires_at_ms: Option<i64>) -> Result<(), Failed> {
    let user_id = database.user(login)?;
    let pair = KeyPair::generate()?;
    let new = NewKey {
        user_id,
        name,
        public_id: pair.public_id.clone(),
        secret_hash: pair.secret_hash(),
        expires_at_ms,
        scope: Scope::Full,
        organization_id: None,
        network: None,
    };
    let (key, enabled) = database.write(move |write, who| {
        let key = credential::create_key(write, who, &new)?;
        Ok((key, user::view(write, &who.actor, user_id)?.enabled))
    })?;
    let until = key.expires_at_ms.map_or_else(|| "without end".to_owned(), |at_ms| format!("until {}", moment(at_ms)));
    let disabled = if enabled { "" } else { "\nThe user is disabled: the key is refused until it is enabled." };
    say(&format!(
        "Made the key `{}` with the rights of `{login}`, {until}.{disabled}\n\n\
         key         {}\n\
         HTTP Basic  user name {}, password {}\n\n\
         It is not shown again. End it with: orgbox key revoke {}",
        key.name,
        pair.whole(),
        pair.public_id,
        pair.secret,
        pair.public_id,
    ))
}

fn revoke(database: &Database, wanted: String) -> Result<(), Failed> {
    let sought = wanted.clone();
    let revoked = database.write(move |write, who| credential::revoke_key(write, who, &sought));
    let missing = || format!("no key has the public id or the name `{wanted}`; see `orgbox key list`");
    let ApiKey { public_id, name, login, .. } = revoked.map_err(|error| Failed::or_missing(error, missing))?;
    say(&format!(
        "Revoked the key `{name}` of `{login}` ({public_id}).\nA running server refuses it within half a second."
    ))
}

fn show(database: &Database, json: bool) -> Result<(), Failed> {
    let keys = database.read(credential::list_keys)??;
    let rows: Vec<KeyRow> = keys.into_iter().map(KeyRow::from).collect();
    list(&rows, json, "There are no keys. Make one with: orgbox key create --user LOGIN --name NAME")
}

/// A date alone is its first moment in UTC. Only ten characters are taken for one: a time without an offset is refused,
/// not cut off.
fn expiry(text: &str) -> Result<i64, String> {
    let moment = if text.len() == 10 {
        text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp())
    } else {
        text.parse::<Timestamp>()
    };
    let remedy = "write a date such as 2027-01-31, or a time with its offset such as 2027-01-31T18:00:00Z";
    moment.map(Timestamp::as_millisecond).map_err(|_| remedy.to_owned())
}

impl From<ApiKey> for KeyRow {
    fn from(key: ApiKey) -> Self {
        let ApiKey { login, name, public_id, created_at_ms, expires_at_ms, .. } = key;
        let (created_at, expires_at) = (moment(created_at_ms), expires_at_ms.map(moment));
        Self { public_id, name, user: login, created_at, expires_at }
    }
}

impl Row for KeyRow {
    const COLUMNS: &'static [&'static str] = &["PUBLIC ID", "NAME", "USER", "CREATED", "EXPIRES"];

    fn cells(&self) -> Vec<String> {
        let Self { public_id, name, user, created_at, expires_at } = self;
        let expires = expires_at.clone().unwrap_or_else(|| "never".to_owned());
        vec![public_id.clone(), name.clone(), user.clone(), created_at.clone(), expires]
    }
}
