//! Long outages: the queue stays small, writing goes on, and what arrives in the end is what is.

use std::collections::BTreeMap;

use orgbox::{
    ops::outbox::{self, WINDOW_EVENTS},
    store::{digest, outbox as events},
    upstream::{
        link::State,
        reply::{Failure, Reply},
        sender::Pass,
        settings::Settings,
    },
};
use proptest::prelude::*;

use super::{
    receiver::{Fate, Receiver, Site, settings},
    sending::Home,
};

/// What an outage leaves of the queue at most, in this test.
const QUEUE_BYTES: i64 = 256 << 10;

#[test]
fn ninety_days_offline_keep_the_queue_small_and_end_with_the_exact_state() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Lose(Failure::Connect));
    let mut site = home.site_with(&receiver, Settings { queue_bytes: QUEUE_BYTES, ..settings() });
    let ids = home.create_all((0..100).map(|number| format!("Organization {number}")).collect());
    for day in 0..90 {
        let due = ids.iter().enumerate().filter(|(place, _)| place % 9 == day % 9);
        home.rename_all(due.map(|(place, id)| (*id, format!("Organization {place} on day {day}"))).collect());
        home.clock.advance_ms(86_400_000);
        site.drain();
        let progress = home.store.reader().unwrap().read(outbox::progress).unwrap();
        assert!(progress.queued_bytes <= QUEUE_BYTES, "day {day}: {} bytes", progress.queued_bytes);
    }
    assert_eq!(site.link().state, State::Retrying);
    receiver.follow(|_, _| Fate::Take);
    site.settle(5);
    let titles: BTreeMap<_, _> = receiver.states();
    for (place, id) in ids.iter().enumerate() {
        let last = (0..90).rev().find(|day| place % 9 == day % 9).unwrap();
        let state = &titles[&format!("organization/{id}")];
        assert_eq!(state["title"], format!("Organization {place} on day {last}"));
    }
}

#[test]
fn past_the_budget_the_full_state_is_told_again_and_what_is_gone_stays_gone() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Take);
    let mut site = home.site_with(&receiver, Settings { queue_bytes: 16 << 10, ..settings() });
    let ids = home.create_all((0..100).map(|number| format!("Organization {number}")).collect());
    site.drain();
    receiver.follow(|_, _| Fate::Lose(Failure::Connect));
    home.rename_all(ids.iter().map(|id| (*id, "Renamed while offline".to_owned())).collect());
    home.delete(ids[7]);
    let created = home.create("Made while offline");
    site.drain();
    let progress = home.store.reader().unwrap().read(outbox::progress).unwrap();
    assert!(progress.snapshot_at.is_some(), "the budget is too small for one event of each");
    receiver.follow(|_, _| Fate::Take);
    site.settle(5);
    let states = receiver.states();
    assert!(!states.contains_key(&format!("organization/{}", ids[7])));
    assert_eq!(states[&format!("organization/{created}")]["title"], "Made while offline");
    assert_eq!(states[&format!("organization/{}", ids[8])]["title"], "Renamed while offline");
    assert_eq!(states.len(), 1 + 100 + 1, "the default organization, 99 old ones, a new one, and a user");
}

#[test]
fn more_in_one_transaction_than_the_budget_is_told_at_once_where_the_link_is_up() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Take);
    let mut site = home.site_with(&receiver, Settings { queue_bytes: 16 << 10, ..settings() });
    site.drain();
    home.create_all((0..100).map(|number| format!("Organization {number}")).collect());
    assert!(matches!(site.drain(), Pass::Idle(_)));
    assert_eq!(receiver.states().len(), 1 + 100 + 1, "the default organization, 100 more, and a user");
}

#[test]
fn what_is_delivered_is_pruned_behind_the_window_of_the_feed() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Take);
    let mut site = home.site(&receiver);
    let id = home.create("Ever changing");
    home.rename_all((0..100).map(|number| (id, format!("Title {number}"))).collect());
    let prune = || home.store.write(|write| outbox::prune(write, 30)).unwrap();
    let recorded = home.events();
    prune();
    assert_eq!(home.events(), recorded, "what is not delivered stays, however old");
    assert!(matches!(site.drain(), Pass::Idle(_)));
    prune();
    assert_eq!(home.events(), 30);
}

