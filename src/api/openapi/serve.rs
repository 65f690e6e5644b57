//! `/openapi.json` and `/docs`: written once, answered to anybody, revalidated by ETag.

use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY,
        },
    },
    web,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    operation::{op, text},
    page,
};
use crate::{
    api::dialect::{Endpoint, endpoint, resource},
    model::text::hexadecimal,
};

/// Something that stays the same while the box runs.
struct Fixed {
    media_type: &'static str,
    body: web::Bytes,
    etag: String,
    policy: Option<String>,
}

impl Fixed {
    fn new(media_type: &'static str, body: Vec<u8>, policy: Option<String>) -> Self {
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let etag = format!("\"{}\"", &hexadecimal(&digest)[..32]);
        Self { media_type, body: body.into(), etag, policy }
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = known.split(',').map(|etag| etag.trim().trim_start_matches("W/")).any(|etag| etag == self.etag);
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((ETAG, self.etag.as_str())).insert_header((CACHE_CONTROL, "no-cache"));
        if let Some(policy) = &self.policy {
            answer.insert_header((CONTENT_SECURITY_POLICY, policy.as_str()));
            answer.insert_header((REFERRER_POLICY, "no-referrer"));
            answer.insert_header((HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")));
        }
        if known { answer.finish() } else { answer.content_type(self.media_type).body(self.body.clone()) }
    }
}

/// Mounts both.
pub fn configure(config: &mut web::ServiceConfig) {
    for endpoint in endpoints() {
        config.service(resource(endpoint.path, vec![endpoint]));
    }
}

/// Both routes.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint(Method::GET, "/openapi.json", document).doc(|| {
            op("This document")
                .open()
                .header("If-None-Match", "The ETag of a copy at hand.", text(""))
                .answers(200, "The document.", json!({ "type": "object" }))
                .with_header("ETag", "Names this version.", text(""))
                .answers_empty(304, "The copy named by If-None-Match is still good.")
        }),
        endpoint(Method::GET, "/docs", docs).doc(|| {
            op("A page that shows this document")
                .says("One file without anything from elsewhere, so it works without a network.")
                .open()
                .header("If-None-Match", "The ETag of a copy at hand.", text(""))
                .answers_in(200, "The page.", vec![("text/html", text(""))])
                .with_header("ETag", "Names this version.", text(""))
                .answers_empty(304, "The copy named by If-None-Match is still good.")
        }),
    ]
}

async fn document(request: HttpRequest) -> HttpResponse {
    static DOCUMENT: OnceLock<Fixed> = OnceLock::new();
    let written = || Fixed::new("application/json", super::document().to_string().into_bytes(), None);
    DOCUMENT.get_or_init(written).answer(&request)
}

async fn docs(request: HttpRequest) -> HttpResponse {
    static PAGE: OnceLock<Fixed> = OnceLock::new();
    let written = || {
        let page::Page { html, policy } = page::page();
        Fixed::new("text/html; charset=utf-8", html.into_bytes(), Some(policy))
    };
    PAGE.get_or_init(written).answer(&request)
}
