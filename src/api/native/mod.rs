//! Dialect native: the box's own, under `/orgbox/v1`. It says what the other four cannot: where a value comes from, why a
//! user reaches an organization, what a change would destroy, what is under legal hold.
//!
//! Conventions, the same on every route:
//! - Fields have the core's own names, moments are RFC 3339 in UTC, what is absent is `null`.
//! - Bodies are JSON objects; a field that nobody knows is refused by name. PATCH is a JSON Merge Patch [RFC 7396]: `null`
//!   gives the default back.
//! - Lists answer `{"items": […], "next": …}`; `next` is the `cursor` of the following page, `null` on the last.
//! - What has a version answers it as `ETag`; `If-Match` makes a change conditional on it [RFC 9110].
//! - `Idempotency-Key` on a create makes it safe to send again: it is made once and answered alike for a day.
//! - Failures are problem documents [RFC 9457] with a stable `code`.
//! - An organization in a path is its id or, where none has that id, its name.

mod audit;
mod audit_wire;
mod auth;
mod backups;
mod backups_docs;
mod brandings;
mod cameras;
mod certificate;
mod changes;
mod docs;
mod error;
mod estate_docs;
mod estate_schemas;
mod etag;
mod hierarchy;
mod holds;
mod idempotency;
mod igrps;
mod input;
mod keys;
mod members;
mod organization_input;
mod organizations;
mod overrides;
mod overrides_docs;
mod overrides_wire;
mod page;
mod previews;
mod query;
mod schemas;
mod site;
mod status;
mod transfer;
mod transfer_docs;
mod transfer_read;
mod transfer_wire;
mod upstream;
mod upstream_docs;
mod usage;
mod user_wire;
mod users;
mod wire;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, delete, get, patch, post, put, scope},
    openapi::Face,
};

static DIALECT: Dialect = Dialect { name: "native", render: error::render };

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["/orgbox/v1"];

/// Mounts the dialect.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        config.service(scope(prefix, &DIALECT, endpoints()));
    }
}

/// The dialect as the document shows it.
pub fn face() -> Face {
    Face { dialect: &DIALECT, prefixes: PREFIXES, endpoints, about: docs::about }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![
        // The box and who asks
        get("/site", site::view).doc(docs::view_site),
        get("/status", status::view).doc(estate_docs::view_status),
        get("/whoami", users::whoami).doc(docs::whoami),
        get("/certificate", certificate::view).doc(certificate::about_view),
        post("/certificate/renew", certificate::renew).doc(certificate::about_renew),
        // Backups
        get("/backups", backups::list).doc(backups_docs::list),
        post("/backups", backups::create).doc(backups_docs::create),
        post("/backups/prune", backups::prune).doc(backups_docs::prune),
        // Carrying organizations from box to box
        get("/export", transfer::export).doc(transfer_docs::export),
        post("/import", transfer::import).doc(transfer_docs::import),
        // The watched files
        get("/overrides", overrides::show).doc(overrides_docs::show),
        post("/overrides/plan", overrides::plan).doc(overrides_docs::plan),
        post("/overrides/clear", overrides::clear).doc(overrides_docs::clear),
        post("/overrides/reload", overrides::reload).doc(overrides_docs::reload),
        // Organizations
        get("/organizations", organizations::list).doc(docs::list_organizations),
        post("/organizations", organizations::create).doc(docs::create_organization),
        get("/organizations/{org}", organizations::view).doc(docs::view_organization),
        patch("/organizations/{org}", organizations::update).doc(docs::update_organization),
        delete("/organizations/{org}", organizations::delete).doc(docs::delete_organization),
        post("/organizations/{org}/preview", previews::of_organization).doc(estate_docs::preview_organization),
        // Hierarchy
        get("/organizations/{org}/parents", hierarchy::parents).doc(docs::list_parents),
        put("/organizations/{org}/parents", hierarchy::set_parents).doc(docs::set_parents),
        get("/organizations/{org}/children", hierarchy::children).doc(docs::list_children),
        get("/organizations/{org}/ancestors", hierarchy::ancestors).doc(docs::list_ancestors),
        get("/organizations/{org}/subtree", hierarchy::subtree).doc(docs::list_subtree),
        get("/organizations/{org}/path", hierarchy::path).doc(docs::path),
        // Members
        get("/organizations/{org}/members", members::list).doc(docs::list_members),
        put("/organizations/{org}/members/{login}", members::put).doc(docs::put_member),
        delete("/organizations/{org}/members/{login}", members::remove).doc(docs::remove_member),
        // Users
        get("/users", users::list).doc(docs::list_users),
        post("/users", users::create).doc(docs::create_user),
        get("/users/{user}", users::view).doc(docs::view_user),
        patch("/users/{user}", users::update).doc(docs::update_user),
        delete("/users/{user}", users::delete).doc(docs::delete_user),
        // Keys
        get("/keys", keys::list).doc(docs::list_keys),
        post("/keys", keys::create).doc(docs::create_key),
        get("/keys/{id}", keys::view).doc(docs::view_key),
        delete("/keys/{id}", keys::end).doc(docs::end_key),
    ];
    endpoints.extend(cameras());
    endpoints.extend(holds());
    endpoints.extend(catalog());
    endpoints.extend(trail());
    endpoints.extend(billing());
    endpoints
}

