//! Users: who asks, list, make, view, change, delete.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::{
    auth, etag,
    idempotency::{self, Created},
    input::segment,
    page::Page,
    query::Query,
    user_wire::{self, User},
};
use crate::{
    api::{
        auth::hash_password,
        body,
        call::{Call, Read},
        failure::{Failure, Outcome},
        pairs::encode_segment,
    },
    model::{
        self, Error, OrgId, UserId,
        actor::{Action, Actor, KeyUsed},
        user::{UserFilter, UserOrder},
    },
    ops::{load, user, version},
};

/// Who asks, and with what rights on the box as a whole.
#[derive(Serialize)]
struct Caller<'a> {
    login: &'a str,
    user_id: Option<i64>,
    role: &'static str,
    organizations: Vec<i64>,
    key: Option<Key<'a>>,
}

/// The key that was used.
#[derive(Serialize)]
struct Key<'a> {
    id: i64,
    name: &'a str,
    scope: &'static str,
    organization_id: Option<i64>,
}

/// `GET /whoami`: who asks. The role is what is left of the user's with the key that was used.
pub async fn whoami(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let organizations = match actor.user_id {
        None => Vec::new(),
        Some(id) => call.read(|read| organizations(read, &actor, &user::view(read, &actor, id)?))?,
    };
    let caller = Caller {
        login: &actor.name,
        user_id: actor.user_id.map(|id| id.0),
        role: actor.role().name(),
        organizations: organizations.iter().map(|id| id.0).collect(),
        key: actor.key.as_ref().map(Key::from),
    };
    call.json(StatusCode::OK, &caller)
}

/// `GET /users`: those that the actor sees, by id; `search`, `limit`, `cursor`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["search", "limit", "cursor"])?;
    let limit = query.limit()?;
    let filter = UserFilter {
        search: query.text("search").filter(|text| !text.is_empty()).map(str::to_owned),
        after: query.position::<i64>()?.map(UserId),
        limit: Some(limit + 1),
        order: UserOrder::Oldest,
        ..UserFilter::default()
    };
    let found = call.scan(move |read| user::list(read, &actor, &filter)).await?;
    call.json(StatusCode::OK, &Page::new(found, limit, |user| user.id.0).map_ref(User::from))
}

/// `POST /users` → 201, the user, `Location`, `ETag`.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    // The whole body is checked before a password in it is hashed, and again when it is written. What is sent again may be
    // wrong by now: it is answered as it was.
    if !idempotency::is_repeatable(&call) {
        call.read(|read| user_wire::new_user(read, &body))?;
    }
    let password_hash = hash_password(&call, user_wire::password(&body)).await?;
    idempotency::create(&call, actor, body, move |write, who, body| {
        let new = model::user::NewUser { password_hash, ..user_wire::new_user(write, body)? };
        let made = user::create(write, who, &new)?;
        let path = format!("/users/{}", encode_segment(&made.login));
        Created::new(path, made.version, &User::from(&made).with(&organizations(write, &who.actor, &made)?))
    })
    .await
}

/// `GET /users/{user}`, by login or id.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let name = segment(&call, "user");
    let (found, organizations) = call.read(|read| {
        let found = user::resolve(read, &actor, &name)?;
        let organizations = organizations(read, &actor, &found)?;
        Ok((found, organizations))
    })?;
    answer(&call, &found, &organizations)
}

/// `PATCH /users/{user}` → the user.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let body = body::json_object(&call).await?;
    let name = segment(&call, "user");
    let password = call.read(|read| Ok(change(read, &actor, &name, &body)?.1.password))?;
    let password_hash = hash_password(&call, password).await?;
    let changed = call.write(actor, move |write, who| {
        let (id, change) = change(write, &who.actor, &name, &body)?;
        version::of_user(write, &who.actor, id, demanded)?;
        let patch = model::user::UserPatch { password_hash, ..change.patch };
        let changed = user::update(write, who, id, patch)?;
        let organizations = organizations(write, &who.actor, &changed)?;
        Ok((changed, organizations))
    });
    let (changed, organizations) = changed.await?;
    answer(&call, &changed, &organizations)
}

/// `DELETE /users/{user}` → 204; its memberships and keys end, and what it owned has no owner any more.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let name = segment(&call, "user");
    let gone = call.write(actor, move |write, who| {
        let _grant = load::administer(&who.actor, Action::Administer)?;
        let id = user::resolve(write, &who.actor, &name)?.id;
        version::of_user(write, &who.actor, id, demanded)?;
        user::delete(write, who, id)
    });
    gone.await?;
    Ok(HttpResponse::NoContent().finish())
}

fn organizations(read: &Read<'_>, actor: &Actor, of: &model::user::User) -> model::Result<Vec<OrgId>> {
    Ok(user::organizations_seen(read, actor, std::slice::from_ref(of))?.concat())
}

fn change(
    read: &Read<'_>,
    actor: &Actor,
    name: &str,
    body: &serde_json::Map<String, Value>,
) -> model::Result<(UserId, user_wire::Change)> {
    let present = user::resolve(read, actor, name)?;
    let organizations = organizations(read, actor, &present)?;
    let shown = serde_json::to_value(User::from(&present).with(&organizations)).map_err(|_| Error::internal())?;
    Ok((present.id, user_wire::patch(body, &shown)?))
}

fn answer(call: &Call, user: &model::user::User, organizations: &[OrgId]) -> Result<HttpResponse, Failure> {
    let mut answer = call.json(StatusCode::OK, &User::from(user).with(organizations))?;
    etag::tell(&mut answer, user.version);
    Ok(answer)
}

impl<'a> From<&'a KeyUsed> for Key<'a> {
    fn from(key: &'a KeyUsed) -> Self {
        let KeyUsed { id, name, scope, organization_id, limited: _ } = key;
        Self { id: id.0, name, scope: scope.name(), organization_id: organization_id.map(|id| id.0) }
    }
}
