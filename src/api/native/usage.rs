//! Usage as the VMS reports it. Administrators only: it is the VMS's key that reports.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value};

use super::{
    auth,
    input::{Body, segment},
    organizations::answer,
    wire::Single,
};
use crate::{
    api::{body, call::Call, failure::Outcome},
    model::{Error, Field, Result, error::Problems},
    ops::{
        load,
        usage::{self, REPORTS_MAX, Usage},
    },
};

const ORGANIZATIONS: Field = Field::Wire("organizations");

/// `PUT /organizations/{org}/usage` `{"mosaic_count", "dvr_used_gb"}` → the organization. What is left out stays.
pub async fn report(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    let mut body = Body::of(&body);
    let reported = read(&mut body);
    body.finish()?;
    let name = segment(&call, "org");
    let found = call
        .write(actor, move |write, who| {
            let id = load::identify(write, &name)?;
            usage::report(write, who, id, reported)?;
            Single::read(write, &who.actor, id)
        })
        .await?;
    answer(&call, StatusCode::OK, &found)
}

/// `PUT /usage` `{"organizations": [{"organization", "mosaic_count", "dvr_used_gb"}]}` → 204: at most 1000 at once, all or
/// none of them.
pub async fn report_all(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    let mut body = Body::of(&body);
    let items = body.read(ORGANIZATIONS, "must be a list", Value::as_array);
    let items = body.required(ORGANIZATIONS, items.map(Clone::clone));
    body.finish()?;
    if items.len() > REPORTS_MAX {
        return Err(Error::invalid(ORGANIZATIONS, "must be at most 1000 at once").into());
    }
    let reports = items.iter().map(item).collect::<Result<Vec<_>>>()?;
    call.write(actor, move |write, who| usage::report_all(write, who, &reports)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn item(item: &Value) -> Result<(String, Usage)> {
    const ORGANIZATION: Field = Field::Wire("organization");
    let empty = Map::new();
    let Some(object) = item.as_object().or(item.is_null().then_some(&empty)) else {
        return Err(Error::invalid(ORGANIZATIONS, "must each be an object"));
    };
    let mut body = Body::of(object);
    let name = body.read(ORGANIZATION, "must be a name or an id", |value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => number.as_i64().map(|id| id.to_string()),
        _ => None,
    });
    let name = body.required(ORGANIZATION, name);
    let reported = read(&mut body);
    body.finish()?;
    Ok((name, reported))
}

fn read(body: &mut Body<'_>) -> Usage {
    let dvr_used = Field::Wire("dvr_used_gb");
    let mosaics = body.number(Field::MosaicCount);
    let used = body.number(dvr_used);
    let reported =
        Usage { mosaic_count: body.given(Field::MosaicCount, mosaics), dvr_used_gb: body.given(dvr_used, used) };
    let mut bounds = Problems::default();
    reported.validate(&mut bounds);
    body.problems.extend(bounds, |_| true);
    reported
}
