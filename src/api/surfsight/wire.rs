//! Surfsight's objects on the wire, and how bodies become the core's.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    api::body::whole,
    model::{
        Error, Field, Kind, OrgId, Organization, Patch, Result,
        error::{Problem, Problems},
        organization::{NewOrganization, OrganizationPatch},
        retention::{DEVICE_RETENTION_RULE, LIVE_VIDEO_TIMEOUT_RULE, PURGE_DAYS_RULE, Retention, RetentionPatch},
        text,
    },
};

/// What a read answers.
#[derive(Serialize)]
pub struct Data<T> {
    /// One organization or all of them.
    pub data: T,
}

/// An organization as lists show it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed<'a> {
    id: i64,
    name: &'a str,
    partner_id: Option<i64>,
    exclusive_partner_only: bool,
    purge_days: i64,
    purge_days_front_camera: i64,
    purge_days_rear_camera: i64,
    purge_days_auxiliary_cameras: i64,
    is_organization_profile_enabled: bool,
    live_video_timeout_seconds: i64,
}

/// An organization on its own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Single<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    device_retention_minutes: i64,
    users_count: i64,
    devices_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_secret: Option<String>,
}

impl<'a> From<&'a Organization> for Listed<'a> {
    fn from(organization: &'a Organization) -> Self {
        let Organization {
            id,
            version: _,
            name: _,
            title,
            description: _,
            image_url: _,
            status: _,
            branding_id: _,
            owner_id: _,
            partner_id,
            limits: _,
            retention,
            organization_profile_enabled,
            exclusive_partner_only,
            user_count: _,
            camera_count: _,
            mosaic_count: _,
            dvr_used_gb: _,
        } = organization;
        let Retention {
            given: _,
            purge_days,
            purge_days_front,
            purge_days_rear,
            purge_days_auxiliary,
            device_retention_minutes: _,
            live_video_timeout_seconds,
        } = *retention;
        Self {
            id: id.0,
            name: title,
            partner_id: partner_id.map(|partner| partner.0),
            exclusive_partner_only: *exclusive_partner_only,
            purge_days,
            purge_days_front_camera: purge_days_front,
            purge_days_rear_camera: purge_days_rear,
            purge_days_auxiliary_cameras: purge_days_auxiliary,
            is_organization_profile_enabled: *organization_profile_enabled,
            live_video_timeout_seconds,
        }
    }
}

impl<'a> Single<'a> {
    /// With the secret for single sign-on where the caller may see it.
    pub fn new(organization: &'a Organization, sso_secret: Option<[u8; 32]>) -> Self {
        Self {
            listed: organization.into(),
            device_retention_minutes: organization.retention.device_retention_minutes,
            users_count: organization.user_count,
            devices_count: organization.camera_count,
            sso_secret: sso_secret.as_ref().map(|secret| text::hexadecimal(secret)),
        }
    }
}

/// The body of `POST /authenticate`.
pub struct SignIn {
    /// The e-mail address, or the login of a user without one.
    pub email: String,
    /// In clear.
    pub password: String,
}

/// Reads the body of `POST /authenticate`.
pub fn sign_in(body: &Map<String, Value>) -> Result<SignIn> {
    let mut problems = Problems::default();
    let mut text = |key, field| match body.get(key) {
        Some(Value::String(text)) => text.clone(),
        _ => {
            problems.add(field, "must be a text");
            String::new()
        }
    };
    let found = SignIn { email: text("email", Field::Email), password: text("password", Field::Password) };
    problems.check().map(|()| found)
}

/// The answer of `POST /authenticate`.
pub fn signed_in(token: &str, organization_id: Option<OrgId>) -> Value {
    let mut data = json!({ "token": token });
    if let Some(OrgId(id)) = organization_id {
        data["organizationId"] = id.into();
    }
    json!({ "data": data })
}

/// The answer of `POST /organizations`.
pub fn created(OrgId(id): OrgId, sso_secret: &[u8; 32]) -> Value {
    json!({ "organizationId": id, "ssoSecret": text::hexadecimal(sso_secret) })
}

