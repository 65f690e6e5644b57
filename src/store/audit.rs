//! Table `audit`: adding a row to the chain, reading rows by filter, and checking the chain, all in bounded steps.

use rusqlite::{
    OptionalExtension, Row,
    types::{ToSqlOutput, ValueRef},
};

use super::{Read, Write, audit_chain};
use crate::model::{
    OrgId, Result, UserId,
    actor::Who,
    audit::{
        AuditFilter, AuditHead, AuditOrder, AuditSlice, AuditWalk, BrokenLink, ChainHash, Entry, Flaw, Progress,
        Verification,
    },
};

/// Rows that one read looks at, whether they fit or not: with more it would hold its snapshot, and with it the WAL, for long.
const LOOKED_AT_MAX: i64 = 50_000;
/// Rows that one step of a check reads.
const CHECKED_MAX: i64 = 5_000;
/// Bytes of before and after from which on a read ends early, so that rows of large organizations fit into memory.
const BYTES_MAX: usize = 1024 * 1024;

/// A row to be added.
#[derive(Debug)]
pub(super) struct NewRow<'a> {
    pub(super) who: &'a Who,
    /// The name of the API key that was used.
    pub(super) actor_key: Option<&'a str>,
    pub(super) operation: &'a str,
    pub(super) subject: &'a str,
    pub(super) organization_id: Option<OrgId>,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

/// Adds a row to the end of the chain.
pub(super) fn append(write: &Write<'_>, row: &NewRow<'_>) -> Result<()> {
    let NewRow { who, actor_key, operation, subject, organization_id, before, after } = *row;
    let head = head(write)?;
    // A row that somebody put behind the end is passed over, for a check to find: it must not stop the box from writing.
    let id = newest(write)?.max(head.id) + 1;
    let address = who.origin.address.map(|address| address.to_string());
    let number = |given: Option<i64>| given.map_or(ValueRef::Null, ValueRef::Integer);
    // In the order of `audit_chain::COLUMNS`.
    let values: [ValueRef<'_>; audit_chain::COLUMN_COUNT] = [
        ValueRef::Integer(id),
        ValueRef::Integer(write.now_ms()),
        who.actor.name.as_str().into(),
        number(who.actor.user_id.map(|id| id.0)),
        actor_key.into(),
        address.as_deref().into(),
        who.origin.dialect.into(),
        who.origin.request_id.as_str().into(),
        operation.into(),
        subject.into(),
        number(organization_id.map(|id| id.0)),
        before.into(),
        after.into(),
    ];
    let hash = audit_chain::link(&head.hash, values);
    let sql = "INSERT INTO audit (id, at_ms, actor, actor_user_id, actor_key, address, dialect, request_id, operation, \
               subject, organization_id, before, after, hash) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let parameters = values.into_iter().chain([ValueRef::Blob(&hash)]).map(ToSqlOutput::Borrowed);
    write.connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(parameters))?;
    let sql = "UPDATE site SET audit_last_id = ?1, audit_hash = ?2";
    write.connection.prepare_cached(sql)?.execute((id, hash))?;
    Ok(())
}

/// Where the trail ends.
pub fn head(read: &Read<'_>) -> Result<AuditHead> {
    let sql = "SELECT audit_last_id, audit_hash FROM site";
    let mut statement = read.connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| Ok(AuditHead { id: row.get(0)?, hash: row.get(1)? }))?)
}

/// Rows that fit, at most `limit`, behind the row `after` in this order or from the first on.
pub fn list(
    read: &Read<'_>,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<i64>,
    limit: usize,
) -> Result<AuditSlice> {
    let Some((low, high)) = window(read, order, after)? else { return Ok(AuditSlice::default()) };
    let AuditFilter {
        actor,
        actor_user_id,
        actor_key,
        operation,
        subject,
        organization_id,
        dialect,
        since_ms,
        until_ms,
    } = filter;
    // The index is worth its name only where the column stands alone in a comparison.
    let of_organization = if organization_id.is_some() { "organization_id = ?3" } else { "?3 IS NULL" };
    let direction = if order == AuditOrder::NewestFirst { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {}, hash FROM audit WHERE id BETWEEN ?1 AND ?2 AND {of_organization} \
         AND (?4 IS NULL OR actor = ?4 OR instr(actor, ?4 || ' (') = 1) \
         AND (?5 IS NULL OR actor_key = ?5) AND (?6 IS NULL OR operation = ?6) \
         AND (?7 IS NULL OR subject = ?7 OR instr(subject, ?7 || '/') = 1) AND (?8 IS NULL OR dialect = ?8) \
         AND (?9 IS NULL OR at_ms >= ?9) AND (?10 IS NULL OR at_ms < ?10) \
         AND (?11 IS NULL OR actor_user_id = ?11) ORDER BY id {direction}",
        audit_chain::COLUMNS
    );
    let mut statement = read.connection.prepare_cached(&sql)?;
    let organization_id = organization_id.map(|id| id.0);
    let parameters = rusqlite::params![
        low,
        high,
        organization_id,
        actor,
        actor_key,
        operation,
        subject,
        dialect,
        since_ms,
        until_ms,
        actor_user_id.map(|id| id.0)
    ];
    let mut rows = statement.query(parameters)?;
    let mut entries = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        bytes += entry.before.as_ref().map_or(0, String::len) + entry.after.as_ref().map_or(0, String::len);
        let next = Some(entry.id);
        entries.push(entry);
        if entries.len() >= limit || bytes >= BYTES_MAX {
            return Ok(AuditSlice { entries, next });
        }
    }
    let edge = if order == AuditOrder::NewestFirst { low } else { high };
    Ok(AuditSlice { entries, next: window(read, order, Some(edge))?.map(|_| edge) })
}

