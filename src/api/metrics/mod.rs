//! `/metrics`: how the box does, for Prometheus and all that read its text.
//!
//! Administrators read it with a key or a login, monitoring with a token of its own that is good for nothing else, and
//! programs on the box itself with nothing, where the configuration lets them. Nobody else does.

pub mod catalog;
mod parts;
mod process;
mod text;

use actix_web::{
    HttpResponse,
    http::{Method, header::AUTHORIZATION},
};
use subtle::ConstantTimeEq;

use super::{
    auth::{self, Credential},
    call::Call,
    dialect::{Endpoint, endpoint},
    failure::{Edge, Failure, Outcome},
    openapi::operation::{op, text},
    settings::Metrics,
};
use crate::{
    model::actor::Action,
    ops::{key, load},
};
use parts::Found;

/// Its route.
pub fn endpoints() -> Vec<Endpoint> {
    vec![endpoint(Method::GET, "/metrics", show).doc(|| {
        op("How the box does, for monitoring")
            .says(
                "For administrators with a key (`Bearer obk_…`) or a login, for whoever has the token that \
                 `[metrics] token_file` names, and, unless `[metrics] loopback` is false, for programs on the box itself \
                 without any. Every metric is explained in `metrics.md` beside the alert rules.",
            )
            .answers_in(200, "The metrics in Prometheus' text format.", vec![("text/plain", text(""))])
    })]
}

/// Answered also where the database cannot be read: then without what only it knows.
async fn show(call: Call) -> Outcome {
    let Some(settings) = call.settings().metrics else { return Err(Edge::NoRoute.into()) };
    permit(&call, settings).await?;
    let mut found = match call.scan(|read| Ok(Found::read(read))).await {
        Ok(found) => found,
        Err(failure) => {
            tracing::debug!(%failure, "metrics without those of the database");
            Found::without_database()
        }
    };
    let backups = call.shared().backups.clone();
    found.backups = call.bridge().aside(move || backups.standing()).await.ok();
    Ok(HttpResponse::Ok().content_type(text::MEDIA_TYPE).body(parts::tell(call.shared(), &found)))
}

/// Refuses whoever may not read it.
async fn permit(call: &Call, settings: Metrics) -> Result<(), Failure> {
    if !call.request().headers().contains_key(AUTHORIZATION) {
        let of_the_box = settings.loopback && auth::is_loopback(call);
        return if of_the_box || auth::local_operator(call).is_some() {
            Ok(())
        } else {
            Err(Edge::NoCredentials.into())
        };
    }
    let header = call.header("authorization").ok_or(Edge::NoCredentials)?;
    let actor = match auth::strip_scheme(header, "bearer") {
        Some(token) if settings.token_hash.is_some_and(|hash| bool::from(hash.ct_eq(&key::hash(token)))) => {
            return Ok(());
        }
        Some(token) => auth::authenticate(call, auth::split_key(token).ok_or(Edge::BadKey)?).await?,
        None => {
            let (login, password) = auth::basic(header).ok_or(Edge::NoCredentials)?;
            auth::authenticate(call, Credential::Password { login: &login, password: &password }).await?
        }
    };
    let _grant = load::administer(&actor, Action::Administer)?;
    Ok(())
}
