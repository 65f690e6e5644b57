//! The sender against a receiver that keeps state: what is recorded arrives, whatever comes between.

use std::sync::Arc;

use orgbox::{
    clock::Clock,
    model::organization::{NewOrganization, OrganizationPatch},
    ops::{
        organization::{self, Children, Deletion},
        outbox, setup,
    },
    store::{Options, Store},
    upstream::{
        link::State,
        preset::Preset,
        reply::{Failure, Reply},
        sender::Pass,
        settings::{Credentials, Settings},
        verdict::Hold,
    },
};

use super::receiver::{Fate, Receiver, Site, settings};
use crate::support::{bare::FAKE_HASH, test_box::NOON_MS};
use orgbox::model::{OrgId, actor::Who};

/// A store with the default organization in a folder of its own.
pub struct Home {
    pub store: Arc<Store>,
    pub clock: Clock,
    pub folder: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self::with(Clock::manual(NOON_MS))
    }

    pub fn with(clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("orgbox.db"), clock.clone(), Options::default()).unwrap();
        store.write(|write| setup::first_start(write, FAKE_HASH.to_owned())).unwrap();
        Self { store: Arc::new(store), clock, folder }
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("orgbox.db")
    }

    pub fn site(&self, receiver: &Receiver) -> Site {
        self.site_with(receiver, settings())
    }

    pub fn site_with(&self, receiver: &Receiver, settings: orgbox::upstream::settings::Settings) -> Site {
        Site::new(&self.store, self.folder.path().join("orgbox.db"), self.clock.clone(), receiver.clone(), settings)
    }

    pub fn create(&self, title: &str) -> OrgId {
        let new = NewOrganization { title: title.to_owned(), ..NewOrganization::default() };
        self.store.write(move |write| organization::create(write, &Who::command_line(), new)).unwrap().id
    }

    pub fn rename(&self, id: OrgId, title: &str) {
        let patch = OrganizationPatch { title: Some(title.to_owned()), ..OrganizationPatch::default() };
        self.store.write(move |write| organization::update(write, &Who::command_line(), id, patch)).unwrap();
    }

    /// Renames the organizations one after the other, in one transaction.
    pub fn rename_all(&self, renames: Vec<(OrgId, String)>) {
        let renamed = self.store.write(move |write| {
            for (id, title) in renames {
                let patch = OrganizationPatch { title: Some(title), ..OrganizationPatch::default() };
                organization::update(write, &Who::command_line(), id, patch)?;
            }
            Ok(())
        });
        renamed.unwrap();
    }

    /// Makes organizations with these titles, in one transaction.
    pub fn create_all(&self, titles: Vec<String>) -> Vec<OrgId> {
        let created = self.store.write(move |write| {
            let create = |title| {
                let new = NewOrganization { title, ..NewOrganization::default() };
                Ok(organization::create(write, &Who::command_line(), new)?.id)
            };
            titles.into_iter().map(create).collect()
        });
        created.unwrap()
    }

    pub fn delete(&self, id: OrgId) {
        let deletion = Deletion { children: Children::Rehang, refuse_cameras: true };
        self.store.write(move |write| organization::delete(write, &Who::command_line(), id, deletion)).unwrap();
    }

    /// How many events the queue and the change feed hold.
    pub fn events(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap()
    }

    /// Ends the store and leaves its files.
    pub fn into_folder(self) -> tempfile::TempDir {
        self.folder
    }

    /// Titles of the organizations that the receiver knows, in the order of their ids.
    pub fn titles(receiver: &Receiver) -> Vec<String> {
        let mut titles: Vec<(i64, String)> = Vec::new();
        for (subject, state) in receiver.states() {
            if subject.starts_with("organization/") {
                titles.push((state["id"].as_i64().unwrap(), state["title"].as_str().unwrap().to_owned()));
            }
        }
        titles.sort();
        titles.into_iter().map(|(_, title)| title).collect()
    }
}

#[test]
fn what_is_recorded_arrives_and_later_versions_win() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site(&receiver);
    assert!(matches!(site.drain(), Pass::Idle(_)));
    assert_eq!(Home::titles(&receiver), ["Default"]);
    let id = home.create("North");
    home.rename(id, "Northern");
    assert!(matches!(site.drain(), Pass::Idle(_)));
    assert_eq!(Home::titles(&receiver), ["Default", "Northern"]);
    assert_eq!(site.link().state, State::Up);
}

