//! The values of overridable fields: read off an organization or a patch, put in force, given their defaults back.

use super::{FIELDS, Value};
use crate::model::{
    BrandingId, Field, Organization, Patch,
    limits::{Limits, LimitsPatch},
    organization::OrganizationPatch,
    retention::{Retention, RetentionPatch},
};

/// The place of a field in [`FIELDS`].
pub fn index(field: Field) -> Option<usize> {
    FIELDS.iter().position(|(known, _)| *known == field)
}

/// What is in force where nothing is stored; `None` is nothing. A title has no default.
pub fn default_value(field: Field) -> Option<Value> {
    let (limits, retention) = (Limits::default(), Retention::default());
    match field {
        Field::Status => Some(Value::Number(200)),
        Field::CameraLimit => Some(Value::Number(limits.camera_limit)),
        Field::UserLimit => Some(Value::Number(limits.user_limit)),
        Field::DvrLimit => Some(Value::Number(limits.dvr_limit_gb)),
        Field::PurgeDays => Some(Value::Number(retention.purge_days)),
        Field::PurgeDaysFront => Some(Value::Number(retention.purge_days_front)),
        Field::PurgeDaysRear => Some(Value::Number(retention.purge_days_rear)),
        Field::PurgeDaysAuxiliary => Some(Value::Number(retention.purge_days_auxiliary)),
        Field::DeviceRetention => Some(Value::Number(retention.device_retention_minutes)),
        Field::LiveVideoTimeout => Some(Value::Number(retention.live_video_timeout_seconds)),
        Field::ProfileEnabled => Some(Value::Flag(true)),
        Field::ExclusivePartnerOnly => Some(Value::Flag(false)),
        _ => None,
    }
}

/// The value of a field in force on an organization; `None` where it has none.
pub fn value(organization: &Organization, field: Field) -> Option<Value> {
    let (limits, retention) = (&organization.limits, &organization.retention);
    match field {
        Field::Title => Some(Value::Text(organization.title.clone())),
        Field::Description => organization.description.clone().map(Value::Text),
        Field::ImageUrl => organization.image_url.clone().map(Value::Text),
        Field::Status => Some(Value::Number(organization.status)),
        Field::Branding => organization.branding_id.map(|id| Value::Number(id.0)),
        Field::CameraLimit => Some(Value::Number(limits.camera_limit)),
        Field::UserLimit => Some(Value::Number(limits.user_limit)),
        Field::DvrLimit => Some(Value::Number(limits.dvr_limit_gb)),
        Field::PurgeDays => Some(Value::Number(retention.purge_days)),
        Field::PurgeDaysFront => Some(Value::Number(retention.purge_days_front)),
        Field::PurgeDaysRear => Some(Value::Number(retention.purge_days_rear)),
        Field::PurgeDaysAuxiliary => Some(Value::Number(retention.purge_days_auxiliary)),
        Field::DeviceRetention => Some(Value::Number(retention.device_retention_minutes)),
        Field::LiveVideoTimeout => Some(Value::Number(retention.live_video_timeout_seconds)),
        Field::ProfileEnabled => Some(Value::Flag(organization.organization_profile_enabled)),
        Field::ExclusivePartnerOnly => Some(Value::Flag(organization.exclusive_partner_only)),
        _ => None,
    }
}

/// Puts a value in force on an organization, as a row that stores it shows it: `None` is the default. A value of another
/// kind than the field's changes nothing.
pub fn put(organization: &mut Organization, field: Field, stored: Option<Value>) {
    let (limits, retention) = (&mut organization.limits, &mut organization.retention);
    match (field, stored.or_else(|| default_value(field))) {
        (Field::Title, Some(Value::Text(text))) => organization.title = text,
        (Field::Description, Some(Value::Text(text))) => organization.description = Some(text),
        (Field::Description, None) => organization.description = None,
        (Field::ImageUrl, Some(Value::Text(text))) => organization.image_url = Some(text),
        (Field::ImageUrl, None) => organization.image_url = None,
        (Field::Status, Some(Value::Number(number))) => organization.status = number,
        (Field::Branding, Some(Value::Number(number))) => organization.branding_id = Some(BrandingId(number)),
        (Field::Branding, None) => organization.branding_id = None,
        (Field::CameraLimit, Some(Value::Number(number))) => limits.camera_limit = number,
        (Field::UserLimit, Some(Value::Number(number))) => limits.user_limit = number,
        (Field::DvrLimit, Some(Value::Number(number))) => limits.dvr_limit_gb = number,
        (Field::PurgeDays, Some(Value::Number(number))) => retention.purge_days = number,
        (Field::PurgeDaysFront, Some(Value::Number(number))) => retention.purge_days_front = number,
        (Field::PurgeDaysRear, Some(Value::Number(number))) => retention.purge_days_rear = number,
        (Field::PurgeDaysAuxiliary, Some(Value::Number(number))) => retention.purge_days_auxiliary = number,
        (Field::DeviceRetention, Some(Value::Number(number))) => retention.device_retention_minutes = number,
        (Field::LiveVideoTimeout, Some(Value::Number(number))) => retention.live_video_timeout_seconds = number,
        (Field::ProfileEnabled, Some(Value::Flag(flag))) => organization.organization_profile_enabled = flag,
        (Field::ExclusivePartnerOnly, Some(Value::Flag(flag))) => organization.exclusive_partner_only = flag,
        _ => {}
    }
}

