//! Dialect Surfsight: organizations and their retention under `/organizations`, tokens from `/authenticate`; both also
//! under `/v2`.
//!
//! Known quirks, all of the contract unless marked:
//! - PATCH answers its request id and nothing else, and 403 for an unknown organization as for somebody else's.
//! - POST answers at the top level, reads below `data`; the list is not paged.
//! - Errors know six statuses: what other dialects answer 405 is 404 here, too large or too slow a body 400, a box that is
//!   busy or cannot write 500 with `Retry-After`. Only too many failed sign-ins leave that set: 429 tells a client to wait
//!   where 401 would make it ask for another password [ours].
//! - Whoever manages the box is a partner here.

mod auth;
mod docs;
mod error;
mod organizations;
mod wire;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, delete, get, patch, post, scope},
    openapi::Face,
};

static DIALECT: Dialect = Dialect { name: "surfsight", render: error::render };

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["", "/v2"];

/// Mounts the dialect.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        if prefix.is_empty() {
            // One scope of the top would take every other dialect's paths, so each resource there has its own.
            for resource in ["/organizations", "/authenticate"] {
                config.service(scope(resource, &DIALECT, below(resource)));
            }
        } else {
            config.service(scope(prefix, &DIALECT, endpoints()));
        }
    }
}

/// The dialect as the document shows it.
pub fn face() -> Face {
    Face { dialect: &DIALECT, prefixes: PREFIXES, endpoints, about: docs::about }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/authenticate", auth::authenticate).doc(docs::authenticate),
        get("/organizations", organizations::list).doc(docs::list_organizations),
        post("/organizations", organizations::create).doc(docs::create_organization),
        get("/organizations/{orgId}", organizations::view).doc(docs::view_organization),
        patch("/organizations/{orgId}", organizations::update).doc(docs::update_organization),
        delete("/organizations/{orgId}", organizations::delete).doc(docs::delete_organization),
    ]
}

/// The routes of one resource, with what follows its path.
fn below(resource: &str) -> Vec<Endpoint> {
    let mut endpoints = endpoints();
    endpoints.retain_mut(|endpoint| match endpoint.path.strip_prefix(resource) {
        Some(rest) => {
            endpoint.path = rest;
            true
        }
        None => false,
    });
    endpoints
}
