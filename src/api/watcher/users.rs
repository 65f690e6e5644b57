//! Users in Watcher's terms.

use actix_web::http::StatusCode;

use super::{
    auth,
    input::{self, UserChange},
    organizations::written,
    page::Page,
    wire::{DONE, FullUser},
};
use crate::{
    api::{
        auth::hash_password,
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        OrgId, UserId,
        actor::Action,
        user::{Role, User, UserFilter},
    },
    ops::{load, member, user},
};

/// `GET /users`: by login; `search` in login, name and e-mail address, `limit`, `offset`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let Page { search, limit, offset } = Page::of(&call)?;
    let filter = UserFilter { search, limit, offset, ..UserFilter::default() };
    let written = call
        .scan(move |read| {
            let mut answers = Vec::new();
            let users = user::list(read, &actor, &filter)?;
            for (user, organizations) in users.iter().zip(user::organizations_seen(read, &actor, &users)?) {
                answers.push(FullUser::new(user, numbers(&organizations)));
            }
            written(&answers)
        })
        .await?;
    call.json(StatusCode::OK, &written)
}

/// `GET /users/{id}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| {
        let found = user::view(read, &actor, id)?;
        let organizations = user::organizations_seen(read, &actor, std::slice::from_ref(&found))?.concat();
        Ok((found, organizations))
    })?;
    answer(&call, &found)
}

/// `POST /users`: a member of `organization_id`, or else of the default organization.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let _grant = load::administer(&actor, Action::Administer)?;
    let (mut new, password) = input::new_user(&body::fields(&call).await?)?;
    new.password_hash = hash_password(&call, password).await?;
    let made = call
        .write(actor, move |write, who| {
            let made = user::create(write, who, &new)?;
            let organizations = user::organizations(write, made.id)?;
            Ok((made, organizations))
        })
        .await?;
    answer(&call, &made)
}

/// `PUT /users/{id}`: what is mentioned; `organization_id` adds a membership.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    if actor.user_id != Some(id) {
        let _grant = load::administer(&actor, Action::Administer)?;
    }
    let change = input::user_change(&body::fields(&call).await?)?;
    let UserChange { mut patch, is_admin, password, organization } = change;
    patch.password_hash = hash_password(&call, password).await?;
    let changed = call
        .write(actor, move |write, who| {
            let present = user::view(write, &who.actor, id)?;
            patch.role = is_admin.and_then(|is_admin| role(is_admin, present.role));
            let changed = user::update(write, who, id, patch)?;
            if let Some(organization) = organization {
                member::enrol(write, who, organization, id)?;
            }
            Ok((changed, user::organizations(write, id)?))
        })
        .await?;
    answer(&call, &changed)
}

/// `DELETE /users/{id}`
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    call.write(actor, move |write, who| user::delete(write, who, id)).await?;
    call.json(StatusCode::OK, &DONE)
}

/// Ids as the wire has them.
pub fn numbers(organizations: &[OrgId]) -> Vec<i64> {
    organizations.iter().map(|id| id.0).collect()
}

fn answer(call: &Call, (user, organizations): &(User, Vec<OrgId>)) -> Outcome {
    call.json(StatusCode::OK, &FullUser::new(user, numbers(organizations)))
}

fn id(call: &Call) -> Result<UserId, Failure> {
    UserId::parse(call.path("id")).ok_or_else(|| Call::no_such("user"))
}

/// The role that `is_admin` asks for; `None` where it is so already, whatever the degree.
fn role(is_admin: bool, present: Role) -> Option<Role> {
    let wanted = if is_admin { Role::Admin } else { Role::User };
    (is_admin != present.is_admin()).then_some(wanted)
}
