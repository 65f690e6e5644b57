//! Organizations: list, make, view, change, delete.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    auth, etag,
    idempotency::{self, Created},
    input::segment,
    organization_input,
    page::Page,
    query::Query,
    wire::{Organization, Single},
};
use crate::{
    api::{
        body,
        call::{Call, Read},
        failure::{Failure, Outcome},
    },
    model::{
        self, Error, Field, OrgId,
        actor::Actor,
        organization::{After, Linked, Order, OrganizationFilter, Search},
        text::fold,
    },
    ops::{
        load,
        organization::{self, Children, Deletion, Detail},
        version,
    },
};

/// What `sort` may be, and whether that is by title.
const BY_TITLE: [(&str, bool); 2] = [("id", false), ("title", true)];

/// `GET /organizations`: those that the actor sees. `search`, `below`, `parent`, `name`, `sort`, `limit`, `cursor`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["search", "below", "parent", "name", "sort", "limit", "cursor"])?;
    let text = |name| query.text(name).map(str::to_owned);
    let (below, parent) = (text("below"), text("parent"));
    let by_title = query.word("sort", &BY_TITLE)?.unwrap_or(false);
    let filter = OrganizationFilter {
        search: text("search").filter(|text| !text.is_empty()).map(Search::Everywhere),
        name: text("name"),
        order: if by_title { Order::Title } else { Order::Id },
        ..OrganizationFilter::default()
    };
    answer_page(&call, &query, actor, filter, move |read, filter| {
        filter.below = below.map(|below| load::identify(read, &below)).transpose()?;
        filter.linked = parent.map(|parent| load::identify(read, &parent)).transpose()?.map(Linked::ChildrenOf);
        Ok(())
    })
    .await
}

/// `POST /organizations` → 201, the organization, `Location`, `ETag`.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let body = body::json_object(&call).await?;
    idempotency::create(&call, actor, body, |write, who, body| {
        let new = organization_input::new_organization(write, &who.actor, body)?;
        let made = organization::create(write, who, new)?;
        Created::new(
            format!("/organizations/{}", made.id),
            made.version,
            &Single::read(write, &who.actor, made.id)?.body,
        )
    })
    .await
}

/// `GET /organizations/{org}` → the organization, with `values`.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let name = segment(&call, "org");
    let found = call.read(|read| Single::read(read, &actor, load::identify(read, &name)?))?;
    answer(&call, StatusCode::OK, &found)
}

/// `PATCH /organizations/{org}` → the organization.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let body = body::json_object(&call).await?;
    let name = segment(&call, "org");
    let changed = call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        let _grant = organization::may_update(write, &who.actor, id)?;
        version::of_organization(write, &who.actor, id, demanded)?;
        let present = Single::read(write, &who.actor, id)?;
        let patch = organization_input::patch(write, &who.actor, &body, &present)?;
        organization::update(write, who, id, patch)?;
        Single::read(write, &who.actor, id)
    });
    answer(&call, StatusCode::OK, &changed.await?)
}

/// `DELETE /organizations/{org}` → 204. `children` says what becomes of those below it: `refuse` (they stand in the way),
/// `reattach` (they hang below its parents then), `cascade` (they go as well). Members, cameras and the keys that are for
/// it go with it.
pub async fn delete(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let children = Query::of(&call, &["children"])?.word("children", &CHILDREN)?.unwrap_or(Children::Refuse);
    let name = segment(&call, "org");
    let gone = call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        version::of_organization(write, &who.actor, id, demanded)?;
        organization::delete(write, who, id, Deletion { children, refuse_cameras: false })
    });
    gone.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The words for what becomes of the organizations below a deleted one.
pub const CHILDREN: [(&str, Children); 3] =
    [("refuse", Children::Refuse), ("reattach", Children::Rehang), ("cascade", Children::Cascade)];

/// A page of the organizations that meet a filter, which `complete` finishes with what must be looked up.
pub async fn answer_page(
    call: &Call,
    query: &Query,
    actor: Actor,
    mut filter: OrganizationFilter,
    complete: impl FnOnce(&Read<'_>, &mut OrganizationFilter) -> model::Result<()> + Send + 'static,
) -> Outcome {
    let limit = query.limit()?;
    let by_title = filter.order == Order::Title;
    filter.after = after(query, by_title)?;
    filter.limit = Some(limit + 1);
    let found = call.scan(move |read| {
        complete(read, &mut filter)?;
        organization::list_detail(read, &actor, &filter)
    });
    let page = Page::new(found.await?, limit, |Detail { organization, .. }| {
        (organization.id.0, by_title.then(|| fold(&organization.title)))
    });
    call.json(StatusCode::OK, &page.map_ref(Organization::from))
}

/// One organization as an answer, with its version as `ETag`.
pub fn answer(call: &Call, status: StatusCode, single: &Single) -> Outcome {
    let mut answer = call.json(status, &single.body)?;
    etag::tell(&mut answer, single.detail.organization.version);
    Ok(answer)
}

fn after(query: &Query, by_title: bool) -> Result<Option<After>, Failure> {
    let Some((id, title_key)) = query.position::<(i64, Option<String>)>()? else { return Ok(None) };
    if by_title != title_key.is_some() {
        return Err(Error::invalid(Field::Wire("cursor"), "must be of a page with the same sort").into());
    }
    Ok(Some(After { title_key: title_key.unwrap_or_default(), id: OrgId(id) }))
}