/// A body that makes an organization.
pub fn new_organization(body: &Map<String, Value>) -> Result<NewOrganization> {
    let mut fields = Fields::of(body);
    let title = fields.text("name", Field::Title);
    if !body.contains_key("name") {
        fields.problems.add(Field::Title, "is required");
    }
    let new = NewOrganization {
        title: title.unwrap_or_default(),
        exclusive_partner_only: fields.flag("exclusivePartnerOnly", Field::ExclusivePartnerOnly).unwrap_or(false),
        ..NewOrganization::default()
    };
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    fields.check(bounds, matches!(body.get("name"), Some(Value::String(_)))).map(|()| new)
}

/// A body that changes an organization: what is absent stays, what is unknown is passed over. Purge times above
/// `max_purge_days` are forbidden, once everything else is right.
pub fn patch(body: &Map<String, Value>, max_purge_days: i64) -> Result<OrganizationPatch> {
    let mut fields = Fields::of(body);
    let patch = OrganizationPatch {
        title: fields.text("name", Field::Title),
        exclusive_partner_only: fields.flag("exclusivePartnerOnly", Field::ExclusivePartnerOnly),
        retention: RetentionPatch {
            purge_days: fields.days("purgeDays", Field::PurgeDays),
            purge_days_front: fields.days("purgeDaysFrontCamera", Field::PurgeDaysFront),
            purge_days_rear: fields.days("purgeDaysRearCamera", Field::PurgeDaysRear),
            purge_days_auxiliary: fields.days("purgeDaysAuxiliaryCameras", Field::PurgeDaysAuxiliary),
            device_retention_minutes: fields.number(
                "deviceRetentionMinutes",
                Field::DeviceRetention,
                DEVICE_RETENTION_RULE,
            ),
            live_video_timeout_seconds: fields.number(
                "liveVideoTimeoutSeconds",
                Field::LiveVideoTimeout,
                LIVE_VIDEO_TIMEOUT_RULE,
            ),
        },
        organization_profile_enabled: fields.flag("isOrganizationProfileEnabled", Field::ProfileEnabled).into(),
        ..OrganizationPatch::default()
    };
    let mut bounds = Problems::default();
    patch.validate(&mut bounds);
    fields.check(bounds, true)?;
    check_cap(&patch.retention, max_purge_days)?;
    Ok(patch)
}

fn check_cap(retention: &RetentionPatch, max_purge_days: i64) -> Result<()> {
    let above =
        retention.purges().into_iter().filter(|(days, _)| days.set().is_some_and(|days| *days > max_purge_days));
    let message = format!("must be at most {max_purge_days} on this box");
    let problems: Vec<Problem> = above.map(|(_, field)| Problem { field, message: message.clone() }).collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error { problems, ..Error::new(Kind::Forbidden, "purge_days_capped", "purge days above what this box allows") })
}

/// The members of a body by type. What has the wrong one is noted as a problem and reads as absent; null is no type.
struct Fields<'a> {
    body: &'a Map<String, Value>,
    problems: Problems,
}

impl<'a> Fields<'a> {
    fn of(body: &'a Map<String, Value>) -> Self {
        Self { body, problems: Problems::default() }
    }

    fn text(&mut self, key: &str, field: Field) -> Option<String> {
        self.read(key, field, "must be a text", |value| value.as_str().map(str::to_owned))
    }

    fn flag(&mut self, key: &str, field: Field) -> Option<bool> {
        self.read(key, field, "must be true or false", Value::as_bool)
    }

    fn days(&mut self, key: &str, field: Field) -> Patch<i64> {
        self.number(key, field, PURGE_DAYS_RULE)
    }

    fn number(&mut self, key: &str, field: Field, otherwise: &str) -> Patch<i64> {
        self.read(key, field, otherwise, |value| value.as_number().and_then(whole)).into()
    }

    fn read<T>(
        &mut self,
        key: &str,
        field: Field,
        otherwise: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.body.get(key)?;
        let found = read(value);
        self.problems.require(found.is_some(), field, otherwise);
        found
    }

    /// Adds what the core finds out of bounds, of the title only where one was given.
    fn check(mut self, bounds: Problems, has_title: bool) -> Result<()> {
        self.problems.extend(bounds, |field| has_title || field != Field::Title);
        self.problems.check()
    }
}
