//! The configuration as the plain values that each part of the box takes, so that none of them knows the configuration.

use std::{sync::Arc, time::Duration};

use crate::{
    api::settings::{Limits, Settings},
    config::{self, Config, Secret},
    model::{branding::Branding, id::BrandingId, id::IgrpId, igrp::Igrp, igrp::OrganizationType},
    ops::{key, setup::ConfiguredBranding},
    store::Options,
    upstream::{
        backoff::Backoff,
        client::Route,
        handle::{Setup, Target},
        preset::Preset,
        settings::{self as upstream_settings, Credentials},
        sign::SigningKey,
    },
};

/// Bounds of the writer.
pub(super) fn store(config: &Config) -> Options {
    Options { queue_jobs: config.limits.write_queue_jobs as usize, batch_jobs: config.limits.write_batch_jobs as usize }
}

/// What the dialects and the server go by.
pub(super) fn of(config: &Config) -> Settings {
    let limits = &config.limits;
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
    Settings {
        site_title: config.site.title.clone(),
        system_key_hash: config.watcher.system_key.as_ref().map(|secret| key::hash(secret.expose())),
        sessions_max: i64::from(config.watcher.max_sessions),
        wotkit_legacy_status: config.wotkit.legacy_status,
        wotkit_public_directory: config.wotkit.public_directory,
        surfsight_max_purge_days: i64::from(config.surfsight.max_purge_days),
        limits: Limits {
            max_body_bytes: limits.max_body_bytes as usize,
            max_connections: limits.max_connections as usize,
            header_timeout: seconds(limits.header_timeout_seconds),
            body_timeout: seconds(limits.body_timeout_seconds),
            send_timeout: seconds(limits.send_timeout_seconds),
            keep_alive: seconds(limits.keep_alive_seconds),
            shutdown_timeout: seconds(limits.shutdown_timeout_seconds),
            password_hash_queue: limits.password_hash_queue as usize,
        },
    }
}

/// A branding of the file.
pub(super) fn branding(configured: &config::Branding) -> ConfiguredBranding {
    let config::Branding { id, name, logo_filename, landing_domain, primary_color, organizations, place: _ } =
        configured;
    ConfiguredBranding {
        branding: Branding {
            id: BrandingId(i64::from(*id)),
            name: name.clone(),
            logo_filename: logo_filename.clone(),
            landing_domain: landing_domain.clone(),
            primary_color: primary_color.clone(),
            organizations: Vec::new(),
        },
        organizations: organizations.clone(),
    }
}

/// An organization type group of the file.
pub(super) fn igrp(configured: &config::Igrp) -> Igrp {
    let config::Igrp { id, name, types, place: _ } = configured;
    let mut types: Vec<_> = types
        .iter()
        .map(|config::IgrpType { code, name, order, place: _ }| OrganizationType {
            code: code.clone(),
            name: name.clone(),
            order: i64::from(*order),
        })
        .collect();
    types.sort_by(|left, right| (left.order, &left.code).cmp(&(right.order, &right.code)));
    Igrp { id: IgrpId(i64::from(*id)), name: name.clone(), types }
}

/// What is to be sent where. Without an URL nothing is, unless a signing secret tells that there is a billing system which
/// is reached by hand.
pub(super) fn upstream(config: &Config) -> Setup {
    let upstream = &config.upstream;
    let credentials = credentials(upstream.token.as_ref(), upstream.signing_secret.as_ref());
    let queue_bytes = i64::from(upstream.queue_bytes);
    if upstream.url.is_empty() {
        let is_exported = credentials.signing_key.is_some();
        return if is_exported { Setup::Export { queue_bytes, credentials } } else { Setup::Off };
    }
    let milliseconds = |seconds: u32| i64::from(seconds) * 1000;
    let settings = upstream_settings::Settings {
        url: upstream.url.clone(),
        preset: Preset::parse(&upstream.preset).unwrap_or_default(),
        strict_ack: upstream.strict_ack,
        start_jitter_ms: milliseconds(upstream.start_jitter_seconds),
        backoff: Backoff { base_ms: i64::from(upstream.backoff_base_ms), cap_ms: i64::from(upstream.backoff_cap_ms) },
        heartbeat_ms: milliseconds(upstream.heartbeat_seconds),
        max_batch_events: upstream.max_batch_events as usize,
        max_batch_bytes: upstream.max_batch_bytes as usize,
        queue_bytes,
        gzip: upstream.gzip,
    };
    let bytes = |secret: &Secret| secret.expose().as_bytes().to_vec();
    let client_pem = upstream.client_cert.as_ref().zip(upstream.client_key.as_ref());
    let route = Route {
        ca_pem: upstream.ca.as_ref().map(bytes),
        client_pem: client_pem.map(|(cert, key)| (bytes(cert), bytes(key))),
        proxy: (!upstream.proxy.is_empty()).then(|| upstream.proxy.clone()),
    };
    let places = config.source.secrets.clone();
    let read_again = move || {
        let read = |name| places.read(name);
        Ok(self::credentials(read("upstream.token_file")?.as_ref(), read("upstream.signing_secret_file")?.as_ref()))
    };
    Setup::Send(Box::new(Target { settings, route, credentials, read_again: Arc::new(read_again) }))
}

/// The configuration has checked the form of both.
fn credentials(token: Option<&Secret>, signing_secret: Option<&Secret>) -> Credentials {
    Credentials {
        token: token.map(|token| token.expose().to_owned()),
        signing_key: signing_secret.and_then(|secret| SigningKey::parse(secret.expose()).ok()),
    }
}
