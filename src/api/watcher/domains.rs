//! The one domain that Watcher clients see: the box itself.

use actix_web::http::StatusCode;

use super::{auth, wire::Domain};
use crate::api::{
    call::Call,
    failure::{Failure, Outcome},
};

/// Its id, as clients know it from the documentation [seed].
pub const ID: i64 = 1;

/// `GET /domains`
pub async fn list(call: Call) -> Outcome {
    auth::signed_in(&call).await?;
    call.json(StatusCode::OK, &[Domain::of(&call)])
}

/// `GET /domains/{domain_id}`
pub async fn view(call: Call) -> Outcome {
    auth::signed_in(&call).await?;
    call.json(StatusCode::OK, &Domain::of(&call))
}

/// Refuses a path through a domain that does not exist.
pub fn check(call: &Call) -> Result<(), Failure> {
    match call.request().match_info().get("domain_id") {
        None | Some("1") => Ok(()),
        Some(_) => Err(Call::no_such("domain")),
    }
}