/// Begins a check.
pub fn begin(read: &Read<'_>) -> Result<AuditWalk> {
    let head = head(read)?;
    let beyond = "SELECT min(id) FROM audit WHERE id > ?1";
    let beyond = read.connection.prepare_cached(beyond)?.query_row([head.id], |row| row.get(0))?;
    Ok(AuditWalk { head, beyond, id: 0, hash: audit_chain::START })
}

/// Goes on with a check.
pub fn step(read: &Read<'_>, mut walk: AuditWalk) -> Result<Progress> {
    let broken =
        |walk: &AuditWalk, id: i64, why: Flaw| Ok(Progress::Done(verification(walk, Some(BrokenLink { id, why }))));
    // A row before the first one would otherwise never be looked at.
    let from = if walk.id == 0 { i64::MIN } else { walk.id + 1 };
    let sql =
        format!("SELECT {}, hash FROM audit WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3", audit_chain::COLUMNS);
    let mut statement = read.connection.prepare_cached(&sql)?;
    let mut rows = statement.query((from, walk.head.id, CHECKED_MAX))?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if id <= walk.id {
            return broken(&walk, id, Flaw::Inserted);
        }
        if id > walk.id + 1 {
            return broken(&walk, walk.id + 1, Flaw::Missing);
        }
        let values = (0..audit_chain::COLUMN_COUNT).map(|column| row.get_ref(column));
        let values: Vec<ValueRef<'_>> = values.collect::<rusqlite::Result<_>>()?;
        let hash = audit_chain::link(&walk.hash, values.iter().copied());
        if hash != row.get::<_, ChainHash>(audit_chain::COLUMN_COUNT)? {
            return broken(&walk, id, Flaw::Changed);
        }
        (walk.id, walk.hash) = (id, hash);
        bytes += values.iter().map(|value| value.as_str_or_null().ok().flatten().map_or(0, str::len)).sum::<usize>();
        if bytes >= BYTES_MAX {
            break;
        }
    }
    if walk.id < walk.head.id {
        // Without this the step after an end that was cut off would find nothing for ever.
        let goes_on = exists_from(read, walk.id + 1)?;
        return if goes_on { Ok(Progress::More(walk)) } else { broken(&walk, walk.id + 1, Flaw::Missing) };
    }
    if walk.hash != walk.head.hash {
        // Every row fits the one before it, and yet the last is not what the box wrote last.
        return broken(&AuditWalk { id: walk.id - 1, ..walk }, walk.id, Flaw::Changed);
    }
    match walk.beyond {
        Some(id) => broken(&walk, id, Flaw::Inserted),
        None => Ok(Progress::Done(verification(&walk, None))),
    }
}

fn verification(walk: &AuditWalk, first_broken: Option<BrokenLink>) -> Verification {
    Verification { rows: u64::try_from(walk.id).unwrap_or_default(), head: walk.head, first_broken }
}

/// The ids that one read looks at; `None` where the trail ends.
fn window(read: &Read<'_>, order: AuditOrder, after: Option<i64>) -> Result<Option<(i64, i64)>> {
    let (low, high) = match order {
        AuditOrder::NewestFirst => {
            let high = after.map_or_else(|| newest(read), |after| Ok(after.saturating_sub(1)))?;
            (high.saturating_sub(LOOKED_AT_MAX - 1).max(1), high)
        }
        AuditOrder::OldestFirst => {
            let low = after.map_or(1, |after| after.saturating_add(1)).max(1);
            (low, low.saturating_add(LOOKED_AT_MAX - 1).min(newest(read)?))
        }
    };
    Ok((low <= high).then_some((low, high)))
}

fn newest(read: &Read<'_>) -> Result<i64> {
    let sql = "SELECT coalesce(max(id), 0) FROM audit";
    Ok(read.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn exists_from(read: &Read<'_>, id: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM audit WHERE id >= ?1 LIMIT 1";
    Ok(read.connection.prepare_cached(sql)?.query_row([id], |_| Ok(())).optional()?.is_some())
}

/// A row of `audit_chain::COLUMNS` and the hash.
fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        at_ms: row.get(1)?,
        actor: row.get(2)?,
        actor_user_id: row.get::<_, Option<i64>>(3)?.map(UserId),
        actor_key: row.get(4)?,
        address: row.get(5)?,
        dialect: row.get(6)?,
        request_id: row.get(7)?,
        operation: row.get(8)?,
        subject: row.get(9)?,
        organization_id: row.get::<_, Option<i64>>(10)?.map(OrgId),
        before: row.get(11)?,
        after: row.get(12)?,
        hash: row.get(13)?,
    })
}
