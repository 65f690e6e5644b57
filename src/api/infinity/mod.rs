//! Dialect Infinity: organisations, their links, branding options and installation groups under `/config/v2`.
//!
//! Known quirks, all of the contract unless marked:
//! - A list is one JSON object per line without an array around it, and every scalar is a JSON string.
//! - POST to an organisation changes it; PUT is known for parents only, where it replaces the set.
//! - POST, PUT and DELETE take their parameters from the query and the body alike; the body wins.
//! - An error is one bare JSON string, and what other APIs answer with 409 is 400 here.
//! - An array where one value belongs is refused, never cut down to its last item [ours].
//! - Once the default organization is deleted, the brandings that were its own are everybody's [ours].

mod auth;
mod brandings;
mod docs;
mod error;
mod formats;
mod igrps;
mod input;
mod links;
mod listing;
mod markup;
mod organizations;
mod profile;
mod wire;

use actix_web::web;

use super::{
    dialect::{Dialect, Endpoint, delete, get, post, put, scope},
    openapi::Face,
};

static DIALECT: Dialect = Dialect { name: "infinity", render: error::render };

/// Where the dialect is served: for HTTP Basic and for API keys in the vendor's words; here both take both.
pub const PREFIXES: &[&str] = &["/config/v2", "/config/v2.1"];

/// Mounts the dialect. All of `/config` is its own, so that a wrong path or version is refused in its shape.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in PREFIXES {
        config.service(scope(prefix, &DIALECT, endpoints()));
    }
    config.service(scope("/config", &DIALECT, Vec::new()));
}

/// The dialect as the document shows it.
pub fn face() -> Face {
    Face { dialect: &DIALECT, prefixes: PREFIXES, endpoints, about: docs::about }
}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/organisations", organizations::list).doc(docs::list_organizations),
        post("/organisations", organizations::create).doc(docs::create_organization),
        get("/organisations/{id}", organizations::view).doc(docs::view_organization),
        post("/organisations/{id}", organizations::update).doc(docs::update_organization),
        delete("/organisations/{id}", organizations::delete).doc(docs::delete_organization),
        get("/organisations/{id}/branding", brandings::options).doc(docs::list_brandings),
        get("/organisations/{id}/parents", links::parents).doc(docs::list_parents),
        put("/organisations/{id}/parents", links::set_parents).doc(docs::set_parents),
        post("/organisations/{id}/parents", links::add_parents).doc(docs::add_parents),
        delete("/organisations/{id}/parents", links::remove_parents).doc(docs::remove_parents),
        get("/organisations/{id}/children", links::children).doc(docs::list_children),
        get("/igrps", igrps::list).doc(docs::list_igrps),
        get("/igrps/{id}/organisationTypes", igrps::types).doc(docs::list_types),
        get("/igrps/{id}/organisations", igrps::placements).doc(docs::list_placements),
        get("/profile", profile::view).doc(docs::view_profile),
    ]
}
