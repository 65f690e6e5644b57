//! The configuration as the plain values that each part of the box takes, so that none of them knows the configuration.

use std::time::Duration;

use crate::{
    api::settings::{Limits, Metrics, Settings},
    config::{self, Config},
    model::{branding::Branding, id::BrandingId, id::IgrpId, igrp::Igrp, igrp::OrganizationType},
    ops::{key, setup::ConfiguredBranding},
    store::Options,
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
        metrics: config.metrics.enabled.then(|| Metrics {
            loopback: config.metrics.loopback,
            token_hash: config.metrics.token.as_ref().map(|secret| key::hash(secret.expose())),
        }),
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
