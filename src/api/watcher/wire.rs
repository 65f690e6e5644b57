//! Watcher's objects on the wire. The order of keys is the contract's.

use serde::Serialize;

use crate::{
    api::call::Call,
    model::{UserId, member::Member, member::Rights, organization::Account, user::Contact, user::User},
    ops::organization::Own,
};

/// Id of the one domain, as clients know it from the documentation [seed].
pub const DOMAIN_ID: i64 = 1;

/// The domain that everything belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct Domain {
    id: i64,
    title: String,
}

impl Domain {
    /// The one domain of the box.
    pub fn of(call: &Call) -> Self {
        Self { id: DOMAIN_ID, title: call.settings().site_title.clone() }
    }
}

#[derive(Serialize)]
struct Owner<'a> {
    id: i64,
    login: &'a str,
}

impl<'a> Owner<'a> {
    fn of(own: &'a Own) -> Option<Self> {
        own.owner.as_ref().map(|(UserId(id), login)| Self { id: *id, login })
    }
}

/// An organization: 15 keys [seed].
#[derive(Serialize)]
pub struct FullOrganization<'a> {
    mosaic_count: i64,
    id: i64,
    domain: &'a Domain,
    user_count: i64,
    user_limit: i64,
    dvr_limit: i64,
    can_view_stats: bool,
    camera_count: i64,
    can_edit_users: bool,
    camera_limit: i64,
    owner: Option<Owner<'a>>,
    can_edit_cameras: bool,
    is_member: bool,
    is_default: bool,
    title: &'a str,
}

impl<'a> FullOrganization<'a> {
    /// As the caller sees it.
    pub fn new(own: &'a Own, domain: &'a Domain) -> Self {
        let Own { organization, owner: _, is_member, rights } = own;
        let Rights { can_view_stats, can_edit_users, can_edit_cameras } = *rights;
        Self {
            mosaic_count: organization.mosaic_count,
            id: organization.id.0,
            domain,
            user_count: organization.user_count,
            user_limit: organization.limits.user_limit,
            dvr_limit: organization.limits.dvr_limit_gb,
            can_view_stats,
            camera_count: organization.camera_count,
            can_edit_users,
            camera_limit: organization.limits.camera_limit,
            owner: Owner::of(own),
            can_edit_cameras,
            is_member: *is_member,
            is_default: organization.is_default(),
            title: &organization.title,
        }
    }
}

/// An organization that was just made: 7 keys [seed].
#[derive(Serialize)]
pub struct NewOrganization<'a> {
    id: i64,
    domain: &'a Domain,
    user_limit: i64,
    dvr_limit: i64,
    camera_limit: i64,
    owner: Option<Owner<'a>>,
    title: &'a str,
}

impl<'a> NewOrganization<'a> {
    /// As it was made.
    pub fn new(own: &'a Own, domain: &'a Domain) -> Self {
        let organization = &own.organization;
        Self {
            id: organization.id.0,
            domain,
            user_limit: organization.limits.user_limit,
            dvr_limit: organization.limits.dvr_limit_gb,
            camera_limit: organization.limits.camera_limit,
            owner: Owner::of(own),
            title: &organization.title,
        }
    }
}

/// The one folder of an organization.
#[derive(Serialize)]
pub struct Folder<'a> {
    id: i64,
    parent_id: Option<i64>,
    title: &'a str,
    organization_id: i64,
    camera_count: i64,
}

impl<'a> From<&'a Account> for Folder<'a> {
    fn from(organization: &'a Account) -> Self {
        Self {
            id: organization.id.0,
            parent_id: None,
            title: &organization.title,
            organization_id: organization.id.0,
            camera_count: organization.camera_count,
        }
    }
}

/// A member, with its rights under the names that a change of them has.
#[derive(Serialize)]
pub struct OrganizationUser<'a> {
    user_id: i64,
    login: &'a str,
    name: &'a str,
    can_edit_organization_users: bool,
    can_edit_organization_cameras: bool,
    can_view_organization_stats: bool,
}

impl<'a> From<&'a Member> for OrganizationUser<'a> {
    fn from(member: &'a Member) -> Self {
        let Member { organization_id: _, user_id, login, name, rights } = member;
        let Rights { can_view_stats, can_edit_users, can_edit_cameras } = *rights;
        Self {
            user_id: user_id.0,
            login,
            name,
            can_edit_organization_users: can_edit_users,
            can_edit_organization_cameras: can_edit_cameras,
            can_view_organization_stats: can_view_stats,
        }
    }
}

/// A user. The password never comes out, nor does the organization it was made in: it is among the others.
#[derive(Serialize)]
pub struct FullUser<'a> {
    id: i64,
    login: &'a str,
    name: &'a str,
    enabled: bool,
    is_admin: bool,
    organizations: Vec<i64>,
    notification_email: &'a str,
    phone: &'a str,
    note: &'a str,
    locale: &'a str,
    external_id: &'a str,
    max_sessions: Option<i64>,
}

impl<'a> FullUser<'a> {
    /// A user and the organizations that it owns or is a member of.
    pub fn new(user: &'a User, organizations: Vec<i64>) -> Self {
        let User { id, version: _, login, role, enabled, contact, max_sessions } = user;
        let Contact { name, email, phone, note, locale, time_zone: _, external_id } = contact;
        Self {
            id: id.0,
            login,
            name,
            enabled: *enabled,
            is_admin: role.is_admin(),
            organizations,
            notification_email: email,
            phone,
            note,
            locale,
            external_id,
            max_sessions: *max_sessions,
        }
    }
}

/// Who is signed in.
#[derive(Serialize)]
pub struct Session<'a> {
    /// The token; absent where a key signed in.
    pub session: Option<&'a str>,
    /// The user; the system key is none.
    pub id: Option<i64>,
    /// The user's login.
    pub login: &'a str,
    /// Whether it is an administrator.
    pub is_admin: bool,
    /// Always true.
    pub is_logged_in: bool,
    /// What it owns or is a member of.
    pub organizations: Vec<i64>,
    /// The one domain.
    pub domain_id: i64,
    /// Whether it may make and delete organizations.
    pub can_edit_organizations: bool,
    /// Whether it sees any organization.
    pub can_view_organizations: bool,
    /// Language tag.
    pub locale: &'a str,
    /// E-mail address.
    pub notification_email: &'a str,
}

/// What a call that removes something answers.
#[derive(Serialize)]
pub struct Done {
    success: bool,
}

/// `{"success":true}`
pub const DONE: Done = Done { success: true };
