//! Table `managed_fields`: what the API stored where a file manages a field, and the values in force beside it.

use rusqlite::{
    Row, params_from_iter,
    types::{self, ValueRef},
};

use super::{
    Change, Read, Write,
    overrides::{field_place, ids},
};
use crate::model::{
    Field, OrgId, Result,
    event::Subject,
    overrides::{FIELDS, Place, Value, ValueKind},
    text::fold,
};

/// A field of an organization that a file manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// Its place in [`FIELDS`].
    pub field: usize,
    /// The table that manages it; `None` where only a legal hold keeps the value.
    pub table_id: Option<i64>,
    /// What the API stored; `None` is nothing, or the default.
    pub stored: Option<Value>,
}

/// An organization's row as a comparison with the files needs it. Values are read only where they are asked for.
pub struct Present<'r> {
    row: &'r Row<'r>,
    /// The organization.
    pub id: OrgId,
    /// What files manage of it, by field.
    pub managed: &'r [Managed],
}

impl Present<'_> {
    /// What the column of a field holds; `None` is nothing, or the default.
    pub fn column(&self, field: usize) -> Result<Option<Value>> {
        Ok(from_sql(self.row.get_ref(FIRST_FIELD + field)?, FIELDS[field].1)?)
    }

    /// Its name.
    pub fn name(&self) -> Result<String> {
        Ok(self.row.get(1)?)
    }

    /// Members, cameras, and gigabytes used.
    pub fn counts(&self) -> Result<[i64; 3]> {
        Ok([self.row.get(2)?, self.row.get(3)?, self.row.get(4)?])
    }
}

const FIRST_FIELD: usize = 5;

/// Shows these organizations, or every one, by id.
pub fn scan(read: &Read<'_>, among: Option<&[OrgId]>, mut visit: impl FnMut(&Present<'_>) -> Result<()>) -> Result<()> {
    let fields: Vec<&str> = FIELDS.iter().map(|(field, _)| field.core_name()).collect();
    let [rows_among, managed_among] = match among {
        Some(_) => ["WHERE id IN rarray(?1)", "WHERE organization_id IN rarray(?1)"],
        None => ["", ""],
    };
    let rows = format!(
        "SELECT id, name, user_count, camera_count, dvr_used_gb, {} FROM organizations {rows_among} ORDER BY id",
        fields.join(", ")
    );
    let managed = format!(
        "SELECT organization_id, field, table_id, stored FROM managed_fields {managed_among} ORDER BY organization_id"
    );
    let (mut rows, mut managed) = (read.connection.prepare_cached(&rows)?, read.connection.prepare_cached(&managed)?);
    let (mut rows, mut managed) = match among {
        Some(among) => (rows.query([ids(among)])?, managed.query([ids(among)])?),
        None => (rows.query([])?, managed.query([])?),
    };
    let mut ahead = next(&mut managed)?;
    let mut own = Vec::new();
    while let Some(row) = rows.next()? {
        let id = OrgId(row.get(0)?);
        own.clear();
        while let Some((_, field)) = ahead.take_if(|(owner, _)| *owner == id) {
            own.push(field);
            ahead = next(&mut managed)?;
        }
        visit(&Present { row, id, managed: &own })?;
    }
    Ok(())
}

/// The fields of one organization that a file manages, each with where it says so.
pub fn of(read: &Read<'_>, id: OrgId) -> Result<Vec<(Managed, Option<Place>)>> {
    Ok(of_these(read, &[id])?.into_iter().map(|(_, managed, place)| (managed, place)).collect())
}

