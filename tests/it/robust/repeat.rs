//! Creates with an Idempotency-Key, sent again after the server was killed: each is made once.

use std::sync::mpsc::{Sender, channel};

use rusqlite::Connection;
use serde_json::json;

use super::{
    kill::assert_sound,
    process::{self, authorization},
};
use crate::support::server::PATIENCE;

const ROUNDS: usize = 3;
const CLIENTS: usize = 4;

#[test]
fn a_create_sent_again_after_a_kill_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        let server = process::start(folder.path(), "");
        let (sender, made) = channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (address, sender) = (server.address.to_string(), sender.clone());
                std::thread::spawn(move || create_until_it_ends(&address, &format!("{round}-{client}"), &sender))
            })
            .collect();
        drop(sender);
        for _ in 0..20 + round * 17 {
            made.recv_timeout(PATIENCE).unwrap();
        }
        server.kill();
        let tried: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();

        let server = process::start(folder.path(), "");
        for title in &tried {
            let again = server.admin().with("idempotency-key", title);
            again.json("POST", "/orgbox/v1/organizations", &json!({ "title": title })).expect(201);
        }
        drop(server);
        let connection = Connection::open(folder.path().join("data/orgbox.db")).unwrap();
        for title in &tried {
            let count = "SELECT count(*) FROM organizations WHERE title = ?1";
            let count: i64 = connection.query_row(count, [title], |row| row.get(0)).unwrap();
            assert_eq!(count, 1, "round {round}: {title}");
        }
        assert_sound(folder.path());
    }
}

/// Creates organizations until the server is gone. Returns all that were tried; of the last nobody knows what became.
fn create_until_it_ends(address: &str, prefix: &str, made: &Sender<()>) -> Vec<String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
    let mut tried = Vec::new();
    for number in 0.. {
        let title = format!("org {prefix} {number}");
        tried.push(title.clone());
        let request = agent
            .post(format!("http://{address}/orgbox/v1/organizations"))
            .header("authorization", authorization())
            .header("idempotency-key", &title);
        match request.send_json(json!({ "title": title })) {
            Ok(answer) => {
                assert_eq!(answer.status(), 201);
                // The test listens no longer once it has heard enough.
                let _ = made.send(());
            }
            Err(_) => break,
        }
    }
    tried
}
