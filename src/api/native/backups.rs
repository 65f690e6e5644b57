//! `/backups`: the copies of the database that the box keeps. No path comes from a client: where they are the
//! configuration says, and what they are called the box.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{auth, page};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        Error, Field, Kind,
        actor::{Action, Actor},
        backup::{Backup, Facts, Failure as Failed, Manifest, Standing},
    },
    ops::{load, upkeep},
};

/// How backing up stands, as the status tells of it.
#[derive(Serialize)]
pub struct Section {
    folder: String,
    daily_at: Option<String>,
    next_at: Option<String>,
    kept: usize,
    kept_bytes: u64,
    last: Option<Last>,
    /// Why the last try failed.
    failure: Option<FailureWire>,
}

#[derive(Serialize)]
struct Last {
    name: String,
    taken_at: String,
    age_seconds: i64,
    bytes: u64,
}

#[derive(Serialize)]
struct FailureWire {
    at: String,
    name: &'static str,
    remedy: &'static str,
}

impl Section {
    /// Name and remedy of why the last try failed.
    pub(super) fn failure(&self) -> Option<(&'static str, &'static str)> {
        self.failure.as_ref().map(|failure| (failure.name, failure.remedy))
    }
}

/// A backup; what only its manifest knows is `null` without one.
#[derive(Serialize)]
struct Wire {
    name: String,
    taken_at: String,
    bytes: u64,
    sha256: Option<String>,
    orgbox: Option<String>,
    schema: Option<i64>,
    site: Option<String>,
    epoch: Option<String>,
    last_seq: Option<i64>,
    changed_at: Option<String>,
    rows: Option<Map<String, Value>>,
}

/// `GET /backups` → those that are kept, the newest first.
pub async fn list(call: Call) -> Outcome {
    super_administrator(&call).await?;
    let backups = standing(&call).await?.backups;
    call.json(StatusCode::OK, &page::Page::whole(backups.into_iter().map(Wire::of).collect()))
}

/// `POST /backups` → one more is made and checked. Answered when that is done.
pub async fn create(call: Call) -> Outcome {
    let actor = operator(&call).await?;
    nothing_in(&call).await?;
    let backups = call.shared().backups.clone();
    let made =
        call.bridge().aside(move || backups.create().map_err(|refusal| refused(refusal.code(), refusal.remedy())));
    let manifest = made.await??;
    let (name, sha256) = (manifest.name.clone(), manifest.sha256.clone());
    call.write(actor, move |write, who| upkeep::note_backup(write, who, &name, &sha256)).await?;
    call.json(StatusCode::CREATED, &Wire::made(manifest))
}

/// `POST /backups/prune` → those that are too many are removed.
pub async fn prune(call: Call) -> Outcome {
    let actor = operator(&call).await?;
    nothing_in(&call).await?;
    let backups = call.shared().backups.clone();
    let pruned =
        call.bridge().aside(move || backups.prune().map_err(|refusal| refused(refusal.code(), refusal.remedy())));
    let names = pruned.await??;
    if !names.is_empty() {
        let gone = names.clone();
        call.write(actor, move |write, who| upkeep::note_pruned(write, who, &gone)).await?;
    }
    call.json(StatusCode::OK, &serde_json::json!({ "removed": names }))
}

/// The section of the status.
pub async fn section(call: &Call) -> Result<Section, Failure> {
    let now_ms = call.shared().clock.now_ms();
    let Standing { folder, daily_at, next_at_ms, backups, failure } = standing(call).await?;
    let last = backups.first().map(|Backup { name, bytes, taken_at_ms, manifest: _ }| Last {
        name: name.clone(),
        taken_at: moment(*taken_at_ms),
        age_seconds: (now_ms - taken_at_ms).max(0) / 1000,
        bytes: *bytes,
    });
    Ok(Section {
        folder,
        daily_at,
        next_at: next_at_ms.map(moment),
        kept: backups.len(),
        kept_bytes: backups.iter().map(|backup| backup.bytes).sum(),
        last,
        failure: failure.map(|Failed { at_ms, code, remedy }| FailureWire { at: moment(at_ms), name: code, remedy }),
    })
}

impl Wire {
    fn of(backup: Backup) -> Self {
        let Backup { name, bytes, taken_at_ms, manifest } = backup;
        match manifest {
            Some(manifest) => Self { bytes, ..Self::made(manifest) },
            None => Self {
                name,
                taken_at: moment(taken_at_ms),
                bytes,
                sha256: None,
                orgbox: None,
                schema: None,
                site: None,
                epoch: None,
                last_seq: None,
                changed_at: None,
                rows: None,
            },
        }
    }

    fn made(manifest: Manifest) -> Self {
        let Manifest { name, taken_at_ms, bytes, sha256, orgbox, facts } = manifest;
        let Facts { schema, site, epoch, last_seq, changed_at_ms, rows } = facts;
        Self {
            name,
            taken_at: moment(taken_at_ms),
            bytes,
            sha256: Some(sha256),
            orgbox: Some(orgbox),
            schema: Some(schema),
            site: site.map(|site| site.to_string()),
            epoch: epoch.map(|epoch| epoch.to_string()),
            last_seq: Some(last_seq),
            changed_at: changed_at_ms.map(moment),
            rows: Some(rows.into_iter().map(|(table, count)| (table, count.into())).collect()),
        }
    }
}

async fn standing(call: &Call) -> Result<Standing, Failure> {
    let backups = call.shared().backups.clone();
    call.bridge().aside(move || backups.standing()).await
}

/// Who asks, where only super administrators may: a backup holds everything.
async fn super_administrator(call: &Call) -> Result<Actor, Failure> {
    let actor = auth::signed_in(call).await?;
    let _grant = load::administer(&actor, Action::AdministerAdministrators)?;
    Ok(actor)
}

/// As [`super_administrator`], with a key that may change things.
async fn operator(call: &Call) -> Result<Actor, Failure> {
    let actor = auth::signed_in(call).await?;
    let _grant = load::administer_change(&actor, Action::AdministerAdministrators)?;
    Ok(actor)
}

async fn nothing_in(call: &Call) -> Result<(), Failure> {
    if body::json_object(call).await?.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(Field::Wire("body"), "may hold nothing").into())
}

/// A refusal that is told by its name and what to do: what the system said is in the log.
fn refused(code: &'static str, remedy: &'static str) -> Error {
    Error::new(Kind::Refused, code, remedy)
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
