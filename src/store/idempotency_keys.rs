//! Table `idempotency_keys`: answers to creates, for those that are sent again.

use rusqlite::{OptionalExtension, Row, types::Type};
use serde_json::{Map, Value};

use super::Write;
use crate::model::{
    Result,
    repeat::{Answer, Repeat},
};

/// The answer that was given for this actor's key since a moment, and the hash of the request that it answered.
pub fn get(write: &Write<'_>, actor: &str, key: &str, since_ms: i64) -> Result<Option<([u8; 32], Answer)>> {
    let sql = "SELECT request_hash, status, headers, body FROM idempotency_keys \
               WHERE actor = ?1 AND key = ?2 AND created_at_ms > ?3";
    Ok(write.connection.prepare_cached(sql)?.query_row((actor, key, since_ms), from_row).optional()?)
}

/// Keeps an answer, in the place of one that is too old to be given again.
pub fn put(write: &Write<'_>, actor: &str, repeat: &Repeat, answer: &Answer) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO idempotency_keys (actor, key, request_hash, status, headers, body, created_at_ms) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let headers: Map<String, Value> =
        answer.headers.iter().map(|(name, value)| ((*name).clone(), Value::from(value.as_str()))).collect();
    write.connection.prepare_cached(sql)?.execute((
        actor,
        &repeat.key,
        repeat.request_hash,
        answer.status,
        Value::from(headers).to_string(),
        &answer.body,
        write.now_ms(),
    ))?;
    Ok(())
}

/// Forgets at most so many of the oldest answers, none given since a moment.
pub fn prune(write: &Write<'_>, until_ms: i64, limit: i64) -> Result<()> {
    let sql = "DELETE FROM idempotency_keys WHERE (actor, key) IN (SELECT actor, key FROM idempotency_keys \
               WHERE created_at_ms <= ?1 ORDER BY created_at_ms LIMIT ?2)";
    write.connection.prepare_cached(sql)?.execute([until_ms, limit])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<([u8; 32], Answer)> {
    let headers: String = row.get(2)?;
    let headers: Map<String, Value> = serde_json::from_str(&headers)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error)))?;
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    let answer =
        Answer { status: row.get(1)?, headers: headers.into_iter().filter_map(text).collect(), body: row.get(3)? };
    Ok((row.get(0)?, answer))
}
