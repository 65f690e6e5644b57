//! Table `sessions`. A session is found by the SHA-256 of its token; the token is never stored.

use rusqlite::OptionalExtension;

use super::{Read, Write};
use crate::model::{
    Result, UserId,
    credential::{SecretHash, SessionKind},
};

/// A session as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user_id: UserId,
    /// When it ends, in milliseconds since 1970; `None` without end.
    pub expires_at_ms: Option<i64>,
}

/// The session of a token of this kind, expired or not.
pub fn get(read: &Read<'_>, kind: SessionKind, token_hash: &SecretHash) -> Result<Option<Session>> {
    let sql = "SELECT user_id, expires_at_ms FROM sessions WHERE token_hash = ?1 AND kind = ?2";
    let mut statement = read.connection.prepare_cached(sql)?;
    let found = statement.query_row((token_hash, kind.name()), |row| {
        Ok(Session { user_id: UserId(row.get(0)?), expires_at_ms: row.get(1)? })
    });
    Ok(found.optional()?)
}

/// Opens a session, ends the user's oldest of that kind past `sessions_max`, and drops what has expired.
pub fn insert(
    write: &Write<'_>,
    user: UserId,
    kind: SessionKind,
    token_hash: &SecretHash,
    sessions_max: i64,
) -> Result<()> {
    let now_ms = write.now_ms();
    let sql = "INSERT INTO sessions (token_hash, user_id, kind, created_at_ms, expires_at_ms) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let expires_at_ms = kind.lifetime_ms().map(|lifetime_ms| now_ms + lifetime_ms);
    write.connection.prepare_cached(sql)?.execute((token_hash, user.0, kind.name(), now_ms, expires_at_ms))?;
    let sql = "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions \
               WHERE user_id = ?1 AND kind = ?2 ORDER BY created_at_ms DESC, token_hash = ?4 DESC LIMIT -1 OFFSET ?3)";
    let evicted = write.connection.prepare_cached(sql)?.execute((user.0, kind.name(), sessions_max, token_hash))?;
    let sql = "DELETE FROM sessions WHERE user_id = ?1 AND expires_at_ms <= ?2";
    let expired = write.connection.prepare_cached(sql)?.execute((user.0, now_ms))?;
    // A session that is new cannot have been cached; only one that is gone must be forgotten.
    if evicted + expired > 0 {
        write.identities_changed();
    }
    Ok(())
}

/// Ends every session.
pub fn delete_all(write: &Write<'_>) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM sessions")?.execute([])?;
    write.identities_changed();
    Ok(())
}

/// Ends one session.
pub fn delete(write: &Write<'_>, token_hash: &SecretHash) -> Result<()> {
    let ended = write.connection.prepare_cached("DELETE FROM sessions WHERE token_hash = ?1")?.execute([token_hash])?;
    // Tokens that nobody has must not empty everybody's caches.
    if ended > 0 {
        write.identities_changed();
    }
    Ok(())
}

/// Ends every session of a user.
pub fn delete_of_user(write: &Write<'_>, user: UserId) -> Result<()> {
    write.connection.prepare_cached("DELETE FROM sessions WHERE user_id = ?1")?.execute([user.0])?;
    write.identities_changed();
    Ok(())
}
