//! The box's own sender against this receiver, over real HTTP: both were written to the same words, and here they meet.

use std::sync::Arc;

use base64::Engine;
use orgbox::{
    backup::{
        make::{self, Stop},
        restore,
    },
    clock::Clock,
    model::{
        OrgId,
        actor::Who,
        organization::{NewOrganization, OrganizationPatch},
    },
    ops::{
        organization::{self, Children, Deletion},
        outbox, setup,
    },
    store::{self, Store},
    upstream::{
        backoff::Backoff,
        client::{Client, Route},
        link::{State, Status},
        preset::Preset,
        sender::{Parts, Pass, Sender},
        settings::{Credentials, Settings},
        sign::SigningKey,
    },
};
use uuid::Uuid;

use super::{Collector, Kind, SiteView};
use crate::support::bare::FAKE_HASH;

const TOKEN: &str = "0123456789abcdef";
const HEARTBEAT_MS: i64 = 900_000;

/// A box without its own HTTP, that sends to a collector.
struct Home {
    store: Arc<Store>,
    sender: Sender,
    clock: Clock,
    folder: tempfile::TempDir,
}

fn key() -> SigningKey {
    let encoded = base64::engine::general_purpose::STANDARD.encode([7; 32]);
    SigningKey::parse(&format!("whsec_{encoded}")).unwrap()
}

impl Home {
    fn new(collector: &Collector) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orgbox.db");
        let clock = collector.clock.clone();
        let store = Arc::new(Store::open(&database, clock.clone(), store::Options::default()).unwrap());
        store.write(|write| setup::first_start(write, FAKE_HASH.to_owned())).unwrap();
        let sender = Self::sender(&store, collector, &folder);
        Self { store, sender, clock, folder }
    }

    fn sender(store: &Arc<Store>, collector: &Collector, folder: &tempfile::TempDir) -> Sender {
        let settings = Settings {
            url: format!("http://{}/events", collector.running().address),
            preset: Preset::Cloudevents,
            strict_ack: true,
            start_jitter_ms: 0,
            backoff: Backoff::default(),
            heartbeat_ms: HEARTBEAT_MS,
            max_batch_events: 500,
            max_batch_bytes: 256 << 10,
            queue_bytes: 64 << 20,
            gzip: true,
        };
        let credentials = || Ok(Credentials { token: Some(TOKEN.to_owned()), signing_key: Some(key()) });
        let parts = Parts {
            store: Arc::clone(store),
            database: folder.path().join("orgbox.db"),
            clock: collector.clock.clone(),
            settings,
            credentials: Box::new(credentials),
            post: Box::new(Client::new(&Route::default()).unwrap()),
            dice: Box::new(|| 0.5),
            status: Arc::new(Status::new(State::Starting, collector.clock.now_ms())),
        };
        Sender::new(parts).unwrap()
    }

    /// Sends elsewhere from now on.
    fn turn_to(&mut self, collector: &Collector) {
        self.sender = Self::sender(&self.store, collector, &self.folder);
    }

    /// Puts a backup in the database's place, as the command does, and starts on it.
    fn restored(&mut self, collector: &Collector, backup: &std::path::Path) {
        self.sender.stop();
        self.store.stop();
        let database = self.folder.path().join("orgbox.db");
        restore::restore(backup, &database, &self.clock).unwrap();
        self.store = Arc::new(Store::open(&database, self.clock.clone(), store::Options::default()).unwrap());
        self.turn_to(collector);
    }

    /// Steps until nothing is due.
    fn drain(&mut self) {
        for _ in 0..100_000 {
            match self.sender.run_once() {
                Pass::Idle(_) => return,
                Pass::Again => {}
                Pass::Wait(until_ms) => self.clock.advance_ms((until_ms - self.clock.monotonic_ms()).max(1)),
            }
        }
        panic!("the sender never comes to rest");
    }

    /// A heartbeat later.
    fn beat(&mut self) {
        self.clock.advance_ms(2 * HEARTBEAT_MS);
        self.drain();
    }

    fn site(&self) -> Uuid {
        self.store.reader().unwrap().read(outbox::site).unwrap()
    }

    fn create(&self, title: &str) -> OrgId {
        let new = NewOrganization { title: title.to_owned(), ..NewOrganization::default() };
        self.store.write(move |write| organization::create(write, &Who::command_line(), new)).unwrap().id
    }

    fn rename(&self, id: OrgId, title: &str) {
        let patch = OrganizationPatch { title: Some(title.to_owned()), ..OrganizationPatch::default() };
        self.store.write(move |write| organization::update(write, &Who::command_line(), id, patch)).unwrap();
    }

    fn delete(&self, id: OrgId) {
        let deletion = Deletion { children: Children::Rehang, refuse_cameras: true };
        self.store.write(move |write| organization::delete(write, &Who::command_line(), id, deletion)).unwrap();
    }
}

