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
mod error;
mod members;
mod organizations;
mod user_wire;
mod users;
mod wire;

use actix_web::web;

use super::dialect::{Dialect, Endpoint, delete, get, post, put, scope};

static DIALECT: Dialect = Dialect { name: "wotkit", render: error::render };

/// Where the dialect is served; the second is an alias.
pub const PREFIXES: &[&str] = &["/api/v1", "/api"];

/// Mounts the dialect.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        config.service(scope(prefix, &DIALECT, endpoints()));
    }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/orgs", organizations::list),
        post("/orgs", organizations::create),
        get("/orgs/{name}", organizations::view),
        put("/orgs/{name}", organizations::update),
        delete("/orgs/{name}", organizations::delete),
        get("/orgs/{name}/members", members::list),
        post("/orgs/{name}/members", members::add),
        delete("/orgs/{name}/members", members::remove),
        get("/users", users::list),
        post("/users", users::create),
        get("/users/{user}", users::view),
        put("/users/{user}", users::update),
        delete("/users/{user}", users::delete),
    ]
}
