//! Tables `igrps`, `igrp_types` and `organization_igrps`.

use std::collections::BTreeMap;

use super::{Change, Read, Write};
use crate::model::{
    IgrpId, OrgId, Result,
    event::Subject,
    igrp::{Igrp, NewPlacement, OrganizationType, Placement},
};

/// Every installation group by id, with its types in order. There are few.
pub fn all(read: &Read<'_>) -> Result<BTreeMap<IgrpId, Igrp>> {
    let mut statement = read.connection.prepare_cached("SELECT id, name FROM igrps")?;
    let rows = statement.query_map([], |row| {
        let id = IgrpId(row.get(0)?);
        Ok((id, Igrp { id, name: row.get(1)?, types: Vec::new() }))
    })?;
    let mut igrps = rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()?;
    let sql = "SELECT igrp_id, code, name, sort_order FROM igrp_types ORDER BY igrp_id, sort_order, code";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let kind = OrganizationType { code: row.get(1)?, name: row.get(2)?, order: row.get(3)? };
        Ok((IgrpId(row.get(0)?), kind))
    })?;
    for row in rows {
        let (igrp, kind) = row?;
        if let Some(igrp) = igrps.get_mut(&igrp) {
            igrp.types.push(kind);
        }
    }
    Ok(igrps)
}

/// The groups that came from the configuration file.
pub fn from_file(read: &Read<'_>) -> Result<Vec<IgrpId>> {
    let mut statement = read.connection.prepare_cached("SELECT id FROM igrps WHERE from_file ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0).map(IgrpId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What organizations are within a group, by organization.
pub fn placements(read: &Read<'_>, igrp: IgrpId) -> Result<Vec<Placement>> {
    let sql = "SELECT organization_id, type_code, reference FROM organization_igrps WHERE igrp_id = ?1 \
               ORDER BY organization_id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([igrp.0], |row| {
        Ok(Placement {
            igrp_id: igrp,
            organization_id: OrgId(row.get(0)?),
            type_code: row.get(1)?,
            reference: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes a group or changes it, with its types.
pub fn put(write: &Write<'_>, igrp: &Igrp, from_file: bool) -> Result<Change> {
    let Igrp { id, name, types } = igrp;
    let sql = "INSERT INTO igrps (id, name, from_file) VALUES (?1, ?2, ?3) \
               ON CONFLICT (id) DO UPDATE SET name = ?2, from_file = ?3";
    write.connection.prepare_cached(sql)?.execute((id.0, name, from_file))?;
    write.connection.prepare_cached("DELETE FROM igrp_types WHERE igrp_id = ?1")?.execute([id.0])?;
    let sql = "INSERT INTO igrp_types (igrp_id, code, name, sort_order) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = write.connection.prepare_cached(sql)?;
    for OrganizationType { code, name, order } in types {
        statement.execute((id.0, code, name, order))?;
    }
    Ok(Change::of(Subject::Igrp(*id)))
}

/// Removes a group that no organization is in.
pub fn delete(write: &Write<'_>, id: IgrpId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM igrps WHERE id = ?1")?.execute([id.0])?;
    Ok(Change::of(Subject::Igrp(id)))
}

/// Sets what a new organization is within a group. The change is the organization's.
pub fn place(write: &Write<'_>, organization: OrgId, placement: &NewPlacement) -> Result<Change> {
    let NewPlacement { igrp_id, type_code, reference } = placement;
    let sql = "INSERT INTO organization_igrps (organization_id, igrp_id, type_code, reference) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (organization_id, igrp_id) DO UPDATE SET type_code = coalesce(?3, type_code), \
               reference = coalesce(?4, reference)";
    write.connection.prepare_cached(sql)?.execute((organization.0, igrp_id.0, type_code, reference))?;
    Ok(Change::of(Subject::Organization(organization)))
}
