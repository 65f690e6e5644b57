//! `orgbox org …`: the organizations. One file for what looks, one for what changes, one for the tree.

mod change;
mod look;
mod tree;

use clap::{Args, Subcommand, ValueEnum};

use super::{
    ask::{Consent, Form, Rehearsal},
    client::{Client, Flags},
    failed::Failed,
};
use crate::config::Config;

const FLAGS: Flags = &[("name", "NAME"), ("parents", "--parent"), ("children", "--children"), ("owner_id", "owner")];

const FIELDS_HELP: &str = "\
Fields: title, description, image_url, status, branding_id, owner (a login), camera_limit, user_limit, dvr_limit_gb,
purge_days, purge_days_front, purge_days_rear, purge_days_auxiliary, device_retention_minutes,
live_video_timeout_seconds, organization_profile_enabled, exclusive_partner_only.
An empty value or `default` gives the default back: orgbox org set acme purge_days=default";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List organizations.
    List(List),
    /// Show one organization: what it is, what it may have and what it has.
    Show {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        #[command(flatten)]
        form: Form,
    },
    /// Make an organization.
    #[command(after_help = FIELDS_HELP)]
    Create(Create),
    /// Change an organization; says what changes, and asks before footage is lost.
    #[command(after_help = FIELDS_HELP)]
    Set(Set),
    /// Hang an organization below others than now.
    Move {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        /// What it hangs below from now on, by name or id; may be given several times.
        #[arg(long = "parent", value_name = "ORG", required = true)]
        parents: Vec<String>,
        #[command(flatten)]
        rehearsal: Rehearsal,
        #[command(flatten)]
        form: Form,
    },
    /// Delete an organization with its members and cameras; asks first, and names what is lost.
    Delete(Delete),
    /// Draw what hangs where.
    Tree {
        /// Where it begins, by name or id; without one at every organization that hangs below none.
        #[arg(value_name = "ORG")]
        organization: Option<String>,
        /// How many levels are shown; what lies deeper is counted.
        #[arg(long, value_name = "LEVELS")]
        depth: Option<usize>,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that have this in name, title or description.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only this one and what hangs below it.
    #[arg(long, value_name = "ORG")]
    below: Option<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Unique, 1 to 50 characters without a slash; people and programs call it by this.
    name: String,
    /// Its fields as field=value; without `title` the title is the name.
    #[arg(value_name = "FIELD=VALUE")]
    fields: Vec<String>,
    /// What it hangs below, by name or id; may be given several times. Without it: the default organization.
    #[arg(long = "parent", value_name = "ORG")]
    parents: Vec<String>,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: String,
    /// The fields to change as field=value.
    #[arg(value_name = "FIELD=VALUE", required = true)]
    fields: Vec<String>,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: String,
    /// What becomes of the organizations below it.
    #[arg(long, value_enum, default_value = "refuse")]
    children: Children,
    #[command(flatten)]
    rehearsal: Rehearsal,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Children {
    /// Nothing is deleted where there are any.
    Refuse,
    /// They hang below its parents then.
    Reattach,
    /// Those that would hang below nothing are deleted, too.
    Cascade,
}

impl Children {
    fn name(self) -> &'static str {
        match self {
            Children::Refuse => "refuse",
            Children::Reattach => "reattach",
            Children::Cascade => "cascade",
        }
    }
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::List(wanted) => look::list(&client, &wanted),
        Verb::Show { organization, form } => look::show(&client, &organization, form),
        Verb::Create(wanted) => change::create(&client, wanted),
        Verb::Set(wanted) => change::set(&client, &wanted),
        Verb::Move { organization, parents, rehearsal, form } => {
            change::hang(&client, &organization, &parents, rehearsal, form)
        }
        Verb::Delete(wanted) => change::delete(&client, &wanted),
        Verb::Tree { organization, depth, form } => tree::draw(&client, organization.as_deref(), depth, form),
    }
}
