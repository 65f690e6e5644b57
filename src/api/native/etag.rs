//! Versions over HTTP: `ETag: "v7"`, and `If-Match` for changes that must not meet another [RFC 9110].

use actix_web::{
    HttpResponse,
    http::header::{ETAG, HeaderName},
};

use crate::{
    api::{call::Call, failure::Failure},
    model::{Error, Field},
};

/// The header that tells a version.
pub fn header(version: i64) -> (HeaderName, String) {
    (ETAG, format!("\"v{version}\""))
}

/// Adds the version to an answer.
pub fn tell(answer: &mut HttpResponse, version: i64) {
    let (name, value) = header(version);
    if let Ok(value) = value.parse() {
        answer.headers_mut().insert(name, value);
    }
}

/// The version that `If-Match` demands; `None` where it demands none (absent, or `*`: anything that exists).
pub fn demanded(call: &Call) -> Result<Option<i64>, Failure> {
    let Some(text) = call.header("if-match").map(str::trim) else { return Ok(None) };
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
    let wrong =
        || Error::invalid(Field::Wire("If-Match"), "must be one ETag as this box answers it, such as \"v7\", or *");
    Ok(Some(version.ok_or_else(wrong)?))
}
