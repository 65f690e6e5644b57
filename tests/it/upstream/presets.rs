//! The presets against systems of their kind, over real HTTP: what is sent is what they take, and what they have already is
//! delivered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use orgbox::{
    model::{
        OrgId, Patch, UserId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        limits::LimitsPatch,
        organization::OrganizationPatch,
    },
    ops::{camera, organization, outbox},
    upstream::{
        client::{Client, Route},
        link::State,
        preset::Preset,
        sender::Pass,
        settings::{Credentials, Settings},
        sign::SigningKey,
    },
};

use super::{
    fake::{Answer, Heard, Server},
    receiver::{Site, settings},
    sending::Home,
    systems::{Books, SECRET, TOKEN, Told},
};

/// A system of a kind, and a sender that is set up for it.
struct Pair {
    site: Site,
    books: Arc<Mutex<Books>>,
    _server: Server,
}

impl Pair {
    fn new(home: &Home, preset: Preset, mut answer: impl FnMut(&mut Books, &Heard) -> Answer + Send + 'static) -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let theirs = Arc::clone(&books);
        let server = Server::start(move |heard| answer(&mut theirs.lock().unwrap(), heard));
        let path = match preset {
            Preset::Openmeter => "/api/v1/events",
            Preset::Lago => "/api/v1/events/batch",
            Preset::Webhook | Preset::Cloudevents => "/hooks",
        };
        let url = format!("http://{}{path}", server.address);
        let post = Client::new(&Route::default()).unwrap();
        let credentials =
            || Credentials { token: Some(TOKEN.to_owned()), signing_key: Some(SigningKey::parse(SECRET).unwrap()) };
        let settings = Settings { url, preset, ..settings() };
        let database = home.folder.path().join("orgbox.db");
        let site = Site::with_credentials(&home.store, database, home.clock.clone(), post, settings, credentials);
        Self { site, books, _server: server }
    }

    /// Steps, over every wait, until nothing is due, then over the end of the second.
    fn settle(&mut self) {
        self.site.settle(400);
        let books = self.books.lock().unwrap();
        assert!(books.complaints.is_empty(), "{:?}", books.complaints);
    }

    fn latest(&self, home: &Home, id: OrgId) -> [i64; 4] {
        let site = home.store.reader().unwrap().read(outbox::site).unwrap();
        let latest = self.books.lock().unwrap().latest();
        let told = |name: &str| latest[&(format!("{site}/organization/{id}"), name.to_owned())];
        [told("cameras"), told("members"), told("dvr_limit_gb"), told("purge_days")]
    }
}

/// Loses the answer to every third request after it was taken.
fn forgetful(mut answer: impl FnMut(&mut Books, &Heard) -> Answer) -> impl FnMut(&mut Books, &Heard) -> Answer {
    move |books, heard| {
        let answer = answer(books, heard);
        if books.requests % 3 == 1 { Answer::HangUp } else { answer }
    }
}

fn limit(home: &Home, id: OrgId, dvr_limit_gb: i64) {
    let limits = LimitsPatch { dvr_limit_gb: Patch::Set(dvr_limit_gb), ..LimitsPatch::default() };
    let patch = OrganizationPatch { limits, ..OrganizationPatch::default() };
    home.store.write(move |write| organization::update(write, &Who::command_line(), id, patch)).unwrap();
}

/// Gives an organization an owner, without whom it has no cameras, and a camera.
fn add_camera(home: &Home, id: OrgId) {
    let patch = OrganizationPatch { owner_id: Patch::Set(UserId(1)), ..OrganizationPatch::default() };
    home.store.write(move |write| organization::update(write, &Who::command_line(), id, patch)).unwrap();
    let new = NewCamera { organization_id: id, name: "Gate".to_owned(), kind: CameraKind::Front, partner_id: None };
    home.store.write(move |write| camera::register(write, &Who::command_line(), &new)).unwrap();
}

/// What both systems of usage must end with, whatever is lost between.
fn ends_with_the_usage(preset: Preset, answer: impl FnMut(&mut Books, &Heard) -> Answer + Send + 'static) {
    let home = Home::new();
    let mut pair = Pair::new(&home, preset, forgetful(answer));
    let ids = home.create_all((0..120).map(|number| format!("Organization {number}")).collect());
    pair.settle();
    add_camera(&home, ids[3]);
    limit(&home, ids[3], 250);
    limit(&home, ids[4], 70);
    home.delete(ids[5]);
    pair.settle();
    assert_eq!(pair.latest(&home, ids[3]), [1, 0, 250, 31]);
    assert_eq!(pair.latest(&home, ids[4]), [0, 0, 70, 31]);
    assert_eq!(pair.latest(&home, ids[5]), [0; 4], "what is gone uses nothing");
    assert_eq!(pair.latest(&home, ids[6]), [0, 0, 100, 31]);
    let books = pair.books.lock().unwrap();
    assert!(books.sharing().is_empty(), "{:?}", books.sharing());
    assert!(books.duplicates > 0, "no answer was lost");
    assert_eq!(pair.site.link().state, State::Up);
    assert!(home.store.reader().unwrap().read(outbox::parked).unwrap().is_empty());
}

