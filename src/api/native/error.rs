//! Failures of the native dialect: problem documents [RFC 9457].

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;

use super::transfer::MistakeBody;
use crate::{
    api::{
        dialect::RequestId,
        failure::{Edge, Failure},
    },
    model::{Error, Fault, Kind, error::Problem},
};

const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document. `code` is stable, for programs; `detail` and the messages are for people.
#[derive(Serialize)]
struct Document<'a, E = FieldProblem<'a>> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<E>,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
}

/// One field at fault. The message follows the field's name.
#[derive(Serialize)]
struct FieldProblem<'a> {
    field: &'a str,
    message: &'a str,
}

/// A refusal told as part of an answer that is none: in a preview.
#[derive(Serialize)]
pub struct Refusal {
    code: &'static str,
    detail: String,
    errors: Vec<RefusedField>,
}

/// One field at fault.
#[derive(Serialize)]
struct RefusedField {
    field: &'static str,
    message: String,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let Error { kind: _, code, message, problems } = error;
        let field = |Problem { field, message }| RefusedField { field: field.core_name(), message };
        Self { code, detail: message, errors: problems.into_iter().map(field).collect() }
    }
}

/// One failure as an answer.
pub fn render(failure: &Failure, id: &RequestId) -> HttpResponse {
    let (status, code, problems) = match failure {
        Failure::Rule(error) => (rule_status(&error.kind), error.code, error.problems.as_slice()),
        Failure::Edge(edge) => {
            let (status, code) = at_the_edge(edge);
            (status, code, &[][..])
        }
    };
    let errors = problems.iter().map(|Problem { field, message }| FieldProblem { field: field.core_name(), message });
    let document = Document {
        r#type: format!("urn:orgbox:problem:{code}"),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: failure.to_string(),
        code,
        errors: errors.collect(),
        request_id: id.to_string(),
        next: None,
    };
    let mut answer = answer(&document, status);
    if status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer, Basic realm=\"orgbox\""));
    }
    answer
}

/// The answer to a position in the change feed that there is no going on from: `next` is one that there is.
pub fn gone(why: &str, next: &str, id: &RequestId) -> HttpResponse {
    let status = StatusCode::GONE;
    let document = Document {
        r#type: "urn:orgbox:problem:position_gone".to_owned(),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: format!("{why}; read the full state again, then go on after the position in `next`"),
        code: "position_gone",
        errors: Vec::<FieldProblem<'_>>::new(),
        request_id: id.to_string(),
        next: Some(next),
    };
    answer(&document, status)
}

/// The answer to a file with mistakes, each with its line.
pub fn mistaken(mistakes: Vec<MistakeBody>, id: &RequestId) -> HttpResponse {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let document = Document {
        r#type: "urn:orgbox:problem:import_refused".to_owned(),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: "the file has mistakes, and nothing was changed".to_owned(),
        code: "import_refused",
        errors: mistakes,
        request_id: id.to_string(),
        next: None,
    };
    answer(&document, status)
}

fn answer(document: &impl Serialize, status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).content_type(MEDIA_TYPE).body(serde_json::to_string(document).unwrap_or_default())
}

fn rule_status(kind: &Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Taken | Kind::LimitReached | Kind::Refused | Kind::Managed | Kind::Held => StatusCode::CONFLICT,
        Kind::Outdated => StatusCode::PRECONDITION_FAILED,
        Kind::Unavailable(Fault::DiskFull | Fault::WalFull) => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Busy | Kind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn at_the_edge(edge: &Edge) -> (StatusCode, &'static str) {
    match edge {
        Edge::NoRoute => (StatusCode::NOT_FOUND, "no_route"),
        Edge::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Edge::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        Edge::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "body_timeout"),
        Edge::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
        Edge::NoCredentials => (StatusCode::UNAUTHORIZED, "no_credentials"),
        Edge::BadPassword => (StatusCode::UNAUTHORIZED, "bad_password"),
        Edge::BadKey => (StatusCode::UNAUTHORIZED, "bad_key"),
        Edge::ExpiredKey => (StatusCode::UNAUTHORIZED, "expired_key"),
        Edge::BadSession => (StatusCode::UNAUTHORIZED, "bad_session"),
        Edge::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
    }
}
