//! Organisations: list, read, create, update, delete.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::json;

use super::{
    auth,
    formats::{JSON, Shape},
    input,
    listing::Listing,
    wire::{ORGANIZATION_FIELDS, OrganizationRow},
};
use crate::{
    api::{call::Call, failure::Outcome},
    model::{
        Error, Field, Kind,
        actor::Actor,
        error::Problems,
        organization::{Heading, Linked, Order, OrganizationFilter},
    },
    ops::{
        branding,
        organization::{self, Deletion},
    },
};

/// Most rows that are read on the worker itself, without holding up its other requests.
const BRIEF_MAX: u64 = 1000;

/// `GET /organisations`: what the caller sees.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    answer_list(&call, actor, None).await
}

/// `GET /organisations/{id}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let mut problems = Problems::default();
    let shape = Shape::parse::<OrganizationRow<'_>>(&input::query(&call)?, &mut problems);
    problems.check()?;
    let body = call.read(|read| {
        let found = Heading::from(organization::view(read, &actor, id)?);
        let brandings = branding::chosen(read, std::slice::from_ref(&found))?;
        shape.render(std::iter::once(OrganizationRow::new(&found, &brandings)))
    })?;
    Ok(shape.answer(body))
}

/// `POST /organisations` → 201 `{"orgId":"123"}`
pub async fn create(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let new = input::new_organization(&input::merged(&call).await?)?;
    let made = call.write(actor, move |write, who| organization::create(write, who, new)).await?;
    let body = format!("{}\n", json!({ "orgId": made.id.to_string() }));
    Ok(HttpResponse::build(StatusCode::CREATED).content_type(JSON).body(body))
}

/// `POST /organisations/{id}` → 204
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let _grant = call.read(|read| organization::may_update(read, &actor, id))?;
    let patch = input::patch(&input::merged(&call).await?)?;
    call.write(actor, move |write, who| organization::update(write, who, id, patch)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /organisations/{id}` → 204
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let deletion = Deletion { children: input::children(&input::merged(&call).await?)?, refuse_cameras: false };
    call.write(actor, move |write, who| organization::delete(write, who, id, deletion)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Any list of organisations: all that the caller sees, or of these the parents or children of one.
pub async fn answer_list(call: &Call, actor: Actor, linked: Option<Linked>) -> Outcome {
    let query = input::query(call)?;
    let mut problems = Problems::default();
    let shape = Shape::parse::<OrganizationRow<'_>>(&query, &mut problems);
    let Listing { conditions, sort, limit, offset } = Listing::parse(&query, ORGANIZATION_FIELDS, &mut problems);
    let below = input::root(&query, &mut problems);
    problems.check()?;
    let whole = conditions.is_empty() && sort.is_empty() && offset <= BRIEF_MAX;
    // An organisation has few parents; of all else there are few only where the page is small and needs no search.
    let few = matches!(linked, Some(Linked::ParentsOf(_))) || (whole && limit.is_some_and(|limit| limit <= BRIEF_MAX));
    let brief = few && below.is_none();
    let order = if sort.is_empty() { Order::Id } else { Order::By(sort) };
    let filter =
        OrganizationFilter { conditions, below, linked, order, limit, offset, ..OrganizationFilter::default() };
    let (shape, body) = call
        .read_or_scan(brief, move |read| {
            if let Some(root) = filter.below {
                organization::view(read, &actor, root).map_err(unknown_root)?;
            }
            let (found, _) = organization::list::<Heading>(read, &actor, &filter)?;
            let brandings = branding::chosen(read, &found)?;
            let body = shape.render(found.iter().map(|found| OrganizationRow::new(found, &brandings)))?;
            Ok((shape, body))
        })
        .await?;
    Ok(shape.answer(body))
}

/// An organisation that a parameter names is no part of the path, so it is invalid and not missing.
fn unknown_root(error: Error) -> Error {
    match error.kind {
        Kind::NotFound => Error::invalid(Field::Wire("rootOrgId"), "must be the ID of an organisation that exists"),
        _ => error,
    }
}
