//! `GET /status`: whether the box is well, and what to do where it is not.
//!
//! Each part of the box has a section of its own, an object. What keeps the box from its work stands in `faults`, and what
//! does not, yet needs somebody, in `attention`; what is most urgent comes first. A part that comes to be has a section
//! here, where it can be in need a function among those that [`view`] asks for its [`Attention`], and a line in
//! `cli::status`.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::{auth, backups, upstream};
use crate::{
    api::{
        call::{Call, Footprint, Shared},
        certificate,
        failure::Outcome,
        link,
        watched::Told,
    },
    model::{Error, Remark},
    ops::site::{self, Counts},
};

/// Less room than this on the disk needs somebody.
const ROOM_BYTES_MIN: u64 = 256 << 20;
/// A billing system that does not answer for so long needs somebody.
const RETRYING_MS_MAX: i64 = 10 * 60 * 1000;

#[derive(Serialize)]
struct Status<'a> {
    /// The box can read and write.
    ready: bool,
    faults: Vec<FaultSection>,
    attention: Vec<Attention>,
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

/// Something that somebody should see to, though the box works.
#[derive(Serialize)]
struct Attention {
    /// The section that knows more.
    part: &'static str,
    /// What is the matter.
    says: String,
    /// What an operator does about it.
    remedy: String,
}

#[derive(Serialize)]
struct BoxSection<'a> {
    title: &'a str,
    version: &'static str,
    pid: u32,
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
    /// Of the file system that it is on; `null` where the system does not tell.
    disk_bytes: Option<u64>,
    disk_free_bytes: Option<u64>,
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
    let watched = Told::of(&shared.overrides.state());
    let tls = certificate::Told::of(&shared.tls.state(), shared.clock.now_ms());
    let attention = [
        short_of_room(&footprint),
        not_in_force(&watched),
        at_restart(&watched),
        link_is_down(shared),
        set_aside(&upstream),
        not_backed_up(&backup),
        certificate_is_amiss(&tls),
    ];
    let attention = shared.remarks().into_iter().map(Attention::of).chain(attention.into_iter().flatten());
    let body = Status {
        ready: faults.is_empty(),
        faults,
        attention: attention.collect(),
        r#box: BoxSection {
            title: &call.settings().site_title,
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            site: identity.ok_or_else(Error::internal)?.site_uuid.to_string(),
            started_at: moment(shared.started_at_ms()),
            uptime_seconds: (shared.clock.now_ms() - shared.started_at_ms()).max(0) / 1000,
        },
        database: DatabaseSection {
            path: footprint.path.display().to_string(),
            database_bytes: footprint.database_bytes,
            wal_bytes: footprint.wal_bytes,
            ballast_bytes: footprint.ballast_bytes,
            disk_bytes: footprint.disk.map(|disk| disk.size_bytes),
            disk_free_bytes: footprint.disk.map(|disk| disk.free_bytes),
            schema,
            sqlite,
        },
        counts: counts.into(),
        backup,
        overrides: watched,
        tls,
        upstream,
    };
    call.json(StatusCode::OK, &body)
}

impl Attention {
    fn of(remark: Remark) -> Self {
        let part = match remark {
            Remark::Clock | Remark::FewDescriptors => "box",
            Remark::WalGrows | Remark::NoBallast => "database",
        };
        Self { part, says: remark.words().to_owned(), remedy: remark.remedy().to_owned() }
    }
}

fn short_of_room(footprint: &Footprint) -> Option<Attention> {
    let free_bytes = footprint.disk?.free_bytes;
    (free_bytes < ROOM_BYTES_MIN).then(|| Attention {
        part: "database",
        says: format!("only {} MiB are left on the disk of the database", free_bytes >> 20),
        remedy: "Make room there; without any, changes are refused until there is some again.".to_owned(),
    })
}

fn not_in_force(watched: &Told) -> Option<Attention> {
    if watched.remedy.is_empty() {
        return None;
    }
    let first = watched.problems.first().map_or(watched.standing, String::as_str);
    let says = match watched.problem_count {
        0 | 1 => first.to_owned(),
        count => format!("{count} mistakes in the files; {first}"),
    };
    Some(Attention { part: "overrides", says, remedy: watched.remedy.to_owned() })
}

fn at_restart(watched: &Told) -> Option<Attention> {
    let keys = &watched.takes_effect_at_restart;
    (!keys.is_empty()).then(|| Attention {
        part: "overrides",
        says: format!("changed, and not yet in effect: {}", keys.join(", ")),
        remedy: "Restart the box when it suits, or take the change back.".to_owned(),
    })
}

/// A link that only tries again counts when it has done so for a while.
fn link_is_down(shared: &Shared) -> Option<Attention> {
    let link = shared.upstream.link();
    let remedy = link.state.remedy()?;
    let for_ms = shared.clock.now_ms() - link.since_ms;
    (link.state.name() != "retrying" || for_ms >= RETRYING_MS_MAX).then(|| {
        let why = link.why.map(|why| format!(": {why}")).unwrap_or_default();
        let says = format!("{} since {}{why}", link.state.name().replace('_', " "), moment(link.since_ms));
        Attention { part: "upstream", says, remedy: remedy.to_owned() }
    })
}

fn set_aside(told: &link::Told) -> Option<Attention> {
    (told.parked > 0).then(|| Attention {
        part: "upstream",
        says: format!(
            "of {} subject{} events were set aside, which the billing system does not take",
            told.parked,
            if told.parked == 1 { "" } else { "s" }
        ),
        remedy: "See `orgbox upstream parked`, then `orgbox upstream retry` or `drop`.".to_owned(),
    })
}

fn not_backed_up(told: &backups::Section) -> Option<Attention> {
    let (name, remedy) = told.failure()?;
    Some(Attention { part: "backup", says: format!("the last backup failed: {name}"), remedy: remedy.to_owned() })
}

fn certificate_is_amiss(told: &certificate::Told) -> Option<Attention> {
    let time = |shown: &certificate::Shown| match shown.validity {
        "ends_soon" => format!("the certificate ends in {} days", shown.days_left),
        "ended" => format!("the certificate ended at {}", shown.not_after),
        _ => format!("the certificate begins at {} only, by the clock of the box", shown.not_before),
    };
    let says = told.problem.clone().or_else(|| told.certificate.as_ref().map(time)).unwrap_or_default();
    (!told.remedy.is_empty()).then(|| Attention { part: "tls", says, remedy: told.remedy.to_owned() })
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
