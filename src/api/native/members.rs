//! Members of an organization. Their version is the organization's: it rises with every change of them.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    auth, etag,
    input::{Body, segment},
    page::Page,
    query::Query,
    wire::Member,
};
use crate::{
    api::{body, call::Call, failure::Outcome},
    model::{Field, Result, UserId, member::RightsPatch},
    ops::{load, member, organization, version},
};

/// `GET /organizations/{org}/members`: in the order of their users' ids.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["limit", "cursor"])?;
    let (limit, after) = (query.limit()?, query.position::<i64>()?.map(UserId));
    let name = segment(&call, "org");
    let (found, version) = call.read(|read| {
        let id = load::identify(read, &name)?;
        let found = member::page(read, &actor, id, after, limit + 1)?;
        Ok((found, organization::view(read, &actor, id)?.version))
    })?;
    let page = Page::new(found, limit, |member| member.user_id.0);
    let mut answer = call.json(StatusCode::OK, &page.map(Member::from))?;
    etag::tell(&mut answer, version);
    Ok(answer)
}

/// `PUT /organizations/{org}/members/{login}` with the rights to be set → the member; 201 where it was none before.
pub async fn put(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let body = body::json_object(&call).await?;
    let (name, login) = (segment(&call, "org"), segment(&call, "login"));
    let put = call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        organization::view(write, &who.actor, id)?;
        version::of_organization(write, &who.actor, id, demanded)?;
        let (member, is_new) = member::put(write, who, id, &login, rights(&body)?)?;
        Ok((member, is_new, organization::view(write, &who.actor, id)?.version))
    });
    let (member, is_new, version) = put.await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let mut answer = call.json(status, &Member::from(member))?;
    etag::tell(&mut answer, version);
    Ok(answer)
}

/// `DELETE /organizations/{org}/members/{login}` → 204.
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let (name, login) = (segment(&call, "org"), segment(&call, "login"));
    let removed = call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        version::of_organization(write, &who.actor, id, demanded)?;
        member::remove_login(write, who, id, &login)
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Rights that are not mentioned stay as they are; a new member has none of them.
fn rights(body: &serde_json::Map<String, serde_json::Value>) -> Result<RightsPatch> {
    let mut body = Body::of(body);
    let mut right = |name| {
        let field = Field::Wire(name);
        let patch = body.flag(field);
        body.given(field, patch)
    };
    let patch = RightsPatch {
        can_view_stats: right("can_view_stats"),
        can_edit_users: right("can_edit_users"),
        can_edit_cameras: right("can_edit_cameras"),
    };
    body.finish().map(|()| patch)
}
