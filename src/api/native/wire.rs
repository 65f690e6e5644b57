//! Native's objects on the wire, in the core's own names.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::holds::HoldBody;
use crate::{
    api::call::Read,
    model::{
        Error, Field, Organization as Core, Result,
        actor::Actor,
        id::OrgId,
        limits::Limits,
        member::{Member as CoreMember, Rights as CoreRights},
        organization::Heading,
        overrides::{self, Place, Source, default_value, follows_general},
        retention::Retention,
    },
    ops::organization::{Detail, provenance, view_detail},
};

/// An organization as lists show it.
#[derive(Serialize)]
pub struct Organization<'a> {
    id: i64,
    name: &'a str,
    title: &'a str,
    description: Option<&'a str>,
    image_url: Option<&'a str>,
    status: i64,
    branding_id: Option<i64>,
    owner: Option<&'a str>,
    owner_id: Option<i64>,
    partner_id: Option<i64>,
    camera_limit: i64,
    user_limit: i64,
    dvr_limit_gb: i64,
    purge_days: i64,
    purge_days_front: i64,
    purge_days_rear: i64,
    purge_days_auxiliary: i64,
    device_retention_minutes: i64,
    live_video_timeout_seconds: i64,
    organization_profile_enabled: bool,
    exclusive_partner_only: bool,
    camera_count: i64,
    user_count: i64,
    mosaic_count: i64,
    dvr_used_gb: i64,
    parents: Vec<i64>,
    hold: Option<HoldBody>,
    version: i64,
}

impl<'a> From<&'a Detail> for Organization<'a> {
    fn from(detail: &'a Detail) -> Self {
        let Detail { organization, owner, parents, hold } = detail;
        let Core {
            id,
            version,
            name,
            title,
            description,
            image_url,
            status,
            branding_id,
            owner_id,
            partner_id,
            limits: Limits { camera_limit, user_limit, dvr_limit_gb },
            retention,
            organization_profile_enabled,
            exclusive_partner_only,
            user_count,
            camera_count,
            mosaic_count,
            dvr_used_gb,
        } = organization;
        let Retention {
            given: _,
            purge_days,
            purge_days_front,
            purge_days_rear,
            purge_days_auxiliary,
            device_retention_minutes,
            live_video_timeout_seconds,
        } = *retention;
        Self {
            id: id.0,
            name,
            title,
            description: description.as_deref(),
            image_url: image_url.as_deref(),
            status: *status,
            branding_id: branding_id.map(|id| id.0),
            owner: owner.as_deref(),
            owner_id: owner_id.map(|id| id.0),
            partner_id: partner_id.map(|id| id.0),
            camera_limit: *camera_limit,
            user_limit: *user_limit,
            dvr_limit_gb: *dvr_limit_gb,
            purge_days,
            purge_days_front,
            purge_days_rear,
            purge_days_auxiliary,
            device_retention_minutes,
            live_video_timeout_seconds,
            organization_profile_enabled: *organization_profile_enabled,
            exclusive_partner_only: *exclusive_partner_only,
            camera_count: *camera_count,
            user_count: *user_count,
            mosaic_count: *mosaic_count,
            dvr_used_gb: *dvr_used_gb,
            parents: parents.iter().map(|id| id.0).collect(),
            hold: hold.clone().map(HoldBody::from),
            version: *version,
        }
    }
}

/// An organization on its own: with `values`, which tell where each value comes from.
pub struct Single {
    /// As it stands.
    pub detail: Detail,
    /// As it is shown.
    pub body: Map<String, Value>,
}

impl Single {
    /// Reads it, for an actor that sees it.
    pub fn read(read: &Read<'_>, actor: &Actor, id: OrgId) -> Result<Self> {
        let detail = view_detail(read, actor, id)?;
        let Ok(Value::Object(mut body)) = serde_json::to_value(Organization::from(&detail)) else {
            return Err(Error::internal());
        };
        let of = |(field, source): (Field, Source)| {
            let value = body.get(field.core_name()).cloned().unwrap_or_default();
            // What a type's purge time falls back on is the general one.
            let default = if follows_general(field) {
                body.get(Field::PurgeDays.core_name()).cloned()
            } else {
                default_value(field).map(plain)
            };
            (field.core_name().to_owned(), sourced(value, default, source))
        };
        let values: Map<String, Value> = provenance(read, actor, id)?.into_iter().map(of).collect();
        body.insert("values".to_owned(), values.into());
        Ok(Self { detail, body })
    }
}

/// A value with where it comes from.
fn sourced(value: Value, default: Option<Value>, source: Source) -> Value {
    let stored = |stored: Option<overrides::Value>| stored.map(plain).or(default);
    match source {
        Source::Default => json!({ "value": value, "source": "default" }),
        Source::Stored => json!({ "value": value, "source": "stored" }),
        Source::File { place: Place { file, line }, stored: was } => json!({
            "value": value, "source": "file", "file": file, "line": line, "stored": stored(was),
        }),
        Source::Held { stored: was } => json!({
            "value": value, "source": "legal_hold", "stored": stored(was),
        }),
    }
}

fn plain(value: overrides::Value) -> Value {
    match value {
        overrides::Value::Text(text) => text.into(),
        overrides::Value::Number(number) => number.into(),
        overrides::Value::Flag(flag) => flag.into(),
    }
}

/// An organization by what tells it from others.
#[derive(Serialize)]
pub struct Named<'a> {
    id: i64,
    name: &'a str,
    title: &'a str,
}

impl<'a> From<&'a Heading> for Named<'a> {
    fn from(heading: &'a Heading) -> Self {
        let Heading { id, name, title, description: _, image_url: _, status: _, branding_id: _ } = heading;
        Self { id: id.0, name, title }
    }
}

/// What a member may do.
#[derive(Serialize)]
pub struct Rights {
    can_view_stats: bool,
    can_edit_users: bool,
    can_edit_cameras: bool,
}

impl From<CoreRights> for Rights {
    fn from(rights: CoreRights) -> Self {
        let CoreRights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
        Self { can_view_stats, can_edit_users, can_edit_cameras }
    }
}

/// A member of an organization.
#[derive(Serialize)]
pub struct Member {
    login: String,
    user_id: i64,
    name: String,
    #[serde(flatten)]
    rights: Rights,
}

impl From<CoreMember> for Member {
    fn from(member: CoreMember) -> Self {
        let CoreMember { organization_id: _, user_id, login, name, rights } = member;
        Self { login, user_id: user_id.0, name, rights: rights.into() }
    }
}