#[test]
fn openmeter_takes_usage_and_answers_204_to_what_it_has() {
    ends_with_the_usage(Preset::Openmeter, Books::openmeter);
}

#[test]
fn lago_takes_usage_and_names_what_it_has_by_index() {
    ends_with_the_usage(Preset::Lago, |books, heard| books.lago(heard, &|_| false));
}

#[test]
fn lago_refuses_a_batch_for_one_organization_and_only_that_is_parked() {
    let home = Home::new();
    let ids = home.create_all((0..40).map(|number| format!("Organization {number}")).collect());
    let unknown = format!("/organization/{}", ids[17]);
    let mut pair = Pair::new(&home, Preset::Lago, move |books, heard| {
        books.lago(heard, &|told: &Told| told.subject.ends_with(&unknown))
    });
    pair.settle();
    let parked = home.store.reader().unwrap().read(outbox::parked).unwrap();
    let subjects: Vec<_> = parked.iter().map(|parked| parked.event.subject.clone()).collect();
    assert_eq!(subjects, [format!("organization/{}", ids[17])]);
    assert_eq!(pair.books.lock().unwrap().latest().len(), 4 * 40, "the default organization and 39 of 40");
}

#[test]
fn a_webhook_receiver_gets_one_signed_event_a_request_and_ends_with_the_state() {
    let home = Home::new();
    let mut pair = Pair::new(&home, Preset::Webhook, forgetful(Books::webhook));
    let ids = home.create_all((0..20).map(|number| format!("Organization {number}")).collect());
    home.rename(ids[3], "Northern");
    home.delete(ids[5]);
    pair.settle();
    let books = pair.books.lock().unwrap();
    let title = |id| books.states[&format!("organization/{id}")].1["title"].clone();
    assert_eq!(title(ids[3]), "Northern");
    assert_eq!(title(ids[4]), "Organization 4");
    assert!(books.states[&format!("organization/{}", ids[5])].1.is_null());
    assert!(books.duplicates > 0, "no answer was lost");
}

#[test]
fn several_changes_in_one_second_are_told_as_one_after_it_is_over() {
    let home = Home::new();
    let mut pair = Pair::new(&home, Preset::Openmeter, Books::openmeter);
    let id = home.create("North");
    pair.settle();
    let subject = format!("/organization/{id}");
    let told = |books: &Books| -> BTreeMap<i64, i64> {
        let gauges = books.told.iter().filter(|told| told.subject.ends_with(&subject) && told.name == "dvr_limit_gb");
        gauges.map(|told| (told.second, told.value)).collect()
    };
    let before = told(&pair.books.lock().unwrap());
    let second_ms = home.clock.now_ms().div_euclid(1000) * 1000 + 1000;
    home.clock.advance_ms(second_ms - home.clock.now_ms());
    limit(&home, id, 1);
    let Pass::Wait(until_ms) = pair.site.drain() else { panic!("nothing is held back") };
    assert_eq!(until_ms, second_ms + 1000);
    assert_eq!(told(&pair.books.lock().unwrap()), before, "the second is not over");
    home.clock.advance_ms(999);
    limit(&home, id, 2);
    assert!(matches!(pair.site.drain(), Pass::Wait(_)));
    home.clock.advance_ms(1);
    assert!(matches!(pair.site.drain(), Pass::Idle(_)));
    let mut after = before;
    after.insert(second_ms / 1000, 2);
    assert_eq!(told(&pair.books.lock().unwrap()), after);
}

#[test]
fn after_the_clock_went_back_the_newest_value_still_has_the_latest_time() {
    let home = Home::new();
    let mut pair = Pair::new(&home, Preset::Lago, |books, heard| books.lago(heard, &|_| false));
    let id = home.create("North");
    home.clock.advance_ms(60_000);
    limit(&home, id, 1);
    pair.settle();
    home.clock.advance_ms(-30_000);
    limit(&home, id, 2);
    pair.settle();
    assert_eq!(pair.latest(&home, id)[2], 2);
    assert!(pair.books.lock().unwrap().sharing().is_empty());
}
