//! Table `cameras`. The counts in `organizations` are kept by triggers.

use std::rc::Rc;

use rusqlite::{
    OptionalExtension, Row, ToSql,
    types::{Type, Value as Sql},
};

use super::{
    Change, Read, Write,
    organizations::{RETENTION, retention_from},
};
use crate::model::{
    CameraId, OrgId, Result, UserId,
    camera::{Camera, CameraFilter, CameraKind, CameraRetention, NewCamera, PlacedCamera},
    event::Subject,
    hold::{Held, Hold},
    text::fold,
};

const COLUMNS: &str =
    "c.id, c.version, c.organization_id, c.name, c.kind, c.partner_id, h.reason, h.author, h.since_ms";
const FROM: &str = "cameras c LEFT JOIN holds h ON h.camera_id = c.id";

/// One camera.
pub fn get(read: &Read<'_>, id: CameraId) -> Result<Option<Camera>> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE c.id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// The cameras of an organization by id.
pub fn of_organization(read: &Read<'_>, organization: OrgId) -> Result<Vec<Camera>> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE c.organization_id = ?1 ORDER BY c.id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([organization.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The cameras that meet the filter, only those of the organizations in `among` where it is given.
pub fn list(read: &Read<'_>, filter: &CameraFilter, among: Option<Vec<OrgId>>) -> Result<Vec<PlacedCamera>> {
    let CameraFilter { organization: _, below: _, search, after, limit } = filter;
    let mut conditions = "c.id > ?1 AND (?2 IS NULL OR orgbox_includes(c.name, ?2))".to_owned();
    // One organization is found by the index of cameras by organization; many are looked up for each camera.
    conditions.push_str(match among.as_deref() {
        None => " AND ?3 IS NULL",
        Some([_]) => " AND c.organization_id = ?3",
        Some(_) => " AND c.organization_id IN rarray(?3)",
    });
    let sql = format!(
        "SELECT {COLUMNS}, o.name, {RETENTION} FROM {FROM} JOIN organizations_in_force o ON o.id = c.organization_id \
         WHERE {conditions} ORDER BY c.id LIMIT ?4"
    );
    let among: Box<dyn ToSql> = match among.as_deref() {
        None => Box::new(Sql::Null),
        Some([one]) => Box::new(one.0),
        Some(many) => Box::new(Rc::new(many.iter().map(|id| Sql::Integer(id.0)).collect::<Vec<_>>())),
    };
    let after = after.map_or(0, |id| id.0);
    let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let mut statement = read.connection.prepare_cached(&sql)?;
    let parameters = rusqlite::params![after, search.as_deref().map(fold), among, limit];
    let rows = statement.query_map(parameters, |row| {
        let camera = from_row(row)?;
        let purge = retention_from(row, 10)?.purge(camera.kind);
        Ok(PlacedCamera { camera, organization: row.get(9)?, purge })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How long the footage of every camera is kept, by organization and camera: one pass over all.
pub fn retention(read: &Read<'_>, mut each: impl FnMut(CameraRetention)) -> Result<()> {
    let sql = format!(
        "SELECT c.id, c.organization_id, c.kind, EXISTS (SELECT 1 FROM holds h WHERE h.camera_id = c.id), {RETENTION} \
         FROM cameras c JOIN organizations_in_force o ON o.id = c.organization_id ORDER BY c.organization_id, c.id"
    );
    let mut statement = read.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let kind = kind(row, 2)?;
        each(CameraRetention {
            id: CameraId(row.get(0)?),
            organization_id: OrgId(row.get(1)?),
            kind,
            purge: retention_from(row, 4)?.purge(kind),
            held: row.get(3)?,
        });
    }
    Ok(())
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

/// Changes a camera, and counts its version up. Its hold has verbs of its own.
pub fn update(write: &Write<'_>, camera: &Camera) -> Result<Change> {
    let Camera { id, version: _, organization_id, name, kind, partner_id, hold: _ } = camera;
    let sql = "UPDATE cameras SET version = version + 1, organization_id = ?2, name = ?3, kind = ?4, partner_id = ?5 \
               WHERE id = ?1";
    let values = (id.0, organization_id.0, name, kind.number(), partner_id.map(|id| id.0));
    write.connection.prepare_cached(sql)?.execute(values)?;
    Ok(Change::of(Subject::Camera(*id)))
}

/// Removes a camera.
pub fn delete(write: &Write<'_>, id: CameraId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM cameras WHERE id = ?1")?.execute([id.0])?;
    Ok(Change::of(Subject::Camera(id)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Camera> {
    let id = CameraId(row.get(0)?);
    let hold = match row.get::<_, Option<String>>(6)? {
        Some(reason) => Some(Hold { on: Held::Camera(id), reason, author: row.get(7)?, since_ms: row.get(8)? }),
        None => None,
    };
    Ok(Camera {
        id,
        version: row.get(1)?,
        organization_id: OrgId(row.get(2)?),
        name: row.get(3)?,
        kind: kind(row, 4)?,
        partner_id: row.get::<_, Option<i64>>(5)?.map(UserId),
        hold,
    })
}

fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<CameraKind> {
    CameraKind::from_number(row.get(column)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into()))
}
