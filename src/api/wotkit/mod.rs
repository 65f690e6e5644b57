//! Dialect WoTKit: organizations and their members under `/api/v1/orgs`, users under `/api/v1/users`.
//!
//! Known quirks, all of the contract:
//! - `/api/orgs` and `/api/users` are aliases; `{org-name}` may be a name or, where no organization has that name, an id.
//! - Listing and viewing organizations needs no credentials, but wrong ones are refused there too.
//! - A call that needs credentials and has none is 403, not 401.
//! - The core knows one name of a user, so that `firstname` is its first word and `lastname` the rest: a first name of two
//!   words is read back as one and the longer last name.
//! - DELETE of members carries a body; PUT and DELETE answer 200 without one, or 204 where `legacy_status` is set.

mod auth;
mod docs;
mod error;
mod members;
mod organizations;
mod user_wire;
mod users;
mod wire;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, delete, get, post, put, scope},
    openapi::Face,
};

static DIALECT: Dialect = Dialect { name: "wotkit", render: error::render };

/// Where the dialect is served; the second is an alias.
pub const PREFIXES: &[&str] = &["/api/v1", "/api"];

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
    vec![
        get("/orgs", organizations::list).doc(docs::list_organizations),
        post("/orgs", organizations::create).doc(docs::create_organization),
        get("/orgs/{name}", organizations::view).doc(docs::view_organization),
        put("/orgs/{name}", organizations::update).doc(docs::update_organization),
        delete("/orgs/{name}", organizations::delete).doc(docs::delete_organization),
        get("/orgs/{name}/members", members::list).doc(docs::list_members),
        post("/orgs/{name}/members", members::add).doc(docs::add_members),
        delete("/orgs/{name}/members", members::remove).doc(docs::remove_members),
        get("/users", users::list).doc(docs::list_users),
        post("/users", users::create).doc(docs::create_user),
        get("/users/{user}", users::view).doc(docs::view_user),
        put("/users/{user}", users::update).doc(docs::update_user),
        delete("/users/{user}", users::delete).doc(docs::delete_user),
    ]
}
