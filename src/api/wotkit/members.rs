//! Members of organizations in WoTKit's terms. Both changes take a JSON array of user names and answer 204.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;

use super::{auth, organizations::segment, wire::OrgMember};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    ops::{load, member},
};

/// `GET /orgs/{name}/members`: by user name.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let members = call.read(|read| {
        let id = load::resolve(read, &segment(&call, "name"))?;
        member::list(read, &actor, id)
    })?;
    call.json(StatusCode::OK, &members.iter().map(OrgMember::from).collect::<Vec<_>>())
}

/// `POST /orgs/{name}/members`: unknown users and present members are passed over.
pub async fn add(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let logins = logins(&call).await?;
    let name = segment(&call, "name");
    call.write(actor, move |write, who| {
        let id = load::resolve(write, &name)?;
        member::add_logins(write, who, id, &logins)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /orgs/{name}/members`: unknown users and those who are no members are passed over.
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let logins = logins(&call).await?;
    let name = segment(&call, "name");
    call.write(actor, move |write, who| {
        let id = load::resolve(write, &name)?;
        member::remove_logins(write, who, id, &logins)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn logins(call: &Call) -> Result<Vec<String>, Failure> {
    let refused = || Call::malformed("the body must be a JSON array of user names");
    let Value::Array(items) = body::json(call).await? else { return Err(refused()) };
    items.into_iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refused)).collect()
}
