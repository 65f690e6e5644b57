//! Images as JSON: what events carry and what the audit trail keeps. The core's own names, no secret ever.

use std::fmt::Formatter;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::model::{
    Organization,
    branding::Branding,
    camera::Camera,
    credential::ApiKey,
    event::{Image, OrganizationImage},
    hold::Hold,
    igrp::{Igrp, OrganizationType},
    limits::Limits,
    member::{Member, Rights},
    retention::Retention,
    user::{Contact, User},
};

/// The JSON text of an image, ready to stand inside another.
pub(super) fn text(image: &Image) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&State::from(image))
}

/// A field of which two images hold different values.
pub(super) struct Difference<'a> {
    /// Its name.
    pub field: &'a str,
    /// The JSON text before.
    pub from: &'a RawValue,
    /// The JSON text after.
    pub to: &'a RawValue,
}

/// In what two [texts](text) of the same kind of image differ. The fields of both stand in the same order.
pub(super) fn differences<'a>(before: &'a RawValue, after: &'a RawValue) -> serde_json::Result<Vec<Difference<'a>>> {
    let (Fields(before), Fields(after)) = (serde_json::from_str(before.get())?, serde_json::from_str(after.get())?);
    let pairs = before.into_iter().zip(after).map(|((_, from), (field, to))| Difference { field, from, to });
    Ok(pairs.filter(|difference| difference.from.get() != difference.to.get()).collect())
}

/// The fields of an object as they are written, without a copy.
struct Fields<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::with_capacity(32);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// An organization, by far the commonest, is written straight from its struct; the rest as small maps.
#[derive(Serialize)]
#[serde(untagged)]
enum State<'a> {
    Organization(Box<OrganizationState<'a>>),
    Other(Value),
}

impl<'a> From<&'a Image> for State<'a> {
    fn from(image: &'a Image) -> Self {
        match image {
            Image::Organization(image) => State::Organization(Box::new(OrganizationState::from(&**image))),
            Image::Member(member) => State::Other(member_value(member)),
            Image::Camera(camera) => State::Other(camera_value(camera)),
            Image::User(user) => State::Other(user_value(user)),
            Image::Key(key) => State::Other(key_value(key)),
            Image::Branding(branding) => State::Other(branding_value(branding)),
            Image::Igrp(igrp) => State::Other(igrp_value(igrp)),
        }
    }
}

#[derive(Serialize)]
struct OrganizationState<'a> {
    id: i64,
    name: &'a str,
    title: &'a str,
    description: Option<&'a str>,
    image_url: Option<&'a str>,
    status: i64,
    branding_id: Option<i64>,
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
    user_count: i64,
    camera_count: i64,
    mosaic_count: i64,
    dvr_used_gb: i64,
    parents: Vec<i64>,
    members: Option<&'a [String]>,
    hold: Option<Value>,
}

impl<'a> From<&'a OrganizationImage> for OrganizationState<'a> {
    fn from(image: &'a OrganizationImage) -> Self {
        let OrganizationImage { organization, parents, members, hold } = image;
        let Organization {
            id,
            version: _,
            name,
            title,
            description,
            image_url,
            status,
            branding_id,
            owner_id,
            partner_id,
            limits: Limits { camera_limit, user_limit, dvr_limit_gb },
            retention:
                Retention {
                    given: _,
                    purge_days,
                    purge_days_front,
                    purge_days_rear,
                    purge_days_auxiliary,
                    device_retention_minutes,
                    live_video_timeout_seconds,
                },
            organization_profile_enabled,
            exclusive_partner_only,
            user_count,
            camera_count,
            mosaic_count,
            dvr_used_gb,
        } = organization;
        Self {
            id: id.0,
            name,
            title,
            description: description.as_deref(),
            image_url: image_url.as_deref(),
            status: *status,
            branding_id: branding_id.map(|id| id.0),
            owner_id: owner_id.map(|id| id.0),
            partner_id: partner_id.map(|id| id.0),
            camera_limit: *camera_limit,
            user_limit: *user_limit,
            dvr_limit_gb: *dvr_limit_gb,
            purge_days: *purge_days,
            purge_days_front: *purge_days_front,
            purge_days_rear: *purge_days_rear,
            purge_days_auxiliary: *purge_days_auxiliary,
            device_retention_minutes: *device_retention_minutes,
            live_video_timeout_seconds: *live_video_timeout_seconds,
            organization_profile_enabled: *organization_profile_enabled,
            exclusive_partner_only: *exclusive_partner_only,
            user_count: *user_count,
            camera_count: *camera_count,
            mosaic_count: *mosaic_count,
            dvr_used_gb: *dvr_used_gb,
            parents: parents.iter().map(|id| id.0).collect(),
            members: members.as_deref(),
            hold: hold.as_ref().map(hold_value),
        }
    }
}

fn member_value(member: &Member) -> Value {
    let Member { organization_id, user_id, login, name: _, rights } = member;
    let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
    serde_json::json!({
        "organization_id": organization_id.0,
        "user_id": user_id.0,
        "login": login,
        "can_view_stats": can_view_stats,
        "can_edit_users": can_edit_users,
        "can_edit_cameras": can_edit_cameras,
    })
}

fn camera_value(camera: &Camera) -> Value {
    let Camera { id, version: _, organization_id, name, kind, partner_id, hold } = camera;
    serde_json::json!({
        "id": id.0,
        "organization_id": organization_id.0,
        "name": name,
        "type": kind.number(),
        "partner_id": partner_id.map(|id| id.0),
        "hold": hold.as_ref().map(hold_value),
    })
}

fn hold_value(hold: &Hold) -> Value {
    let Hold { on: _, reason, author, since_ms } = hold;
    serde_json::json!({ "reason": reason, "author": author, "since_ms": since_ms })
}

fn user_value(user: &User) -> Value {
    let User { id, version: _, login, role, enabled, contact, max_sessions } = user;
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    serde_json::json!({
        "id": id.0,
        "login": login,
        "role": role.name(),
        "enabled": enabled,
        "name": name,
        "email": email,
        "phone": phone,
        "note": note,
        "locale": locale,
        "time_zone": time_zone,
        "external_id": external_id,
        "max_sessions": max_sessions,
    })
}

fn key_value(key: &ApiKey) -> Value {
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
        last_used_at_ms: _,
    } = key;
    serde_json::json!({
        "id": id.0,
        "user_id": user_id.0,
        "login": login,
        "name": name,
        "public_id": public_id,
        "created_at_ms": created_at_ms,
        "expires_at_ms": expires_at_ms,
        "scope": scope.name(),
        "organization_id": organization_id.map(|id| id.0),
        "network": network.map(|network| network.to_string()),
    })
}

fn branding_value(branding: &Branding) -> Value {
    let Branding { id, name, logo_filename, landing_domain, primary_color, organizations } = branding;
    serde_json::json!({
        "id": id.0,
        "name": name,
        "logo_filename": logo_filename,
        "landing_domain": landing_domain,
        "primary_color": primary_color,
        "organizations": organizations.iter().map(|id| id.0).collect::<Vec<_>>(),
    })
}

fn igrp_value(igrp: &Igrp) -> Value {
    let Igrp { id, name, types } = igrp;
    let types = types.iter().map(
        |OrganizationType { code, name, order }| serde_json::json!({ "code": code, "name": name, "order": order }),
    );
    serde_json::json!({ "id": id.0, "name": name, "types": types.collect::<Vec<_>>() })
}
