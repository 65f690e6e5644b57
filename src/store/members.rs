//! Table `members`. The counts in `organizations` are kept by triggers.

use rusqlite::{OptionalExtension, Row};

use super::{Change, Read, Write};
use crate::model::{
    OrgId, Result, UserId,
    event::Subject,
    member::{Member, Rights},
};

const COLUMNS: &str = "m.organization_id, m.user_id, u.login, u.name, m.can_view_stats, m.can_edit_users, \
                       m.can_edit_cameras FROM members m JOIN users u ON u.id = m.user_id";

/// One membership.
pub fn get(read: &Read<'_>, organization: OrgId, user: UserId) -> Result<Option<Member>> {
    let sql = format!("SELECT {COLUMNS} WHERE m.organization_id = ?1 AND m.user_id = ?2");
    Ok(read.connection.prepare_cached(&sql)?.query_row([organization.0, user.0], from_row).optional()?)
}

/// The members of an organization by login.
pub fn of_organization(read: &Read<'_>, organization: OrgId) -> Result<Vec<Member>> {
    let sql = format!("SELECT {COLUMNS} WHERE m.organization_id = ?1 ORDER BY u.login");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([organization.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Members in the order of their users' ids, at most so many of those after one.
pub fn page(read: &Read<'_>, organization: OrgId, after: Option<UserId>, limit: u64) -> Result<Vec<Member>> {
    let sql = format!("SELECT {COLUMNS} WHERE m.organization_id = ?1 AND m.user_id > ?2 ORDER BY m.user_id LIMIT ?3");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([organization.0, after.map_or(0, |id| id.0), limit], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The logins of an organization's members, ascending.
pub fn logins(read: &Read<'_>, organization: OrgId) -> Result<Vec<String>> {
    let sql =
        "SELECT u.login FROM members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = ?1 ORDER BY u.login";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([organization.0], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a user is a member of, with its rights, by organization.
pub fn of_user(read: &Read<'_>, user: UserId) -> Result<Vec<(OrgId, Rights)>> {
    let sql = "SELECT organization_id, can_view_stats, can_edit_users, can_edit_cameras FROM members \
               WHERE user_id = ?1 ORDER BY organization_id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([user.0], |row| {
        let rights = Rights { can_view_stats: row.get(1)?, can_edit_users: row.get(2)?, can_edit_cameras: row.get(3)? };
        Ok((OrgId(row.get(0)?), rights))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds a member that is none yet.
pub fn insert(write: &Write<'_>, organization: OrgId, user: UserId, rights: Rights) -> Result<Change> {
    let sql = "INSERT INTO members (organization_id, user_id, can_view_stats, can_edit_users, can_edit_cameras) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
    write.connection.prepare_cached(sql)?.execute((
        organization.0,
        user.0,
        can_view_stats,
        can_edit_users,
        can_edit_cameras,
    ))?;
    Ok(Change::of(Subject::Member(organization, user)))
}

/// Changes what a member may do.
pub fn update(write: &Write<'_>, organization: OrgId, user: UserId, rights: Rights) -> Result<Change> {
    let sql = "UPDATE members SET can_view_stats = ?3, can_edit_users = ?4, can_edit_cameras = ?5 \
               WHERE organization_id = ?1 AND user_id = ?2";
    let Rights { can_view_stats, can_edit_users, can_edit_cameras } = rights;
    write.connection.prepare_cached(sql)?.execute((
        organization.0,
        user.0,
        can_view_stats,
        can_edit_users,
        can_edit_cameras,
    ))?;
    Ok(Change::of(Subject::Member(organization, user)))
}

/// Removes a member.
pub fn delete(write: &Write<'_>, organization: OrgId, user: UserId) -> Result<Change> {
    let sql = "DELETE FROM members WHERE organization_id = ?1 AND user_id = ?2";
    write.connection.prepare_cached(sql)?.execute([organization.0, user.0])?;
    Ok(Change::of(Subject::Member(organization, user)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        organization_id: OrgId(row.get(0)?),
        user_id: UserId(row.get(1)?),
        login: row.get(2)?,
        name: row.get(3)?,
        rights: Rights { can_view_stats: row.get(4)?, can_edit_users: row.get(5)?, can_edit_cameras: row.get(6)? },
    })
}
