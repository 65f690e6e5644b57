//! Failures in Infinity's shape: one bare JSON string. There is no 409 here: what is taken or refused is 400.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::WWW_AUTHENTICATE},
};

use super::formats::JSON;
use crate::{
    api::{
        dialect::RequestId,
        failure::{Edge, Failure},
    },
    model::{Error, Fault, Field, Kind},
};

/// One failure as an answer.
pub fn render(failure: &Failure, id: &RequestId) -> HttpResponse {
    let (status, mut message) = match failure {
        Failure::Rule(error) => rule(error),
        Failure::Edge(edge) => at_the_edge(edge),
    };
    if status.is_server_error() {
        message = format!("{message} (request {id})");
    }
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        // Clients of .NET and PowerShell send credentials only once they were challenged [client].
        answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"orgbox\""));
    }
    answer.content_type(JSON).body(serde_json::Value::from(message).to_string())
}

/// The name of a field in this dialect.
pub fn field_name(field: Field) -> &'static str {
    match field {
        Field::Id => "orgId",
        Field::Title => "orgName",
        Field::Status => "orgStatus",
        Field::Branding => "brandingId",
        Field::Parents => "parentOrgSpec",
        Field::OrganizationTypes => "orgTypeCodes",
        Field::OrganizationRefs => "orgRefs",
        other => other.core_name(),
    }
}

fn rule(error: &Error) -> (StatusCode, String) {
    match error.kind {
        Kind::Invalid | Kind::Managed => (StatusCode::BAD_REQUEST, sentences(error, " ")),
        Kind::Refused if error.code == "has_children" => (
            StatusCode::BAD_REQUEST,
            "deleteSubOrgs must be 1 to delete an organisation that has sub organisations; \
             otherwise delete or unlink them first"
                .to_owned(),
        ),
        Kind::Refused | Kind::LimitReached | Kind::Taken | Kind::Outdated | Kind::Held => {
            (StatusCode::BAD_REQUEST, sentences(error, ": "))
        }
        Kind::Forbidden => (StatusCode::FORBIDDEN, "access denied".to_owned()),
        Kind::NotFound => (StatusCode::NOT_FOUND, error.message.replace("organization", "organisation")),
        Kind::Busy => (StatusCode::SERVICE_UNAVAILABLE, error.message.clone()),
        Kind::Unavailable(Fault::DiskFull | Fault::WalFull) => {
            (StatusCode::INSUFFICIENT_STORAGE, error.message.clone())
        }
        Kind::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, error.message.clone()),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, error.message.clone()),
    }
}

fn at_the_edge(edge: &Edge) -> (StatusCode, String) {
    match edge {
        Edge::NoRoute => (StatusCode::NOT_FOUND, "resource not found".to_owned()),
        Edge::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, edge.message()),
        Edge::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, edge.message()),
        Edge::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, edge.message()),
        Edge::Malformed(_) => (StatusCode::BAD_REQUEST, edge.message()),
        Edge::NoCredentials | Edge::BadPassword | Edge::BadKey | Edge::ExpiredKey | Edge::BadSession => {
            (StatusCode::UNAUTHORIZED, "auth required".to_owned())
        }
        Edge::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, edge.message()),
    }
}

/// Every problem after the name of its parameter; the error's own sentence where it concerns none.
fn sentences(error: &Error, joint: &str) -> String {
    if error.problems.is_empty() {
        return error.message.clone();
    }
    let named =
        |problem: &crate::model::error::Problem| format!("{}{joint}{}", field_name(problem.field), problem.message);
    error.problems.iter().map(named).collect::<Vec<_>>().join("; ")
}
