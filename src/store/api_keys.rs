//! Table `api_keys`. A key is found by its public half; of the secret half only the SHA-256 is stored.

use rusqlite::{OptionalExtension, Row, types::Type};

use super::{Change, Read, Write};
use crate::model::{
    KeyId, OrgId, Result, UserId,
    credential::{ApiKey, NewKey, Scope, SecretHash},
    event::Subject,
    network::Network,
};

const COLUMNS: &str = "k.id, k.user_id, u.login, k.name, k.public_id, k.created_at_ms, k.expires_at_ms, k.scope, \
                       k.organization_id, k.network, k.last_used_at_ms";
const FROM: &str = "FROM api_keys k JOIN users u ON u.id = k.user_id";

/// A key and the hash of its secret half, by its public half.
pub fn secret_by_public_id(read: &Read<'_>, public_id: &str) -> Result<Option<(ApiKey, SecretHash)>> {
    let sql = format!("SELECT {COLUMNS}, k.secret_hash {FROM} WHERE k.public_id = ?1");
    let mut statement = read.connection.prepare_cached(&sql)?;
    Ok(statement.query_row([public_id], |row| Ok((from_row(row)?, row.get(11)?))).optional()?)
}

/// One key by its row.
pub fn get(read: &Read<'_>, id: KeyId) -> Result<Option<ApiKey>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE k.id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// Keys in the order of their rows: those after this one, of this user where one is given, at most so many.
pub fn page(read: &Read<'_>, user: Option<UserId>, after: Option<KeyId>, limit: u64) -> Result<Vec<ApiKey>> {
    let matching = "WHERE k.id > ?1 AND (?2 IS NULL OR k.user_id = ?2) ORDER BY k.id LIMIT ?3";
    let sql = format!("SELECT {COLUMNS} {FROM} {matching}");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((after.map_or(0, |id| id.0), user.map(|id| id.0), limit), from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Stores a key.
pub fn insert(write: &Write<'_>, new: &NewKey) -> Result<(KeyId, Change)> {
    let NewKey { user_id, name, public_id, secret_hash, expires_at_ms, scope, organization_id, network } = new;
    let sql = "INSERT INTO api_keys (user_id, name, public_id, secret_hash, created_at_ms, expires_at_ms, \
               scope, organization_id, network) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    write.connection.prepare_cached(sql)?.execute((
        user_id.0,
        name,
        public_id,
        secret_hash,
        write.now_ms(),
        expires_at_ms,
        scope.name(),
        organization_id.map(|id| id.0),
        network.map(|network| network.to_string()),
    ))?;
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

/// Notes that a key was used at this moment. No change that anybody hears of, and nothing cached depends on it.
pub fn note_use(write: &Write<'_>, id: KeyId, at_ms: i64) -> Result<()> {
    let sql = "UPDATE api_keys SET last_used_at_ms = max(?2, coalesce(last_used_at_ms, 0)) WHERE id = ?1";
    write.connection.prepare_cached(sql)?.execute([id.0, at_ms])?;
    Ok(())
}

/// The keys that are for one organization, oldest first.
pub fn of_organization(read: &Read<'_>, organization: OrgId) -> Result<Vec<ApiKey>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE k.organization_id = ?1 ORDER BY k.id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([organization.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A user's keys, oldest first.
pub fn of_user(read: &Read<'_>, user: UserId) -> Result<Vec<ApiKey>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE k.user_id = ?1 ORDER BY k.id");
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = statement.query_map([user.0], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let unreadable = |column, what: &str| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into());
    let scope: String = row.get(7)?;
    let network: Option<String> = row.get(9)?;
    // A network that cannot be read must not pass for none: the key would be taken from everywhere.
    let network = network.map(|text| Network::parse(&text).ok_or_else(|| unreadable(9, "unreadable network")));
    Ok(ApiKey {
        id: KeyId(row.get(0)?),
        user_id: UserId(row.get(1)?),
        login: row.get(2)?,
        name: row.get(3)?,
        public_id: row.get(4)?,
        created_at_ms: row.get(5)?,
        expires_at_ms: row.get(6)?,
        scope: Scope::parse(&scope).ok_or_else(|| unreadable(7, "unknown scope"))?,
        organization_id: row.get::<_, Option<i64>>(8)?.map(OrgId),
        network: network.transpose()?,
        last_used_at_ms: row.get(10)?,
    })
}
