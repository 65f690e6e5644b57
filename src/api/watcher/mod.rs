//! Dialect Watcher: organizations, their members and folders, users and sessions under `/vsaas/api/v2`.
//!
//! Known quirks, of the contract unless marked [ours]:
//! - Only 200, 400, 403, 404 and 500 exist: a missing credential is 403, a login that is taken is 400, a full queue is 500.
//! - A path that does not answer a method is 400 `BadRequest`, because the path itself exists [ours].
//! - Everything under `/vsaas/` that is no route answers 404 in this dialect's shape.
//! - `/domains/{domain_id}/organizations…` is an alias of `/organizations…`; there is one domain, id 1.
//! - The dialect knows no hierarchy: a user sees what it owns or is a member of itself. A member of the default
//!   organization, which every new user is, would see all others otherwise [ours].
//! - `camera_limit` 0 is the default of 1000, while 0 is 0 for the other limits; null is the default for all three [ours].
//! - `owner_id` `""` is not given, null is nobody; a form has no null.
//! - An organization is made without an owner unless one is named, so only administrators make any.
//! - A user's key counts only together with `x-vsaas-user` naming that user. With the system key that header narrows; an
//!   empty or unreadable one is refused, never passed over [ours].
//! - DELETE of an organization needs the header `force`; who may not delete it at all learns that first [ours].
//! - `whoami` has the keys of a login; its `session` is the one that was sent, or null where a key was [ours].
//! - An organization has one folder, whose id and title are its own [ours].

mod auth;
mod docs;
mod domains;
mod error;
mod input;
mod members;
mod organizations;
mod page;
mod schemas;
mod sessions;
mod users;
mod wire;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, delete, get, post, put, scope},
    openapi::Face,
};

static DIALECT: Dialect = Dialect { name: "watcher", render: error::render };

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["/vsaas/api/v2"];
/// Above it nothing else is served, and what is asked for there is refused in the dialect's shape.
const ABOVE: &str = "/vsaas";

/// Mounts the dialect.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        config.service(scope(prefix, &DIALECT, endpoints()));
    }
    config.service(scope(ABOVE, &DIALECT, Vec::new()));
}

/// The routes of organizations below a prefix.
macro_rules! organization_routes {
    ($prefix:literal) => {
        [
            get(concat!($prefix, "/organizations"), organizations::list).doc(docs::list_organizations),
            post(concat!($prefix, "/organizations"), organizations::create).doc(docs::create_organization),
            get(concat!($prefix, "/organizations/{id}"), organizations::view).doc(docs::view_organization),
            put(concat!($prefix, "/organizations/{id}"), organizations::update).doc(docs::update_organization),
            delete(concat!($prefix, "/organizations/{id}"), organizations::delete).doc(docs::delete_organization),
            get(concat!($prefix, "/organizations/{id}/folders"), organizations::folders).doc(docs::list_folders),
            get(concat!($prefix, "/organizations/{id}/users"), members::list).doc(docs::list_members),
            post(concat!($prefix, "/organizations/{id}/users"), members::add).doc(docs::add_member),
            put(concat!($prefix, "/organizations/{id}/users/{user_id}"), members::update).doc(docs::update_member),
            delete(concat!($prefix, "/organizations/{id}/users/{user_id}"), members::remove).doc(docs::remove_member),
        ]
    };
}

/// The dialect as the document shows it.
pub fn face() -> Face {
    Face { dialect: &DIALECT, prefixes: PREFIXES, endpoints, about: docs::about }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![
        post("/auth/login", sessions::login).doc(docs::login),
        get("/auth/whoami", sessions::whoami).doc(docs::whoami),
        post("/auth/logout", sessions::logout).doc(docs::logout),
        get("/domains", domains::list).doc(docs::list_domains),
        get("/domains/{domain_id}", domains::view).doc(docs::view_domain),
        get("/users", users::list).doc(docs::list_users),
        post("/users", users::create).doc(docs::create_user),
        get("/users/{id}", users::view).doc(docs::view_user),
        put("/users/{id}", users::update).doc(docs::update_user),
        delete("/users/{id}", users::delete).doc(docs::delete_user),
    ];
    endpoints.extend(organization_routes!(""));
    endpoints.extend(organization_routes!("/domains/{domain_id}"));
    endpoints
}
