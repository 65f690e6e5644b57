//! Bodies that make or change an organization.

use serde_json::{Map, Value};

use super::{input::Body, wire::Single};
use crate::{
    api::call::Read,
    model::{
        BrandingId, Error, Field, Kind, OrgId, Patch, Result, UserId,
        actor::Actor,
        limits::LimitsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        retention::RetentionPatch,
    },
    ops::{load, user},
};

/// Status of an organization where none is given: active.
const STATUS_ACTIVE: i64 = 200;

/// What the box itself keeps: a body may repeat it as it stands and not change it.
const READ_ONLY: [&str; 11] = [
    "id",
    "version",
    "partner_id",
    "camera_count",
    "user_count",
    "mosaic_count",
    "dvr_used_gb",
    "values",
    "hold",
    "name",
    "parents",
];

/// What can be given for a new organization and for one that is there.
struct Common {
    title: Option<String>,
    description: Patch<String>,
    image_url: Patch<String>,
    status: Option<i64>,
    branding_id: Patch<BrandingId>,
    limits: LimitsPatch,
    retention: RetentionPatch,
    organization_profile_enabled: Patch<bool>,
    exclusive_partner_only: Option<bool>,
}

/// A body that makes an organization.
pub fn new_organization(read: &Read<'_>, actor: &Actor, body: &Map<String, Value>) -> Result<NewOrganization> {
    let mut body = Body::of(body);
    let common = Common::read(&mut body);
    let name = body.text(Field::Name).set().cloned();
    if common.title.is_none() && body.any("title").is_none() {
        body.problems.add(Field::Title, "is required");
    }
    let parents = self::parents(read, &mut body)?;
    let owner = match owner(read, actor, &mut body, None)? {
        Patch::Keep => NewOwner::Creator,
        Patch::Set(owner) if Some(owner) == actor.user_id => NewOwner::Creator,
        owner => NewOwner::Given(owner.set().copied()),
    };
    let Common {
        title,
        description,
        image_url,
        status,
        branding_id,
        limits,
        retention,
        organization_profile_enabled,
        exclusive_partner_only,
    } = common;
    let has_title = title.is_some();
    let new = NewOrganization {
        name,
        title: title.unwrap_or_default(),
        description: description.set().cloned(),
        image_url: image_url.set().cloned(),
        branding_id: branding_id.set().copied(),
        owner,
        parents,
        limits,
        retention,
        status,
        organization_profile_enabled: organization_profile_enabled.set().copied(),
        exclusive_partner_only: exclusive_partner_only.unwrap_or_default(),
        placements: Vec::new(),
    };
    let mut bounds = crate::model::error::Problems::default();
    new.validate(&mut bounds);
    body.problems.extend(bounds, |field| has_title || field != Field::Title);
    body.finish().map(|()| new)
}

/// A JSON Merge Patch of an organization as it stands.
pub fn patch(read: &Read<'_>, actor: &Actor, body: &Map<String, Value>, present: &Single) -> Result<OrganizationPatch> {
    let mut body = Body::of(body);
    let Common {
        title,
        description,
        image_url,
        status,
        branding_id,
        limits,
        retention,
        organization_profile_enabled,
        exclusive_partner_only,
    } = Common::read(&mut body);
    for name in READ_ONLY {
        let given = body.any(name);
        if given.is_some_and(|given| present.body.get(name) != Some(given)) {
            body.problems.add(Field::Wire(name), because(name));
        }
    }
    let owner_id = owner(read, actor, &mut body, Some(present))?;
    let patch = OrganizationPatch {
        title,
        description,
        image_url,
        status,
        branding_id,
        owner_id,
        limits,
        retention,
        organization_profile_enabled,
        exclusive_partner_only,
    };
    let mut bounds = crate::model::error::Problems::default();
    patch.validate(&mut bounds);
    body.problems.extend(bounds, |_| true);
    body.finish().map(|()| patch)
}