/// The overridable fields that a patch mentions, with what they would be; `None` is nothing, or the default.
pub fn mentioned(patch: &OrganizationPatch) -> Vec<(Field, Option<Value>)> {
    let OrganizationPatch {
        title,
        description,
        image_url,
        status,
        branding_id,
        owner_id: _,
        limits: LimitsPatch { camera_limit, user_limit, dvr_limit_gb },
        retention:
            RetentionPatch {
                purge_days,
                purge_days_front,
                purge_days_rear,
                purge_days_auxiliary,
                device_retention_minutes,
                live_video_timeout_seconds,
            },
        organization_profile_enabled,
        exclusive_partner_only,
    } = patch;
    let text = |text: &Patch<String>| text.clone().map(Value::Text);
    let number = |number: &Patch<i64>| number.clone().map(Value::Number);
    let flag = |flag: Option<bool>| flag.map(Value::Flag).into();
    let all = [
        (Field::Title, title.clone().map(Value::Text).into()),
        (Field::Description, text(description)),
        (Field::ImageUrl, text(image_url)),
        (Field::Status, status.map(Value::Number).into()),
        (Field::Branding, branding_id.map(|id| Value::Number(id.0)).into()),
        (Field::CameraLimit, number(camera_limit)),
        (Field::UserLimit, number(user_limit)),
        (Field::DvrLimit, number(dvr_limit_gb)),
        (Field::PurgeDays, number(purge_days)),
        (Field::PurgeDaysFront, number(purge_days_front)),
        (Field::PurgeDaysRear, number(purge_days_rear)),
        (Field::PurgeDaysAuxiliary, number(purge_days_auxiliary)),
        (Field::DeviceRetention, number(device_retention_minutes)),
        (Field::LiveVideoTimeout, number(live_video_timeout_seconds)),
        (Field::ProfileEnabled, flag(*organization_profile_enabled)),
        (Field::ExclusivePartnerOnly, flag(*exclusive_partner_only)),
    ];
    let mentioned = all.into_iter().filter_map(|(field, patch)| match patch {
        Patch::Keep => None,
        Patch::Clear => Some((field, default_value(field))),
        Patch::Set(value) => Some((field, Some(value))),
    });
    mentioned.collect()
}

/// Takes an overridable field out of a patch.
pub fn keep(patch: &mut OrganizationPatch, field: Field) {
    let (limits, retention) = (&mut patch.limits, &mut patch.retention);
    match field {
        Field::Title => patch.title = None,
        Field::Description => patch.description = Patch::Keep,
        Field::ImageUrl => patch.image_url = Patch::Keep,
        Field::Status => patch.status = None,
        Field::Branding => patch.branding_id = None,
        Field::CameraLimit => limits.camera_limit = Patch::Keep,
        Field::UserLimit => limits.user_limit = Patch::Keep,
        Field::DvrLimit => limits.dvr_limit_gb = Patch::Keep,
        Field::PurgeDays => retention.purge_days = Patch::Keep,
        Field::PurgeDaysFront => retention.purge_days_front = Patch::Keep,
        Field::PurgeDaysRear => retention.purge_days_rear = Patch::Keep,
        Field::PurgeDaysAuxiliary => retention.purge_days_auxiliary = Patch::Keep,
        Field::DeviceRetention => retention.device_retention_minutes = Patch::Keep,
        Field::LiveVideoTimeout => retention.live_video_timeout_seconds = Patch::Keep,
        Field::ProfileEnabled => patch.organization_profile_enabled = None,
        Field::ExclusivePartnerOnly => patch.exclusive_partner_only = None,
        _ => {}
    }
}
