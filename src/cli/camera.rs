//! `orgbox camera …`: the cameras of an organization, as far as limits and retention need them.

use clap::Subcommand;
use serde::Serialize;

use super::{
    database::Database,
    failed::Failed,
    output::{Row, list, say},
};
use crate::{
    config::Config,
    model::{
        CameraId,
        camera::{Camera, CameraKind, NewCamera},
    },
    ops::{camera, user},
};

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
    },
    /// List the cameras of an organization.
    List {
        /// The organization, by name or id.
        #[arg(value_name = "ORG")]
        organization: String,
        /// As JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Remove a camera.
    Remove {
        /// Its id, as `orgbox camera list` shows it.
        #[arg(value_parser = camera_id)]
        id: CameraId,
    },
}

#[derive(Serialize)]
struct CameraRow {
    id: i64,
    organization_id: i64,
    name: String,
    r#type: i64,
    partner: Option<String>,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let database = Database::open(config)?;
    match verb {
        Verb::Add { organization, name, kind, partner } => {
            add(&database, &organization, name, kind, partner.as_deref())
        }
        Verb::List { organization, json } => show(&database, &organization, json),
        Verb::Remove { id } => remove(&database, id),
    }
}

fn add(database: &Database, organization: &str, name: String, kind: i64, partner: Option<&str>) -> Result<(), Failed> {
    let kind = CameraKind::from_number(kind)?;
    let organization_id = database.organization(organization)?;
    let partner_id = partner.map(|login| database.user(login)).transpose()?;
    let new = NewCamera { organization_id, name, kind, partner_id };
    let camera = database.write(move |write, who| camera::register(write, who, &new))?;
    let (id, name) = (camera.id, camera.name);
    say(&format!(
        "Registered the camera `{name}` (id {id}) in `{organization}`.\nRemove it with: orgbox camera remove {id}"
    ))
}

fn remove(database: &Database, id: CameraId) -> Result<(), Failed> {
    let removed = database.write(move |write, who| camera::remove(write, who, id));
    let missing = || format!("there is no camera {id}; see `orgbox camera list ORG`");
    removed.map_err(|error| Failed::or_missing(error, missing))?;
    say(&format!("Removed the camera {id}; its place in the camera limit is free again."))
}

fn show(database: &Database, organization: &str, json: bool) -> Result<(), Failed> {
    let id = database.organization(organization)?;
    let rows = database.read(|read, actor| {
        let mut rows = Vec::new();
        for camera in camera::list(read, actor, id)? {
            let partner = camera.partner_id.map(|id| user::view(read, actor, id)).transpose()?;
            rows.push(CameraRow::new(camera, partner.map(|user| user.login)));
        }
        Ok(rows)
    })??;
    let empty =
        format!("`{organization}` has no cameras. Register one with: orgbox camera add {organization} NAME --type 1");
    list(&rows, json, &empty)
}

fn camera_id(text: &str) -> Result<CameraId, String> {
    CameraId::parse(text).ok_or_else(|| "must be the number of a camera".to_owned())
}

impl CameraRow {
    fn new(camera: Camera, partner: Option<String>) -> Self {
        let Camera { id, version: _, organization_id, name, kind, partner_id: _, hold: _ } = camera;
        Self { id: id.0, organization_id: organization_id.0, name, r#type: kind.number(), partner }
    }
}

impl Row for CameraRow {
    const COLUMNS: &'static [&'static str] = &["ID", "NAME", "TYPE", "PARTNER"];

    fn cells(&self) -> Vec<String> {
        let Self { id, organization_id: _, name, r#type, partner } = self;
        let looks = match r#type {
            1 => "1 front".to_owned(),
            2 => "2 rear".to_owned(),
            other => format!("{other} auxiliary"),
        };
        vec![id.to_string(), name.clone(), looks, partner.clone().unwrap_or_else(|| "-".to_owned())]
    }
}
