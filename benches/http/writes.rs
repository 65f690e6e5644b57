//! Writes: each dialect's create and patch with 1 and with 64 clients, against the bare commit of the same rows.

use std::time::Instant;

use rusqlite::{Connection, types::Value};

use super::{Plan, ROUNDS, load, load::Load, rig::Rig};

/// Name, request by a running number, header lines.
type Write<'a> = (&'static str, Box<dyn Fn(usize) -> String + 'a>);

pub fn run(rig: &Rig, plan: &Plan) {
    if !plan.wants("write") {
        return;
    }
    let total = plan.requests(20_000);
    let bare = Bare::new(rig);
    let group = bare.per_second(total, 64);
    let single = bare.per_second(total / 20, 1);
    println!("\nwrites: rows of a create, committed bare: {group:.0}/s 64 at a time, {single:.0}/s one at a time");
    println!("{:<44} {:>9} {:>8} {:>12} {:>12} {:>9}", "", "req/s", "box µs", "× 64 bare", "× 1 bare", "a commit");
    let mut number = 0;
    for (name, request) in writes(rig) {
        for clients in [64, 1] {
            let total = if clients == 1 { total / 20 } else { total };
            let mut loads = Vec::new();
            let before = rig.statistics();
            for _ in 0..ROUNDS.min(3) {
                let first = number;
                number += total;
                loads.push(load::run(rig.address(), clients, total, &|index| request(first + index)));
            }
            let Load { per_second, cpu_us } = Load::median(loads);
            let after = rig.statistics();
            println!(
                "{:<44} {per_second:>9.0} {cpu_us:>8.1} {:>12.2} {:>12.2} {:>9.1}",
                format!("{name}, {clients} clients"),
                per_second / group,
                per_second / single,
                (after.jobs - before.jobs) as f64 / (after.batches - before.batches) as f64
            );
        }
    }
    println!();
}

fn writes(rig: &Rig) -> Vec<Write<'_>> {
    let request = |method: &str, path: &str, credential: String, kind: &str, body: String| {
        format!(
            "{method} {path} HTTP/1.1\r\nhost: box\r\n{credential}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    vec![
        (
            "watcher   create",
            Box::new(move |n| {
                let body = format!("{{\"title\":\"New {n}\",\"owner_id\":1}}");
                request("POST", "/vsaas/api/v2/organizations", rig.watcher(), json, body)
            }),
        ),
        (
            "watcher   patch",
            Box::new(move |n| {
                let path = format!("/vsaas/api/v2/organizations/{}", rig.id(n));
                request("PUT", &path, rig.watcher(), json, format!("{{\"title\":\"Changed {n}\"}}"))
            }),
        ),
        (
            "wotkit    create",
            Box::new(move |n| {
                let body = format!("{{\"name\":\"wot-{n}\",\"longName\":\"New {n}\"}}");
                request("POST", "/api/v1/orgs", rig.basic(), json, body)
            }),
        ),
        (
            "wotkit    patch",
            Box::new(move |n| {
                let path = format!("/api/v1/orgs/site-{}", rig.id(n));
                request("PUT", &path, rig.basic(), json, format!("{{\"longName\":\"Changed {n}\"}}"))
            }),
        ),
        (
            "infinity  create",
            Box::new(move |n| {
                let body = format!("parentOrgSpec=2&orgName=New+{n}&brandingId=1");
                request("POST", "/config/v2/organisations", rig.basic(), form, body)
            }),
        ),
        (
            "infinity  patch",
            Box::new(move |n| {
                let path = format!("/config/v2/organisations/{}", rig.id(n));
                request("POST", &path, rig.basic(), form, format!("orgName=Changed+{n}"))
            }),
        ),
        (
            "surfsight create",
            Box::new(move |n| {
                request("POST", "/organizations", rig.surfsight(), json, format!("{{\"name\":\"New {n}\"}}"))
            }),
        ),
        (
            "surfsight patch",
            Box::new(move |n| {
                let path = format!("/organizations/{}", rig.id(n));
                let body = format!("{{\"purgeDays\":{}}}", 1 + n / 7919 % 366);
                request("PATCH", &path, rig.surfsight(), json, body)
            }),
        ),
    ]
}

/// The rows that one create leaves behind, inserted again and again into a copy of the database with nothing around them.
struct Bare {
    connection: Connection,
    rows: Vec<(String, Vec<Value>)>,
}

impl Bare {
    fn new(rig: &Rig) -> Self {
        let path = rig.database().with_file_name("bare.db");
        let source = Connection::open(rig.database()).unwrap();
        source.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        let connection = Connection::open(path).unwrap();
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; \
             PRAGMA wal_autocheckpoint = 4000",
        )
        .unwrap();
        let rows = ["organizations", "organization_parents", "audit", "outbox"]
            .map(|table| last_row(&connection, table))
            .into();
        Self { connection, rows }
    }

    /// Creates per second with `batch` of them in each commit.
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads the real time")]
    fn per_second(&self, total: usize, batch: usize) -> f64 {
        let newest = |table: &str, key: &str| -> i64 {
            self.connection.query_row(&format!("SELECT max({key}) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let (mut id, mut entry, mut seq) =
            (newest("organizations", "id"), newest("audit", "id"), newest("outbox", "seq"));
        let started = Instant::now();
        for _ in 0..total / batch {
            self.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            for _ in 0..batch {
                id += 1;
                entry += 1;
                seq += 1;
                self.connection.prepare_cached("UPDATE site SET last_seq = last_seq + 1").unwrap().execute([]).unwrap();
                for ((sql, values), key) in self.rows.iter().zip([id, id, entry, seq]) {
                    let mut values = values.clone();
                    values[0] = Value::Integer(key);
                    if sql.contains("INTO organizations ") {
                        values[2] = Value::Text(format!("bare-{key}"));
                    }
                    let mut statement = self.connection.prepare_cached(sql).unwrap();
                    statement.execute(rusqlite::params_from_iter(values)).unwrap();
                }
            }
            self.connection.execute_batch("COMMIT").unwrap();
        }
        (total / batch * batch) as f64 / started.elapsed().as_secs_f64()
    }
}

fn last_row(connection: &Connection, table: &str) -> (String, Vec<Value>) {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1")).unwrap();
    let columns = statement.column_count();
    let values = statement
        .query_row([], |row| {
            (0..columns).map(|column| row.get::<_, Value>(column)).collect::<rusqlite::Result<Vec<_>>>()
        })
        .unwrap();
    let places = vec!["?"; columns].join(", ");
    (format!("INSERT INTO {table} VALUES ({places})"), values)
}
