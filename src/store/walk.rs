//! A walk through everything that events tell of, in the order of ids: organizations, members, cameras, users.

use super::Read;
use crate::model::{CameraId, OrgId, Result, UserId, queue::SnapshotAt};

/// The next places behind one, at most so many. Where a kind ends, the walk stands before the next; there may be none left.
pub fn after(read: &Read<'_>, at: SnapshotAt, rows_max: i64) -> Result<Vec<SnapshotAt>> {
    let single = |table: &str, id: i64, place: fn(i64) -> SnapshotAt| -> Result<Vec<SnapshotAt>> {
        let sql = format!("SELECT id FROM {table} WHERE id > ?1 ORDER BY id LIMIT ?2");
        let mut statement = read.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([id, rows_max], |row| row.get(0).map(place))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    match at {
        SnapshotAt::Organization(id) => single("organizations", id.0, |id| SnapshotAt::Organization(OrgId(id))),
        SnapshotAt::Camera(id) => single("cameras", id.0, |id| SnapshotAt::Camera(CameraId(id))),
        SnapshotAt::User(id) => single("users", id.0, |id| SnapshotAt::User(UserId(id))),
        SnapshotAt::Member(organization, user) => {
            let sql = "SELECT organization_id, user_id FROM members WHERE organization_id > ?1 \
                       OR (organization_id = ?1 AND user_id > ?2) ORDER BY organization_id, user_id LIMIT ?3";
            let mut statement = read.connection.prepare_cached(sql)?;
            let rows = statement.query_map([organization.0, user.0, rows_max], |row| {
                Ok(SnapshotAt::Member(OrgId(row.get(0)?), UserId(row.get(1)?)))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        }
        SnapshotAt::End => Ok(Vec::new()),
    }
}

/// How many there are of each: organizations, members, cameras, users.
pub fn counts(read: &Read<'_>) -> Result<[i64; 4]> {
    let sql = "SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM members), \
               (SELECT count(*) FROM cameras), (SELECT count(*) FROM users)";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?)
}
