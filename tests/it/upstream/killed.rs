//! The real box killed at every moment while clients write and it sends: nothing acknowledged is missing upstream, and
//! nothing is upstream that was not committed. `ORGBOX_LONG=1` kills it thousands of times.

use std::{
    collections::{BTreeSet, HashSet},
    process::Stdio,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Duration,
};

use orgbox::collector::Tally;
use serde_json::json;

use super::{
    fault_proxy::Dice,
    faults::{is_long, seed},
    place::{Billing, Place},
};
use crate::support::server::PATIENCE;

const CLIENTS: usize = 2;
/// The latest moment of a kill after the box serves, and after it is started, in microseconds.
const SERVING_US: usize = 60_000;
const STARTING_US: usize = 90_000;

#[test]
fn no_kill_loses_what_was_acknowledged_or_sends_what_was_not_committed() {
    let rounds = if is_long() { 3000 } else { 200 };
    let mut dice = Dice(seed());
    let billing = Billing::start();
    let place = Place::new(&billing);
    let server = place.serve();
    let key = place.key(&server);
    billing.until_equal(&place);
    server.stop("TERM");

    let (mut acknowledged, mut checked) = (BTreeSet::new(), 0);
    for round in 0..rounds {
        if round % 4 == 3 {
            kill_while_it_starts(&place, &mut dice);
        } else {
            kill_under_load(&place, &key, round, &mut dice, &mut acknowledged);
        }
        checked = assert_committed(&billing, &place, checked);
    }
    let server = place.serve();
    billing.until_equal(&place);
    server.stop("TERM");
    let titles: HashSet<String> =
        billing.upstream.shown(place.site()).into_values().map(|told| told[0].clone()).collect();
    let missing: Vec<_> = acknowledged.iter().filter(|title| !titles.contains(*title)).collect();
    assert!(missing.is_empty(), "{} of {}: {missing:?}", missing.len(), acknowledged.len());
    println!("{rounds} kills, {} acknowledged, {checked} events upstream", acknowledged.len());
    assert!(acknowledged.len() > rounds);

    // No kill is taken for a database that went back, nor does any leave a gap or a conflict.
    let view = billing.upstream.view(place.site());
    assert_eq!(view.epochs.len(), 1, "{view:#?}");
    for tally in [Tally::Behind, Tally::BatchConflicts, Tally::EventConflicts, Tally::Gaps, Tally::Differences] {
        assert_eq!(view.count(tally), 0, "{tally:?}");
    }
    let check: String = place.sqlite().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

fn kill_under_load(place: &Place, key: &str, round: usize, dice: &mut Dice, acknowledged: &mut BTreeSet<String>) {
    let server = place.serve();
    let (sender, made) = channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, key, sender) = (server.address.to_string(), key.to_owned(), sender.clone());
            let prefix = format!("{round}-{client}");
            std::thread::spawn(move || create_until_it_ends(&address, &key, &prefix, &sender))
        })
        .collect();
    drop(sender);
    acknowledged.insert(made.recv_timeout(PATIENCE).unwrap());
    wait_us(dice.below(SERVING_US));
    server.kill();
    clients.into_iter().for_each(|client| client.join().unwrap());
    acknowledged.extend(made);
}

/// At any moment before it serves, or just after.
fn kill_while_it_starts(place: &Place, dice: &mut Dice) {
    let mut child = place.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_us(dice.below(STARTING_US));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A moment of no meaning, so that the kill meets anything.
fn wait_us(us: usize) {
    let (_silent, nothing): (Sender<()>, Receiver<()>) = channel();
    assert_eq!(nothing.recv_timeout(Duration::from_micros(us as u64)), Err(RecvTimeoutError::Timeout));
}

/// Makes organizations until the box is gone, and tells of those that were acknowledged.
fn create_until_it_ends(address: &str, key: &str, prefix: &str, made: &Sender<String>) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
    for number in 0.. {
        let title = format!("{prefix}-{number}");
        let request = agent.post(format!("http://{address}/orgbox/v1/organizations"));
        let request = request.header("authorization", format!("Bearer {key}"));
        match request.send_json(json!({ "title": title })) {
            Ok(answer) => {
                assert_eq!(answer.status(), 201);
                made.send(title).unwrap();
            }
            // Any way in which a connection to a killed server ends; what became of the request is unknown.
            Err(_) => return,
        }
    }
}

/// Every event that the receiver has got since is one that the box has committed. Returns how many there are.
fn assert_committed(billing: &Billing, place: &Place, since: i64) -> i64 {
    let upstream = billing.upstream.sqlite();
    let mut statement = upstream.prepare("SELECT id, event_id FROM events WHERE id > ?1 ORDER BY id").unwrap();
    let rows = statement.query_map([since], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    let got: Vec<(i64, String)> = rows.map(Result::unwrap).collect();
    let database = place.sqlite();
    let mut committed = database.prepare("SELECT 1 FROM outbox WHERE event_uuid = ?1").unwrap();
    let last = got.last().map_or(since, |(last, _)| *last);
    for (_, id) in got {
        let uuid: uuid::Uuid = id.parse().unwrap();
        assert!(committed.exists([uuid.into_bytes()]).unwrap(), "{id} is upstream and was never committed");
    }
    last
}
