//! Brandings: administrators make, change and remove those that do not come from the configuration file.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    auth,
    input::{self, Body},
    page::Page,
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{BrandingId, Field, OrgId, Patch, Result, branding::Branding},
    ops::branding,
};

/// A branding on the wire. `managed` says that it comes from the configuration file and is changed there.
#[derive(Serialize)]
struct BrandingBody {
    id: i64,
    name: String,
    logo_filename: String,
    landing_domain: String,
    primary_color: String,
    organizations: Vec<i64>,
    managed: bool,
}

impl From<(Branding, bool)> for BrandingBody {
    fn from((branding, managed): (Branding, bool)) -> Self {
        let Branding { id, name, logo_filename, landing_domain, primary_color, organizations } = branding;
        let organizations = organizations.into_iter().map(|id| id.0).collect();
        Self { id: id.0, name, logo_filename, landing_domain, primary_color, organizations, managed }
    }
}

/// `GET /brandings`: all of them, by id; there are few.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let found = call.read(|read| branding::list(read, &actor))?;
    call.json(StatusCode::OK, &Page::whole(found.into_iter().map(BrandingBody::from).collect()))
}

/// `GET /brandings/{id}`.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| branding::view(read, &actor, id))?;
    call.json(StatusCode::OK, &BrandingBody::from(found))
}

/// `POST /brandings`: with the `id` that is chosen for it, or else the next.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let body = body::json_object(&call).await?;
    super::idempotency::create(&call, actor, body, |write, who, body| {
        let mut body = Body::of(body);
        let id = body.number(Field::Id);
        let id = body.given(Field::Id, id).map(BrandingId);
        let mut new = Branding {
            id: BrandingId(1),
            name: String::new(),
            logo_filename: String::new(),
            landing_domain: String::new(),
            primary_color: String::new(),
            organizations: Vec::new(),
        };
        input::required(&mut body, &[Field::Name, LOGO, DOMAIN, COLOR]);
        apply(&mut body, &mut new);
        body.finish()?;
        let made = branding::create(write, who, id, new)?;
        let path = format!("/brandings/{}", made.id);
        super::idempotency::Created::unversioned(path, &BrandingBody::from((made, false)))
    })
    .await
}

/// `PATCH /brandings/{id}`.
pub async fn update(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let id = id(&call)?;
    let body = body::json_object(&call).await?;
    let changed = call
        .write(actor, move |write, who| {
            let (mut wanted, _) = branding::view(write, &who.actor, id)?;
            patch(&body, &mut wanted)?;
            branding::update(write, who, wanted)
        })
        .await?;
    call.json(StatusCode::OK, &BrandingBody::from((changed, false)))
}

/// `DELETE /brandings/{id}`: refused while organizations use it.
pub async fn remove(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let id = id(&call)?;
    call.write(actor, move |write, who| branding::remove(write, who, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

const LOGO: Field = Field::Wire("logo_filename");
const DOMAIN: Field = Field::Wire("landing_domain");
const COLOR: Field = Field::Wire("primary_color");
const ORGANIZATIONS: Field = Field::Wire("organizations");

fn patch(body: &Map<String, Value>, wanted: &mut Branding) -> Result<()> {
    let mut body = Body::of(body);
    apply(&mut body, wanted);
    body.finish()
}

fn apply(body: &mut Body<'_>, wanted: &mut Branding) {
    let Branding { id: _, name, logo_filename, landing_domain, primary_color, organizations } = wanted;
    for (field, target) in
        [(Field::Name, name), (LOGO, logo_filename), (DOMAIN, landing_domain), (COLOR, primary_color)]
    {
        let given = body.text(field);
        if let Some(text) = body.given(field, given) {
            *target = text;
        }
    }
    let ids = body.read(ORGANIZATIONS, "must be a list of ids of organizations", |value| {
        value.as_array()?.iter().map(|id| id.as_i64().map(OrgId)).collect::<Option<Vec<_>>>()
    });
    match ids {
        Patch::Keep => {}
        Patch::Clear => organizations.clear(),
        Patch::Set(ids) => *organizations = ids,
    }
}

fn id(call: &Call) -> std::result::Result<BrandingId, Failure> {
    BrandingId::parse(call.path("id")).ok_or_else(|| Call::no_such("branding"))
}
