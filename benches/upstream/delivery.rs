//! Events on their way: a backlog, beside writes, one at a time.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use orgbox::{
    store::Store,
    upstream::{
        client::{Client, Route},
        sender::Pass,
    },
};

use super::{
    Plan, median,
    receiver::{Kind, Receiver},
    rig::{Kept, Rig, post_again, rename, seconds},
};

/// What was recorded before is delivered as quickly as it goes.
pub fn backlog(plan: Plan, kind: Kind, events: usize) {
    let events = events / plan.part;
    let (mut ours, mut bare, mut a_batch) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..plan.rounds {
        let receiver = Receiver::start(kind);
        let mut rig = Rig::start(&receiver);
        let before = rig.kept.lock().unwrap().len();
        rig.change(events);
        let from = rig.acked_seq();
        let commits = rig.store.statistics().batches;
        let took = seconds(|| rig.drain());
        assert_eq!(rig.acked_seq() - from, events as i64);
        ours.push(events as f64 / took);
        let kept = std::mem::take(&mut *rig.kept.lock().unwrap());
        a_batch = (rig.store.statistics().batches - commits) as f64 / (kept.len() - before) as f64;
        bare.push(events as f64 / bare_seconds(kind, &kept, before));
    }
    show(&format!("backlog of {events}, {}", name(kind)), median(ours), median(bare));
    println!("  {a_batch:.2} commits a batch");
}

/// Writers commit all the while: from the first commit to the last acknowledgement. No sender is quicker than the writers
/// are by themselves, so that is shown too.
pub fn beside_writes(plan: Plan) {
    let events = 20_000 / plan.part;
    let (mut ours, mut bare, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let receiver = Receiver::start(Kind::Collector);
        let store = Rig::start(&receiver).store;
        alone.push(events as f64 / seconds(|| write_all(&store, events)));
        drop((store, receiver));
        let receiver = Receiver::start(Kind::Collector);
        let rig = Rig::start(&receiver);
        let before = rig.kept.lock().unwrap().len();
        let (store, kept, last) = (Arc::clone(&rig.store), Arc::clone(&rig.kept), rig.acked_seq() + events as i64);
        let took = seconds(|| {
            let sending = Sending::start(rig);
            write_all(&store, events);
            sending.wait_for(last);
        });
        ours.push(events as f64 / took);
        let kept = std::mem::take(&mut *kept.lock().unwrap());
        bare.push(events as f64 / bare_seconds(Kind::Collector, &kept, before));
    }
    show(&format!("{events} beside 32 writers, {}", name(Kind::Collector)), median(ours), median(bare));
    println!("  {:.0} changes a second, the writers by themselves", median(alone));
}

/// One change in each commit's share, from 32 threads.
fn write_all(store: &Store, events: usize) {
    std::thread::scope(|scope| {
        for writer in 0..32 {
            scope.spawn(move || {
                for number in (writer..events).step_by(32) {
                    store.write(move |write| rename(write, number)).unwrap();
                }
            });
        }
    });
}

/// One change, and the next when it is acknowledged: milliseconds from the commit on.
pub fn one_by_one(plan: Plan) {
    let events = 300 / plan.part;
    let receiver = Receiver::start(Kind::Collector);
    let mut rig = Rig::start(&receiver);
    let before = rig.kept.lock().unwrap().len();
    let mut ours = Vec::new();
    for number in 0..events {
        rig.store.write(move |write| rename(write, number)).unwrap();
        ours.push(seconds(|| rig.drain()) * 1000.0);
    }
    let kept = std::mem::take(&mut *rig.kept.lock().unwrap());
    let bare = bare_seconds(Kind::Collector, &kept, before) * 1000.0 / events as f64;
    println!("one at a time: {:.2} ms from commit to acknowledged, {bare:.2} ms the bare request\n", median(ours));
}

/// The same bytes to a receiver that is as empty; those before the measured ones prepare it.
fn bare_seconds(kind: Kind, kept: &[Kept], before: usize) -> f64 {
    let receiver = Receiver::start(kind);
    let mut client = Client::new(&Route::default()).unwrap();
    post_again(&mut client, &receiver, &kept[..before]);
    post_again(&mut client, &receiver, &kept[before..])
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Collector => "collector",
        Kind::Plain => "a receiver that does nothing",
    }
}

fn show(line: &str, ours: f64, bare: f64) {
    println!("{line:<52} {ours:>10.0} {bare:>10.0} {:>7.2}", ours / bare);
}

/// A sender on a thread of its own, woken by what is recorded.
struct Sending {
    state: Arc<(Mutex<Reached>, Condvar)>,
    thread: std::thread::JoinHandle<()>,
}

#[derive(Default)]
struct Reached {
    recorded: bool,
    acked_seq: i64,
    ended: bool,
}

impl Sending {
    fn start(mut rig: Rig) -> Self {
        let state: Arc<(Mutex<Reached>, Condvar)> = Arc::default();
        let woken = Arc::clone(&state);
        rig.store.on_events(move || {
            woken.0.lock().unwrap_or_else(PoisonError::into_inner).recorded = true;
            woken.1.notify_all();
        });
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            loop {
                while rig.sender.run_once() == Pass::Again {}
                let acked_seq = rig.acked_seq();
                let mut reached = shared.0.lock().unwrap();
                reached.acked_seq = acked_seq;
                shared.1.notify_all();
                reached = shared.1.wait_while(reached, |reached| !reached.recorded && !reached.ended).unwrap();
                reached.recorded = false;
                if reached.ended {
                    return;
                }
            }
        });
        Self { state, thread }
    }

    fn wait_for(self, seq: i64) {
        let reached = self.state.0.lock().unwrap();
        let mut reached = self.state.1.wait_while(reached, |reached| reached.acked_seq < seq).unwrap();
        reached.ended = true;
        drop(reached);
        self.state.1.notify_all();
        self.thread.join().unwrap();
    }
}
