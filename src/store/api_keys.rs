//! Table `api_keys`. A key is found by its public half; of the secret half only the SHA-256 is stored.

use rusqlite::{OptionalExtension, Row};

use super::{Change, Read, Write};
use crate::model::{
    KeyId, Result, UserId,
    credential::{ApiKey, NewKey, SecretHash},
    event::Subject,
};

const COLUMNS: &str = "k.id, k.user_id, u.login, k.name, k.public_id, k.created_at_ms, k.expires_at_ms";
const FROM: &str = "FROM api_keys k JOIN users u ON u.id = k.user_id";

/// A key and the hash of its secret half, by its public half.
pub fn secret_by_public_id(read: &Read<'_>, public_id: &str) -> Result<Option<(ApiKey, SecretHash)>> {
    let sql = format!("SELECT {COLUMNS}, k.secret_hash {FROM} WHERE k.public_id = ?1");
    let mut statement = read.connection.prepare_cached(&sql)?;
    Ok(statement.query_row([public_id], |row| Ok((from_row(row)?, row.get(7)?))).optional()?)
}

/// At most two keys with this public half or this name, the one with the public half first.
pub fn find(read: &Read<'_>, wanted: &str) -> Result<Vec<ApiKey>> {
    let matching = "WHERE k.public_id = ?1 OR k.name = ?1 ORDER BY k.public_id = ?1 DESC LIMIT 2";
    let sql = format!("SELECT {COLUMNS} {FROM} {matching}");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([wanted], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every key, by user and name.
pub fn list(read: &Read<'_>) -> Result<Vec<ApiKey>> {
    let sql = format!("SELECT {COLUMNS} {FROM} ORDER BY u.login, k.name, k.id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores a key.
pub fn insert(write: &Write<'_>, new: &NewKey) -> Result<(KeyId, Change)> {
    let NewKey { user_id, name, public_id, secret_hash, expires_at_ms } = new;
    let sql = "INSERT INTO api_keys (user_id, name, public_id, secret_hash, created_at_ms, expires_at_ms) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = (user_id.0, name, public_id, secret_hash, write.now_ms(), expires_at_ms);
    write.connection.prepare_cached(sql)?.execute(values)?;
    write.identities_changed();
    let id = KeyId(write.connection.last_insert_rowid());
    Ok((id, Change::of(Subject::Key(id))))
}

/// Revokes a key.
pub fn delete(write: &Write<'_>, id: KeyId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM api_keys WHERE id = ?1")?.execute([id.0])?;
    write.identities_changed();
    Ok(Change::of(Subject::Key(id)))
}

/// A user's keys, oldest first.
pub fn of_user(read: &Read<'_>, user: UserId) -> Result<Vec<ApiKey>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE k.user_id = ?1 ORDER BY k.id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([user.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: KeyId(row.get(0)?),
        user_id: UserId(row.get(1)?),
        login: row.get(2)?,
        name: row.get(3)?,
        public_id: row.get(4)?,
        created_at_ms: row.get(5)?,
        expires_at_ms: row.get(6)?,
    })
}
