//! `GET /site`: the box itself.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::auth;
use crate::{
    api::{call::Call, failure::Outcome},
    model::Error,
    ops::site,
};

#[derive(Serialize)]
struct Site<'a> {
    title: &'a str,
    version: &'static str,
    site: String,
    epoch: String,
    last_seq: i64,
}

/// `GET /site` → the box's title and version, and how billing knows it. Everybody who is signed in may see it.
pub async fn view(call: Call) -> Outcome {
    auth::signed_in(&call).await?;
    let found = call.read(site::identity)?.ok_or_else(Error::internal)?;
    let body = Site {
        title: &call.settings().site_title,
        version: env!("CARGO_PKG_VERSION"),
        site: found.site_uuid.to_string(),
        epoch: found.epoch_uuid.to_string(),
        last_seq: found.last_seq,
    };
    call.json(StatusCode::OK, &body)
}
