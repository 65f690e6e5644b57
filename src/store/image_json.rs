//! Images as JSON: what events carry and what the audit trail keeps. The core's own names, no secret ever.

use serde::Serialize;

use super::object::{Object, Writing};
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

/// Room for most organizations with a description and some members.
const BYTES: usize = 1024;

/// Writes an image down. The order of the fields stays as it is: sums over these texts are kept.
pub(super) fn object(image: &Image) -> serde_json::Result<Object> {
    let mut to = Writing::begin(BYTES);
    match image {
        Image::Organization(image) => organization(&mut to, image),
        Image::Member(one) => member(&mut to, one),
        Image::Camera(one) => camera(&mut to, one),
        Image::User(one) => user(&mut to, one),
        Image::Key(one) => key(&mut to, one),
        Image::Branding(one) => branding(&mut to, one),
        Image::Igrp(one) => igrp(&mut to, one),
    }?;
    to.end()
}

fn organization(to: &mut Writing, image: &OrganizationImage) -> serde_json::Result<()> {
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
    to.field("id", &id.0)?;
    to.field("name", name)?;
    to.field("title", title)?;
    to.field("description", description)?;
    to.field("image_url", image_url)?;
    to.field("status", status)?;
    to.field("branding_id", &branding_id.map(|id| id.0))?;
    to.field("owner_id", &owner_id.map(|id| id.0))?;
    to.field("partner_id", &partner_id.map(|id| id.0))?;
    to.field("camera_limit", camera_limit)?;
    to.field("user_limit", user_limit)?;
    to.field("dvr_limit_gb", dvr_limit_gb)?;
    to.field("purge_days", purge_days)?;
    to.field("purge_days_front", purge_days_front)?;
    to.field("purge_days_rear", purge_days_rear)?;
    to.field("purge_days_auxiliary", purge_days_auxiliary)?;
    to.field("device_retention_minutes", device_retention_minutes)?;
    to.field("live_video_timeout_seconds", live_video_timeout_seconds)?;
    to.field("organization_profile_enabled", organization_profile_enabled)?;
    to.field("exclusive_partner_only", exclusive_partner_only)?;
    to.field("user_count", user_count)?;
    to.field("camera_count", camera_count)?;
    to.field("mosaic_count", mosaic_count)?;
    to.field("dvr_used_gb", dvr_used_gb)?;
    to.field("parents", &parents.iter().map(|id| id.0).collect::<Vec<_>>())?;
    to.field("members", members)?;
    to.field("hold", &hold.as_ref().map(HoldState::from))
}

fn member(to: &mut Writing, member: &Member) -> serde_json::Result<()> {
    let Member { organization_id, user_id, login, name: _, rights } = member;
    let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
    to.field("organization_id", &organization_id.0)?;
    to.field("user_id", &user_id.0)?;
    to.field("login", login)?;
    to.field("can_view_stats", can_view_stats)?;
    to.field("can_edit_users", can_edit_users)?;
    to.field("can_edit_cameras", can_edit_cameras)
}

fn camera(to: &mut Writing, camera: &Camera) -> serde_json::Result<()> {
    let Camera { id, version: _, organization_id, name, kind, partner_id, hold } = camera;
    to.field("id", &id.0)?;
    to.field("organization_id", &organization_id.0)?;
    to.field("name", name)?;
    to.field("type", &kind.number())?;
    to.field("partner_id", &partner_id.map(|id| id.0))?;
    to.field("hold", &hold.as_ref().map(HoldState::from))
}

fn user(to: &mut Writing, user: &User) -> serde_json::Result<()> {
    let User { id, version: _, login, role, enabled, contact, max_sessions } = user;
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    to.field("id", &id.0)?;
    to.field("login", login)?;
    to.field("role", role.name())?;
    to.field("enabled", enabled)?;
    to.field("name", name)?;
    to.field("email", email)?;
    to.field("phone", phone)?;
    to.field("note", note)?;
    to.field("locale", locale)?;
    to.field("time_zone", time_zone)?;
    to.field("external_id", external_id)?;
    to.field("max_sessions", max_sessions)
}

fn key(to: &mut Writing, key: &ApiKey) -> serde_json::Result<()> {
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
    to.field("id", &id.0)?;
    to.field("user_id", &user_id.0)?;
    to.field("login", login)?;
    to.field("name", name)?;
    to.field("public_id", public_id)?;
    to.field("created_at_ms", created_at_ms)?;
    to.field("expires_at_ms", expires_at_ms)?;
    to.field("scope", scope.name())?;
    to.field("organization_id", &organization_id.map(|id| id.0))?;
    to.field("network", &network.map(|network| network.to_string()))
}

fn branding(to: &mut Writing, branding: &Branding) -> serde_json::Result<()> {
    let Branding { id, name, logo_filename, landing_domain, primary_color, organizations } = branding;
    to.field("id", &id.0)?;
    to.field("name", name)?;
    to.field("logo_filename", logo_filename)?;
    to.field("landing_domain", landing_domain)?;
    to.field("primary_color", primary_color)?;
    to.field("organizations", &organizations.iter().map(|id| id.0).collect::<Vec<_>>())
}

fn igrp(to: &mut Writing, igrp: &Igrp) -> serde_json::Result<()> {
    let Igrp { id, name, types } = igrp;
    to.field("id", &id.0)?;
    to.field("name", name)?;
    to.field("types", &types.iter().map(TypeState::from).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct HoldState<'a> {
    reason: &'a str,
    author: &'a str,
    since_ms: i64,
}

impl<'a> From<&'a Hold> for HoldState<'a> {
    fn from(hold: &'a Hold) -> Self {
        let Hold { on: _, reason, author, since_ms } = hold;
        Self { reason, author, since_ms: *since_ms }
    }
}

#[derive(Serialize)]
struct TypeState<'a> {
    code: &'a str,
    name: &'a str,
    order: i64,
}

impl<'a> From<&'a OrganizationType> for TypeState<'a> {
    fn from(kind: &'a OrganizationType) -> Self {
        let OrganizationType { code, name, order } = kind;
        Self { code, name, order: *order }
    }
}
