//! A billing system in memory that keeps state, and a sender on a bare store that posts to it.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use orgbox::{
    clock::Clock,
    store::Store,
    upstream::{
        backoff::Backoff,
        client::{Post, Request},
        link::{Link, State, Status},
        preset::Preset,
        reply::{Failure, Outcome, Reply},
        sender::{Parts, Pass, Sender},
        settings::{Credentials, Settings},
    },
};
use serde_json::Value;

/// What the receiver does with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Takes it and says so.
    Take,
    /// Takes it, and the answer is lost.
    TakeAndLose(Failure),
    /// Never sees it.
    Lose(Failure),
    /// Answers this without looking.
    Answer(Reply),
}

impl Fate {
    pub fn status(status: u16) -> Self {
        Fate::Answer(Reply { status, ..Reply::default() })
    }
}

/// Decides the fate of a request by its number and the batch in it.
pub type Plan = Box<dyn FnMut(usize, &[Value]) -> Fate + Send>;

/// What the receiver has seen.
#[derive(Default)]
pub struct Received {
    /// Subject to version and state; tombstones stay with a null.
    pub state: BTreeMap<String, (i64, Value)>,
    /// Every event id with its content.
    pub events: HashMap<String, String>,
    /// Every batch id with its body.
    pub batches: HashMap<String, Vec<u8>>,
    /// The headers of every request.
    pub requests: Vec<Vec<(String, String)>>,
    /// Sequence numbers of applied events in the order of their arrival, for each subject.
    pub order: HashMap<String, Vec<String>>,
    pub epochs: Vec<String>,
    /// What of the epoch under way was named; everything else goes when its full state is complete.
    named: std::collections::HashSet<String>,
}

#[derive(Clone)]
pub struct Receiver {
    pub received: Arc<Mutex<Received>>,
    plan: Arc<Mutex<Plan>>,
}

impl Receiver {
    pub fn new(plan: impl FnMut(usize, &[Value]) -> Fate + Send + 'static) -> Self {
        Self { received: Arc::default(), plan: Arc::new(Mutex::new(Box::new(plan))) }
    }

    pub fn follow(&self, plan: impl FnMut(usize, &[Value]) -> Fate + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    /// The live states of a kind by subject.
    pub fn states(&self) -> BTreeMap<String, Value> {
        let received = self.received.lock().unwrap();
        let live =
            received.state.iter().filter(|(subject, (_, state))| !state.is_null() && !subject.starts_with("site/"));
        live.map(|(subject, (_, state))| (subject.clone(), state.clone())).collect()
    }

    pub fn requests(&self) -> usize {
        self.received.lock().unwrap().requests.len()
    }

    pub fn epochs(&self) -> usize {
        self.received.lock().unwrap().epochs.len()
    }
}

impl Post for Receiver {
    fn post(&mut self, request: &Request<'_>) -> Outcome {
        let batch: Value = serde_json::from_slice(request.body).unwrap();
        let events = batch.as_array().cloned().unwrap_or_else(|| vec![batch.clone()]);
        let mut received = self.received.lock().unwrap();
        let number = received.requests.len();
        let headers = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let headers: Vec<(String, String)> = headers.collect();
        received.requests.push(headers.clone());
        let fate = (self.plan.lock().unwrap())(number, &events);
        if matches!(fate, Fate::Take | Fate::TakeAndLose(_)) {
            received.take(&headers, request.body, &events);
        }
        match fate {
            Fate::Take => Outcome::Replied(Reply { status: 204, ..Reply::default() }),
            Fate::TakeAndLose(failure) | Fate::Lose(failure) => Outcome::Failed(failure),
            Fate::Answer(reply) => Outcome::Replied(reply),
        }
    }
}

impl Received {
    fn take(&mut self, headers: &[(String, String)], body: &[u8], events: &[Value]) {
        let id = headers.iter().find(|(name, _)| name == "webhook-id").unwrap().1.clone();
        let known = self.batches.entry(id).or_insert_with(|| body.to_vec());
        assert_eq!(known, body, "a batch that is sent again is the same to the letter");
        for event in events.iter().filter(|event| event["specversion"] == "1.0") {
            self.apply(event);
        }
    }

