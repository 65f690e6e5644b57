//! Tables `brandings` and `branding_organizations`.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use super::{Change, Read, Write};
use crate::model::{BrandingId, OrgId, Result, branding::Branding, event::Subject};

const COLUMNS: &str = "id, name, logo_filename, landing_domain, primary_color FROM brandings";

/// One branding as organizations show it: without those it belongs to.
pub fn get(read: &Read<'_>, id: BrandingId) -> Result<Option<Branding>> {
    let sql = format!("SELECT {COLUMNS} WHERE id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// Every branding by id. There are few.
pub fn all(read: &Read<'_>) -> Result<BTreeMap<BrandingId, Branding>> {
    let mut statement = read.connection.prepare_cached(&format!("SELECT {COLUMNS}"))?;
    let rows = statement.query_map([], |row| from_row(row).map(|branding| (branding.id, branding)))?;
    let mut brandings = rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()?;
    let sql = "SELECT branding_id, organization_id FROM branding_organizations ORDER BY organization_id";
    let mut statement = read.connection.prepare_cached(sql)?;
    for row in statement.query_map([], |row| Ok((BrandingId(row.get(0)?), OrgId(row.get(1)?))))? {
        let (branding, organization) = row?;
        if let Some(branding) = brandings.get_mut(&branding) {
            branding.organizations.push(organization);
        }
    }
    Ok(brandings)
}

/// The organizations that a branding belongs to.
pub fn owners(read: &Read<'_>, id: BrandingId) -> Result<Vec<OrgId>> {
    let sql = "SELECT organization_id FROM branding_organizations WHERE branding_id = ?1 ORDER BY organization_id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([id.0], |row| row.get(0).map(OrgId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The brandings that came from the configuration file.
pub fn from_file(read: &Read<'_>) -> Result<Vec<BrandingId>> {
    let mut statement = read.connection.prepare_cached("SELECT id FROM brandings WHERE from_file ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0).map(BrandingId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// True where an organization would have this branding once a file comes or goes: it is stored below a file's, or a file
/// names it.
pub fn is_told_of_by_files(read: &Read<'_>, id: BrandingId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM managed_fields WHERE field = 'branding_id' AND stored = ?1) \
               OR EXISTS (SELECT 1 FROM override_settings WHERE field = 'branding_id' AND value = ?1)";
    Ok(read.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}

/// The brandings that belong to an organization.
pub fn of_organization(read: &Read<'_>, organization: OrgId) -> Result<Vec<BrandingId>> {
    let sql = "SELECT branding_id FROM branding_organizations WHERE organization_id = ?1 ORDER BY branding_id";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([organization.0], |row| row.get(0).map(BrandingId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes a branding or changes it, and sets which organizations it belongs to.
pub fn put(write: &Write<'_>, branding: &Branding, from_file: bool) -> Result<Change> {
    let Branding { id, name, logo_filename, landing_domain, primary_color, organizations } = branding;
    let sql = "INSERT INTO brandings (id, name, logo_filename, landing_domain, primary_color, from_file) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET name = ?2, logo_filename = ?3, \
               landing_domain = ?4, primary_color = ?5, from_file = ?6";
    let values = (id.0, name, logo_filename, landing_domain, primary_color, from_file);
    write.connection.prepare_cached(sql)?.execute(values)?;
    let sql = "DELETE FROM branding_organizations WHERE branding_id = ?1";
    write.connection.prepare_cached(sql)?.execute([id.0])?;
    let sql = "INSERT INTO branding_organizations (branding_id, organization_id) VALUES (?1, ?2)";
    let mut statement = write.connection.prepare_cached(sql)?;
    for organization in organizations {
        statement.execute([id.0, organization.0])?;
    }
    Ok(Change::of(Subject::Branding(*id)))
}

/// Ends a branding's belonging to an organization.
pub fn disown(write: &Write<'_>, id: BrandingId, organization: OrgId) -> Result<Change> {
    let sql = "DELETE FROM branding_organizations WHERE branding_id = ?1 AND organization_id = ?2";
    write.connection.prepare_cached(sql)?.execute([id.0, organization.0])?;
    Ok(Change::of(Subject::Branding(id)))
}

/// Removes a branding that nobody has chosen.
pub fn delete(write: &Write<'_>, id: BrandingId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM brandings WHERE id = ?1")?.execute([id.0])?;
    Ok(Change::of(Subject::Branding(id)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Branding> {
    Ok(Branding {
        id: BrandingId(row.get(0)?),
        name: row.get(1)?,
        logo_filename: row.get(2)?,
        landing_domain: row.get(3)?,
        primary_color: row.get(4)?,
        organizations: Vec::new(),
    })
}
