//! API keys: list, make, view, end. A key never changes; whoever wants another makes another.

use actix_web::{HttpResponse, http::StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    auth, etag,
    idempotency::{self, Created},
    input::{Body, segment},
    page::Page,
    query::{Query, moment},
};
use crate::{
    api::{
        body,
        call::{Call, Read},
        failure::{Failure, Outcome},
    },
    model::{
        Error, Field, KeyId, Kind, OrgId, Patch, Result, UserId,
        actor::Actor,
        credential::{ApiKey, KEY_VERSION, NewKey, Scope},
        network::Network,
    },
    ops::{credential, key::KeyPair, load, user, version},
};

/// A key without its secret half.
#[derive(Serialize)]
struct Key<'a> {
    id: i64,
    name: &'a str,
    user: &'a str,
    user_id: i64,
    public_id: &'a str,
    scope: &'static str,
    organization_id: Option<i64>,
    network: Option<String>,
    created: Option<String>,
    expires: Option<String>,
    last_used: Option<String>,
    version: i64,
}

impl<'a> From<&'a ApiKey> for Key<'a> {
    fn from(key: &'a ApiKey) -> Self {
        let ApiKey {
            id,
            user_id,
            login,
            name,
            public_id,
            created_at_ms,
            expires_at_ms,
            scope,
            organization_id,
            network,
            last_used_at_ms,
        } = key;
        Self {
            id: id.0,
            name,
            user: login,
            user_id: user_id.0,
            public_id,
            scope: scope.name(),
            organization_id: organization_id.map(|id| id.0),
            network: network.map(|network| network.to_string()),
            created: moment(*created_at_ms),
            expires: expires_at_ms.and_then(moment),
            last_used: last_used_at_ms.and_then(moment),
            version: KEY_VERSION,
        }
    }
}

/// A new key, with what only its maker sees and only once.
#[derive(Serialize)]
struct NewlyMade<'a> {
    /// In clear; `null` where the answer is a repetition: the box does not keep it.
    key: Option<&'a str>,
    /// True where the answer is a repetition and the key in clear was in the first one.
    key_withheld: bool,
    #[serde(flatten)]
    made: Key<'a>,
}

/// `GET /keys`: administrators see all, others their own; `limit`, `cursor`.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let query = Query::of(&call, &["limit", "cursor"])?;
    let (limit, after) = (query.limit()?, query.position::<i64>()?.map(KeyId));
    let found = call.read(|read| credential::keys(read, &actor, after, limit + 1))?;
    call.json(StatusCode::OK, &Page::new(found, limit, |key| key.id.0).map_ref(Key::from))
}

/// `POST /keys` → 201 and the key in clear, this once.
pub async fn create(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let body = body::json_object(&call).await?;
    let pair = KeyPair::generate()?;
    idempotency::create(&call, actor, body, move |write, who, body| {
        let new = new_key(write, &who.actor, body, &pair)?;
        let made = credential::create_key(write, who, &new)?;
        let whole = pair.whole();
        let shown = NewlyMade { key: Some(&whole), key_withheld: false, made: Key::from(&made) };
        let again = NewlyMade { key: None, key_withheld: true, made: Key::from(&made) };
        Created::new(format!("/keys/{}", made.id), KEY_VERSION, &shown)?.keeping(&again)
    })
    .await
}

/// `GET /keys/{id}`
pub async fn view(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let id = id(&call)?;
    let found = call.read(|read| credential::view_key(read, &actor, id))?;
    let mut answer = call.json(StatusCode::OK, &Key::from(&found))?;
    etag::tell(&mut answer, KEY_VERSION);
    Ok(answer)
}

/// `DELETE /keys/{id}` → 204; from then on it is refused.
pub async fn end(call: Call) -> Outcome {
    let actor = auth::signed_in(&call).await?;
    let (id, demanded) = (id(&call)?, etag::demanded(&call)?);
    let ended = call.write(actor, move |write, who| {
        version::of_key(write, &who.actor, id, demanded)?;
        credential::end_key(write, who, id)
    });
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}

fn id(call: &Call) -> std::result::Result<KeyId, Failure> {
    KeyId::parse(&segment(call, "id")).ok_or_else(|| Call::no_such("key"))
}

fn new_key(read: &Read<'_>, actor: &Actor, body: &Map<String, Value>, pair: &KeyPair) -> Result<NewKey> {
    const EXPIRES: Field = Field::Wire("expires");
    let mut body = Body::of(body);
    let name = body.text(Field::Name).set().cloned();
    if name.is_none() && body.any("name").is_none_or(Value::is_null) {
        body.problems.add(Field::Name, "is required");
    }
    let scope = body.read(Field::Wire("scope"), "must be full or read", |value| Scope::parse(value.as_str()?));
    let rule = "must be addresses in CIDR form, such as 10.0.0.0/8, without bits beyond the prefix";
    let network = body.read(Field::Wire("network"), rule, |value| Network::parse(value.as_str()?));
    let rule = "must be a moment with its offset, such as 2027-01-31T18:00:00Z";
    let expires = body.read(EXPIRES, rule, |value| value.as_str()?.parse::<Timestamp>().ok());
    let user_id = user_id(read, actor, &mut body)?;
    let organization_id = organization_id(read, &mut body)?;
    body.finish()?;
    Ok(NewKey {
        user_id: user_id.ok_or_else(Error::internal)?,
        name: name.unwrap_or_default(),
        public_id: pair.public_id.clone(),
        secret_hash: pair.secret_hash(),
        expires_at_ms: expires.set().map(|expires| expires.as_millisecond()),
        scope: scope.set().copied().unwrap_or_default(),
        organization_id,
        network: network.set().copied(),
    })
}

/// Whose key it is: the caller's own where nobody is named. `None` where that is a problem, which is noted.
fn user_id(read: &Read<'_>, actor: &Actor, body: &mut Body<'_>) -> Result<Option<UserId>> {
    const USER: Field = Field::Wire("user");
    let Patch::Set(login) = body.text(USER) else {
        body.problems.require(actor.user_id.is_some(), USER, "is required: the caller is no user");
        return Ok(actor.user_id);
    };
    match user::id_of_login(read, actor, &login) {
        Ok(id) => Ok(Some(id)),
        Err(Error { kind: Kind::NotFound, .. }) => {
            body.problems.add(USER, format!("must be the login of a user; there is no user {login}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn organization_id(read: &Read<'_>, body: &mut Body<'_>) -> Result<Option<OrgId>> {
    const ORGANIZATION: Field = Field::Wire("organization");
    let segment = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let Patch::Set(wanted) = body.read(ORGANIZATION, "must be the name or the id of an organization", segment) else {
        return Ok(None);
    };
    match load::identify(read, &wanted) {
        Ok(id) => Ok(Some(id)),
        Err(Error { kind: Kind::NotFound, .. }) => {
            body.problems.add(ORGANIZATION, "must be an organization that the user reaches");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
