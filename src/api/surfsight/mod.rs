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
mod error;
mod organizations;
mod wire;

use actix_web::web;

use super::dialect::{Dialect, Endpoint, delete, get, patch, post, scope};

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

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/authenticate", auth::authenticate),
        get("/organizations", organizations::list),
        post("/organizations", organizations::create),
        get("/organizations/{orgId}", organizations::view),
        patch("/organizations/{orgId}", organizations::update),
        delete("/organizations/{orgId}", organizations::delete),
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
