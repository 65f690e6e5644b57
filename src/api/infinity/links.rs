//! Parents and children of an organisation.

use actix_web::HttpResponse;

use super::{auth, input, organizations::answer_list};
use crate::{
    api::{call::Call, failure::Outcome},
    model::organization::Linked,
    ops::hierarchy,
};

/// `GET /organisations/{id}/parents`: the direct ones that the caller sees.
pub async fn parents(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    answer_list(&call, actor, Some(Linked::ParentsOf(id))).await
}

/// `GET /organisations/{id}/children`: the direct ones that the caller sees.
pub async fn children(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    answer_list(&call, actor, Some(Linked::ChildrenOf(id))).await
}

/// `PUT /organisations/{id}/parents` → 204: these and no others.
pub async fn set_parents(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let parents = input::parents(&input::merged(&call).await?)?;
    call.write(actor, move |write, who| hierarchy::set_parents(write, who, id, &parents)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /organisations/{id}/parents` → 204: these as well.
pub async fn add_parents(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let parents = input::parents(&input::merged(&call).await?)?;
    call.write(actor, move |write, who| hierarchy::add_parents(write, who, id, &parents)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /organisations/{id}/parents` → 204: these no longer.
pub async fn remove_parents(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let parents = input::parents(&input::merged(&call).await?)?;
    call.write(actor, move |write, who| hierarchy::remove_parents(write, who, id, &parents)).await?;
    Ok(HttpResponse::NoContent().finish())
}
