//! The one table of keys: name, bounds and the field each one fills. Whatever reads, shows
//! or suggests keys goes through it. It must not know how a document is walked.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::records::{List, Records};
use super::secrets::{Form, Secret};
use super::shape::Shape;
use super::values::{Branding, Config, Igrp, IgrpType, Socket};

/// Keys whose change in a watched file has effect at once, and tables (`upstream.`) of which all are such; every other one
/// waits for the next start.
pub const LIVE: &[&str] = &["allow_shrink", "log.level", "upstream."];

/// What may be logged, from least to most.
pub(super) const LOG_LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// The kinds of billing systems.
const PRESETS: &[&str] = &["cloudevents", "webhook", "openmeter", "lago"];

/// The largest id: what every client's signed 32-bit integer holds.
const MAX_ID: u32 = i32::MAX as u32;

/// A table of the file and its keys.
pub(super) struct Section {
    /// Dotted name; empty for the top of the file.
    pub path: &'static str,
    pub rows: &'static [Row<Config>],
}

/// A key of the table or list item that `T` is read from.
pub(super) struct Row<T: 'static> {
    pub name: &'static str,
    pub required: bool,
    pub field: Field<T>,
}

/// What a key holds, and the way to the field it fills.
pub(super) enum Field<T: 'static> {
    Version,
    Number {
        min: u32,
        max: u32,
        unit: &'static str,
        at: fn(&mut T) -> &mut u32,
    },
    Order(fn(&mut T) -> &mut i32),
    Flag(fn(&mut T) -> &mut bool),
    Text {
        shape: Shape,
        at: fn(&mut T) -> &mut String,
    },
    Path(fn(&mut T) -> &mut PathBuf),
    Socket(fn(&mut T) -> &mut Socket),
    Addresses(fn(&mut T) -> &mut Vec<SocketAddr>),
    SecretFile {
        /// The credential that is taken when no file is named.
        credential: &'static str,
        form: Form,
        at: fn(&mut T) -> &mut Option<Secret>,
    },
    Names(fn(&mut T) -> &mut Option<Vec<String>>),
    List(&'static dyn List<T>),
}

impl<T> Row<T> {
    const fn optional(name: &'static str, field: Field<T>) -> Self {
        Self { name, required: false, field }
    }

    const fn required(name: &'static str, field: Field<T>) -> Self {
        Self { name, required: true, field }
    }

    const fn number(name: &'static str, min: u32, max: u32, unit: &'static str, at: fn(&mut T) -> &mut u32) -> Self {
        Self::optional(name, Field::Number { min, max, unit, at })
    }

    const fn id(at: fn(&mut T) -> &mut u32) -> Self {
        let (min, max, unit) = (1, MAX_ID, "");
        Self::required("id", Field::Number { min, max, unit, at })
    }

    const fn secret(
        name: &'static str,
        credential: &'static str,
        form: Form,
        at: fn(&mut T) -> &mut Option<Secret>,
    ) -> Self {
        Self::optional(name, Field::SecretFile { credential, form, at })
    }

    const fn text(name: &'static str, shape: Shape, at: fn(&mut T) -> &mut String) -> Self {
        Self::required(name, Field::Text { shape, at })
    }
}

/// Whether a change of this key has effect at once.
pub(super) fn is_live(name: &str) -> bool {
    LIVE.iter().any(|live| *live == name || (live.ends_with('.') && name.starts_with(live)))
}

/// Every key of a file, except those of list items.
pub(super) static SECTIONS: &[Section] = &[
    Section {
        path: "",
        rows: &[
            Row::required("version", Field::Version),
            Row::optional("allow_shrink", Field::Flag(|c| &mut c.overrides.allow_shrink)),
            Row::optional("brandings", Field::List(&Records(|c: &mut Config| &mut c.brandings))),
            Row::optional("igrps", Field::List(&Records(|c: &mut Config| &mut c.igrps))),
        ],
    },
    Section {
        path: "server",
        rows: &[
            Row::optional("listen", Field::Addresses(|c| &mut c.server.listen)),
            Row::optional("socket", Field::Socket(|c| &mut c.server.socket)),
        ],
    },
    Section { path: "database", rows: &[Row::optional("path", Field::Path(|c| &mut c.database.path))] },
    Section {
        path: "site",
        rows: &[Row::optional("title", Field::Text { shape: Shape::Line(255), at: |c| &mut c.site.title })],
    },
    Section {
        path: "dialects.watcher",
        rows: &[
            Row::secret("system_key_file", "watcher-system-key", Form::Key, |c| &mut c.watcher.system_key),
            Row::number("max_sessions", 1, 10_000, "sessions", |c| &mut c.watcher.max_sessions),
        ],
    },
    Section {
        path: "dialects.wotkit",
        rows: &[
            Row::optional("legacy_status", Field::Flag(|c| &mut c.wotkit.legacy_status)),
            Row::optional("public_directory", Field::Flag(|c| &mut c.wotkit.public_directory)),
        ],
    },
    Section {
        path: "dialects.surfsight",
        rows: &[Row::number("max_purge_days", 1, 366, "days", |c| &mut c.surfsight.max_purge_days)],
    },
    Section { path: "upstream", rows: UPSTREAM },
    Section { path: "limits", rows: LIMITS },
    Section {
        path: "log",
        rows: &[Row::optional("level", Field::Text { shape: Shape::OneOf(LOG_LEVELS), at: |c| &mut c.log.level })],
    },
];