/// `parents`: ids or names of organizations; empty where absent.
pub fn parents(read: &Read<'_>, body: &mut Body<'_>) -> Result<Vec<OrgId>> {
    let segments = |value: &Value| -> Option<Vec<String>> {
        let segment = |item: &Value| match item {
            Value::String(name) => Some(name.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        };
        value.as_array()?.iter().map(segment).collect()
    };
    let given = body.read(Field::Parents, "must be a list of ids or names of organizations", segments);
    let mut parents = Vec::new();
    for segment in given.set().into_iter().flatten() {
        match load::identify(read, segment) {
            Ok(parent) => parents.push(parent),
            Err(Error { kind: Kind::NotFound, .. }) => {
                let message = format!("must be ids or names of organizations; there is no organization {segment}");
                body.problems.add(Field::Parents, message);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(parents)
}

impl Common {
    fn read(body: &mut Body<'_>) -> Self {
        let title = body.text(Field::Title);
        let branding = |value: &Value| value.as_i64().map(BrandingId);
        let status = body.number(Field::Status);
        let exclusive_partner_only = body.flag(Field::ExclusivePartnerOnly);
        Self {
            title: body.given(Field::Title, title),
            description: body.text(Field::Description),
            image_url: body.text(Field::ImageUrl),
            status: or_default(status, STATUS_ACTIVE),
            branding_id: body.read(Field::Branding, "must be the id of a branding", branding),
            limits: LimitsPatch {
                camera_limit: body.number(Field::CameraLimit),
                user_limit: body.number(Field::UserLimit),
                dvr_limit_gb: body.number(Field::DvrLimit),
            },
            retention: RetentionPatch {
                purge_days: body.number(Field::PurgeDays),
                purge_days_front: body.number(Field::PurgeDaysFront),
                purge_days_rear: body.number(Field::PurgeDaysRear),
                purge_days_auxiliary: body.number(Field::PurgeDaysAuxiliary),
                device_retention_minutes: body.number(Field::DeviceRetention),
                live_video_timeout_seconds: body.number(Field::LiveVideoTimeout),
            },
            organization_profile_enabled: body.flag(Field::ProfileEnabled),
            exclusive_partner_only: or_default(exclusive_partner_only, false),
        }
    }
}

/// What `null` means for a value whose default is no absence.
fn or_default<T>(patch: Patch<T>, default: T) -> Option<T> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(default),
        Patch::Set(value) => Some(value),
    }
}

/// `owner`, a login, or `owner_id`. Whoever sends back what was read changes one of them and leaves the other.
fn owner(read: &Read<'_>, actor: &Actor, body: &mut Body<'_>, present: Option<&Single>) -> Result<Patch<UserId>> {
    const LOGIN: Field = Field::Wire("owner");
    let login = body.text(LOGIN);
    let id = body.read(Field::Owner, "must be the id of a user", |value| value.as_i64().map(UserId));
    let by_login = match login {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(login) => match user::id_of_login(read, actor, &login) {
            Ok(id) => Patch::Set(id),
            Err(Error { kind: Kind::NotFound, .. }) => {
                body.problems.add(LOGIN, format!("must be the login of a user; there is no user {login}"));
                Patch::Keep
            }
            Err(error) => return Err(error),
        },
    };
    let changed = |wish: Patch<UserId>| {
        let stands = present.is_some_and(|present| wish.set().copied() == present.detail.organization.owner_id);
        if stands { Patch::Keep } else { wish }
    };
    let (by_login, by_id) = (changed(by_login), changed(id));
    if !by_login.is_keep() && !by_id.is_keep() && by_login != by_id {
        body.problems.add(LOGIN, "and owner_id name different users");
    }
    Ok(if by_login.is_keep() { by_id } else { by_login })
}

fn because(name: &str) -> &'static str {
    match name {
        "name" => "cannot be changed: it is in the addresses that others have kept; change the title",
        "parents" => "are changed with PUT …/parents",
        _ => "is read-only",
    }
}
