//! Failures in Surfsight's shape: `{"error","message","requestId"}`.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::WWW_AUTHENTICATE},
};
use serde_json::json;

use crate::{
    api::{
        dialect::RequestId,
        failure::{Edge, Failure},
    },
    model::{Error, Fault, Field, Kind, error::Problem},
};

/// A status with the name and the words that go with it.
struct Class {
    status: StatusCode,
    name: &'static str,
    words: &'static str,
}

const BAD_REQUEST: Class =
    Class { status: StatusCode::BAD_REQUEST, name: "BadRequestError", words: "bad request error" };
const UNAUTHORIZED: Class =
    Class { status: StatusCode::UNAUTHORIZED, name: "UnauthorizedError", words: "unauthorized error" };
const FORBIDDEN: Class = Class { status: StatusCode::FORBIDDEN, name: "ForbiddenError", words: "forbidden error" };
const NOT_FOUND: Class = Class { status: StatusCode::NOT_FOUND, name: "NotFoundError", words: "not found error" };
const TOO_MANY: Class =
    Class { status: StatusCode::TOO_MANY_REQUESTS, name: "TooManyRequestsError", words: "too many requests error" };
const UNKNOWN: Class =
    Class { status: StatusCode::INTERNAL_SERVER_ERROR, name: "UnknownError", words: "unknown error" };

/// One failure as an answer.
pub fn render(failure: &Failure, id: &RequestId) -> HttpResponse {
    let (class, detail) = match failure {
        Failure::Rule(error) => rule(error),
        Failure::Edge(edge) => self::edge(edge),
    };
    let Class { status, name, words } = class;
    let message = detail.map_or_else(|| words.to_owned(), |detail| format!("{words}: {detail}"));
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    answer.json(json!({ "error": name, "message": message, "requestId": id.to_string() }))
}

fn rule(error: &Error) -> (Class, Option<String>) {
    match error.kind {
        Kind::Invalid | Kind::Managed => (BAD_REQUEST, Some(sentences(&error.problems))),
        Kind::Taken | Kind::LimitReached | Kind::Refused | Kind::Outdated | Kind::Held => {
            (BAD_REQUEST, Some(error.message.clone()))
        }
        // Who may is nobody's business, but a value that nobody may set here is named.
        Kind::Forbidden if error.problems.is_empty() => (FORBIDDEN, None),
        Kind::Forbidden => (FORBIDDEN, Some(sentences(&error.problems))),
        Kind::NotFound => (NOT_FOUND, Some(error.message.clone())),
        // The contract knows no status for it, but its message has room for the reason.
        Kind::Unavailable(Fault::DiskFull | Fault::WalFull) => (UNKNOWN, Some(error.message.clone())),
        Kind::Busy | Kind::Unavailable(_) | Kind::Internal => (UNKNOWN, None),
    }
}

fn edge(edge: &Edge) -> (Class, Option<String>) {
    match edge {
        Edge::NoRoute | Edge::MethodNotAllowed => (NOT_FOUND, Some(edge.message())),
        Edge::TooLarge(_) | Edge::BodyTimeout | Edge::Malformed(_) => (BAD_REQUEST, Some(edge.message())),
        Edge::NoCredentials | Edge::BadPassword | Edge::BadKey | Edge::ExpiredKey | Edge::BadSession => {
            (UNAUTHORIZED, None)
        }
        Edge::Throttled(_) => (TOO_MANY, Some(edge.message())),
    }
}

fn sentences(problems: &[Problem]) -> String {
    let named = |problem: &Problem| format!("{} {}", field_name(problem.field), problem.message);
    problems.iter().map(named).collect::<Vec<_>>().join("; ")
}

/// The name of a field in this dialect.
fn field_name(field: Field) -> &'static str {
    match field {
        Field::Title => "name",
        Field::ExclusivePartnerOnly => "exclusivePartnerOnly",
        Field::PurgeDays => "purgeDays",
        Field::PurgeDaysFront => "purgeDaysFrontCamera",
        Field::PurgeDaysRear => "purgeDaysRearCamera",
        Field::PurgeDaysAuxiliary => "purgeDaysAuxiliaryCameras",
        Field::DeviceRetention => "deviceRetentionMinutes",
        Field::LiveVideoTimeout => "liveVideoTimeoutSeconds",
        Field::ProfileEnabled => "isOrganizationProfileEnabled",
        other => other.core_name(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    #[test]
    fn only_documented_statuses_and_what_tells_a_client_to_wait() {
        let status = |failure: Failure| render(&failure, &RequestId(Uuid::nil())).status().as_u16();
        let rule = |kind| status(Error::new(kind, "x", "x").into());
        assert_eq!(rule(Kind::Busy), 500);
        assert_eq!(rule(Kind::Unavailable(Fault::DiskFull)), 500);
        assert_eq!(rule(Kind::Internal), 500);
        assert_eq!(rule(Kind::Refused), 400);
        assert_eq!(rule(Kind::LimitReached), 400);
        assert_eq!(rule(Kind::Taken), 400);
        assert_eq!(status(Edge::MethodNotAllowed.into()), 404);
        assert_eq!(status(Edge::TooLarge(1).into()), 400);
        assert_eq!(status(Edge::BodyTimeout.into()), 400);
        assert_eq!(status(Edge::ExpiredKey.into()), 401);
        assert_eq!(status(Edge::Throttled(1).into()), 429);
    }
}
