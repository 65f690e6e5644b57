//! The one domain that Watcher clients see: the box itself.

use actix_web::http::StatusCode;

use super::{auth, wire::Domain};
use crate::api::{call::Call, failure::Outcome};

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
