//! x
use actix_web::web;

use super::dialect::Endpoint;

/// Where the dialect is served.
pub const PREFIXES: &[&str] = &["/vsaas/api/v2"];

/// x
pub fn configure(_config: &mut web::ServiceConfig) {}

/// Every route below a prefix.
pub fn endpoints() -> Vec<Endpoint> {
    Vec::new()
}
