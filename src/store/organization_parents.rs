//! Table `organization_parents`: the links of the hierarchy, and the graph loaded from them.

use rusqlite::Connection;

use super::{Change, Write};
use crate::model::{
    OrgId, Result,
    event::Subject,
    hierarchy::{Edit, Hierarchy},
};

/// Loads the whole graph.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Hierarchy> {
    let mut hierarchy = Hierarchy::default();
    // The greatest first, so that room is made once; the others in whatever order an index gives them, which is a tenth of
    // the table to read.
    let mut statement =
        connection.prepare("SELECT max(id) FROM organizations UNION ALL SELECT id FROM organizations")?;
    for id in statement.query_map([], |row| row.get::<_, Option<i64>>(0))? {
        if let Some(id) = id? {
            hierarchy.apply(Edit::Insert(OrgId(id)));
        }
    }
    let mut statement = connection.prepare("SELECT parent_id, child_id FROM organization_parents")?;
    for link in statement.query_map([], |row| Ok(Edit::Link(OrgId(row.get(0)?), OrgId(row.get(1)?))))? {
        hierarchy.apply(link?);
    }
    // What was read for this is not what is read next.
    connection.execute_batch("PRAGMA shrink_memory")?;
    Ok(hierarchy)
}

/// Links a child to a parent. The change is the child's.
pub fn link(write: &Write<'_>, parent: OrgId, child: OrgId) -> Result<Change> {
    let sql = "INSERT INTO organization_parents (parent_id, child_id) VALUES (?1, ?2)";
    write.connection.prepare_cached(sql)?.execute([parent.0, child.0])?;
    write.edit(Edit::Link(parent, child));
    Ok(Change::of(Subject::Organization(child)))
}

/// Removes a link. The change is the child's.
pub fn unlink(write: &Write<'_>, parent: OrgId, child: OrgId) -> Result<Change> {
    let sql = "DELETE FROM organization_parents WHERE parent_id = ?1 AND child_id = ?2";
    // An edit that changes nothing could not be undone: undoing it would make the link.
    if write.connection.prepare_cached(sql)?.execute([parent.0, child.0])? > 0 {
        write.edit(Edit::Unlink(parent, child));
    }
    Ok(Change::of(Subject::Organization(child)))
}