fn cameras() -> Vec<Endpoint> {
    vec![
        get("/cameras", cameras::list).doc(estate_docs::list_cameras),
        post("/cameras", cameras::register).doc(estate_docs::create_camera),
        get("/cameras/{id}", cameras::view).doc(estate_docs::view_camera),
        patch("/cameras/{id}", cameras::update).doc(estate_docs::update_camera),
        delete("/cameras/{id}", cameras::remove).doc(estate_docs::remove_camera),
        post("/cameras/{id}/preview", previews::of_camera).doc(estate_docs::preview_camera),
        get("/retention", cameras::retention).doc(estate_docs::view_retention),
    ]
}

fn holds() -> Vec<Endpoint> {
    vec![
        get("/holds", holds::list).doc(estate_docs::list_holds),
        get("/organizations/{org}/hold", holds::of_organization).doc(estate_docs::view_hold),
        put("/organizations/{org}/hold", holds::set_on_organization).doc(estate_docs::set_hold),
        delete("/organizations/{org}/hold", holds::lift_from_organization).doc(estate_docs::lift_hold),
        get("/cameras/{id}/hold", holds::of_camera).doc(estate_docs::view_hold),
        put("/cameras/{id}/hold", holds::set_on_camera).doc(estate_docs::set_hold),
        delete("/cameras/{id}/hold", holds::lift_from_camera).doc(estate_docs::lift_hold),
    ]
}

fn catalog() -> Vec<Endpoint> {
    vec![
        // What the VMS reports
        put("/organizations/{org}/usage", usage::report).doc(estate_docs::report_usage),
        put("/usage", usage::report_all).doc(estate_docs::report_all_usage),
        // Brandings
        get("/brandings", brandings::list).doc(estate_docs::list_brandings),
        post("/brandings", brandings::create).doc(estate_docs::create_branding),
        get("/brandings/{id}", brandings::view).doc(estate_docs::view_branding),
        patch("/brandings/{id}", brandings::update).doc(estate_docs::update_branding),
        delete("/brandings/{id}", brandings::remove).doc(estate_docs::remove_branding),
        // Installation groups
        get("/igrps", igrps::list).doc(estate_docs::list_igrps),
        post("/igrps", igrps::create).doc(estate_docs::create_igrp),
        get("/igrps/{id}", igrps::view).doc(estate_docs::view_igrp),
        patch("/igrps/{id}", igrps::update).doc(estate_docs::update_igrp),
        delete("/igrps/{id}", igrps::remove).doc(estate_docs::remove_igrp),
    ]
}

fn trail() -> Vec<Endpoint> {
    vec![
        get("/audit", audit::list).doc(docs::list_audit),
        get("/audit/export", audit::export).doc(docs::export_audit),
        get("/audit/verify", audit::verify).doc(docs::verify_audit),
        get("/changes", changes::follow).doc(docs::follow_changes),
    ]
}

/// Sending to the billing system
fn billing() -> Vec<Endpoint> {
    vec![
        get("/upstream", upstream::view).doc(upstream_docs::view),
        get("/upstream/parked", upstream::parked).doc(upstream_docs::parked),
        post("/upstream/parked/{event}/retry", upstream::retry).doc(upstream_docs::retry),
        post("/upstream/parked/{event}/drop", upstream::drop).doc(upstream_docs::drop),
        post("/upstream/retry", upstream::retry_all).doc(upstream_docs::retry_all),
        post("/upstream/resume", upstream::resume).doc(upstream_docs::resume),
        post("/upstream/new-site", upstream::new_site).doc(upstream_docs::new_site),
        post("/upstream/resync", upstream::resync).doc(upstream_docs::resync),
        post("/upstream/try", upstream::try_now).doc(upstream_docs::try_now),
        post("/upstream/export", upstream::prepare).doc(upstream_docs::prepare),
        get("/upstream/export", upstream::export).doc(upstream_docs::export),
        post("/upstream/ack", upstream::acknowledge).doc(upstream_docs::acknowledge),
    ]
}
