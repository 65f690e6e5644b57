//! Tables `override_tables`, `override_settings` and `override_state`: what the files say, as last applied.

use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, types};

use super::{
    Change, Read, Write,
    managed_fields::{from_sql, to_sql},
};
use crate::model::{
    Error, OrgId, Result,
    event::Subject,
    overrides::{FIELDS, Place, Selector, Setting, Table},
};

macro_rules! columns {
    () => {
        "t.id, t.scope, t.name, t.file, t.line, t.create_missing, t.parents, t.expires_at_ms"
    };
}

/// A table of the files as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Stays with the table while its file and its selector stay.
    pub id: i64,
    /// In file order.
    pub position: i64,
    /// The table.
    pub table: Table,
}

/// Which files were applied last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// SHA-256 over the files.
    pub digest: [u8; 32],
    /// Milliseconds since 1970.
    pub applied_at_ms: i64,
}

/// True where there is any table at all.
pub fn any(read: &Read<'_>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM override_tables)";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// True where what hangs where decides about anything.
pub fn any_subtree(read: &Read<'_>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM override_tables WHERE scope = 'subtree')";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Every table, in file order.
pub fn all(read: &Read<'_>) -> Result<Vec<Kept>> {
    let sql = concat!("SELECT ", columns!(), ", t.position FROM override_tables t ORDER BY t.position");
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| kept(row, 8))?;
    let mut tables = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let place: std::collections::HashMap<i64, usize> = tables.iter().zip(0..).map(|(kept, at)| (kept.id, at)).collect();
    let sql = "SELECT table_id, field, value, line FROM override_settings ORDER BY table_id, line";
    let mut statement = read.connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(at) = place.get(&row.get(0)?) {
            let table = &mut tables[*at].table;
            let setting = setting(row, 1, &table.place.file)?;
            table.settings.push(setting);
        }
    }
    Ok(tables)
}

/// The tables for all and those that name one of these organizations, in file order.
pub fn concerning(read: &Read<'_>, organizations: &[OrgId]) -> Result<Vec<Kept>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", t.position AS place FROM override_tables t WHERE t.scope = 'all' UNION ALL SELECT ",
        columns!(),
        ", t.position FROM organizations o JOIN override_tables t ON t.name = o.name WHERE o.id IN rarray(?1) \
         ORDER BY place"
    );
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([ids(organizations)], |row| kept(row, 8))?;
    let mut tables = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = "SELECT field, value, line FROM override_settings WHERE table_id = ?1 ORDER BY line";
    let mut statement = read.connection.prepare_cached(sql)?;
    for Kept { id, table, .. } in &mut tables {
        let rows = statement.query_map([*id], |row| setting(row, 0, &table.place.file))?;
        table.settings = rows.collect::<rusqlite::Result<_>>()?;
    }
    Ok(tables)
}

