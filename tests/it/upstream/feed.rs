//! The change feed beside the queue: whatever was compacted, parked, pruned or told anew, whoever follows ends with the box's
//! state, or is told to begin anew.

use std::collections::BTreeMap;

use orgbox::{
    model::{
        actor::Actor,
        event::{Event, Position},
        queue::Frozen,
    },
    ops::{
        feed::{self, Feed, From},
        outbox, site,
    },
    store::{Reader, outbox as events},
};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::sending::Home;

/// What happens between two looks of a follower.
#[derive(Debug, Clone, Copy)]
enum Step {
    Create,
    Rename(usize),
    Delete(usize),
    /// Delivers so many.
    Deliver(usize),
    /// Sets the next event aside.
    Park,
    /// Tells again what was set aside.
    Retry,
    /// Keeps the newest of each subject.
    Compact,
    /// Keeps what is gone.
    GiveUp,
    /// Removes what is delivered but so many.
    Prune(i64),
    /// Tells more of the full state.
    Refill,
    Epoch,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Create),
        6 => (0_usize..8).prop_map(Step::Rename),
        2 => (0_usize..8).prop_map(Step::Delete),
        4 => (1_usize..6).prop_map(Step::Deliver),
        2 => Just(Step::Park),
        1 => Just(Step::Retry),
        3 => Just(Step::Compact),
        1 => Just(Step::GiveUp),
        2 => (1_i64..6).prop_map(Step::Prune),
        2 => Just(Step::Refill),
        1 => Just(Step::Epoch),
    ]
}

/// The box, and everything that it ever recorded.
struct World {
    home: Home,
    reader: Reader,
    ids: Vec<orgbox::model::OrgId>,
    log: Vec<Event>,
    /// Where the first epoch that billing hears of begins.
    begin: i64,
}

/// Subject to version and state; a null is gone.
type State = BTreeMap<String, (i64, Value)>;

fn apply(state: &mut State, event: &Event) {
    if event.subject.starts_with("site/") {
        return;
    }
    let data: Value = serde_json::from_str(&event.data).unwrap();
    let held = state.entry(event.subject.clone()).or_insert((0, Value::Null));
    if event.version >= held.0 {
        *held = (event.version, data["state"].clone());
    }
}

fn live(state: State) -> BTreeMap<String, Value> {
    state.into_iter().map(|(subject, (_, state))| (subject, state)).filter(|(_, state)| !state.is_null()).collect()
}

impl World {
    fn new() -> Self {
        let home = Home::new();
        let reader = home.store.reader().unwrap();
        let mut world = Self { home, reader, ids: Vec::new(), log: Vec::new(), begin: 0 };
        world.note();
        world.begin = world.now().seq;
        world.take(Step::Epoch);
        world
    }

    fn now(&self) -> Position {
        let site = self.reader.read(site::identity).unwrap().unwrap();
        Position { epoch: site.epoch_uuid, seq: site.last_seq }
    }

    /// Keeps what was recorded since, before anything is removed.
    fn note(&mut self) {
        let seen = self.log.last().map_or(0, |event| event.position.seq);
        let now = self.now();
        let new = self.reader.read(|read| events::after(read, Position { seq: seen, ..now }, usize::MAX, usize::MAX));
        self.log.extend(new.unwrap());
    }

    fn take(&mut self, step: Step) {
        let store = &self.home.store;
        match step {
            Step::Create => {
                let id = self.home.create(&format!("Organization {}", self.log.len()));
                self.ids.push(id);
            }
            Step::Rename(which) if !self.ids.is_empty() => {
                let id = self.ids[which % self.ids.len()];
                self.home.rename(id, &format!("Renamed {}", self.log.len()));
            }
            Step::Delete(which) if !self.ids.is_empty() => {
                let id = self.ids.remove(which % self.ids.len());
                self.home.delete(id);
            }
            Step::Rename(_) | Step::Delete(_) => {}
            Step::Deliver(events_max) => self.send(events_max, false),
            Step::Park => self.send(1, true),
            Step::Retry => {
                for parked in self.reader.read(outbox::parked).unwrap() {
                    store.write(move |write| outbox::retry(write, &parked.event.subject)).unwrap();
                }
            }
            // Past half of its budget the queue keeps the newest of each subject, and is within it then.
            Step::Compact => {
                let budget = self.reader.read(outbox::progress).unwrap().queued_bytes;
                store.write(move |write| outbox::compact(write, budget).map(drop)).unwrap();
            }
            Step::GiveUp => store.write(|write| outbox::compact(write, 0).map(drop)).unwrap(),
            Step::Prune(window) => store.write(move |write| outbox::prune(write, window).map(drop)).unwrap(),
            Step::Refill => store.write(|write| outbox::refill(write, 64 << 20, false).map(drop)).unwrap(),
            Step::Epoch => {
                store.write(|write| outbox::open_epoch(write, "a test", "a fingerprint").map(drop)).unwrap();
            }
        }
        self.note();
    }

