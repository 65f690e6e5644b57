//! What a configuration is: plain typed values and their defaults. It must not know
//! files, TOML or the environment.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::Environment;
use super::problems::{Origins, Place};
use super::secrets::{Places, Secret};
use super::settings::Settings;
use crate::model::overrides::Table;

/// The effective configuration of one box.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the box listens.
    pub server: Server,
    /// Where the box keeps everything.
    pub database: Database,
    /// What the box calls itself.
    pub site: Site,
    /// The Watcher dialect.
    pub watcher: Watcher,
    /// The WoTKit dialect.
    pub wotkit: Wotkit,
    /// The Surfsight dialect.
    pub surfsight: Surfsight,
    /// The billing system that changes are pushed to.
    pub upstream: Upstream,
    /// Brandings that the files name; ids are unique.
    pub brandings: Vec<Branding>,
    /// Installation groups that the files name; ids are unique.
    pub igrps: Vec<Igrp>,
    /// Bounds on what one client, or all together, can make the box hold.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
    /// What the files say of organizations.
    pub overrides: Overrides,
    /// The first administrator's password, 8–1024 bytes, from a credential or the environment.
    pub admin_password: Option<Secret>,
    /// Where each value comes from.
    pub origins: Origins,
    /// What it was read from.
    pub source: Source,
}

/// `[server]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// 1–16 addresses; port 0 lets the system choose.
    pub listen: Vec<SocketAddr>,
    /// The local socket of the command line; see [`Config::socket`].
    pub socket: Socket,
}

/// `[server] socket`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Socket {
    /// Beside the database and named like it: `orgbox.sock` for `orgbox.db`.
    #[default]
    BesideDatabase,
    /// At this path.
    At(PathBuf),
    /// Nowhere: an empty path.
    Nowhere,
}

/// `[database]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The SQLite file; beside it come `-wal` and `-shm`.
    pub path: PathBuf,
}

/// `[site]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Title of the one domain in the Watcher dialect, 1–255 characters \[vendor\].
    pub title: String,
}

/// `[dialects.watcher]`.
#[derive(Clone, Debug)]
pub struct Watcher {
    /// The system API key, 16 characters or more; without it there is no system access.
    pub system_key: Option<Secret>,
    /// Sessions one user may hold, 1–10 000; the oldest makes room for the next.
    pub max_sessions: u32,
}

/// `[dialects.wotkit]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wotkit {
    /// Answer PUT and DELETE of an organization with 204 instead of 200 \[client\].
    pub legacy_status: bool,
    /// Listing and viewing organizations needs no credentials \[seed\].
    pub public_directory: bool,
}

/// `[dialects.surfsight]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surfsight {
    /// The most retention a client may set, 1–366 days \[ours\].
    pub max_purge_days: u32,
}

/// One `[[brandings]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branding {
    /// 1 to 2³¹−1.
    pub id: u32,
    /// 1–255 characters.
    pub name: String,
    /// A file name without any folder.
    pub logo_filename: String,
    /// A host name, without scheme or port.
    pub landing_domain: String,
    /// `#RRGGBB`, as it was written.
    pub primary_color: String,
    /// Names of the organizations it belongs to; `None` is the default organization.
    pub organizations: Option<Vec<String>>,
    /// Where it is written.
    pub place: Place,
}

/// One `[[igrps]]`, an installation group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Igrp {
    /// 1 to 2³¹−1.
    pub id: u32,
    /// 1–255 characters.
    pub name: String,
    /// Its organization types; codes are unique within the group.
    pub types: Vec<IgrpType>,
    /// Where it is written.
    pub place: Place,
}

/// One organization type of an installation group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgrpType {
    /// 1–64 characters.
    pub code: String,
    /// 1–255 characters.
    pub name: String,
    /// Where it stands among its group's types.
    pub order: i32,
    /// Where it is written.
    pub place: Place,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`; the environment variable `ORGBOX_LOG` comes before it.
    pub level: String,
}

/// The tables `[organizations."…"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In the order of the files, and in a file from top to bottom.
    pub tables: Vec<Table>,
    /// Whether the files may manage less than half of what they did.
    pub allow_shrink: bool,
}