    fn apply(&mut self, event: &Value) {
        let (id, text) = (event["id"].as_str().unwrap().to_owned(), event["data"].to_string());
        let known = self.events.entry(id).or_insert_with(|| text.clone());
        assert_eq!(*known, text, "an event id stands for one content");
        let subject = event["subject"].as_str().unwrap().to_owned();
        let kind = event["type"].as_str().unwrap();
        match kind {
            "io.orgbox.site.epoch.v1" => {
                let epoch = event["obxepoch"].as_str().unwrap().to_owned();
                if !self.epochs.contains(&epoch) {
                    self.epochs.push(epoch);
                    self.named.clear();
                    self.state.values_mut().for_each(|(version, _)| *version = 0);
                }
            }
            "io.orgbox.site.snapshot.v1" => {
                let named = &self.named;
                self.state.retain(|subject, _| named.contains(subject));
            }
            _ => {}
        }
        self.named.insert(subject.clone());
        let version: i64 = event["obxver"].as_str().unwrap().parse().unwrap();
        if self.state.get(&subject).is_none_or(|(held, _)| version > *held) {
            let sequence = event["sequence"].as_str().unwrap().to_owned();
            self.order.entry(subject.clone()).or_default().push(sequence);
            self.state.insert(subject, (version, event["data"]["state"].clone()));
        }
    }
}

/// A sender over a store, with everything that decides about it in the test's hand.
pub struct Site {
    pub sender: Sender,
    pub clock: Clock,
    pub status: Arc<Status>,
}

pub fn settings() -> Settings {
    Settings {
        url: "http://127.0.0.1:9/".to_owned(),
        preset: Preset::Cloudevents,
        strict_ack: false,
        start_jitter_ms: 0,
        backoff: Backoff::default(),
        heartbeat_ms: 900_000,
        max_batch_events: 500,
        max_batch_bytes: 256 << 10,
        queue_bytes: 64 << 20,
        gzip: false,
    }
}

impl Site {
    pub fn new(
        store: &Arc<Store>,
        database: PathBuf,
        clock: Clock,
        post: impl Post + 'static,
        settings: Settings,
    ) -> Self {
        let credentials = || Credentials { token: Some("a token".to_owned()), signing_key: None };
        Self::with_credentials(store, database, clock, post, settings, credentials)
    }

    pub fn with_credentials(
        store: &Arc<Store>,
        database: PathBuf,
        clock: Clock,
        post: impl Post + 'static,
        settings: Settings,
        credentials: impl Fn() -> Credentials + Send + 'static,
    ) -> Self {
        let status = Arc::new(Status::new(State::Starting, clock.now_ms()));
        let parts = Parts {
            store: Arc::clone(store),
            database,
            clock: clock.clone(),
            settings,
            credentials: Box::new(move || Ok(credentials())),
            post: Box::new(post),
            dice: Box::new(|| 0.5),
            status: Arc::clone(&status),
        };
        Self { sender: Sender::new(parts).unwrap(), clock, status }
    }

    /// Steps until nothing is due at this moment.
    pub fn drain(&mut self) -> Pass {
        for _ in 0..1_000_000 {
            let pass = self.sender.run_once();
            if pass != Pass::Again {
                return pass;
            }
        }
        panic!("the sender never comes to rest");
    }

    /// Steps, moving the clock over every wait, until it is idle; at most so many waits.
    pub fn settle(&mut self, waits_max: usize) {
        for _ in 0..waits_max {
            match self.drain() {
                Pass::Idle(_) => return,
                Pass::Wait(until_ms) => self.clock.advance_ms((until_ms - self.clock.monotonic_ms()).max(1)),
                Pass::Again => {}
            }
        }
        panic!("the link never recovers: {:?}", self.link());
    }

    pub fn link(&self) -> Link {
        self.status.link()
    }
}
