//! Dialect native: the box's own, under `/orgbox/v1`. It says what the other four cannot: where a value comes from, why a
//! user reaches an organization, what a change would destroy, what is under legal hold.
//!
//! Conventions, the same on every route:
//! - Fields have the core's own names, moments are RFC 3339 in UTC, what is absent is `null`.
//! - Bodies are JSON objects; a field that nobody knows is refused by name. PATCH is a JSON Merge Patch [RFC 7396]: `null`
//!   gives the default back.
//! - Lists answer `{"items": […], "next": …}`; `next` is the `cursor` of the following page, `null` on the last.
//! - What has a version answers it as `ETag`; `If-Match` makes a change conditional on it [RFC 9110].
//! - Failures are problem documents [RFC 9457] with a stable `code`.
//! - An organization in a path is its name or, where none has that name, its id.

mod auth;
mod docs;
mod error;
mod etag;
mod page;
mod site;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, get, scope},
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
    vec![get("/site", site::view).doc(docs::view_site)]
}
