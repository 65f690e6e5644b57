//! What stays the same while the box runs, documents and pages: written once, answered to anybody, revalidated by ETag.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY,
    },
    web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::model::text::hexadecimal;

/// A text of the box.
pub struct Fixed {
    media_type: &'static str,
    body: web::Bytes,
    etag: String,
    policy: Option<String>,
}

impl Fixed {
    /// A document.
    pub fn json(text: String) -> Self {
        Self::new("application/json", text.into_bytes(), None)
    }

    /// A page, put together as one file, with the policy that lets a browser run its own script and style and nothing else.
    pub fn page(markup: &str, style: &str, script: &str) -> Self {
        let html = markup.replace("/*style*/", style).replace("/*script*/", script);
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            source(script),
            source(style)
        );
        Self::new("text/html; charset=utf-8", html.into_bytes(), Some(policy))
    }

    fn new(media_type: &'static str, body: Vec<u8>, policy: Option<String>) -> Self {
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let etag = format!("\"{}\"", &hexadecimal(&digest)[..32]);
        Self { media_type, body: body.into(), etag, policy }
    }

    /// Answers it, or that the copy at hand is still good.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
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

/// What names an inline text in a policy.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