#[test]
fn a_sender_that_is_done_keeps_no_more_than_the_window_and_a_little() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Take);
    let mut site = home.site_with(&receiver, Settings { max_batch_bytes: 256 << 10, ..settings() });
    let id = home.create("Ever changing");
    let kept = |site: &mut Site, renames: i64| {
        home.rename_all((0..renames).map(|number| (id, format!("Title {number}"))).collect());
        assert!(matches!(site.drain(), Pass::Idle(_)));
        home.events()
    };
    assert_eq!(kept(&mut site, WINDOW_EVENTS + 100), WINDOW_EVENTS);
    assert_eq!(kept(&mut site, 100), WINDOW_EVENTS + 100, "for so little nobody looks");
    assert_eq!(kept(&mut site, 1000), WINDOW_EVENTS);
}

#[test]
fn the_window_ends_where_its_bytes_do_however_large_the_newest_event_is() {
    let home = Home::new();
    home.create("First");
    home.create("Second");
    let reader = home.store.reader().unwrap();
    let from = |bytes, rows| reader.read(|read| events::newest_within(read, bytes, rows)).unwrap();
    let last = reader.read(outbox::progress).unwrap().last_seq;
    let newest = reader.read(|read| events::by_seqs(read, &[last - 1, last])).unwrap();
    let bytes: i64 = newest.iter().map(|event| event.data.len() as i64).sum();
    assert_eq!((from(bytes, 100), from(bytes - 1, 100), from(0, 100)), (last - 1, last, last + 1));
    assert_eq!((from(i64::MAX, 1), from(i64::MAX, 100)), (last, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Whatever the network does in whatever order, the receiver has the box's state, and the digest says so.
    #[test]
    fn every_sequence_of_faults_ends_with_the_state(
        fates in prop::collection::vec(0..14_u8, 0..40),
        changes in prop::collection::vec((0..12_usize, 0..4_u8), 1..80),
    ) {
        let home = Home::new();
        let mut left = fates.into_iter();
        let receiver = Receiver::new(move |_, _| left.next().map_or(Fate::Take, fate));
        let mut site = home.site(&receiver);
        let mut ids = Vec::new();
        for (place, change) in changes {
            match (change, ids.get(place).copied()) {
                (0, Some(id)) => {
                    home.delete(id);
                    ids.remove(place);
                }
                (1, _) => drop(site.sender.run_once()),
                (_, Some(id)) => home.rename(id, &format!("Title {change}")),
                (_, None) => ids.push(home.create(&format!("Organization {place}"))),
            }
        }
        site.settle(400);
        // What was refused by chance waits for an operator, and what came later of its subject with it.
        for parked in home.store.reader().unwrap().read(outbox::parked).unwrap() {
            home.store.write(move |write| outbox::retry(write, &parked.event.subject)).unwrap();
        }
        site.settle(5);
        let connection = rusqlite::Connection::open(home.folder.path().join("orgbox.db")).unwrap();
        let mut statement = connection.prepare("SELECT 'organization/' || id, title, version FROM organizations").unwrap();
        let held: BTreeMap<String, String> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        let states = receiver.states();
        let told: BTreeMap<String, String> = states
            .iter()
            .filter(|(subject, _)| subject.starts_with("organization/"))
            .map(|(subject, state)| (subject.clone(), state["title"].as_str().unwrap().to_owned()))
            .collect();
        prop_assert_eq!(told, held);
        let received = receiver.received.lock().unwrap();
        for (subject, order) in &received.order {
            prop_assert!(order.is_sorted(), "{} arrived out of order: {:?}", subject, order);
        }
        let mine = super::digest_of(states.iter());
        prop_assert_eq!(home.store.reader().unwrap().read(digest::hex).unwrap(), mine);
    }
}

fn fate(number: u8) -> Fate {
    let late = |text: &str| Fate::Answer(Reply { status: 503, retry_after: Some(text.to_owned()), ..Reply::default() });
    match number {
        0 => Fate::Lose(Failure::Dns),
        1 => Fate::Lose(Failure::Timeout),
        2 => Fate::TakeAndLose(Failure::Timeout),
        3 => Fate::TakeAndLose(Failure::Reset),
        4 => Fate::status(302),
        5 => Fate::status(401),
        6 => Fate::status(404),
        7 => Fate::status(413),
        8 => Fate::status(429),
        9 => Fate::status(500),
        10 => late("30"),
        11 => late("Sat, 14 Mar 2026 09:27:53 GMT"),
        12 => Fate::Answer(Reply { status: 200, body: b"<html>".to_vec(), ..Reply::default() }),
        _ => Fate::status(422),
    }
}
