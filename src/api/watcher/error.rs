//! Failures in Watcher's shape: `{"success":false,"error_code":"…","error_message":"…"}`.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use crate::{
    api::{
        dialect::RequestId,
        failure::{Edge, Failure},
    },
    model::{Error, Field, Kind},
};

/// Code of a key that does not belong to the user that the request names.
pub const WRONG_KEY: &str = "wrong_api_key";

/// The codes of the dialect [vendor].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Code {
    ValidationError,
    BadRequest,
    Forbidden,
    WrongApikey,
    ApikeyExpired,
    NotFound,
    ApplicationError,
}

#[derive(Serialize)]
struct Body {
    success: bool,
    error_code: Code,
    error_message: String,
}

/// One failure as an answer.
pub fn render(failure: &Failure, id: &RequestId) -> HttpResponse {
    let (code, message) = match failure {
        Failure::Rule(error) => rule(error),
        Failure::Edge(edge) => (edge_code(edge), edge.message()),
    };
    let (status, error_message) = match code {
        Code::ValidationError | Code::BadRequest => (StatusCode::BAD_REQUEST, message),
        Code::Forbidden | Code::WrongApikey | Code::ApikeyExpired => (StatusCode::FORBIDDEN, message),
        Code::NotFound => (StatusCode::NOT_FOUND, message),
        Code::ApplicationError => (StatusCode::INTERNAL_SERVER_ERROR, format!("{message} (request {id})")),
    };
    HttpResponse::build(status).json(Body { success: false, error_code: code, error_message })
}

/// The name of a field in this dialect.
fn field_name(field: Field) -> &'static str {
    match field {
        Field::DvrLimit => "dvr_limit",
        Field::Email => "notification_email",
        Field::Role => "is_admin",
        other => other.core_name(),
    }
}

fn rule(error: &Error) -> (Code, String) {
    let sentence = || error.message.clone();
    let sentences = || {
        let problems = error.problems.iter();
        let named = problems.map(|problem| format!("{} {}", field_name(problem.field), problem.message));
        named.collect::<Vec<_>>().join("; ")
    };
    match error.kind {
        Kind::Invalid => (Code::ValidationError, sentences()),
        Kind::Managed => (Code::BadRequest, sentences()),
        Kind::Taken => (Code::ValidationError, sentence()),
        Kind::LimitReached | Kind::Refused | Kind::Outdated | Kind::Held => (Code::BadRequest, sentence()),
        Kind::Forbidden if error.code == WRONG_KEY => (Code::WrongApikey, sentence()),
        Kind::Forbidden => (Code::Forbidden, sentence()),
        Kind::NotFound => (Code::NotFound, sentence()),
        Kind::Busy | Kind::Unavailable(_) | Kind::Internal => (Code::ApplicationError, sentence()),
    }
}

fn edge_code(edge: &Edge) -> Code {
    match edge {
        Edge::NoRoute => Code::NotFound,
        Edge::MethodNotAllowed | Edge::TooLarge(_) | Edge::BodyTimeout | Edge::Malformed(_) => Code::BadRequest,
        Edge::NoCredentials | Edge::BadPassword | Edge::BadSession | Edge::Throttled(_) => Code::Forbidden,
        Edge::BadKey => Code::WrongApikey,
        Edge::ExpiredKey => Code::ApikeyExpired,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::Fault;

    #[test]
    fn what_the_box_cannot_do_now_is_500_with_the_request_id() {
        let id = RequestId(Uuid::from_u128(7));
        for kind in [Kind::Busy, Kind::Unavailable(Fault::DiskFull), Kind::Internal] {
            let failure = Failure::Rule(Error::new(kind, "code", "a fixed sentence"));
            assert_eq!(render(&failure, &id).status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
        assert_eq!(rule(&Error::internal()).0, Code::ApplicationError);
    }

    #[test]
    fn every_edge_has_a_status_of_the_dialect() {
        for (edge, status) in [
            (Edge::NoRoute, 404),
            (Edge::MethodNotAllowed, 400),
            (Edge::TooLarge(1), 400),
            (Edge::BodyTimeout, 400),
            (Edge::Malformed(String::new()), 400),
            (Edge::NoCredentials, 403),
            (Edge::BadPassword, 403),
            (Edge::BadKey, 403),
            (Edge::ExpiredKey, 403),
            (Edge::BadSession, 403),
            (Edge::Throttled(1), 403),
        ] {
            let answer = render(&edge.clone().into(), &RequestId(Uuid::nil()));
            assert_eq!(answer.status().as_u16(), status, "{edge:?}");
        }
    }
}
