//! Table `holds`. A hold is part of what it is set on: setting and lifting it are changes of that.

use rusqlite::{OptionalExtension, Row};

use super::{Change, Read, Write};
use crate::model::{
    CameraId, OrgId, Result,
    event::Subject,
    hold::{Held, Hold},
};

const COLUMNS: &str = "organization_id, camera_id, reason, author, since_ms FROM holds";

/// The hold on this very organization.
pub fn of_organization(read: &Read<'_>, id: OrgId) -> Result<Option<Hold>> {
    let sql = format!("SELECT {COLUMNS} WHERE organization_id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// Every hold on organizations. There are few.
pub fn of_organizations(read: &Read<'_>) -> Result<Vec<Hold>> {
    let sql = format!("SELECT {COLUMNS} WHERE organization_id IS NOT NULL ORDER BY organization_id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every hold on cameras, with the camera's organization, by organization and camera.
pub fn of_cameras(read: &Read<'_>) -> Result<Vec<(OrgId, Hold)>> {
    let sql = "SELECT h.organization_id, h.camera_id, h.reason, h.author, h.since_ms, c.organization_id FROM holds h \
               JOIN cameras c ON c.id = h.camera_id ORDER BY c.organization_id, c.id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((OrgId(row.get(5)?), from_row(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sets a hold. On what is under one already it changes reason and author, and the hold is as old as it was.
pub fn set(write: &Write<'_>, hold: &Hold) -> Result<Change> {
    let Hold { on, reason, author, since_ms } = hold;
    let (organization, camera, subject) = keys(*on);
    let sql = "INSERT INTO holds (organization_id, camera_id, reason, author, since_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (organization_id) DO UPDATE SET reason = ?3, author = ?4 \
               ON CONFLICT (camera_id) DO UPDATE SET reason = ?3, author = ?4";
    write.connection.prepare_cached(sql)?.execute((organization, camera, reason, author, since_ms))?;
    Ok(Change::of(subject))
}

/// Lifts a hold.
pub fn lift(write: &Write<'_>, on: Held) -> Result<Change> {
    let (organization, camera, subject) = keys(on);
    let sql = "DELETE FROM holds WHERE organization_id = ?1 OR camera_id = ?2";
    write.connection.prepare_cached(sql)?.execute((organization, camera))?;
    Ok(Change::of(subject))
}

fn keys(on: Held) -> (Option<i64>, Option<i64>, Subject) {
    match on {
        Held::Organization(id) => (Some(id.0), None, Subject::Organization(id)),
        Held::Camera(id) => (None, Some(id.0), Subject::Camera(id)),
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Hold> {
    let on = match row.get::<_, Option<i64>>(0)? {
        Some(id) => Held::Organization(OrgId(id)),
        None => Held::Camera(CameraId(row.get(1)?)),
    };
    Ok(Hold { on, reason: row.get(2)?, author: row.get(3)?, since_ms: row.get(4)? })
}
