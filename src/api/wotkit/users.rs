//! Users in WoTKit's terms; administrators only.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    auth,
    organizations::{LIMIT_MAX, flag, location, number, segment},
    user_wire::{self, Person},
};
use crate::{
    api::{auth::hash_password, body, call::Call, failure::Outcome, pairs::Pairs},
    model::user::{UserFilter, UserOrder},
    ops::user,
};

/// `GET /users`: newest first, oldest first with `reverse`; `text`, `offset`, `limit`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let query = Pairs::from_query(call.query()).map_err(Call::malformed)?;
    let filter = UserFilter {
        search: query.last("text").filter(|text| !text.is_empty()).map(str::to_owned),
        limit: Some(number(&query, "limit")?.unwrap_or(LIMIT_MAX).min(LIMIT_MAX)),
        offset: number(&query, "offset")?.unwrap_or(0),
        order: if flag(&query, "reverse")? { UserOrder::Oldest } else { UserOrder::Newest },
        ..UserFilter::default()
    };
    let found = call.scan(move |read| user::list(read, &actor, &filter)).await?;
    call.json(StatusCode::OK, &found.iter().map(Person::from).collect::<Vec<_>>())
}

/// `GET /users/{username}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let found = call.read(|read| user::resolve(read, &actor, &segment(&call, "user")))?;
    call.json(StatusCode::OK, &Person::from(&found))
}

/// `POST /users` → 201, the object, `Location`. The new user belongs to no organization.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let (mut new, password) = user_wire::new_user(&body::json_object(&call).await?)?;
    new.password_hash = hash_password(&call, password).await?;
    let made = call.write(actor, move |write, who| user::create(write, who, &new)).await?;
    let mut answer = call.json(StatusCode::CREATED, &Person::from(&made))?;
    location(&mut answer, "users", &made.login);
    Ok(answer)
}

/// `PUT /users/{username}` → 204; only what is present changes.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    let name = segment(&call, "user");
    // The whole body is checked before a password in it is hashed, and again on the user as it stands when written.
    let (_, password) = call.read(|read| user_wire::patch(&body, &user::resolve(read, &actor, &name)?))?;
    let password_hash = hash_password(&call, password).await?;
    call.write(actor, move |write, who| {
        let current = user::resolve(write, &who.actor, &name)?;
        let (mut patch, _) = user_wire::patch(&body, &current)?;
        patch.password_hash = password_hash;
        user::update(write, who, current.id, patch)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /users/{username}` → 204; its memberships end, and what it owned has no owner any more.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let name = segment(&call, "user");
    call.write(actor, move |write, who| {
        let id = user::resolve(write, &who.actor, &name)?.id;
        user::delete(write, who, id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