fn titles(collector: &Collector, site: Uuid) -> Vec<String> {
    let found = collector.running().subjects(site, Kind::Organization).unwrap();
    let title =
        |state: &str| serde_json::from_str::<serde_json::Value>(state).unwrap()["title"].as_str().unwrap().to_owned();
    let mut titles: Vec<String> = found.iter().map(|view| title(&view.state)).collect();
    titles.sort();
    titles
}

fn view(collector: &Collector, site: Uuid) -> SiteView {
    collector.running().site(site).unwrap().unwrap()
}

/// Nothing is missing, nothing differs, and the last heartbeat has said so.
#[track_caller]
fn assert_agreed(collector: &Collector, site: Uuid) {
    let view = view(collector, site);
    assert_eq!((&view.difference, view.resync_pending), (&None, false), "{view:#?}");
    assert!(view.gaps.is_empty() && view.epochs[0].completed_at_ms.is_some(), "{view:#?}");
    assert!(view.agreed_at_ms.is_some_and(|at_ms| collector.clock.now_ms() - at_ms < HEARTBEAT_MS), "{view:#?}");
}

#[test]
fn everything_arrives_and_both_agree() {
    let collector = Collector::with(Some(TOKEN), Some(key()));
    let mut home = Home::new(&collector);
    let first = home.create("First");
    home.drain();
    let site = home.site();
    assert_eq!(titles(&collector, site), ["Default", "First"]);
    let second = home.create("Second");
    home.rename(first, "Renamed");
    home.rename(first, "Renamed again");
    home.delete(second);
    home.create("Third");
    home.drain();
    assert_eq!(titles(&collector, site), ["Default", "Renamed again", "Third"]);
    home.beat();
    assert_agreed(&collector, site);
    let view = view(&collector, site);
    assert_eq!(view.epochs.len(), 1);
    for tally in orgbox::collector::Tally::ALL {
        use orgbox::collector::Tally::{Applied, Batches, Ignored};
        assert!([Applied, Batches, Ignored].contains(&tally) || view.count(tally) == 0, "{tally:?}");
    }
}

#[test]
fn a_collector_that_has_lost_its_file_gets_everything_again() {
    let collector = Collector::with(Some(TOKEN), Some(key()));
    let mut home = Home::new(&collector);
    home.create("First");
    home.drain();
    let site = home.site();
    let mut empty = Collector::with(Some(TOKEN), Some(key()));
    empty.clock = collector.clock.clone();
    empty.restart();
    home.turn_to(&empty);
    home.create("Second");
    home.drain();
    assert_eq!(titles(&empty, site), ["Default", "First", "Second"]);
    home.beat();
    assert_agreed(&empty, site);
}

#[test]
fn a_restored_box_opens_another_epoch_and_both_agree_again() {
    let collector = Collector::with(Some(TOKEN), Some(key()));
    let mut home = Home::new(&collector);
    home.create("First");
    home.drain();
    let saved = home.folder.path().join("saved.db");
    let database = home.folder.path().join("orgbox.db");
    make::write(&database, &saved, &collector.clock, &Stop::default()).unwrap();
    home.create("Second");
    home.drain();
    let site = home.site();
    assert_eq!(titles(&collector, site), ["Default", "First", "Second"]);
    home.restored(&collector, &saved);
    home.create("Third");
    home.drain();
    assert_eq!(
        titles(&collector, site),
        ["Default", "First", "Third"],
        "what came after the backup is gone everywhere"
    );
    assert_eq!(view(&collector, site).epochs[0].reason, "restore");
    assert_eq!(view(&collector, site).epochs.len(), 2);
    home.beat();
    assert_agreed(&collector, site);
    // Once: the next start finds all as it was left.
    home.turn_to(&collector);
    home.create("Fourth");
    home.drain();
    assert_eq!(view(&collector, site).epochs.len(), 2);
}

#[test]
fn a_difference_is_mended() {
    let collector = Collector::with(Some(TOKEN), Some(key()));
    let mut home = Home::new(&collector);
    home.create("First");
    home.drain();
    home.beat();
    let site = home.site();
    assert_agreed(&collector, site);
    // As if a state had been lost on the way.
    let file = rusqlite::Connection::open(home.folder.path().join("orgbox.db")).unwrap();
    file.execute("UPDATE state_digest SET sum = sum + 1 WHERE bucket = (SELECT min(bucket) FROM state_digest)", [])
        .unwrap();
    home.beat();
    assert_eq!(view(&collector, site).count(orgbox::collector::Tally::Differences), 1);
    assert_eq!(view(&collector, site).epochs[0].reason, "resync");
    home.beat();
    assert_agreed(&collector, site);
    assert_eq!(titles(&collector, site), ["Default", "First"]);
}
