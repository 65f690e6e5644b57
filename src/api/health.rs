//! `/healthz` (the process is alive) and `/readyz` (the box can serve and write). Neither needs a credential.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde_json::json;

use super::{
    bridge::Bridge,
    dialect::{endpoint, resource},
};

/// Mounts both.
pub fn configure(config: &mut web::ServiceConfig) {
    for endpoint in [endpoint(Method::GET, "/healthz", alive), endpoint(Method::GET, "/readyz", ready)] {
        config.service(resource(endpoint.path, vec![endpoint]));
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// 503 while the box cannot read or write, with the named reason and what to do. What only concerns the upstream or the
/// configuration file never turns it red.
async fn ready(request: HttpRequest) -> HttpResponse {
    let health = request.app_data::<Rc<Bridge>>().and_then(|bridge| bridge.shared().health());
    match health {
        None => HttpResponse::Ok().json(json!({ "status": "ready", "reasons": [] })),
        Some(health) => HttpResponse::ServiceUnavailable().json(json!({
            "status": "not_ready",
            "reasons": [{
                "name": health.fault.name(),
                "since_ms": health.since_ms,
                "remedy": health.fault.remedy(),
            }],
        })),
    }
}
