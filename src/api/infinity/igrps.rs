//! Installation groups: which there are, their types, and what organisations are within them.

use super::{
    auth,
    formats::{Row, Shape},
    input,
    wire::{IgrpRow, PlacementRow, TypeRow},
};
use crate::{
    api::{
        call::Call,
        failure::{Failure, Outcome},
    },
    model::error::Problems,
    ops::igrp,
};

/// `GET /igrps`
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let shape = shape::<IgrpRow<'_>>(&call)?;
    let igrps = call.read(|read| igrp::list(read, &actor))?;
    Ok(shape.answer(shape.render(igrps.iter().map(IgrpRow))?))
}

/// `GET /igrps/{id}/organisationTypes`: in the group's own order.
pub async fn types(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::igrp_id(&call)?;
    let shape = shape::<TypeRow<'_>>(&call)?;
    let igrp = call.read(|read| igrp::view(read, &actor, id))?;
    Ok(shape.answer(shape.render(igrp.types.iter().map(TypeRow))?))
}

/// `GET /igrps/{id}/organisations`: those that the caller sees.
pub async fn placements(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = input::igrp_id(&call)?;
    let shape = shape::<PlacementRow<'_>>(&call)?;
    let placements = call.scan(move |read| igrp::placements(read, &actor, id)).await?;
    Ok(shape.answer(shape.render(placements.iter().map(PlacementRow))?))
}

fn shape<R: Row>(call: &Call) -> Result<Shape, Failure> {
    let mut problems = Problems::default();
    let shape = Shape::parse::<R>(&input::query(call)?, &mut problems);
    problems.check()?;
    Ok(shape)
}
