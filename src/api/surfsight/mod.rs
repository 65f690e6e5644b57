//! x
use actix_web::web;

use super::dialect::Endpoint;

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["/organizations", "/v2/organizations"];

/// x
pub fn configure(_config: &mut web::ServiceConfig) {}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    Vec::new()
}
