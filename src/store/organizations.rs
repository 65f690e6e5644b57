//! Table `organizations`, read through the view `organizations_in_force`.

use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, named_params};

use super::{Change, Read, Write, error::is_taken};
use crate::model::{
    BrandingId, Error, Field, Kind, OrgId, Organization, Patch, Result, UserId,
    event::Subject,
    limits::{Limits, LimitsPatch},
    organization::OrganizationPatch,
    retention::{PurgesGiven, Retention, RetentionPatch},
    text::fold,
};

macro_rules! columns {
    () => {
        "o.id, o.version, o.name, o.title, o.description, o.image_url, o.status, o.branding_id, o.owner_id, \
         o.partner_id, o.camera_limit, o.user_limit, o.dvr_limit_gb, o.purge_days, o.purge_days_front, \
         o.purge_days_rear, o.purge_days_auxiliary, o.device_retention_minutes, o.live_video_timeout_seconds, \
         o.purges_given, o.organization_profile_enabled, o.exclusive_partner_only, o.user_count, o.camera_count, \
         o.mosaic_count, o.dvr_used_gb"
    };
}

/// What [`from_row`] reads, in its order.
pub(super) const COLUMNS: &str = columns!();

/// What [`retention_from`] reads, in its order.
pub(super) const RETENTION: &str = "o.purge_days, o.purge_days_front, o.purge_days_rear, o.purge_days_auxiliary, \
                                    o.device_retention_minutes, o.live_video_timeout_seconds, o.purges_given";

/// A row to be inserted: everything decided, nothing defaulted.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// Unique.
    pub name: &'a str,
    /// As checked.
    pub title: &'a str,
    /// As checked.
    pub description: Option<&'a str>,
    /// As checked.
    pub image_url: Option<&'a str>,
    /// An existing branding.
    pub branding_id: Option<BrandingId>,
    /// An existing user.
    pub owner_id: Option<UserId>,
    /// The administrator who makes it.
    pub partner_id: Option<UserId>,
    /// Limits that differ from the defaults.
    pub limits: &'a LimitsPatch,
    /// Retention that differs from the defaults.
    pub retention: &'a RetentionPatch,
    /// The schema's default where absent.
    pub status: Option<i64>,
    /// See [`Organization::organization_profile_enabled`].
    pub organization_profile_enabled: Option<bool>,
    /// See [`Organization::exclusive_partner_only`].
    pub exclusive_partner_only: bool,
    /// 32 random bytes.
    pub sso_secret: [u8; 32],
}

/// One organization by id, with the values in force.
pub fn get(read: &Read<'_>, id: OrgId) -> Result<Option<Organization>> {
    let sql = concat!("SELECT ", columns!(), " FROM organizations_in_force o WHERE o.id = ?1");
    Ok(read.connection.prepare_cached(sql)?.query_row([id.0], from_row).optional()?)
}

/// One organization by its name.
pub fn get_by_name(read: &Read<'_>, name: &str) -> Result<Option<Organization>> {
    let sql = concat!("SELECT ", columns!(), " FROM organizations_in_force o WHERE o.name = ?1");
    Ok(read.connection.prepare_cached(sql)?.query_row([name], from_row).optional()?)
}

/// The id of the organization with a name.
pub fn id_of(read: &Read<'_>, name: &str) -> Result<Option<OrgId>> {
    let sql = "SELECT id FROM organizations WHERE name = ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0).map(OrgId)).optional()?)
}

