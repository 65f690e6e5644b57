//! Organizations in WoTKit's terms.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::LOCATION},
};

use super::{
    auth,
    wire::{self, Org},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
        pairs::{Pairs, decode_segment, digits, encode_segment},
    },
    model::{
        Error, Field,
        organization::{Heading, Order, OrganizationFilter, Search},
    },
    ops::{
        load,
        organization::{self, Children, Deletion},
    },
};

/// Greatest page, and the page where none is asked for [seed].
pub const LIMIT_MAX: u64 = 1000;

/// `GET /orgs`: newest first; `text`, `offset`, `limit`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::anybody(&call).await?;
    let query = Pairs::from_query(call.query()).map_err(Call::malformed)?;
    let filter = OrganizationFilter {
        search: query.last("text").filter(|text| !text.is_empty()).map(|text| Search::Everywhere(text.to_owned())),
        order: Order::Newest,
        limit: Some(number(&query, "limit")?.unwrap_or(LIMIT_MAX).min(LIMIT_MAX)),
        offset: number(&query, "offset")?.unwrap_or(0),
        ..OrganizationFilter::default()
    };
    let found = if filter.search.is_some() || filter.offset > LIMIT_MAX {
        call.scan(move |read| organization::list_public(read, &actor, &filter)).await?
    } else {
        call.read(|read| organization::list_public(read, &actor, &filter))?
    };
    call.json(StatusCode::OK, &found.iter().map(Org::from).collect::<Vec<_>>())
}

/// `GET /orgs/{name}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::anybody(&call).await?;
    let found = call.read(|read| organization::view_public(read, &actor, &segment(&call, "name")))?;
    call.json(StatusCode::OK, &Org::from(&found))
}

/// `POST /orgs` → 201, the object, `Location`.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let new = wire::new_organization(&body::json_object(&call).await?)?;
    let made = call.write(actor, move |write, who| organization::create(write, who, new)).await?;
    let made = Heading::from(made);
    let mut answer = call.json(StatusCode::CREATED, &Org::from(&made))?;
    location(&mut answer, "orgs", &made.name);
    Ok(answer)
}

/// `PUT /orgs/{name}` → 200 without a body.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    let name = segment(&call, "name");
    call.write(actor, move |write, who| {
        let id = load::resolve(write, &name)?;
        let current = organization::view(write, &who.actor, id)?;
        organization::update(write, who, id, wire::patch(&body, &current)?)
    })
    .await?;
    Ok(done(&call))
}

/// `DELETE /orgs/{name}` → 200 without a body; memberships go with it.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let name = segment(&call, "name");
    let deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
    call.write(actor, move |write, who| {
        let id = load::resolve(write, &name)?;
        organization::delete(write, who, id, deletion)
    })
    .await?;
    Ok(done(&call))
}

/// The empty answer of a change: 200 [seed], or 204 as servers before 2015 had it.
pub fn done(call: &Call) -> HttpResponse {
    let legacy = call.settings().wotkit_legacy_status;
    HttpResponse::build(if legacy { StatusCode::NO_CONTENT } else { StatusCode::OK }).finish()
}

/// A query parameter that must be a whole number of at least 0; empty is absent.
pub fn number(query: &Pairs, name: &'static str) -> Result<Option<u64>, Failure> {
    match query.last(name) {
        None | Some("") => Ok(None),
        Some(text) => match digits(text) {
            None => Err(Error::invalid(Field::Wire(name), "must be a whole number of at least 0").into()),
            number => Ok(number),
        },
    }
}

/// A query parameter that is `1` or `0`, or spelled out; empty is absent.
pub fn flag(query: &Pairs, name: &'static str) -> Result<bool, Failure> {
    match query.last(name) {
        None | Some("" | "0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(Error::invalid(Field::Wire(name), "must be 1 or 0").into()),
    }
}

/// The address of something that was made.
pub fn location(answer: &mut HttpResponse, folder: &str, name: &str) {
    if let Ok(location) = format!("/api/v1/{folder}/{}", encode_segment(name)).parse() {
        answer.headers_mut().insert(LOCATION, location);
    }
}

/// A name in the path.
pub fn segment(call: &Call, name: &str) -> String {
    decode_segment(call.path(name))
}
