//! The values of overridable fields: read off an organization or a patch, and what they are where nothing is stored.

use super::{FIELDS, Value};
use crate::model::{
    Field, Organization, Patch,
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

/// True for the purge times by camera type, whose default is the general one.
pub fn follows_general(field: Field) -> bool {
    matches!(field, Field::PurgeDaysFront | Field::PurgeDaysRear | Field::PurgeDaysAuxiliary)
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

/// The overridable fields that a patch mentions, with what they would be; `None` is nothing, or the default. `general_days`
/// are those of the general purge time in force, which the times by camera type follow where they are cleared.
pub fn mentioned(patch: &OrganizationPatch, general_days: i64) -> Vec<(Field, Option<Value>)> {
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
    let all = [
        (Field::Title, title.clone().map(Value::Text).into()),
        (Field::Description, text(description)),
        (Field::ImageUrl, text(image_url)),
        (Field::Status, status.map(Value::Number).into()),
        (Field::Branding, branding_id.clone().map(|id| Value::Number(id.0))),
        (Field::CameraLimit, number(camera_limit)),
        (Field::UserLimit, number(user_limit)),
        (Field::DvrLimit, number(dvr_limit_gb)),
        (Field::PurgeDays, number(purge_days)),
        (Field::PurgeDaysFront, number(purge_days_front)),
        (Field::PurgeDaysRear, number(purge_days_rear)),
        (Field::PurgeDaysAuxiliary, number(purge_days_auxiliary)),
        (Field::DeviceRetention, number(device_retention_minutes)),
        (Field::LiveVideoTimeout, number(live_video_timeout_seconds)),
        (Field::ProfileEnabled, organization_profile_enabled.clone().map(Value::Flag)),
        (Field::ExclusivePartnerOnly, exclusive_partner_only.map(Value::Flag).into()),
    ];
    let mentioned = all.into_iter().filter_map(|(field, patch)| match patch {
        Patch::Keep => None,
        Patch::Clear if follows_general(field) => Some((field, Some(Value::Number(general_days)))),
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
        Field::Branding => patch.branding_id = Patch::Keep,
        Field::CameraLimit => limits.camera_limit = Patch::Keep,
        Field::UserLimit => limits.user_limit = Patch::Keep,
        Field::DvrLimit => limits.dvr_limit_gb = Patch::Keep,
        Field::PurgeDays => retention.purge_days = Patch::Keep,
        Field::PurgeDaysFront => retention.purge_days_front = Patch::Keep,
        Field::PurgeDaysRear => retention.purge_days_rear = Patch::Keep,
        Field::PurgeDaysAuxiliary => retention.purge_days_auxiliary = Patch::Keep,
        Field::DeviceRetention => retention.device_retention_minutes = Patch::Keep,
        Field::LiveVideoTimeout => retention.live_video_timeout_seconds = Patch::Keep,
        Field::ProfileEnabled => patch.organization_profile_enabled = Patch::Keep,
        Field::ExclusivePartnerOnly => patch.exclusive_partner_only = None,
        _ => {}
    }
}
