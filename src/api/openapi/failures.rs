//! One failure of every kind, for the document: statuses and bodies are what the dialect's own `render` makes of them.

use serde_json::Value;

use super::{
    golden::REQUEST_ID,
    operation::{Credentials, Operation},
};
use crate::{
    api::{
        dialect::{Dialect, RequestId},
        failure::{Edge, Failure},
    },
    model::{Error, Fault, Field, Kind},
};

/// A failure as a dialect answers it.
pub(super) struct Rendered {
    /// Its name among the examples.
    pub name: &'static str,
    /// When it happens: a sentence.
    pub when: &'static str,
    pub status: u16,
    pub media_type: String,
    pub body: Value,
    /// The headers beside those of every answer.
    pub headers: Vec<&'static str>,
}

/// What an operation may end in, beside its answers.
pub(super) fn of(operation: &Operation, path: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    let brings_credentials = operation.credentials != Credentials::None;
    if operation.credentials == Credentials::Needed {
        failures.push(Edge::NoCredentials.into());
    }
    if brings_credentials {
        failures.extend([Edge::BadPassword, Edge::Throttled(30)].map(Failure::from));
    }
    if brings_credentials && operation.credentials != Credentials::InBody {
        failures.extend([Edge::BadKey, Edge::ExpiredKey, Edge::BadSession].map(Failure::from));
        failures.push(sample(Kind::Forbidden).into());
    }
    if operation.body.is_some() {
        failures.extend([Edge::TooLarge(1 << 20), Edge::BodyTimeout].map(Failure::from));
    }
    if operation.body.is_some() || operation.reads_query || !operation.parameters.is_empty() {
        failures.push(Edge::Malformed("the body is not JSON: line 1 column 9".to_owned()).into());
    }
    if path.contains('{') {
        failures.push(sample(Kind::NotFound).into());
    }
    failures.extend(operation.refusals.iter().map(|kind| sample(kind.clone()).into()));
    failures.extend([Kind::Busy, Kind::Unavailable(Fault::DiskFull), Kind::Internal].map(|kind| sample(kind).into()));
    failures
}

/// What the dialect answers to it.
pub(super) fn render(dialect: &Dialect, failure: &Failure) -> Rendered {
    let id = RequestId(REQUEST_ID.parse().unwrap_or_default());
    let answer = (dialect.render)(failure, &id);
    let status = answer.status().as_u16();
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let media_type = header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    if failure.retry_after_seconds().is_some() {
        headers.push("Retry-After");
    }
    if header("www-authenticate").is_some() {
        headers.push("WWW-Authenticate");
    }
    let (name, when) = describe(failure);
    let body = actix_web::body::MessageBody::try_into_bytes(answer.into_body()).unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Rendered { name, when, status, media_type, body, headers }
}

/// A failure of this kind, in words that could be true.
fn sample(kind: Kind) -> Error {
    let (code, message) = match kind {
        Kind::Invalid => return Error::invalid(Field::Title, "must be 1 to 255 characters"),
        Kind::Forbidden => return Error::forbidden("only administrators may do this"),
        Kind::NotFound => return Error::not_found("organization"),
        Kind::Taken => {
            return Error { problems: taken(), ..Error::new(kind, "taken", "a record of that name already exists") };
        }
        Kind::LimitReached => ("user_limit", "the organization may have 1 users and has 1"),
        Kind::Refused => ("refused", "the organization still has cameras"),
        Kind::Outdated => ("outdated", "the organization has changed since; read it again"),
        Kind::Managed => ("managed", "title is managed by /etc/orgbox/organizations.toml, line 3"),
        Kind::Held => ("legal_hold", "the organization is under legal hold"),
        Kind::Busy => ("busy", "the box is busy; try again in a second"),
        Kind::Unavailable(fault) => ("unavailable", fault.remedy()),
        Kind::Internal => return Error::internal(),
    };
    Error::new(kind, code, message)
}

fn taken() -> Vec<crate::model::error::Problem> {
    Error::invalid(Field::Name, "already taken").problems
}

/// The name and the occasion of a failure.
fn describe(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Rule(error) => match error.kind {
            Kind::Invalid => ("invalid", "A value is malformed or out of bounds."),
            Kind::Forbidden => ("forbidden", "The caller may not do this."),
            Kind::NotFound => ("not_found", "What the path names does not exist, or not for this caller."),
            Kind::Taken => ("taken", "A unique value is in use."),
            Kind::LimitReached => ("limit_reached", "A limit of the organization is reached."),
            Kind::Refused => ("refused", "The state of things forbids it."),
            Kind::Outdated => ("outdated", "It has changed since the version that `If-Match` names."),
            Kind::Managed => ("managed", "The configuration file manages the field."),
            Kind::Held => ("legal_hold", "A legal hold forbids it."),
            Kind::Busy => ("busy", "The box is busy; try again in a second."),
            Kind::Unavailable(_) => ("unavailable", "The box cannot read or write at present."),
            Kind::Internal => ("internal", "A fault of the program; its log has the request id."),
        },
        Failure::Edge(edge) => match edge {
            Edge::NoRoute => ("no_route", "Nothing is served under this path."),
            Edge::MethodNotAllowed => ("method_not_allowed", "The path does not answer this method."),
            Edge::TooLarge(_) => ("too_large", "The body is too large."),
            Edge::BodyTimeout => ("body_timeout", "The body did not arrive in time."),
            Edge::Malformed(_) => ("malformed", "The body or the query cannot be read."),
            Edge::NoCredentials => ("no_credentials", "Credentials are missing."),
            Edge::BadPassword => ("bad_password", "Login or password is wrong."),
            Edge::BadKey => ("bad_key", "The key is unknown."),
            Edge::ExpiredKey => ("expired_key", "The key has ended."),
            Edge::BadSession => ("bad_session", "The session is unknown or has ended."),
            Edge::Throttled(_) => ("throttled", "Too many failed sign-ins; wait."),
        },
    }
}
