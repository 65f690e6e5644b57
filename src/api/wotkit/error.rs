//! Failures in WoTKit's shape.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::WWW_AUTHENTICATE},
};
use serde_json::{Map, Value, json};

use crate::{
    api::{
        dialect::RequestId,
        failure::{Edge, Failure},
    },
    model::{Error, Fault, Field, Kind},
};

/// Code of an attempt to change what never changes.
pub const EXTRANEOUS: &str = "extraneous";

/// One failure as an answer: `{"error":{"status","code","message","developerMessage","moreInfo"}}`.
pub fn render(failure: &Failure, id: &RequestId) -> HttpResponse {
    let (status, message, details) = match failure {
        Failure::Rule(error) => rule(error),
        Failure::Edge(edge) => (edge_status(edge), edge_message(edge), vec![edge.message()]),
    };
    let mut developer_message = details;
    if status.is_server_error() {
        developer_message = vec![format!("request {id}")];
    }
    let body = json!({
        "error": {
            "status": status.as_u16(),
            "code": 0,
            "message": message,
            "developerMessage": developer_message,
            "moreInfo": more_info(failure),
        }
    });
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"orgbox\""));
    }
    answer.json(body)
}

/// The name of a field in this dialect.
pub fn field_name(field: Field) -> &'static str {
    match field {
        Field::Title => "longName",
        Field::ImageUrl => "imageUrl",
        Field::Login => "username",
        Field::FullName => "firstname",
        Field::TimeZone => "timeZone",
        Field::Member => "members",
        other => other.core_name(),
    }
}

fn rule(error: &Error) -> (StatusCode, String, Vec<String>) {
    let sentences = || {
        let named =
            |problem: &crate::model::error::Problem| format!("{} {}", field_name(problem.field), problem.message);
        error.problems.iter().map(named).collect::<Vec<_>>()
    };
    match error.kind {
        Kind::Invalid if error.code == EXTRANEOUS => {
            let details = error.problems.iter().map(|problem| problem.message.clone()).collect();
            (StatusCode::BAD_REQUEST, "Extraneous field".to_owned(), details)
        }
        Kind::Invalid => (StatusCode::BAD_REQUEST, "Object has validation errors".to_owned(), sentences()),
        Kind::LimitReached | Kind::Refused | Kind::Held => {
            (StatusCode::BAD_REQUEST, error.message.clone(), vec![error.message.clone()])
        }
        Kind::Forbidden => (StatusCode::FORBIDDEN, "Access is denied".to_owned(), vec![error.message.clone()]),
        Kind::NotFound => {
            (StatusCode::NOT_FOUND, "Could not locate this resource.".to_owned(), vec![error.message.clone()])
        }
        Kind::Taken => (StatusCode::CONFLICT, error.message.clone(), sentences()),
        Kind::Managed => (StatusCode::CONFLICT, sentences().join("; "), sentences()),
        Kind::Outdated => (StatusCode::PRECONDITION_FAILED, error.message.clone(), Vec::new()),
        Kind::Busy => (StatusCode::SERVICE_UNAVAILABLE, error.message.clone(), Vec::new()),
        Kind::Unavailable(Fault::DiskFull | Fault::WalFull) => {
            (StatusCode::INSUFFICIENT_STORAGE, error.message.clone(), Vec::new())
        }
        Kind::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, error.message.clone(), Vec::new()),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, error.message.clone(), Vec::new()),
    }
}

fn edge_status(edge: &Edge) -> StatusCode {
    match edge {
        Edge::NoRoute => StatusCode::NOT_FOUND,
        Edge::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Edge::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Edge::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
        Edge::Malformed(_) => StatusCode::BAD_REQUEST,
        Edge::NoCredentials => StatusCode::FORBIDDEN,
        Edge::BadPassword | Edge::BadKey | Edge::ExpiredKey | Edge::BadSession => StatusCode::UNAUTHORIZED,
        Edge::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
    }
}

fn edge_message(edge: &Edge) -> String {
    match edge {
        Edge::NoRoute => "Could not locate this resource.".to_owned(),
        Edge::NoCredentials => "Access is denied".to_owned(),
        other => other.message(),
    }
}

/// Field → message; always an object.
fn more_info(failure: &Failure) -> Map<String, Value> {
    let problems = match failure {
        Failure::Rule(error) => error.problems.as_slice(),
        Failure::Edge(_) => &[],
    };
    problems
        .iter()
        .map(|problem| (field_name(problem.field).to_owned(), Value::from(problem.message.clone())))
        .collect()
}
