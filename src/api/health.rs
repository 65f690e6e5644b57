//! `/healthz` (the process is alive) and `/readyz` (the box can serve and write). Neither needs a credential.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde_json::json;

use super::{
    bridge::Bridge,
    dialect::{endpoint, resource},
    watched::Told,
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
/// configuration file never turns it red; asked for with `?verbose` it is told all the same.
async fn ready(request: HttpRequest) -> HttpResponse {
    let bridge = request.app_data::<Rc<Bridge>>();
    let health = bridge.and_then(|bridge| bridge.shared().health());
    let mut body = match health {
        None => json!({ "status": "ready", "reasons": [] }),
        Some(health) => json!({
            "status": "not_ready",
            "reasons": [{
                "name": health.fault.name(),
                "since_ms": health.since_ms,
                "remedy": health.fault.remedy(),
            }],
        }),
    };
    if let Some(bridge) = bridge.filter(|_| is_verbose(request.query_string())) {
        body["configuration"] = json!(Told::in_public(&bridge.shared().overrides.state()));
    }
    if health.is_none() { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

fn is_verbose(query: &str) -> bool {
    query.split('&').any(|pair| matches!(pair, "verbose" | "verbose=" | "verbose=1" | "verbose=true"))
}
