//! A store, the real sender with the real client, a fault proxy, and the reference receiver: everything but the box's HTTP.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use base64::Engine;
use orgbox::{
    clock::Clock,
    collector::{self, Kind, Running, Seen, SiteView, Tally},
    ops::outbox,
    store::{Store, digest},
    upstream::{
        client::{Client, Route, Timeouts},
        link::{State, Status},
        sender::{Parts, Pass, Sender},
        settings::{Credentials, Settings},
        sign::SigningKey,
    },
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fault_proxy::{Dice, FaultProxy},
    receiver::settings,
    sending::Home,
};

pub const TOKEN: &str = "0123456789abcdef";
const HEARTBEAT_MS: i64 = 900_000;

/// The key with which batches are signed, as its file holds it.
pub fn secret() -> String {
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode([7; 32]))
}

/// A receiver on a clock, that is stopped when it is dropped.
pub struct Upstream {
    running: Option<Running>,
    folder: tempfile::TempDir,
}

impl Upstream {
    pub fn start(clock: &Clock) -> Self {
        Self::observed(clock, |_| {})
    }

    /// That tells of every batch.
    pub fn observed(clock: &Clock, observer: impl Fn(&Seen) + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = collector::Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: folder.path().join("collector.db"),
            clock: clock.clone(),
            token: Some(TOKEN.to_owned()),
            signing_key: Some(SigningKey::parse(&secret()).unwrap()),
            observer: Some(Box::new(observer)),
        };
        Self { running: Some(collector::start(options).unwrap()), folder }
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// A connection to its file.
    pub fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("collector.db")).unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    pub fn view(&self, site: Uuid) -> SiteView {
        self.running().site(site).unwrap().unwrap()
    }

    /// Subject to state of everything that is live.
    pub fn states(&self, site: Uuid) -> BTreeMap<String, String> {
        let found = Kind::ALL.into_iter().flat_map(|kind| self.running().subjects(site, kind).unwrap());
        found.map(|view| (view.subject, view.state)).collect()
    }

    /// What both sides must agree upon of everything that is live.
    pub fn shown(&self, site: Uuid) -> BTreeMap<String, Vec<String>> {
        self.states(site).into_iter().map(|(subject, state)| (subject.clone(), told(&subject, &state))).collect()
    }

    /// Holds all that is shown of a site against the database of a box: what its tables say, not what its queue does.
    #[track_caller]
    pub fn assert_holds(&self, site: Uuid, database: &Path) {
        let told = self.shown(site);
        let held = held(database);
        let differing: Vec<_> =
            told.iter().filter(|(subject, told)| held.get(*subject) != Some(told)).take(5).collect();
        let missing: Vec<_> = held.keys().filter(|subject| !told.contains_key(*subject)).take(5).collect();
        assert!(differing.is_empty() && missing.is_empty(), "differing: {differing:#?}, missing: {missing:?}");
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

/// What both sides must agree upon of a subject, as its state tells it.
fn told(subject: &str, state: &str) -> Vec<String> {
    let state: Value = serde_json::from_str(state).unwrap();
    let names: &[&str] = match subject.split_once('/').unwrap().0 {
        "organization" => &["title", "dvr_limit_gb", "camera_count", "user_count"],
        "member" => &["can_view_stats"],
        "camera" => &["name", "organization_id"],
        _ => &["login", "name"],
    };
    names.iter().map(|name| plain(&state[*name])).collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same out of the tables.
pub fn held(database: &Path) -> BTreeMap<String, Vec<String>> {
    let connection = rusqlite::Connection::open(database).unwrap();
    let mut all = BTreeMap::new();
    for sql in [
        "SELECT 'organization/' || id, title, coalesce(dvr_limit_gb, 100), camera_count, user_count FROM organizations",
        "SELECT 'member/' || organization_id || '-' || user_id, can_view_stats FROM members",
        "SELECT 'camera/' || id, name, organization_id FROM cameras",
        "SELECT 'user/' || id, login, name FROM users",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let text = |column| match row.get::<_, rusqlite::types::Value>(column).unwrap() {
                rusqlite::types::Value::Null => String::new(),
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            };
            all.insert(text(0), (1..columns).map(text).collect());
        }
    }
    all
}

/// A sender that really sends.
pub struct Rig {
    pub home: Home,
    pub upstream: Upstream,
    pub proxy: FaultProxy,
    pub sender: Sender,
    pub status: Arc<Status>,
    pub clock: Clock,
}

impl Rig {
    pub fn new(seed: u64, percent: usize, more: Settings) -> Self {
        let home = Home::new();
        let clock = home.clock.clone();
        let upstream = Upstream::start(&clock);
        let proxy = FaultProxy::start(upstream.address(), &clock, seed, percent);
        let (sender, status) = sender(&home.store, &home.database(), &clock, proxy.address, seed, more);
        Self { home, upstream, proxy, sender, status, clock }
    }

    pub fn site(&self) -> Uuid {
        self.home.store.reader().unwrap().read(outbox::site).unwrap()
    }

    /// At most so many steps, with the clock moved over every wait. True where nothing is left to do.
    pub fn steps(&mut self, steps_max: usize) -> bool {
        for _ in 0..steps_max {
            match self.sender.run_once() {
                Pass::Idle(_) => return true,
                Pass::Again => {}
                Pass::Wait(until_ms) => self.clock.advance_ms((until_ms - self.clock.monotonic_ms()).max(1)),
            }
        }
        false
    }

    #[track_caller]
    pub fn settle(&mut self) {
        let settled = self.steps(1_000_000);
        assert!(settled, "the link never recovers: {:?}", self.status.link());
    }

    /// A heartbeat later.
    pub fn beat(&mut self) {
        self.clock.advance_ms(2 * HEARTBEAT_MS);
        self.settle();
    }

    /// Tells again what was set aside.
    pub fn retry_parked(&mut self) -> usize {
        let parked = self.home.store.reader().unwrap().read(outbox::parked).unwrap();
        let count = parked.len();
        for parked in parked {
            self.home.store.write(move |write| outbox::retry(write, &parked.event.subject)).unwrap();
        }
        self.settle();
        count
    }

    /// The receiver has the box's state, and both say so.
    #[track_caller]
    pub fn assert_agreed(&mut self) {
        self.beat();
        let site = self.site();
        self.upstream.assert_holds(site, &self.home.database());
        let mine = self.home.store.reader().unwrap().read(digest::hex).unwrap();
        assert_eq!(super::digest_of_texts(&self.upstream.states(site)), mine);
        let view = self.upstream.view(site);
        assert_eq!((&view.difference, view.resync_pending), (&None, false), "{view:#?}");
        assert!(view.gaps.is_empty(), "{view:#?}");
        assert!(view.agreed_at_ms.is_some_and(|at_ms| self.clock.now_ms() - at_ms <= HEARTBEAT_MS), "{view:#?}");
    }

    /// No number of these was ever counted.
    #[track_caller]
    pub fn assert_never(&self, tallies: &[Tally]) {
        let view = self.upstream.view(self.site());
        for tally in tallies {
            assert_eq!(view.count(*tally), 0, "{tally:?}: {view:#?}");
        }
    }
}

/// A sender over the real client whose network is this address. What stalls is waited for only briefly.
pub fn sender(
    store: &Arc<Store>,
    database: &Path,
    clock: &Clock,
    target: SocketAddr,
    seed: u64,
    more: Settings,
) -> (Sender, Arc<Status>) {
    let key = || SigningKey::parse(&secret()).unwrap();
    let status = Arc::new(Status::new(State::Starting, clock.now_ms()));
    let brief = Duration::from_millis(400);
    let timeouts = Timeouts { connect: Duration::from_secs(10), read: brief, whole: Duration::from_secs(20) };
    let mut dice = Dice(seed);
    let parts = Parts {
        store: Arc::clone(store),
        database: database.to_owned(),
        clock: clock.clone(),
        settings: Settings { url: format!("http://{target}/events"), ..more },
        credentials: Box::new(move || Ok(Credentials { token: Some(TOKEN.to_owned()), signing_key: Some(key()) })),
        post: Box::new(Client::with_timeouts(&Route::default(), timeouts).unwrap()),
        dice: Box::new(move || dice.below(1000) as f64 / 1000.0),
        status: Arc::clone(&status),
    };
    (Sender::new(parts).unwrap(), status)
}

/// An hour of attempts takes many batches; small ones make many.
pub fn small_batches(max_batch_events: usize) -> Settings {
    Settings { max_batch_events, strict_ack: true, ..settings() }
}
