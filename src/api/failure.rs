//! Every way in which a request fails: by a rule of the core, or at the edge before the core is asked.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use crate::model::{Error, Kind};

/// What a handler returns.
pub type Outcome = Result<HttpResponse, Failure>;

/// A failed request. The dialect that was spoken renders it; see [`Dialect`](super::dialect::Dialect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The core refused.
    Rule(Error),
    /// The edge refused.
    Edge(Edge),
}

/// What the edge refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edge {
    /// Nothing is served under this path.
    NoRoute,
    /// Something is served under this path, but not with this method.
    MethodNotAllowed,
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body or the query cannot be read; the sentence says why.
    Malformed(String),
    /// There are no credentials where some are needed.
    NoCredentials,
    /// Login or password is wrong.
    BadPassword,
    /// The key is unknown.
    BadKey,
    /// The key has ended.
    ExpiredKey,
    /// The session is unknown or has ended.
    BadSession,
    /// Too many failed sign-ins; try again after this many seconds.
    Throttled(u64),
}

impl Edge {
    /// A sentence for the client.
    pub fn message(&self) -> String {
        match self {
            Edge::NoRoute => "nothing is served under this path".to_owned(),
            Edge::MethodNotAllowed => "this path does not answer this method".to_owned(),
            Edge::TooLarge(limit) => format!("the body must be at most {limit} bytes"),
            Edge::BodyTimeout => "the body did not arrive in time".to_owned(),
            Edge::Malformed(why) => why.clone(),
            Edge::NoCredentials => "credentials are required".to_owned(),
            Edge::BadPassword => "wrong login or password".to_owned(),
            Edge::BadKey => "unknown API key".to_owned(),
            Edge::ExpiredKey => "this API key has expired".to_owned(),
            Edge::BadSession => "unknown or ended session".to_owned(),
            Edge::Throttled(seconds) => format!("too many failed sign-ins; try again in {seconds} s"),
        }
    }
}

impl Failure {
    /// Seconds after which trying again makes sense, where it does.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Failure::Rule(Error { kind: Kind::Busy, .. }) => Some(1),
            Failure::Rule(Error { kind: Kind::Unavailable(_), .. }) => Some(10),
            Failure::Edge(Edge::Throttled(seconds)) => Some(*seconds),
            Failure::Rule(_) | Failure::Edge(_) => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Rule(error)
    }
}

impl From<Edge> for Failure {
    fn from(edge: Edge) -> Self {
        Failure::Edge(edge)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Rule(error) => error.fmt(formatter),
            Failure::Edge(edge) => formatter.write_str(&edge.message()),
        }
    }
}

/// Only carries the failure to where the dialect renders it; what it answers itself is never sent.
impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