    /// What the sender does with one batch.
    fn send(&self, events_max: usize, park: bool) {
        let due = self.reader.read(|read| outbox::due(read, events_max, usize::MAX)).unwrap();
        let following = due.following;
        let Some(last) = due.events.last() else {
            if let Some(last) = following.last().map(|event| event.position.seq) {
                self.home.store.write(move |write| outbox::pass_over(write, last, &following)).unwrap();
            }
            return;
        };
        let park = park && !last.subject.starts_with("site/");
        let seqs = due.events.iter().map(|event| event.position.seq).collect();
        let batch = Frozen { id: Uuid::new_v4(), from_seq: due.from_seq, seqs, body_hash: [7; 32] };
        let settled = self.home.store.write(move |write| {
            outbox::freeze(write, &batch, &following)?;
            if park { outbox::park(write, &batch, "422").map(drop) } else { outbox::delivered(write, &batch, &[], &[]) }
        });
        settled.unwrap();
    }

    /// What somebody knows who has read everything up to here.
    fn known_at(&self, seq: i64) -> State {
        let mut state = State::new();
        self.log.iter().filter(|event| event.position.seq <= seq).for_each(|event| apply(&mut state, event));
        state
    }

    /// Reads on from a position to the end. `None` where it is told to begin anew.
    fn follow(&self, from: Position) -> Option<State> {
        let (mut state, mut at) = (self.known_at(from.seq), from);
        loop {
            let page = self.reader.read(|read| feed::read(read, &Actor::command_line(), From::After(at), 3)).unwrap();
            match page {
                Feed::Gone { .. } => {
                    assert_eq!(at, from, "what could be read on from is not gone in the middle");
                    return None;
                }
                Feed::Page { events, .. } if events.is_empty() => return Some(state),
                Feed::Page { after, events, next, .. } => {
                    assert_eq!(after, at);
                    assert!(events[0].position.seq > at.seq && next == events.last().unwrap().position);
                    events.iter().for_each(|event| apply(&mut state, event));
                    at = next;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn whoever_follows_ends_with_the_state_or_begins_anew(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        let mut positions = vec![world.now()];
        for step in &steps {
            world.take(*step);
            positions.push(world.now());
        }
        let (now, truth) = (world.now(), live(world.known_at(i64::MAX)));
        for from in positions.into_iter().chain((0..=now.seq).map(|seq| Position { seq, ..now })) {
            match world.follow(from) {
                Some(state) => prop_assert_eq!(&live(state), &truth, "from {}", from),
                None => prop_assert!(from != now, "whoever has read everything misses nothing"),
            }
        }
        // Only what nothing replaces is gone.
        let loses = |step: &Step| matches!(step, Step::GiveUp | Step::Prune(_) | Step::Epoch);
        if !steps.iter().any(loses) {
            for seq in world.begin..=now.seq {
                prop_assert!(world.follow(Position { seq, ..now }).is_some(), "nothing is gone behind {seq}");
            }
        }
        // Who reads from the oldest on is never turned away by the position it got.
        let oldest = world.reader.read(|read| feed::read(read, &Actor::command_line(), From::Oldest, 0)).unwrap();
        let Feed::Page { next, .. } = oldest else { panic!("there is always an oldest") };
        prop_assert!(world.follow(next).is_some());
    }
}