#[test]
fn a_batch_that_is_sent_again_is_the_same_to_the_letter() {
    let home = Home::new();
    let receiver = Receiver::new(|number, _| match number {
        0..=2 => Fate::TakeAndLose(Failure::Reset),
        3 => Fate::Lose(Failure::Timeout),
        4 => Fate::status(503),
        _ => Fate::Take,
    });
    let mut site = home.site(&receiver);
    site.drain();
    home.create("Recorded while the batch is under way");
    site.settle(20);
    assert_eq!(Home::titles(&receiver).len(), 2);
    let received = receiver.received.lock().unwrap();
    let ids: Vec<&str> = received
        .requests
        .iter()
        .map(|headers| headers.iter().find(|(name, _)| name == "webhook-id").map(|(_, value)| value.as_str()).unwrap())
        .collect();
    assert!(ids[..6].iter().all(|id| *id == ids[0]), "the first six requests are one batch: {ids:?}");
}

#[test]
fn one_poisoned_event_is_parked_and_the_others_go_on() {
    let home = Home::new();
    let receiver = Receiver::new(|_, events| {
        let poisoned = events.iter().any(|event| event["data"]["state"]["title"] == "Poison");
        if poisoned { Fate::status(422) } else { Fate::Take }
    });
    let mut site = home.site(&receiver);
    site.drain();
    home.create_all((0..200).map(|number| format!("Before {number}")).collect());
    let poisoned = home.create("Poison");
    home.create_all((0..200).map(|number| format!("After {number}")).collect());
    home.rename(poisoned, "Poison");
    site.settle(50);
    assert_eq!(Home::titles(&receiver).len(), 401);
    let parked = home.store.reader().unwrap().read(outbox::parked).unwrap();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert!(parked[0].reason.contains("422"));

    home.rename(poisoned, "Harmless");
    site.settle(5);
    let parked = home.store.reader().unwrap().read(outbox::parked).unwrap();
    assert_eq!((parked.len(), parked[0].followers), (1, 1), "order is kept per subject");
    let subject = parked[0].event.subject.clone();
    home.store.write(move |write| outbox::retry(write, &subject)).unwrap();
    site.settle(5);
    assert!(Home::titles(&receiver).contains(&"Harmless".to_owned()));
    assert!(home.store.reader().unwrap().read(outbox::parked).unwrap().is_empty());
}

#[test]
fn a_receiver_that_refuses_everything_for_an_hour_parks_at_most_three_and_loses_none() {
    for status in [400, 401, 403, 404, 422] {
        let home = Home::new();
        let receiver = Receiver::new(move |_, _| Fate::status(status));
        let mut site = home.site(&receiver);
        home.create_all((0..50).map(|number| format!("Organization {number}")).collect());
        let until_ms = home.clock.now_ms() + 3_600_000;
        while home.clock.now_ms() < until_ms {
            if let Pass::Wait(next) | Pass::Idle(next) = site.drain() {
                home.clock.advance_ms((next - home.clock.monotonic_ms()).max(1));
            }
        }
        let parked = home.store.reader().unwrap().read(outbox::parked).unwrap();
        assert!(parked.len() <= 3, "{status}: {} parked", parked.len());
        assert!(receiver.requests() < 120, "{status}: {} requests in an hour", receiver.requests());
        assert!(matches!(site.link().state, State::Held(_) | State::Refusing), "{status}: {:?}", site.link());
        receiver.follow(|_, _| Fate::Take);
        site.settle(20);
        assert_eq!(
            Home::titles(&receiver).len(),
            51,
            "{status}: nothing is lost, and what was parked for nothing arrives"
        );
        assert!(home.store.reader().unwrap().read(outbox::parked).unwrap().is_empty(), "{status}");
    }
}

#[test]
fn a_full_batch_is_halved_until_it_fits() {
    let home = Home::new();
    let receiver = Receiver::new(|_, events| if events.len() > 3 { Fate::status(413) } else { Fate::Take });
    let mut site = home.site(&receiver);
    home.create_all((0..40).map(|number| format!("Organization {number}")).collect());
    site.settle(10);
    assert_eq!(Home::titles(&receiver).len(), 41);
}

