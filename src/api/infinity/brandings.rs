//! Branding options of an organisation.

use super::{
    auth,
    formats::Shape,
    input,
    listing::Listing,
    wire::{BRANDING_FIELDS, BrandingRow},
};
use crate::{
    api::{call::Call, failure::Outcome},
    model::{error::Problems, filter::select_brandings},
    ops::branding,
};

/// `GET /organisations/{id}/branding`: its own and those from above it.
pub async fn options(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::organization_id(&call)?;
    let query = input::query(&call)?;
    let mut problems = Problems::default();
    let shape = Shape::parse::<BrandingRow<'_>>(&query, &mut problems);
    let Listing { conditions, sort, limit, offset } = Listing::parse(&query, BRANDING_FIELDS, &mut problems);
    problems.check()?;
    let options = call.read(|read| branding::options(read, &actor, id))?;
    let selected = select_brandings(options, &conditions, &sort, offset, limit);
    Ok(shape.answer(shape.render(selected.iter().map(BrandingRow))?))
}
