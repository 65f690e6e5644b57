//! What hangs where, and why a user reaches an organization.

use actix_web::http::StatusCode;
use serde::Serialize;

use super::{
    auth, etag,
    input::{Body, segment},
    organization_input,
    organizations::{answer, answer_page},
    query::Query,
    wire::{Named, Rights, Single},
};
use crate::{
    api::{
        body,
        call::{Call, Read},
        failure::Outcome,
    },
    model::{
        Error, Field, OrgId, Result,
        organization::{Linked, OrganizationFilter},
    },
    ops::{
        hierarchy, load, organization,
        reach::{self, Because, Explanation, Reason},
        version,
    },
};

/// `GET /organizations/{org}/parents`
pub async fn parents(call: Call) -> Outcome {
    linked(call, |filter, id| filter.linked = Some(Linked::ParentsOf(id))).await
}

/// `GET /organizations/{org}/children`
pub async fn children(call: Call) -> Outcome {
    linked(call, |filter, id| filter.linked = Some(Linked::ChildrenOf(id))).await
}

/// `GET /organizations/{org}/ancestors`: everything above it.
pub async fn ancestors(call: Call) -> Outcome {
    linked(call, |filter, id| filter.linked = Some(Linked::AncestorsOf(id))).await
}

/// `GET /organizations/{org}/subtree`: itself and everything below it.
pub async fn subtree(call: Call) -> Outcome {
    linked(call, |filter, id| filter.below = Some(id)).await
}

/// `PUT /organizations/{org}/parents` with `parents`: hangs it below exactly these → the organization.
pub async fn set_parents(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let demanded = etag::demanded(&call)?;
    let body = body::json_object(&call).await?;
    let name = segment(&call, "org");
    let changed = call.write(actor, move |write, who| {
        let id = load::identify(write, &name)?;
        organization::view(write, &who.actor, id)?;
        version::of_organization(write, &who.actor, id, demanded)?;
        let wanted = wanted_parents(write, &body)?;
        hierarchy::set_parents(write, who, id, &wanted)?;
        Single::read(write, &who.actor, id)
    });
    answer(&call, StatusCode::OK, &changed.await?)
}

/// `GET /organizations/{org}/path?user=LOGIN`: why that user reaches it; without `user` why the caller does.
pub async fn path(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["user"])?;
    let login = match query.text("user") {
        Some(login) => login.to_owned(),
        None if actor.user_id.is_some() => actor.name.clone(),
        None => return Err(Error::invalid(Field::Wire("user"), "is required: the caller is no user").into()),
    };
    let name = segment(&call, "org");
    let found = call.read(|read| reach::explain(read, &actor, load::identify(read, &name)?, &login))?;
    call.json(StatusCode::OK, &Path::from(&found))
}

async fn linked(call: Call, choose: impl FnOnce(&mut OrganizationFilter, OrgId) + Send + 'static) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["limit", "cursor"])?;
    let name = segment(&call, "org");
    answer_page(&call, &query, actor, OrganizationFilter::default(), move |read, filter| {
        choose(filter, load::identify(read, &name)?);
        Ok(())
    })
    .await
}

fn wanted_parents(read: &Read<'_>, body: &serde_json::Map<String, serde_json::Value>) -> Result<Vec<OrgId>> {
    let mut fields = Body::of(body);
    let wanted = organization_input::parents(read, &mut fields)?;
    if body.get("parents").is_none_or(serde_json::Value::is_null) {
        fields.problems.add(Field::Parents, "is required");
    }
    fields.finish().map(|()| wanted)
}

#[derive(Serialize)]
struct Path<'a> {
    reaches: bool,
    because: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Way<'a> {
    organization: Named<'a>,
    r#as: &'static str,
    rights: Rights,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    id: i64,
    name: &'a str,
}

impl<'a> From<&'a Explanation> for Path<'a> {
    fn from(explanation: &'a Explanation) -> Self {
        let Explanation { reaches, reasons } = explanation;
        Self { reaches: *reaches, because: reasons.iter().map(Way::from).collect() }
    }
}

impl<'a> From<&'a Reason> for Way<'a> {
    fn from(reason: &'a Reason) -> Self {
        let Reason { organization, because, rights, steps } = reason;
        let r#as = match because {
            Because::Owner => "owner",
            Because::Member => "member",
            Because::Administrator => "administrator",
        };
        let step = |(OrgId(id), name): &'a (OrgId, String)| Step { id: *id, name };
        Self {
            organization: organization.into(),
            r#as,
            rights: (*rights).into(),
            steps: steps.iter().map(step).collect(),
        }
    }
}
