//! The caller itself.

use super::{auth, formats::Shape, input, wire::ProfileRow};
use crate::{
    api::{call::Call, failure::Outcome},
    model::{Error, error::Problems},
    ops::{organization, user},
};

/// `GET /profile`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let mut problems = Problems::default();
    let shape = Shape::parse::<ProfileRow>(&input::query(&call)?, &mut problems);
    problems.check()?;
    let id = actor.user_id.ok_or_else(|| Error::not_found("user"))?;
    let body = call.read(|read| {
        let user = user::view(read, &actor, id)?;
        let seen = user::organizations_seen(read, &actor, std::slice::from_ref(&user))?;
        let primary = seen.concat().into_iter().next();
        let primary = primary.map(|primary| organization::view(read, &actor, primary)).transpose()?;
        shape.render(std::iter::once(ProfileRow { user, primary }))
    })?;
    Ok(shape.answer(body))
}
