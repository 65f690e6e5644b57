//! What billing and the audit trail hear: everything, once, in order, with the whole state and without a secret.

mod kinds;
mod replay;
mod secrets;

use serde_json::Value;

use crate::support::Bare;

/// A row of the outbox.
#[derive(Debug, Clone)]
struct Event {
    seq: i64,
    kind: String,
    subject: String,
    version: i64,
    data: Value,
}

/// The rows after a sequence number, in order.
fn events_after(bare: &Bare, seq: i64) -> Vec<Event> {
    let connection = bare.sqlite();
    let sql = "SELECT seq, type, subject, version, data FROM outbox WHERE seq > ?1 ORDER BY seq";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([seq], |row| {
        let data: String = row.get(4)?;
        let data = serde_json::from_str(&data).unwrap();
        Ok(Event { seq: row.get(0)?, kind: row.get(1)?, subject: row.get(2)?, version: row.get(3)?, data })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// `operation subject` of the audit rows after an id, in order.
fn audit_after(bare: &Bare, id: i64) -> Vec<String> {
    bare.column(&format!("SELECT operation || ' ' || subject FROM audit WHERE id > {id} ORDER BY id"))
}

fn last(bare: &Bare, sql: &str) -> i64 {
    bare.column(sql)[0].parse().unwrap_or(0)
}
