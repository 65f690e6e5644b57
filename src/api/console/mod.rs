//! `/console`: the box in a browser. One page that speaks the native dialect and knows nothing else: what it shows and does
//! every client can, by the same rules. Whoever opens it sees a form; who signs in is kept in the page's memory only, so there
//! is no cookie, and no other site can act in anybody's name.

use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header::LOCATION},
};

use super::{
    dialect::{Endpoint, endpoint},
    fixed::Fixed,
    openapi::operation::{op, text},
};

/// The page, and the way to it for who types the box's name alone.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint(Method::GET, "/console", page).doc(|| {
            op("The box in a browser")
                .says(
                    "How it does, its organizations and where each value is from, and the link to the billing system.",
                )
                .open()
                .header("If-None-Match", "The ETag of a copy at hand.", text(""))
                .answers_in(200, "The page.", vec![("text/html", text(""))])
                .with_header("ETag", "Names this version.", text(""))
                .answers_empty(304, "The copy named by If-None-Match is still good.")
        }),
        endpoint(Method::GET, "/", way).doc(|| {
            op("The way to the console").open().answers_empty(303, "It is at `/console`.").with_header(
                "Location",
                "`/console`",
                text(""),
            )
        }),
    ]
}

async fn page(request: HttpRequest) -> HttpResponse {
    static PAGE: OnceLock<Fixed> = OnceLock::new();
    let written = || Fixed::page(include_str!("page.html"), include_str!("page.css"), include_str!("page.js"));
    PAGE.get_or_init(written).answer(&request)
}

async fn way() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/console")).finish()
}