/// True where the name is in use.
pub fn name_exists(read: &Read<'_>, name: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM organizations WHERE name = ?1)";
    Ok(read.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
}

/// The id that the next organization will get, unless another is made first.
pub fn next_id(read: &Read<'_>) -> Result<OrgId> {
    let sql = "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'organizations'";
    let next = read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(OrgId(next.unwrap_or(1)))
}

/// The organizations that a user owns.
pub fn owned_by(read: &Read<'_>, user: UserId) -> Result<Vec<OrgId>> {
    let sql = "SELECT id FROM organizations WHERE owner_id = ?1 ORDER BY id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([user.0], |row| row.get(0).map(OrgId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The organizations that have chosen a branding.
pub fn choosing(read: &Read<'_>, branding: BrandingId) -> Result<Vec<OrgId>> {
    let sql = "SELECT id FROM organizations WHERE branding_id = ?1 ORDER BY id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([branding.0], |row| row.get(0).map(OrgId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many organizations these are, with their members and cameras.
pub fn extent(read: &Read<'_>, ids: &[OrgId]) -> Result<i64> {
    let sql = "SELECT coalesce(sum(1 + user_count + camera_count), 0) FROM organizations WHERE id IN rarray(?1)";
    let ids: Vec<_> = ids.iter().map(|id| rusqlite::types::Value::Integer(id.0)).collect();
    Ok(read.connection.prepare_cached(sql)?.query_row([Rc::new(ids)], |row| row.get(0))?)
}

/// The secret for single sign-on that partners are shown, 32 bytes.
pub fn sso_secret(read: &Read<'_>, id: OrgId) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT sso_secret FROM organizations WHERE id = ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?)
}

/// Makes an organization without links.
pub fn insert(write: &Write<'_>, row: &NewRow<'_>) -> Result<(OrgId, Change)> {
    let NewRow {
        name,
        title,
        description,
        image_url,
        branding_id,
        owner_id,
        partner_id,
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
        status,
        organization_profile_enabled,
        exclusive_partner_only,
        sso_secret,
    } = row;
    let sql = "INSERT INTO organizations (name, title, title_key, description, image_url, branding_id, owner_id, \
               partner_id, camera_limit, user_limit, dvr_limit_gb, purge_days, purge_days_front, purge_days_rear, \
               purge_days_auxiliary, device_retention_minutes, live_video_timeout_seconds, status, \
               organization_profile_enabled, exclusive_partner_only, sso_secret, created_at_ms) \
               VALUES (:name, :title, :title_key, :description, :image_url, :branding_id, :owner_id, :partner_id, \
               :camera_limit, :user_limit, :dvr_limit_gb, :purge_days, :purge_days_front, :purge_days_rear, \
               :purge_days_auxiliary, :device_retention_minutes, :live_video_timeout_seconds, coalesce(:status, 200), \
               :organization_profile_enabled, :exclusive_partner_only, :sso_secret, :created_at_ms)";
    let inserted = write.connection.prepare_cached(sql)?.execute(named_params! {
        ":name": name,
        ":title": title,
        ":title_key": fold(title),
        ":description": description,
        ":image_url": image_url,
        ":branding_id": branding_id.map(|id| id.0),
        ":owner_id": owner_id.map(|id| id.0),
        ":partner_id": partner_id.map(|id| id.0),
        ":camera_limit": camera_limit.set(),
        ":user_limit": user_limit.set(),
        ":dvr_limit_gb": dvr_limit_gb.set(),
        ":purge_days": purge_days.set(),
        ":purge_days_front": purge_days_front.set(),
        ":purge_days_rear": purge_days_rear.set(),
        ":purge_days_auxiliary": purge_days_auxiliary.set(),
        ":device_retention_minutes": device_retention_minutes.set(),
        ":live_video_timeout_seconds": live_video_timeout_seconds.set(),
        ":status": status,
        ":organization_profile_enabled": organization_profile_enabled,
        ":exclusive_partner_only": exclusive_partner_only,
        ":sso_secret": sso_secret,
        ":created_at_ms": write.now_ms(),
    });
    match inserted {
        Ok(_) => {}
        Err(error) if is_taken(&error) => return Err(name_taken(name)),
        Err(error) => return Err(error.into()),
    }
    let id = OrgId(write.connection.last_insert_rowid());
    write.edit(crate::model::hierarchy::Edit::Insert(id));
    Ok((id, Change::of(Subject::Organization(id))))
}

/// The error of a name that another organization has.
fn name_taken(name: &str) -> Error {
    let mut error =
        Error::new(Kind::Taken, "name_taken", format!("an organization with the name {name} already exists"));
    error.problems.push(crate::model::error::Problem { field: Field::Name, message: "is already taken".to_owned() });
    error
}

/// Changes the stored values that the patch mentions, and counts the version up.
pub fn update(write: &Write<'_>, id: OrgId, patch: &OrganizationPatch) -> Result<Change> {
    let OrganizationPatch {
        title,
        description,
        image_url,
        status,
        branding_id,
        owner_id,
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
    let mut columns = Columns::default();
    columns.set_if("title", title.as_ref());
    columns.set_if("title_key", title.as_deref().map(fold).as_ref());
    columns.patch("description", description);
    columns.patch("image_url", image_url);
    columns.set_if("status", status.as_ref());
    columns.patch("branding_id", &branding_id.clone().map(|id| id.0));
    columns.patch("owner_id", &owner_id.clone().map(|id| id.0));
    for (column, value) in [
        ("camera_limit", camera_limit),
        ("user_limit", user_limit),
        ("dvr_limit_gb", dvr_limit_gb),
        ("purge_days", purge_days),
        ("purge_days_front", purge_days_front),
        ("purge_days_rear", purge_days_rear),
        ("purge_days_auxiliary", purge_days_auxiliary),
        ("device_retention_minutes", device_retention_minutes),
        ("live_video_timeout_seconds", live_video_timeout_seconds),
    ] {
        columns.patch(column, value);
    }
    columns.patch("organization_profile_enabled", organization_profile_enabled);
    columns.set_if("exclusive_partner_only", exclusive_partner_only.as_ref());
    let Columns { mut sql, mut values } = columns;
    sql.push_str("version = version + 1 WHERE id = ?");
    values.push(id.0.into());
    write.connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?;
    Ok(Change::of(Subject::Organization(id)))
}

/// The limits that would be in force after a change of them. It is tried and taken back: the defaults stand in the view only.
pub fn limits_after(write: &Write<'_>, id: OrgId, limits: &LimitsPatch) -> Result<Limits> {
    let patch = OrganizationPatch { limits: limits.clone(), ..OrganizationPatch::default() };
    write.connection.execute_batch("SAVEPOINT trial")?;
    let _taken_back = update(write, id, &patch)?;
    let tried = get(write, id)?;
    write.connection.execute_batch("ROLLBACK TO trial; RELEASE trial")?;
    Ok(tried.ok_or_else(Error::internal)?.limits)
}

/// Counts the version up where something that hangs on the organization has changed: a link, a member, a camera.
pub fn touch(write: &Write<'_>, id: OrgId) -> Result<Change> {
    update(write, id, &OrganizationPatch::default())
}

/// Sets what the VMS reports, and counts the version up.
pub fn report(write: &Write<'_>, id: OrgId, mosaic_count: i64, dvr_used_gb: i64) -> Result<Change> {
    let sql = "UPDATE organizations SET mosaic_count = ?2, dvr_used_gb = ?3, version = version + 1 WHERE id = ?1";
    write.connection.prepare_cached(sql)?.execute((id.0, mosaic_count, dvr_used_gb))?;
    Ok(Change::of(Subject::Organization(id)))
}

/// Removes an organization that has no members, cameras and links any more.
pub fn delete(write: &Write<'_>, id: OrgId) -> Result<Change> {
    // An edit that changes nothing could not be undone: undoing it would make the organization.
    if write.connection.prepare_cached("DELETE FROM organizations WHERE id = ?1")?.execute([id.0])? > 0 {
        write.edit(crate::model::hierarchy::Edit::Remove(id));
    }
    Ok(Change::of(Subject::Organization(id)))
}

/// Reads [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization {
        id: OrgId(row.get(0)?),
        version: row.get(1)?,
        name: row.get(2)?,
        title: row.get(3)?,
        description: row.get(4)?,
        image_url: row.get(5)?,
        status: row.get(6)?,
        branding_id: row.get::<_, Option<i64>>(7)?.map(BrandingId),
        owner_id: row.get::<_, Option<i64>>(8)?.map(UserId),
        partner_id: row.get::<_, Option<i64>>(9)?.map(UserId),
        limits: Limits { camera_limit: row.get(10)?, user_limit: row.get(11)?, dvr_limit_gb: row.get(12)? },
        retention: retention_from(row, 13)?,
        organization_profile_enabled: row.get(20)?,
        exclusive_partner_only: row.get(21)?,
        user_count: row.get(22)?,
        camera_count: row.get(23)?,
        mosaic_count: row.get(24)?,
        dvr_used_gb: row.get(25)?,
    })
}

/// Reads [`RETENTION`], which begins at this column.
pub(super) fn retention_from(row: &Row<'_>, column: usize) -> rusqlite::Result<Retention> {
    Ok(Retention {
        purge_days: row.get(column)?,
        purge_days_front: row.get(column + 1)?,
        purge_days_rear: row.get(column + 2)?,
        purge_days_auxiliary: row.get(column + 3)?,
        device_retention_minutes: row.get(column + 4)?,
        live_video_timeout_seconds: row.get(column + 5)?,
        given: PurgesGiven::from_bits(row.get(column + 6)?),
    })
}

/// The assignments of an UPDATE, only those that change something.
struct Columns {
    sql: String,
    values: Vec<rusqlite::types::Value>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { sql: "UPDATE organizations SET ".to_owned(), values: Vec::new() }
    }
}

impl Columns {
    fn set<T: Clone + Into<rusqlite::types::Value>>(&mut self, column: &str, value: Option<&T>) {
        self.sql.push_str(column);
        self.sql.push_str(" = ?, ");
        self.values.push(value.cloned().map_or(rusqlite::types::Value::Null, Into::into));
    }

    fn set_if<T: Clone + Into<rusqlite::types::Value>>(&mut self, column: &str, value: Option<&T>) {
        if value.is_some() {
            self.set(column, value);
        }
    }

    fn patch<T: Clone + Into<rusqlite::types::Value>>(&mut self, column: &str, value: &Patch<T>) {
        if !value.is_keep() {
            self.set(column, value.set());
        }
    }
}
