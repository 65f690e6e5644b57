//! `GET /status`: whether the box is well, and what to do where it is not.
//!
//! Each part of the box has a section of its own, an object; what is wrong anywhere stands in `faults`, what is most urgent
//! first.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::{auth, backups, upstream};
use crate::{
    api::{call::Call, certificate, failure::Outcome, link, watched::Told},
    model::Error,
    ops::site::{self, Counts},
};

#[derive(Serialize)]
struct Status<'a> {
    /// The box can read and write.
    ready: bool,
    faults: Vec<FaultSection>,
    /// What may become a fault.
    remarks: Vec<RemarkSection>,
    r#box: BoxSection<'a>,
    database: DatabaseSection,
    counts: CountsSection,
    backup: backups::Section,
    /// How the watched configuration files stand.
    overrides: Told,
    /// How the certificate stands.
    tls: certificate::Told,
    /// How sending to the billing system stands.
    upstream: link::Told,
}

/// Something that is wrong, since when, and what an operator does about it.
#[derive(Serialize)]
struct FaultSection {
    name: &'static str,
    since: String,
    remedy: &'static str,
}

/// Something that an operator should know of, and do something about, though the box does all of its work.
#[derive(Serialize)]
struct RemarkSection {
    name: &'static str,
    remedy: &'static str,
}

#[derive(Serialize)]
struct BoxSection<'a> {
    title: &'a str,
    version: &'static str,
    site: String,
    started_at: String,
    uptime_seconds: i64,
}

#[derive(Serialize)]
struct DatabaseSection {
    path: String,
    database_bytes: u64,
    wal_bytes: u64,
    /// Room that is given up once the disk is full.
    ballast_bytes: u64,
    /// Room that the disk has.
    free_bytes: Option<u64>,
    schema: usize,
    sqlite: &'static str,
}

#[derive(Serialize)]
struct CountsSection {
    organizations: i64,
    users: i64,
    members: i64,
    cameras: i64,
    api_keys: i64,
}

/// `GET /status`, for administrators. Answered 200 also where the box is not well: that is what is asked.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let upstream = upstream::told(&call, actor.clone()).await?;
    let counts = call.scan(move |read| Ok((site::identity(read)?, site::counts(read, &actor)?)));
    let (identity, counts) = counts.await?;
    let backup = backups::section(&call).await?;
    let shared = call.shared();
    let (sqlite, schema) = shared.versions();
    let footprint = shared.footprint();
    let faults = shared.health().into_iter().map(|health| FaultSection {
        name: health.fault.name(),
        since: moment(health.since_ms),
        remedy: health.fault.remedy(),
    });
    let faults: Vec<_> = faults.collect();
    let remarks = shared.remarks().into_iter();
    let remarks = remarks.map(|remark| RemarkSection { name: remark.name(), remedy: remark.remedy() });
    let body = Status {
        ready: faults.is_empty(),
        faults,
        remarks: remarks.collect(),
        r#box: BoxSection {
            title: &call.settings().site_title,
            version: env!("CARGO_PKG_VERSION"),
            site: identity.ok_or_else(Error::internal)?.site_uuid.to_string(),
            started_at: moment(shared.started_at_ms()),
            uptime_seconds: (shared.clock.now_ms() - shared.started_at_ms()).max(0) / 1000,
        },
        database: DatabaseSection {
            path: footprint.path.display().to_string(),
            database_bytes: footprint.database_bytes,
            wal_bytes: footprint.wal_bytes,
            ballast_bytes: footprint.ballast_bytes,
            free_bytes: footprint.free_bytes,
            schema,
            sqlite,
        },
        counts: counts.into(),
        backup,
        overrides: Told::of(&shared.overrides.state()),
        tls: certificate::Told::of(&shared.tls.state(), shared.clock.now_ms()),
        upstream,
    };
    call.json(StatusCode::OK, &body)
}

impl From<Counts> for CountsSection {
    fn from(counts: Counts) -> Self {
        let Counts { organizations, users, members, cameras, api_keys } = counts;
        Self { organizations, users, members, cameras, api_keys }
    }
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
