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
//! - An organization in a path is its name or, where none has that name, its id.

mod audit;
mod audit_wire;
mod auth;
mod brandings;
mod cameras;
mod changes;
mod error;
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
mod page;
mod previews;
mod query;
mod site;
mod status;
mod usage;
mod user_wire;
mod users;
mod wire;

use actix_web::web;

use super::dialect::{Dialect, Endpoint, delete, get, patch, post, put, scope};

static DIALECT: Dialect = Dialect { name: "native", render: error::render };

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["/orgbox/v1"];

/// Mounts the dialect.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        config.service(scope(prefix, &DIALECT, endpoints()));
    }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![
        // The box and who asks
        get("/site", site::view),
        get("/status", status::view),
        get("/whoami", users::whoami),
        // Organizations
        get("/organizations", organizations::list),
        post("/organizations", organizations::create),
        get("/organizations/{org}", organizations::view),
        patch("/organizations/{org}", organizations::update),
        delete("/organizations/{org}", organizations::delete),
        post("/organizations/{org}/preview", previews::of_organization),
        // Hierarchy
        get("/organizations/{org}/parents", hierarchy::parents),
        put("/organizations/{org}/parents", hierarchy::set_parents),
        get("/organizations/{org}/children", hierarchy::children),
        get("/organizations/{org}/ancestors", hierarchy::ancestors),
        get("/organizations/{org}/subtree", hierarchy::subtree),
        get("/organizations/{org}/path", hierarchy::path),
        // Members
        get("/organizations/{org}/members", members::list),
        put("/organizations/{org}/members/{login}", members::put),
        delete("/organizations/{org}/members/{login}", members::remove),
        // Users
        get("/users", users::list),
        post("/users", users::create),
        get("/users/{user}", users::view),
        patch("/users/{user}", users::update),
        delete("/users/{user}", users::delete),
        // Keys
        get("/keys", keys::list),
        post("/keys", keys::create),
        get("/keys/{id}", keys::view),
        delete("/keys/{id}", keys::end),
    ];
    endpoints.extend(cameras());
    endpoints.extend(holds());
    endpoints.extend(catalog());
    endpoints.extend(trail());
    endpoints
}

fn cameras() -> Vec<Endpoint> {
    vec![
        get("/cameras", cameras::list),
        post("/cameras", cameras::register),
        get("/cameras/{id}", cameras::view),
        patch("/cameras/{id}", cameras::update),
        delete("/cameras/{id}", cameras::remove),
        post("/cameras/{id}/preview", previews::of_camera),
        get("/retention", cameras::retention),
    ]
}

fn holds() -> Vec<Endpoint> {
    vec![
        get("/holds", holds::list),
        get("/organizations/{org}/hold", holds::of_organization),
        put("/organizations/{org}/hold", holds::set_on_organization),
        delete("/organizations/{org}/hold", holds::lift_from_organization),
        get("/cameras/{id}/hold", holds::of_camera),
        put("/cameras/{id}/hold", holds::set_on_camera),
        delete("/cameras/{id}/hold", holds::lift_from_camera),
    ]
}

fn catalog() -> Vec<Endpoint> {
    vec![
        // What the VMS reports
        put("/organizations/{org}/usage", usage::report),
        put("/usage", usage::report_all),
        // Brandings
        get("/brandings", brandings::list),
        post("/brandings", brandings::create),
        get("/brandings/{id}", brandings::view),
        patch("/brandings/{id}", brandings::update),
        delete("/brandings/{id}", brandings::remove),
        // Installation groups
        get("/igrps", igrps::list),
        post("/igrps", igrps::create),
        get("/igrps/{id}", igrps::view),
        patch("/igrps/{id}", igrps::update),
        delete("/igrps/{id}", igrps::remove),
    ]
}

fn trail() -> Vec<Endpoint> {
    vec![
        get("/audit", audit::list),
        get("/audit/export", audit::export),
        get("/audit/verify", audit::verify),
        get("/changes", changes::follow),
    ]
}
