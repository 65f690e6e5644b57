//! `orgbox user …`: the users of the box.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use super::{
    database::Database,
    failed::Failed,
    output::{Row, list, or_dash, say},
    password::Source,
};
use crate::{
    config::Config,
    model::user::{Contact, Join, NewUser, Role, User, UserFilter, UserPatch},
    ops::{password, user},
};

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
    },
    /// List the users.
    List {
        /// As JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a user's password, keys and sessions from now on.
    Disable {
        /// The user's login.
        login: String,
    },
    /// Let a disabled user in again.
    Enable {
        /// The user's login.
        login: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// 1 to 100 characters without a colon, unique on the box.
    login: String,
    /// What it may do: administrators reach every organization, super administrators manage administrators.
    #[arg(long, default_value = "user", value_name = "ROLE", value_parser = roles())]
    role: Role,
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
}

#[derive(Serialize)]
struct UserRow {
    id: i64,
    login: String,
    role: &'static str,
    enabled: bool,
    name: String,
    email: String,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let database = Database::open(config)?;
    match verb {
        Verb::Add(arguments) => add(&database, arguments),
        Verb::Passwd { login, source } => passwd(&database, &login, &source),
        Verb::List { json } => show(&database, json),
        Verb::Disable { login } => set_enabled(&database, &login, false),
        Verb::Enable { login } => set_enabled(&database, &login, true),
    }
}

fn add(database: &Database, arguments: Add) -> Result<(), Failed> {
    let Add { login, role, name, email, organization, source } = arguments;
    let joined = organization.as_deref().map(|wanted| database.organization(wanted)).transpose()?;
    let password_hash = password::hash(&source.new_password(&login)?)?;
    let contact = Contact { name: name.unwrap_or_default(), email: email.unwrap_or_default(), ..Contact::default() };
    let join = joined.map_or(Join::None, Join::Organization);
    let new =
        NewUser { login, password_hash: Some(password_hash), role, enabled: true, contact, max_sessions: None, join };
    let user = database.write(move |write, who| user::create(write, who, &new))?;
    let (id, login, role) = (user.id, &user.login, user.role.name());
    let next = match &organization {
        Some(organization) => format!("It is a member of `{organization}` and can sign in now."),
        None if user.role.is_admin() => "It reaches every organization and can sign in now.".to_owned(),
        None => "It can sign in now, but reaches no organization until it owns one or is made a member.".to_owned(),
    };
    say(&format!("Added the user `{login}` (id {id}, {role}).\n{next}"))
}

fn passwd(database: &Database, login: &str, source: &Source) -> Result<(), Failed> {
    let id = database.user(login)?;
    let password_hash = Some(password::hash(&source.new_password(login)?)?);
    let patch = UserPatch { password_hash, ..UserPatch::default() };
    let user = database.write(move |write, who| user::update(write, who, id, patch))?;
    let next = if user.enabled {
        "A running server asks for the new one within half a second.".to_owned()
    } else {
        format!("The user is disabled; let it in with: orgbox user enable {login}")
    };
    say(&format!("Changed the password of `{login}` and ended its sessions.\n{next}"))
}

fn set_enabled(database: &Database, login: &str, enabled: bool) -> Result<(), Failed> {
    let id = database.user(login)?;
    let was_enabled = database.write(move |write, who| {
        let before = user::view(write, &who.actor, id)?;
        let patch = UserPatch { enabled: Some(enabled), ..UserPatch::default() };
        user::update(write, who, id, patch)?;
        Ok(before.enabled)
    })?;
    say(&match (was_enabled, enabled) {
        (true, false) => format!(
            "Disabled `{login}` and ended its sessions.\nA running server refuses its password and its keys within half \
             a second. Undo it with: orgbox user enable {login}"
        ),
        (false, true) => format!(
            "Enabled `{login}`.\nIts password and its keys are good again; what it had signed in to stays ended."
        ),
        (false, false) => format!("`{login}` is disabled already; nothing was changed."),
        (true, true) => format!("`{login}` is enabled already; nothing was changed."),
    })
}

fn show(database: &Database, json: bool) -> Result<(), Failed> {
    let users = database.read(|read, actor| user::list(read, actor, &UserFilter::default()))??;
    let rows: Vec<UserRow> = users.into_iter().map(UserRow::from).collect();
    list(&rows, json, "There are no users.")
}

fn roles() -> impl TypedValueParser<Value = Role> {
    let names = [Role::User, Role::Admin, Role::SuperAdmin].map(Role::name);
    PossibleValuesParser::new(names).try_map(|name| Role::parse(&name).ok_or("is no role"))
}

impl From<User> for UserRow {
    fn from(user: User) -> Self {
        let User { id, version: _, login, role, enabled, contact, max_sessions: _ } = user;
        let Contact { name, email, phone: _, note: _, locale: _, time_zone: _, external_id: _ } = contact;
        Self { id: id.0, login, role: role.name(), enabled, name, email }
    }
}

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = &["ID", "LOGIN", "ROLE", "STATE", "NAME", "EMAIL"];

    fn cells(&self) -> Vec<String> {
        let Self { id, login, role, enabled, name, email } = self;
        let state = if *enabled { "enabled" } else { "disabled" };
        vec![id.to_string(), login.clone(), (*role).to_owned(), state.to_owned(), or_dash(name), or_dash(email)]
    }
}
