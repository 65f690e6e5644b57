//! The real sender, over real TCP, through a network that does everything wrong. `ORGBOX_LONG=1` makes a hundred thousand
//! changes of it, `ORGBOX_SEED` repeats a run.

use std::collections::BTreeSet;

use orgbox::{
    collector::Tally,
    ops::outbox,
    upstream::{link::State, settings::Settings},
};

use super::{
    fault_proxy::{Fault, RetryAfter, every_fault},
    mill::Mill,
    rig::{Rig, small_batches},
};

/// Changes in one transaction.
const AT_ONCE: usize = 25;

/// Only the long run, by hand.
pub fn is_long() -> bool {
    std::env::var_os("ORGBOX_LONG").is_some()
}

/// The run that is asked for, or another one each time; printed, so that a failure can be repeated.
pub fn seed() -> u64 {
    let asked = std::env::var("ORGBOX_SEED").ok().and_then(|text| text.parse().ok());
    let seed = asked.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    println!("ORGBOX_SEED={seed}");
    seed
}

/// So many changes over so many organizations, with the network at its worst all the while.
fn rush(changes: usize, organizations: usize, settings: Settings) -> Rig {
    let seed = seed();
    let mut rig = Rig::new(seed, 45, settings);
    let mut mill = Mill::new(seed, organizations);
    for _ in 0..changes / AT_ONCE {
        mill.turn(&rig.home.store, AT_ONCE);
        rig.steps(12);
    }
    rig.settle();
    // Every fault was met, however few requests were needed.
    while rig.proxy.seen(|seen| seen.dealt.len()) <= every_fault().len() {
        mill.turn(&rig.home.store, 1);
        rig.settle();
    }
    let seen =
        rig.proxy.seen(|seen| (seen.requests, seen.retried.len(), seen.delivered_events.len(), seen.epochs.len()));
    println!("requests, batches sent again, events delivered, epochs: {seen:?}; {:?}", rig.status.link().state);
    rig.proxy.behave();
    rig.settle();
    println!("parked by chance: {}", rig.retry_parked());
    rig.assert_agreed();
    let problems = rig.proxy.seen(|seen| seen.problems.clone());
    assert!(problems.is_empty(), "{problems:#?}");
    rig
}

#[test]
fn every_change_arrives_in_order_through_every_fault() {
    let (changes, organizations) = if is_long() { (100_000, 400) } else { (2000, 150) };
    let rig = rush(changes, organizations, small_batches(if is_long() { 100 } else { 15 }));
    use Tally::{BatchConflicts, Behind, Differences, DuplicateSites, EventConflicts, Gaps, Rejected, Resyncs};
    rig.assert_never(&[BatchConflicts, Behind, Differences, DuplicateSites, EventConflicts, Gaps, Rejected, Resyncs]);
    let delivered = rig.proxy.seen(|seen| seen.delivered_events.len());
    assert!(delivered >= changes, "every change is an event of its own, and {delivered} arrived");
    assert!(rig.proxy.seen(|seen| seen.retried.len() > 20 && seen.epochs.len() == 1));
}

#[test]
fn a_queue_that_is_compacted_all_the_while_ends_with_the_same_state() {
    let changes = if is_long() { 20_000 } else { 1000 };
    let rig = rush(changes, 100, Settings { queue_bytes: 64 << 10, ..small_batches(20) });
    rig.assert_never(&[Tally::BatchConflicts, Tally::EventConflicts, Tally::DuplicateSites, Tally::Gaps]);
}

#[test]
fn a_batch_that_was_taken_and_then_refused_ends_right_in_a_new_epoch() {
    for status in [400, 413, 422] {
        let mut rig = Rig::new(1, 0, small_batches(20));
        rig.settle();
        let mut number = 0;
        rig.proxy.rule(move |_| {
            number += 1;
            match number {
                1 => Some(Fault::LoseReply),
                2 => Some(Fault::Status { status, after: RetryAfter::None, delivered: false }),
                _ => None,
            }
        });
        Mill::new(1, 50).turn(&rig.home.store, 100);
        rig.settle();
        rig.assert_agreed();
        assert_eq!(rig.upstream.view(rig.site()).epochs.len(), 2, "{status}: what was cut anew does not fit the chain");
    }
}

#[test]
fn a_receiver_that_always_says_behind_is_not_told_everything_for_ever() {
    let mut rig = Rig::new(1, 0, small_batches(100));
    Mill::new(1, 50).turn(&rig.home.store, 100);
    rig.proxy.rule(|_| Some(Fault::Status { status: 409, after: RetryAfter::Behind, delivered: false }));
    let until_ms = rig.clock.now_ms() + 3_600_000;
    while rig.clock.now_ms() < until_ms {
        rig.steps(1);
    }
    let requests = rig.proxy.seen(|seen| seen.requests);
    assert!(requests < 30, "{requests} requests in an hour");
    rig.proxy.behave();
    rig.settle();
    rig.assert_agreed();
}

