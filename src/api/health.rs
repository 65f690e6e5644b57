//! `/healthz` (the process is alive) and `/readyz` (the box can serve and write). Neither needs a credential.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, http::Method};
use serde_json::json;

use super::{
    bridge::Bridge,
    certificate,
    dialect::{Endpoint, endpoint},
    link,
    openapi::{
        About,
        operation::{closed, closed_but, list, op, text, whole},
    },
    watched::Told,
};
use crate::ops::upstream;

/// Both routes.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint(Method::GET, "/healthz", alive).doc(|| {
            op("Whether the process is alive").open().answers(
                200,
                "It is.",
                closed("", [("status", json!({ "const": "alive" }))]),
            )
        }),
        endpoint(Method::GET, "/readyz", ready).doc(|| {
            op("Whether the box can serve and write")
                .says("What only concerns the upstream or the configuration file never makes it unready.")
                .open()
                .query(
                    "verbose",
                    "Tells how the configuration's files, the certificate and the link to the billing system stand as well.",
                    text(""),
                )
                .answers(200, "It can.", "BoxReadiness")
                .answers(503, "It cannot, with the reason and what to do.", "BoxReadiness")
        }),
    ]
}

/// What the document says of the routes outside every dialect.
pub fn about() -> About {
    let reason = closed(
        "Why, and what to do.",
        [("name", text("A stable name.")), ("since_ms", whole("Unix time.")), ("remedy", text("What to do."))],
    );
    let readiness = closed_but(
        "Whether the box can serve.",
        ["configuration", "tls", "upstream"],
        [
            ("status", json!({ "enum": ["ready", "not_ready"] })),
            ("reasons", list(reason)),
            ("configuration", json!({ "type": "object", "description": "How the configuration's files stand." })),
            ("tls", json!({ "type": "object", "description": "How the certificate stands." })),
            (
                "upstream",
                json!({ "type": ["object", "null"], "description": "How the link to the billing system stands." }),
            ),
        ],
    );
    let refusal = closed("A failure.", [("error", text("A sentence.")), ("request_id", text("Names the request."))]);
    About {
        title: "The box itself",
        source: include_str!("health.rs"),
        schemes: Vec::new(),
        security: Vec::new(),
        error: "BoxError",
        schemas: vec![("BoxReadiness", readiness), ("BoxError", refusal)],
        path_parameters: Vec::new(),
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
        let shared = bridge.shared();
        body["configuration"] = json!(Told::in_public(&shared.overrides.state()));
        body["tls"] = json!(certificate::Told::of(&shared.tls.state(), shared.clock.now_ms()));
        // A database that cannot be read has been told of above.
        let standing = bridge.read(upstream::standing_in_brief).ok();
        let told =
            standing.map(|standing| link::Told::in_public(shared.upstream.link(), standing, shared.clock.now_ms()));
        body["upstream"] = json!(told);
    }
    if health.is_none() { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

fn is_verbose(query: &str) -> bool {
    query.split('&').any(|pair| matches!(pair, "verbose" | "verbose=" | "verbose=1" | "verbose=true"))
}