/// How much the tables manage: their settings, and the organizations that they make.
pub fn entries(read: &Read<'_>) -> Result<i64> {
    let sql = "SELECT (SELECT count(*) FROM override_settings) + (SELECT coalesce(sum(create_missing), 0) FROM override_tables)";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Writes a table in its place, anew or over the one of its id.
pub fn put(write: &Write<'_>, kept: &Kept) -> Result<()> {
    let Kept { id, position, table } = kept;
    let Table { selector, place, settings, create, parents, expires_at_ms } = table;
    let scope = match selector {
        Selector::All => "all",
        Selector::Subtree(_) => "subtree",
        Selector::Name(_) => "name",
    };
    let sql = "INSERT INTO override_tables (id, position, scope, name, file, line, create_missing, parents, \
               expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET \
               position = ?2, scope = ?3, name = ?4, file = ?5, line = ?6, create_missing = ?7, parents = ?8, \
               expires_at_ms = ?9";
    write.connection.prepare_cached(sql)?.execute((
        id,
        position,
        scope,
        selector.name(),
        &place.file,
        place.line,
        create,
        serde_json::Value::from(parents.clone()).to_string(),
        expires_at_ms,
    ))?;
    write.connection.prepare_cached("DELETE FROM override_settings WHERE table_id = ?1")?.execute([id])?;
    let sql = "INSERT INTO override_settings (table_id, field, value, line) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = write.connection.prepare_cached(sql)?;
    for Setting { field, value, place } in settings {
        statement.execute((id, field.core_name(), to_sql(Some(value)), place.line))?;
    }
    Ok(())
}

/// Moves tables that are otherwise the same to where they stand now.
pub fn shift(write: &Write<'_>, id: i64, position: i64) -> Result<()> {
    let sql = "UPDATE override_tables SET position = ?2 WHERE id = ?1";
    write.connection.prepare_cached(sql)?.execute((id, position))?;
    Ok(())
}

/// Takes a table out.
pub fn delete(write: &Write<'_>, id: i64) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM override_tables WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The tables that end at a moment or before it, the next to end first.
pub fn ending(read: &Read<'_>, until_ms: i64) -> Result<Vec<Kept>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", t.position FROM override_tables t WHERE t.expires_at_ms <= ?1 ORDER BY t.expires_at_ms, t.position"
    );
    let mut statement = read.connection.prepare_cached(sql)?;
    let rows = statement.query_map([until_ms], |row| kept(row, 8))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the next table ends, in milliseconds since 1970.
pub fn next_end(read: &Read<'_>) -> Result<Option<i64>> {
    let sql = "SELECT min(expires_at_ms) FROM override_tables WHERE expires_at_ms IS NOT NULL";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Which files were applied last, if any.
pub fn state(read: &Read<'_>) -> Result<Option<State>> {
    let sql = "SELECT digest, applied_at_ms FROM override_state";
    let mut statement = read.connection.prepare_cached(sql)?;
    let found = statement.query_row([], |row| Ok(State { digest: row.get(0)?, applied_at_ms: row.get(1)? }));
    Ok(found.optional()?)
}

/// Notes which files are applied; `None` forgets them.
pub fn set_state(write: &Write<'_>, digest: Option<&[u8; 32]>) -> Result<Change> {
    match digest {
        Some(digest) => {
            let sql = "INSERT INTO override_state (id, digest, applied_at_ms) VALUES (1, ?1, ?2) \
                       ON CONFLICT (id) DO UPDATE SET digest = ?1, applied_at_ms = ?2";
            write.connection.prepare_cached(sql)?.execute((digest, write.now_ms()))?;
        }
        None => {
            write.connection.prepare_cached("DELETE FROM override_state")?.execute([])?;
        }
    }
    Ok(Change::of(Subject::Overrides))
}

pub(super) fn ids(organizations: &[OrgId]) -> Rc<Vec<types::Value>> {
    Rc::new(organizations.iter().map(|id| types::Value::Integer(id.0)).collect())
}

/// Without its settings; the position stands in the given column.
fn kept(row: &Row<'_>, position: usize) -> rusqlite::Result<Kept> {
    let scope = row.get_ref(1)?.as_str()?;
    let name = || row.get(2);
    let selector = match scope {
        "all" => Selector::All,
        "subtree" => Selector::Subtree(name()?),
        _ => Selector::Name(name()?),
    };
    let unreadable =
        |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(6, types::Type::Text, error.into());
    let table = Table {
        selector,
        place: Place { file: row.get(3)?, line: row.get(4)? },
        settings: Vec::new(),
        create: row.get(5)?,
        parents: serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(unreadable)?,
        expires_at_ms: row.get(7)?,
    };
    Ok(Kept { id: row.get(0)?, position: row.get(position)?, table })
}

/// Field, value and line from three columns on.
fn setting(row: &Row<'_>, first: usize, file: &str) -> rusqlite::Result<Setting> {
    let place = field_place(row, first)?;
    let (field, kind) = FIELDS[place];
    let value = from_sql(row.get_ref(first + 1)?, kind)?.ok_or(rusqlite::Error::InvalidQuery)?;
    Ok(Setting { field, value, place: Place { file: file.to_owned(), line: row.get(first + 2)? } })
}

/// The place in [`FIELDS`] of the field that a column names.
pub(super) fn field_place(row: &Row<'_>, column: usize) -> rusqlite::Result<usize> {
    let name = row.get_ref(column)?.as_str()?;
    FIELDS.iter().position(|(field, _)| field.core_name() == name).ok_or_else(|| {
        let unknown = format!("{name} is no field that a file manages");
        rusqlite::Error::FromSqlConversionFailure(
            column,
            types::Type::Text,
            Error::new(crate::model::Kind::Internal, "internal", unknown).into(),
        )
    })
}