static UPSTREAM: &[Row<Config>] = &[
    Row::optional("url", Field::Text { shape: Shape::Url, at: |c| &mut c.upstream.url }),
    Row::optional("preset", Field::Text { shape: Shape::OneOf(PRESETS), at: |c| &mut c.upstream.preset }),
    Row::secret("token_file", "upstream-token", Form::Token, |c| &mut c.upstream.token),
    Row::secret("signing_secret_file", "upstream-signing-secret", Form::SigningSecret, |c| {
        &mut c.upstream.signing_secret
    }),
    Row::optional("strict_ack", Field::Flag(|c| &mut c.upstream.strict_ack)),
    Row::number("start_jitter_seconds", 0, 3600, "seconds", |c| &mut c.upstream.start_jitter_seconds),
    Row::number("backoff_base_ms", 10, 60_000, "milliseconds", |c| &mut c.upstream.backoff_base_ms),
    Row::number("backoff_cap_ms", 100, 3_600_000, "milliseconds", |c| &mut c.upstream.backoff_cap_ms),
    Row::number("heartbeat_seconds", 10, 86_400, "seconds", |c| &mut c.upstream.heartbeat_seconds),
    Row::number("max_batch_events", 1, 500, "events", |c| &mut c.upstream.max_batch_events),
    Row::number("max_batch_bytes", 1 << 10, 4 << 20, "bytes", |c| &mut c.upstream.max_batch_bytes),
    Row::number("queue_bytes", 1 << 20, 1 << 30, "bytes", |c| &mut c.upstream.queue_bytes),
    Row::secret("ca_file", "upstream-ca", Form::Pem, |c| &mut c.upstream.ca),
    Row::secret("client_cert_file", "upstream-client-cert", Form::Pem, |c| &mut c.upstream.client_cert),
    Row::secret("client_key_file", "upstream-client-key", Form::Pem, |c| &mut c.upstream.client_key),
    Row::optional("proxy", Field::Text { shape: Shape::Url, at: |c| &mut c.upstream.proxy }),
    Row::optional("gzip", Field::Flag(|c| &mut c.upstream.gzip)),
    Row::optional("allow_plain_http", Field::Flag(|c| &mut c.upstream.allow_plain_http)),
];

static LIMITS: &[Row<Config>] = &[
    Row::number("max_body_bytes", 1 << 10, 16 << 20, "bytes", |c| &mut c.limits.max_body_bytes),
    Row::number("max_connections", 16, 65_536, "connections", |c| &mut c.limits.max_connections),
    Row::number("header_timeout_seconds", 1, 60, "seconds", |c| &mut c.limits.header_timeout_seconds),
    Row::number("body_timeout_seconds", 1, 600, "seconds", |c| &mut c.limits.body_timeout_seconds),
    Row::number("send_timeout_seconds", 1, 600, "seconds", |c| &mut c.limits.send_timeout_seconds),
    Row::number("keep_alive_seconds", 1, 3600, "seconds", |c| &mut c.limits.keep_alive_seconds),
    Row::number("shutdown_timeout_seconds", 1, 300, "seconds", |c| &mut c.limits.shutdown_timeout_seconds),
    Row::number("write_queue_jobs", 16, 65_536, "jobs", |c| &mut c.limits.write_queue_jobs),
    Row::number("write_batch_jobs", 1, 1024, "jobs", |c| &mut c.limits.write_batch_jobs),
    Row::number("password_hash_queue", 1, 1024, "logins", |c| &mut c.limits.password_hash_queue),
];

pub(super) static BRANDING: &[Row<Branding>] = &[
    Row::id(|b| &mut b.id),
    Row::text("name", Shape::Line(255), |b| &mut b.name),
    Row::text("logo_filename", Shape::FileName, |b| &mut b.logo_filename),
    Row::text("landing_domain", Shape::HostName, |b| &mut b.landing_domain),
    Row::text("primary_color", Shape::Color, |b| &mut b.primary_color),
    Row::optional("organizations", Field::Names(|b| &mut b.organizations)),
];

pub(super) static IGRP: &[Row<Igrp>] = &[
    Row::id(|i| &mut i.id),
    Row::text("name", Shape::Line(255), |i| &mut i.name),
    Row::optional("types", Field::List(&Records(|i: &mut Igrp| &mut i.types))),
];

pub(super) static IGRP_TYPE: &[Row<IgrpType>] = &[
    Row::text("code", Shape::Line(64), |t| &mut t.code),
    Row::text("name", Shape::Line(255), |t| &mut t.name),
    Row::optional("order", Field::Order(|t| &mut t.order)),
];

/// The dotted name of every key a file may hold, list items included (`brandings.id`).
pub fn names() -> Vec<String> {
    SECTIONS.iter().flat_map(|section| rows_names(section.path, section.rows)).collect()
}

/// The dotted names of `rows` below `path`.
pub(super) fn rows_names<T>(path: &str, rows: &[Row<T>]) -> Vec<String> {
    let mut names = Vec::new();
    for row in rows {
        let name = join(path, row.name);
        match row.field {
            Field::List(list) => names.extend(list.names(&name)),
            _ => names.push(name),
        }
    }
    names
}

/// `a` and `b` become `a.b`; at the top of the file `b` alone.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
