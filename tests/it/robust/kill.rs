//! Killed under load, again and again: what was acknowledged is there, and the file is sound.

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
};

use rusqlite::Connection;

use super::process::{self, authorization};
use crate::support::server::PATIENCE;

const ROUNDS: usize = 5;
const CLIENTS: usize = 6;

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: HashSet<String> = HashSet::new();
    for round in 0..ROUNDS {
        let server = process::start(folder.path(), "");
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, made) = channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (address, stop, sender) = (server.address, Arc::clone(&stop), sender.clone());
                let prefix = format!("org-{round}-{client}");
                std::thread::spawn(move || create_until_it_ends(&address.to_string(), &prefix, &stop, &sender))
            })
            .collect();
        drop(sender);
        // Later in each round, so that the kill meets the writer in different states.
        for _ in 0..40 + round * 37 {
            acknowledged.insert(made.recv_timeout(PATIENCE).unwrap());
        }
        server.kill();
        stop.store(true, Ordering::SeqCst);
        clients.into_iter().for_each(|client| client.join().unwrap());
        acknowledged.extend(made);

        let server = process::start(folder.path(), "");
        let known = names(folder.path());
        let lost: Vec<_> = acknowledged.difference(&known).collect();
        assert!(lost.is_empty(), "round {round}: {} of {} lost: {lost:?}", lost.len(), acknowledged.len());
        server.admin().get("/api/v1/orgs/default").expect(200);
        assert_sound(folder.path());
        drop(server);
    }
}

/// Creates organizations until the server is gone, and tells of those that were acknowledged.
fn create_until_it_ends(address: &str, prefix: &str, stop: &AtomicBool, made: &Sender<String>) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
    for number in 0.. {
        let name = format!("{prefix}-{number}");
        let request = agent.post(format!("http://{address}/api/v1/orgs")).header("authorization", authorization());
        let body = serde_json::json!({ "name": name, "longName": "Load", "description": "x".repeat(500) });
        match request.send_json(body) {
            Ok(answer) => {
                assert_eq!(answer.status(), 201);
                made.send(name).unwrap();
            }
            // Any way in which a connection to a killed server ends; what became of the request is unknown.
            Err(_) => return,
        }
        if stop.load(Ordering::SeqCst) {
            return;
        }
    }
}

fn names(folder: &Path) -> HashSet<String> {
    let connection = Connection::open(folder.join("data/orgbox.db")).unwrap();
    let mut statement = connection.prepare("SELECT name FROM organizations").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The file is whole, and there is exactly one event for everything that was made, without a gap.
pub fn assert_sound(folder: &Path) {
    let connection = Connection::open(folder.join("data/orgbox.db")).unwrap();
    let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let count = number("SELECT count(*) FROM outbox");
    assert_eq!(number("SELECT max(seq) FROM outbox"), count);
    assert_eq!(number("SELECT last_seq FROM site"), count);
    let created = "SELECT count(*) FROM outbox WHERE type = 'io.orgbox.organization.created.v1'";
    assert_eq!(number(created), number("SELECT count(*) FROM organizations"));
    assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
}
