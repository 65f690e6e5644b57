//! `/openapi.json` and `/docs`: written once, answered to anybody, revalidated by ETag.

use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse, http::Method};
use serde_json::json;

use super::operation::{op, text};
use crate::api::{
    dialect::{Endpoint, endpoint},
    fixed::Fixed,
};

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
    let written = || Fixed::json(super::document().to_string());
    DOCUMENT.get_or_init(written).answer(&request)
}

async fn docs(request: HttpRequest) -> HttpResponse {
    static PAGE: OnceLock<Fixed> = OnceLock::new();
    let written = || Fixed::page(include_str!("page.html"), include_str!("page.css"), include_str!("page.js"));
    PAGE.get_or_init(written).answer(&request)
}
