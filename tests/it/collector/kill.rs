//! Killed again and again: what was acknowledged is there, what was not can be sent again, and the file is sound.

use std::{
    path::Path,
    sync::mpsc::{Sender, channel},
};

use rusqlite::Connection;

use super::{Letter, MEDIA_TYPE, Site, command};
use crate::support::{Server, server::PATIENCE};

const ROUNDS: usize = 5;

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site::new(7);
    let opening = vec![site.epoch_event(None, "first start"), site.complete_event()];
    let mut pending = Some(site.letter(&opening));
    for round in 0..ROUNDS {
        let server = Server::start(&mut command::command(folder.path(), &[]));
        let (sender, acknowledged) = channel();
        let address = server.address.to_string();
        let sending = std::thread::spawn(move || send_until_it_ends(&address, site, pending, &sender));
        for _ in 0..20 + round * 13 {
            acknowledged.recv_timeout(PATIENCE).unwrap();
        }
        server.kill();
        (site, pending) = sending.join().unwrap();

        // Whatever became of the batch under way, the same bytes again settle it.
        let server = Server::start(&mut command::command(folder.path(), &[]));
        let letter = pending.take().unwrap();
        letter.post(&server.client()).expect(200);
        site.link(&letter);
        let shown = server.client().get("/sites").expect(200).json()["items"][0].clone();
        assert_eq!(shown["chain"], super::hex(&site.chain), "round {round}");
        assert_eq!(shown["acked_seq"], site.seq.to_string());
        assert_eq!((&shown["gaps"], &shown["conflicts"]), (&0.into(), &0.into()));
        let beat = site.heartbeat();
        let beat = site.letter(&[beat]);
        beat.post(&server.client()).expect(200);
        site.link(&beat);
        assert!(!server.client().get("/sites").expect(200).json()["items"][0]["agreed_at"].is_null());
        server.kill();
        assert_sound(folder.path());
        let next = site.updated("organization/0", 1000 + i64::try_from(round).unwrap(), "next");
        pending = Some(site.letter(&[next]));
    }
}

/// Sends batch after batch until the server is gone; the one whose answer did not come is returned.
fn send_until_it_ends(
    address: &str,
    mut site: Site,
    mut pending: Option<Letter>,
    acknowledged: &Sender<()>,
) -> (Site, Option<Letter>) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
    for number in 0.. {
        let letter = pending.take().unwrap_or_else(|| {
            let id = number % 7;
            let version = site.seq;
            let events: Vec<_> = (0..5)
                .map(|step| site.updated(&format!("organization/{}", id + step), version + step, &"x".repeat(300)))
                .collect();
            site.letter(&events)
        });
        let request = agent.post(format!("http://{address}/events")).header("content-type", MEDIA_TYPE);
        let request = letter.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        match request.send(&letter.body[..]) {
            Ok(answer) => assert_eq!(answer.status(), 200),
            // Any way in which a connection to a killed server ends.
            Err(_) => return (site, Some(letter)),
        }
        site.link(&letter);
        // Nobody listens any more once there were enough.
        acknowledged.send(()).unwrap_or_default();
    }
    unreachable!()
}

fn assert_sound(folder: &Path) {
    let connection = Connection::open(folder.join("collector.db")).unwrap();
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
}