#[test]
fn holds_say_why_and_probe_now_and_then() {
    let page =
        Reply { status: 200, content_type: "text/html".to_owned(), body: b"<html>".to_vec(), ..Reply::default() };
    for (fate, hold, first_probe_ms) in [
        (Fate::Answer(page), Hold::WrongPlace, 60_000),
        (Fate::status(302), Hold::WrongPlace, 60_000),
        (Fate::status(401), Hold::Credential, 60_000),
        (Fate::status(404), Hold::Configuration, 300_000),
        (Fate::Lose(Failure::CertificateTime), Hold::Clock, 60_000),
    ] {
        let home = Home::new();
        let told = fate.clone();
        let receiver = Receiver::new(move |_, _| told.clone());
        let mut site = home.site(&receiver);
        let Pass::Wait(until_ms) = site.drain() else { panic!("{fate:?}: not held") };
        assert_eq!(site.link().state, State::Held(hold), "{fate:?}");
        assert_eq!(until_ms - home.clock.monotonic_ms(), first_probe_ms, "{fate:?}");
        assert!(site.link().why.is_some());
        receiver.follow(|_, _| Fate::Take);
        site.settle(10);
        assert_eq!(Home::titles(&receiver), ["Default"]);
    }
}

#[test]
fn deletes_are_tombstones() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site(&receiver);
    let id = home.create("North");
    site.drain();
    home.delete(id);
    site.drain();
    assert_eq!(Home::titles(&receiver), ["Default"]);
    let received = receiver.received.lock().unwrap();
    assert_eq!(received.state[&format!("organization/{id}")].1, serde_json::Value::Null);
}

#[test]
fn another_address_or_format_is_told_everything() {
    let home = Home::new();
    home.create("North");
    let (first, second) = (Receiver::new(|_, _| Fate::Take), Receiver::new(|_, _| Fate::Take));
    home.site(&first).settle(5);
    home.site(&first).settle(5);
    assert_eq!(first.epochs(), 1, "a restart is none");
    let settings = Settings { url: "http://127.0.0.1:9/elsewhere".to_owned(), ..settings() };
    home.site_with(&second, settings.clone()).settle(5);
    assert_eq!(Home::titles(&second), ["Default", "North"]);
    let usage = Receiver::new(|_, events| {
        let told = events.iter().filter(|event| event["type"] == "orgbox.purge_days").count();
        if told > 0 { Fate::status(204) } else { Fate::Take }
    });
    home.clock.advance_ms(2000);
    home.site_with(&usage, Settings { preset: Preset::Openmeter, ..settings }).settle(20);
    assert_eq!(usage.requests(), 1, "both organizations, of which none has changed");
}

#[test]
fn starting_again_and_again_sets_no_more_aside_for_a_receiver_that_refuses_everything() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::status(422));
    home.create_all((0..20).map(|number| format!("Organization {number}")).collect());
    let mut site = home.site(&receiver);
    for _ in 0..5 {
        home.clock.advance_ms(60_000);
        site = home.site(&receiver);
        site.drain();
        assert_eq!(site.link().state, State::Refusing);
    }
    assert_eq!(home.store.reader().unwrap().read(outbox::parked).unwrap().len(), 3);
    receiver.follow(|_, _| Fate::Take);
    site.settle(20);
    assert_eq!(Home::titles(&receiver).len(), 21);
}

#[test]
fn a_receiver_that_repeats_the_token_has_it_shown_nowhere() {
    const TOKEN: &str = "0123456789-the-token";
    let home = Home::new();
    let body = format!("{{\"error\": \"no such token: {TOKEN}\", \"again\": \"{TOKEN}{TOKEN}\"}}");
    let receiver = Receiver::new(move |_, _| {
        Fate::Answer(Reply { status: 401, body: body.clone().into_bytes(), ..Reply::default() })
    });
    let credentials = || Credentials { token: Some(TOKEN.to_owned()), signing_key: None };
    let mut site =
        Site::with_credentials(&home.store, home.database(), home.clock.clone(), receiver, settings(), credentials);
    site.drain();
    let why = site.link().why.unwrap();
    assert!(why.contains("401") && why.contains("no such token: …"), "{why}");
    assert!(!why.contains(TOKEN), "{why}");
}

#[test]
fn a_box_that_cannot_write_down_how_far_it_sent_says_so() {
    let home = Home::new();
    let receiver = Receiver::new(|_, _| Fate::Take);
    let in_the_way = home.folder.path().join("orgbox.hwm.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let mut site = home.site(&receiver);
    site.drain();
    assert_eq!((site.link().state, receiver.requests()), (State::Fault, 0));
    assert!(site.link().why.unwrap().contains("high-water file"));
    std::fs::remove_dir(&in_the_way).unwrap();
    site.settle(5);
    assert_eq!((site.link().state, receiver.requests() > 0), (State::Up, true));
}
