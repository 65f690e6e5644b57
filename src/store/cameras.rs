//! Table `cameras`. The counts in `organizations` are kept by triggers.

use rusqlite::{OptionalExtension, Row, types::Type};

use super::{Change, Read, Write};
use crate::model::{
    CameraId, OrgId, Result, UserId,
    camera::{Camera, CameraKind, NewCamera},
    event::Subject,
};

const COLUMNS: &str = "id, version, organization_id, name, kind, partner_id";

/// One camera.
pub fn get(read: &Read<'_>, id: CameraId) -> Result<Option<Camera>> {
    let sql = format!("SELECT {COLUMNS} FROM cameras WHERE id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// The cameras of an organization by id.
pub fn of_organization(read: &Read<'_>, organization: OrgId) -> Result<Vec<Camera>> {
    let sql = format!("SELECT {COLUMNS} FROM cameras WHERE organization_id = ?1 ORDER BY id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([organization.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many front, rear and auxiliary cameras an organization has.
pub fn count_by_class(read: &Read<'_>, organization: OrgId) -> Result<[i64; 3]> {
    let sql = "SELECT coalesce(sum(kind = 1), 0), coalesce(sum(kind = 2), 0), coalesce(sum(kind >= 50), 0) \
               FROM cameras WHERE organization_id = ?1";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row([organization.0], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?)
}

/// True where the organization holds a camera of another partner, or of none.
pub fn any_of_other_partner(read: &Read<'_>, organization: OrgId, partner: Option<UserId>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM cameras WHERE organization_id = ?1 AND partner_id IS NOT ?2)";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row((organization.0, partner.map(|id| id.0)), |row| row.get(0))?)
}

/// Registers a camera.
pub fn insert(write: &Write<'_>, new: &NewCamera) -> Result<(CameraId, Change)> {
    let NewCamera { organization_id, name, kind, partner_id } = new;
    let sql =
        "INSERT INTO cameras (organization_id, name, kind, partner_id, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = (organization_id.0, name, kind.number(), partner_id.map(|id| id.0), write.now_ms());
    write.connection.prepare_cached(sql)?.execute(values)?;
    let id = CameraId(write.connection.last_insert_rowid());
    Ok((id, Change::of(Subject::Camera(id))))
}

/// Removes a camera.
pub fn delete(write: &Write<'_>, id: CameraId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM cameras WHERE id = ?1")?.execute([id.0])?;
    Ok(Change::of(Subject::Camera(id)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Camera> {
    let kind = CameraKind::from_number(row.get(4)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, Type::Integer, error.into()))?;
    Ok(Camera {
        id: CameraId(row.get(0)?),
        version: row.get(1)?,
        organization_id: OrgId(row.get(2)?),
        name: row.get(3)?,
        kind,
        partner_id: row.get::<_, Option<i64>>(5)?.map(UserId),
    })
}