/// The fields of these organizations that a file manages, each with where it says so.
pub fn of_these(read: &Read<'_>, among: &[OrgId]) -> Result<Vec<(OrgId, Managed, Option<Place>)>> {
    let sql = "SELECT m.field, m.table_id, m.stored, t.file, s.line, m.organization_id FROM managed_fields m \
               LEFT JOIN override_tables t ON t.id = m.table_id \
               LEFT JOIN override_settings s ON s.table_id = m.table_id AND s.field = m.field \
               WHERE m.organization_id IN rarray(?1)";
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([ids(among)], |row| {
        let field = field_place(row, 0)?;
        let stored = from_sql(row.get_ref(2)?, FIELDS[field].1)?;
        let place = match (row.get(3)?, row.get(4)?) {
            (Some(file), Some(line)) => Some(Place { file, line }),
            _ => None,
        };
        Ok((OrgId(row.get(5)?), Managed { field, table_id: row.get(1)?, stored }, place))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The organizations that have a legal hold themselves, and those of which a camera has one.
pub fn under_hold(read: &Read<'_>) -> Result<(Vec<OrgId>, Vec<OrgId>)> {
    let read_all = |sql: &str| -> Result<Vec<OrgId>> {
        let mut statement = read.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0).map(OrgId))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let by_organization = read_all("SELECT organization_id FROM holds WHERE organization_id IS NOT NULL")?;
    let by_camera = "SELECT DISTINCT c.organization_id FROM holds h JOIN cameras c ON c.id = h.camera_id";
    Ok((by_organization, read_all(by_camera)?))
}

/// Notes who manages a field and what was stored.
pub fn put(write: &Write<'_>, id: OrgId, managed: &Managed) -> Result<()> {
    let Managed { field, table_id, stored } = managed;
    let sql = "INSERT INTO managed_fields (organization_id, field, table_id, stored) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (organization_id, field) DO UPDATE SET table_id = ?3, stored = ?4";
    let values = (id.0, FIELDS[*field].0.core_name(), table_id, to_sql(stored.as_ref()));
    write.connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Forgets that a field is managed.
pub fn remove(write: &Write<'_>, id: OrgId, field: usize) -> Result<()> {
    let sql = "DELETE FROM managed_fields WHERE organization_id = ?1 AND field = ?2";
    write.connection.prepare_cached(sql)?.execute((id.0, FIELDS[field].0.core_name()))?;
    Ok(())
}

/// Writes values into an organization's row and leaves its version to the caller.
pub fn overlay(write: &Write<'_>, id: OrgId, values: &[(Field, Option<&Value>)]) -> Result<Change> {
    let mut sql = String::from("UPDATE organizations SET ");
    let mut parameters = Vec::with_capacity(values.len() + 2);
    for (field, value) in values {
        sql.push_str(field.core_name());
        sql.push_str(" = ?, ");
        parameters.push(to_sql(*value));
        if let (Field::Title, Some(Value::Text(title))) = (field, value) {
            sql.push_str("title_key = ?, ");
            parameters.push(fold(title).into());
        }
    }
    sql.push_str("version = version WHERE id = ?");
    parameters.push(id.0.into());
    write.connection.prepare_cached(&sql)?.execute(params_from_iter(parameters))?;
    Ok(Change::of(Subject::Organization(id)))
}

pub(super) fn to_sql(value: Option<&Value>) -> types::Value {
    match value {
        None => types::Value::Null,
        Some(Value::Text(text)) => text.clone().into(),
        Some(Value::Number(number)) => (*number).into(),
        Some(Value::Flag(flag)) => (*flag).into(),
    }
}

pub(super) fn from_sql(value: ValueRef<'_>, kind: ValueKind) -> rusqlite::Result<Option<Value>> {
    if matches!(value, ValueRef::Null) {
        return Ok(None);
    }
    Ok(Some(match kind {
        ValueKind::Text => Value::Text(value.as_str()?.to_owned()),
        ValueKind::Number => Value::Number(value.as_i64()?),
        ValueKind::Flag => Value::Flag(value.as_i64()? != 0),
    }))
}

fn next(rows: &mut rusqlite::Rows<'_>) -> Result<Option<(OrgId, Managed)>> {
    let Some(row) = rows.next()? else { return Ok(None) };
    let field = field_place(row, 1)?;
    let stored = from_sql(row.get_ref(3)?, FIELDS[field].1)?;
    Ok(Some((OrgId(row.get(0)?), Managed { field, table_id: row.get(2)?, stored })))
}