/// `[upstream]`.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Where events are posted to; empty: nowhere.
    pub url: String,
    /// `cloudevents`, `webhook`, `openmeter` or `lago`.
    pub preset: String,
    /// The bearer token, 1–4000 characters.
    pub token: Option<Secret>,
    /// The `whsec_…` secret that signs.
    pub signing_secret: Option<Secret>,
    /// An acknowledgement must echo sequence and epoch.
    pub strict_ack: bool,
    /// The first send after a start waits up to so many seconds, 0–3600.
    pub start_jitter_seconds: u32,
    /// Bound of the first wait after a failure, 10–60 000 milliseconds.
    pub backoff_base_ms: u32,
    /// Bound of every wait after a failure, 100–3 600 000 milliseconds.
    pub backoff_cap_ms: u32,
    /// Seconds between heartbeats, 10–86 400.
    pub heartbeat_seconds: u32,
    /// Most events in a batch, 1–500.
    pub max_batch_events: u32,
    /// Most bytes of events in a batch, 1 KiB–4 MiB.
    pub max_batch_bytes: u32,
    /// Bytes of events that may wait, 1 MiB–1 GiB.
    pub queue_bytes: u32,
    /// PEM of the authorities to trust in place of the public ones.
    pub ca: Option<Secret>,
    /// PEM of the certificate, with its chain, that this box shows.
    pub client_cert: Option<Secret>,
    /// PEM of its key.
    pub client_key: Option<Secret>,
    /// URL of an HTTP proxy; empty: none.
    pub proxy: String,
    /// Bodies are compressed.
    pub gzip: bool,
    /// `http://` is allowed beyond this machine.
    pub allow_plain_http: bool,
}

/// What a configuration was read from, to read it again.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The main file; `None`: the defaults, and nothing to watch.
    pub file: Option<PathBuf>,
    /// What the process said.
    pub environment: Environment,
    /// The value of each key, to tell what has changed since.
    pub settings: Settings,
    /// Where the secrets in force lie.
    pub secrets: Places,
}

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest request body in bytes, 1 KiB–16 MiB.
    pub max_body_bytes: u32,
    /// Open connections of all workers together, 16–65 536.
    pub max_connections: u32,
    /// Seconds a client has for its request line and headers, 1–60.
    pub header_timeout_seconds: u32,
    /// Seconds a client has for its body, 1–600.
    pub body_timeout_seconds: u32,
    /// Seconds without progress after which an answer that a client does not read is given up, 1–600.
    pub send_timeout_seconds: u32,
    /// Seconds an idle connection is kept for the next request, 1–3600.
    pub keep_alive_seconds: u32,
    /// Seconds a stop waits for requests under way, 1–300.
    pub shutdown_timeout_seconds: u32,
    /// Changes that may wait for the writer, 16–65 536.
    pub write_queue_jobs: u32,
    /// Changes one commit may carry, 1–1024.
    pub write_batch_jobs: u32,
    /// Logins that may wait for the two password hashing slots, 1–1024.
    pub password_hash_queue: u32,
}

impl Config {
    /// Where the local socket is; `None` where there is none. Named like the database, so that two boxes whose databases
    /// lie in one folder don't meet.
    pub fn socket(&self) -> Option<PathBuf> {
        match &self.server.socket {
            Socket::BesideDatabase => Some(self.database.path.with_extension("sock")),
            Socket::At(path) => Some(path.clone()),
            Socket::Nowhere => None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server { listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8480))], socket: Socket::default() },
            database: Database { path: PathBuf::from("orgbox.db") },
            site: Site { title: "Flussonic Watcher".to_owned() },
            watcher: Watcher { system_key: None, max_sessions: 100 },
            wotkit: Wotkit { legacy_status: false, public_directory: true },
            surfsight: Surfsight { max_purge_days: 366 },
            upstream: Upstream::default(),
            brandings: Vec::new(),
            igrps: Vec::new(),
            limits: Limits::default(),
            log: Log { level: "info".to_owned() },
            overrides: Overrides::default(),
            admin_password: None,
            origins: Origins::default(),
            source: Source::default(),
        }
    }
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            url: String::new(),
            preset: "cloudevents".to_owned(),
            token: None,
            signing_secret: None,
            strict_ack: false,
            start_jitter_seconds: 60,
            backoff_base_ms: 1000,
            backoff_cap_ms: 300_000,
            heartbeat_seconds: 900,
            max_batch_events: 500,
            max_batch_bytes: 256 << 10,
            queue_bytes: 64 << 20,
            ca: None,
            client_cert: None,
            client_key: None,
            proxy: String::new(),
            gzip: false,
            allow_plain_http: false,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1 << 20,
            // More than the 10 000 idle connections that a box must bear and still
            // have room for those who ask something.
            max_connections: 16_384,
            header_timeout_seconds: 5,
            body_timeout_seconds: 20,
            send_timeout_seconds: 30,
            keep_alive_seconds: 30,
            // Below the ten seconds after which most supervisors kill.
            shutdown_timeout_seconds: 8,
            write_queue_jobs: 1024,
            write_batch_jobs: 256,
            password_hash_queue: 32,
        }
    }
}