/// One of a thousand is refused wherever it is seen.
#[test]
fn one_poisoned_event_in_a_thousand_is_parked_and_the_rest_goes_on() {
    let thousands = if is_long() { 30 } else { 3 };
    let mut rig = Rig::new(7, 0, small_batches(250));
    rig.settle();
    rig.proxy.rule(|body| {
        let poisoned = body.contains("\"title\":\"Poison");
        poisoned.then_some(Fault::Status { status: 422, after: RetryAfter::None, delivered: false })
    });
    let mut poisoned = BTreeSet::new();
    for thousand in 0..thousands {
        let title =
            |number| if number == 500 { format!("Poison {thousand}") } else { format!("Good {thousand} {number}") };
        let ids = rig.home.create_all((0..1000).map(title).collect());
        poisoned.insert(format!("organization/{}", ids[500]));
        rig.steps(30);
    }
    rig.settle();
    let parked = rig.home.store.reader().unwrap().read(outbox::parked).unwrap();
    // Not in their order: of many within an hour one is told again when the receiver takes something, and refused again.
    let subjects: BTreeSet<String> = parked.iter().map(|parked| parked.event.subject.clone()).collect();
    assert_eq!((subjects, parked.len()), (poisoned, thousands));
    rig.assert_never(&[Tally::Gaps, Tally::Differences, Tally::Resyncs, Tally::Behind]);
    assert!(parked.iter().all(|parked| parked.reason.contains("422: {\"error\":\"so it is\"}")), "{parked:?}");
    let site = rig.site();
    assert_eq!(rig.upstream.states(site).len(), thousands * 999 + 2);
    assert_eq!(rig.status.link().state, State::Up);
    rig.proxy.behave();
    assert_eq!(rig.retry_parked(), thousands);
    rig.assert_agreed();
}

/// What is set aside is missing at the receiver, which must not have everything told again for it.
#[test]
fn a_parked_subject_does_not_make_the_receiver_ask_for_everything_again_and_again() {
    let mut rig = Rig::new(7, 0, small_batches(100));
    rig.settle();
    rig.proxy.rule(|body| {
        let poisoned = body.contains("\"title\":\"Poison");
        poisoned.then_some(Fault::Status { status: 400, after: RetryAfter::None, delivered: false })
    });
    rig.home.create("Poison");
    rig.home.create("Good");
    // The heartbeat is recorded while nothing is set aside yet, and comes when something is.
    rig.beat();
    rig.assert_never(&[Tally::Gaps, Tally::Differences, Tally::Resyncs]);
    let write = |write: &orgbox::store::Write<'_>| outbox::open_epoch(write, "a test", "nowhere");
    rig.home.store.write(write).unwrap();
    rig.sender.try_now();
    rig.settle();
    let opened = rig.upstream.view(rig.site()).epochs.len();
    for _ in 0..30 {
        rig.beat();
    }
    let view = rig.upstream.view(rig.site());
    assert_eq!(view.epochs.len(), opened, "{view:#?}");
    assert_eq!(rig.upstream.states(rig.site()).len(), 3, "the default organization, its owner, and the good one");
    rig.proxy.behave();
    assert_eq!(rig.retry_parked(), 1);
    rig.assert_agreed();
}

#[test]
fn a_receiver_that_refuses_everything_for_an_hour_has_at_most_three_parked_and_loses_none() {
    for status in [400, 401, 403, 404] {
        let mut rig = Rig::new(u64::from(status), 0, small_batches(100));
        rig.proxy.rule(move |_| Some(Fault::Status { status, after: RetryAfter::None, delivered: false }));
        let mut mill = Mill::new(u64::from(status), 50);
        let until_ms = rig.clock.now_ms() + 3_600_000;
        while rig.clock.now_ms() < until_ms {
            mill.turn(&rig.home.store, 5);
            rig.steps(1);
        }
        let parked = rig.home.store.reader().unwrap().read(outbox::parked).unwrap();
        assert!(parked.len() <= 3, "{status}: {parked:?}");
        assert!(matches!(rig.status.link().state, State::Held(_) | State::Refusing), "{:?}", rig.status.link());
        assert!(rig.proxy.seen(|seen| seen.requests < 120), "{status}: it is asked now and then only");
        rig.proxy.behave();
        rig.settle();
        assert_eq!(rig.retry_parked(), 0, "{status}: nothing waits for an operator");
        rig.assert_agreed();
    }
}
