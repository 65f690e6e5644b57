//! Installation groups with their types. Whoever is signed in sees them; administrators make, change and remove those that
//! do not come from the configuration file.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    auth,
    idempotency::{self, Created},
    input::{self, Body},
    page::Page,
};
use crate::{
    api::{
        body,
        call::{Call, Read},
        failure::{Failure, Outcome},
    },
    model::{
        Field, IgrpId, Patch, Result,
        igrp::{Igrp, OrganizationType},
    },
    ops::igrp,
};

/// A group on the wire. `managed` says that it comes from the configuration file and is changed there.
#[derive(Serialize)]
struct IgrpBody {
    id: i64,
    name: String,
    types: Vec<TypeBody>,
    managed: bool,
}

#[derive(Serialize)]
struct TypeBody {
    code: String,
    name: String,
    order: i64,
}

impl IgrpBody {
    fn read(read: &Read<'_>, group: Igrp) -> Result<Self> {
        let Igrp { id, name, types } = group;
        let wire = |OrganizationType { code, name, order }| TypeBody { code, name, order };
        let managed = igrp::is_managed(read, id)?;
        Ok(Self { id: id.0, name, types: types.into_iter().map(wire).collect(), managed })
    }
}

/// `GET /igrps`: all of them, by id; there are few.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let found = call.read(|read| {
        let groups = igrp::list(read, &actor)?.into_iter();
        groups.map(|group| IgrpBody::read(read, group)).collect::<Result<Vec<_>>>()
    })?;
    call.json(StatusCode::OK, &Page::whole(found))
}

/// `GET /igrps/{id}`.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| IgrpBody::read(read, igrp::view(read, &actor, id)?))?;
    call.json(StatusCode::OK, &found)
}

/// `POST /igrps`: with the `id` that is chosen for it, or else the next.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    idempotency::create(&call, actor, body, |write, who, body| {
        let mut body = Body::of(body);
        let id = body.number(Field::Id);
        let id = body.given(Field::Id, id).map(IgrpId);
        let mut new = Igrp { id: IgrpId(1), name: String::new(), types: Vec::new() };
        input::required(&mut body, &[Field::Name]);
        apply(&mut body, &mut new);
        body.finish()?;
        let made = igrp::create(write, who, id, new)?;
        Created::unversioned(format!("/igrps/{}", made.id), &IgrpBody::read(write, made)?)
    })
    .await
}

/// `PATCH /igrps/{id}`: `types` replaces them all.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let id = id(&call)?;
    let body = body::json_object(&call).await?;
    let changed = call
        .write(actor, move |write, who| {
            let mut wanted = igrp::view(write, &who.actor, id)?;
            let mut body = Body::of(&body);
            apply(&mut body, &mut wanted);
            body.finish()?;
            IgrpBody::read(write, igrp::update(write, who, wanted)?)
        })
        .await?;
    call.json(StatusCode::OK, &changed)
}

/// `DELETE /igrps/{id}`: refused while organizations are placed in it.
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let id = id(&call)?;
    call.write(actor, move |write, who| igrp::remove(write, who, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn apply(body: &mut Body<'_>, wanted: &mut Igrp) {
    let name = body.text(Field::Name);
    if let Some(name) = body.given(Field::Name, name) {
        wanted.name = name;
    }
    let rule = "must be a list of objects with code, name and order";
    let types = body.read(Field::Wire("types"), rule, |value| {
        value.as_array()?.iter().map(|item| type_of(item.as_object()?)).collect::<Option<Vec<_>>>()
    });
    match types {
        Patch::Keep => {}
        Patch::Clear => wanted.types.clear(),
        Patch::Set(types) => wanted.types = types,
    }
}

/// A type; its order is 0 where it has none.
fn type_of(object: &Map<String, Value>) -> Option<OrganizationType> {
    if object.keys().any(|key| !["code", "name", "order"].contains(&key.as_str())) {
        return None;
    }
    let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
    let order = object.get("order").map_or(Some(0), Value::as_i64)?;
    Some(OrganizationType { code: text("code")?, name: text("name")?, order })
}

fn id(call: &Call) -> std::result::Result<IgrpId, Failure> {
    IgrpId::parse(call.path("id")).ok_or_else(|| Call::no_such("igrp"))
}
