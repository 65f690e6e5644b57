//! Whatever is changed, lost and set back: of each organization the value with the latest time is the box's own, and no two
//! share a second.

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
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        retention::RetentionPatch,
    },
    ops::{camera, member, organization, outbox},
    store::{cameras, organizations},
    upstream::{
        client::{Post, Request},
        preset::Preset,
        reply::{Failure, Outcome, Reply},
        settings::Settings,
    },
};
use proptest::prelude::*;

use super::{
    fake::{Answer, Heard},
    receiver::{Site, settings},
    sending::Home,
    systems::Books,
};

/// A system without a network between: every request meets its fate.
struct Desk {
    books: Arc<Mutex<Books>>,
    preset: Preset,
    fates: std::vec::IntoIter<u8>,
}

impl Post for Desk {
    fn post(&mut self, request: &Request<'_>) -> Outcome {
        let fate = self.fates.next().unwrap_or(u8::MAX);
        if fate == 0 {
            return Outcome::Failed(Failure::Connect);
        }
        let headers = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let (method, body) = ("POST".to_owned(), request.body.to_vec());
        let heard = |path: &str| Heard { method, path: path.to_owned(), headers: headers.collect(), body };
        let mut books = self.books.lock().unwrap();
        let answer = match self.preset {
            Preset::Openmeter => books.openmeter(&heard("/api/v1/events")),
            _ => books.lago(&heard("/api/v1/events/batch"), &|_| false),
        };
        match (fate, answer) {
            (1 | 2, _) | (_, Answer::HangUp) => Outcome::Failed(Failure::Reset),
            (3, _) => Outcome::Replied(Reply { status: 503, ..Reply::default() }),
            (_, Answer::Status(status, body)) => {
                Outcome::Replied(Reply { status, body: body.into_bytes(), ..Reply::default() })
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Create,
    Delete(usize),
    AddCamera(usize),
    RemoveCamera,
    Enrol(usize),
    Leave(usize),
    Limit(usize, i64),
    Purge(usize, i64),
    Pass,
    Elapse(i64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0..4_usize;
    prop_oneof![
        2 => Just(Step::Create),
        1 => place.clone().prop_map(Step::Delete),
        3 => place.clone().prop_map(Step::AddCamera),
        2 => Just(Step::RemoveCamera),
        1 => place.clone().prop_map(Step::Enrol),
        1 => place.clone().prop_map(Step::Leave),
        6 => (place.clone(), 0..5_i64).prop_map(|(place, value)| Step::Limit(place, value)),
        2 => (place, 1..5_i64).prop_map(|(place, value)| Step::Purge(place, value)),
        10 => Just(Step::Pass),
        6 => prop_oneof![4 => 0..900_i64, 2 => 900..3000_i64, 1 => -5000..0_i64].prop_map(Step::Elapse),
        1 => Just(Step::Restart),
    ]
}

/// A box under way and what it has by now.
struct Course {
    home: Home,
    ids: Vec<OrgId>,
    all: Vec<OrgId>,
    user: UserId,
}

impl Course {
    fn new() -> Self {
        let home = Home::new();
        let new = crate::support::bare::new_user("member");
        let user = home.store.write(move |write| orgbox::ops::user::create(write, &Who::command_line(), &new)).unwrap();
        Self { home, ids: Vec::new(), all: vec![OrgId(1)], user: user.id }
    }

    fn patch(&self, place: usize, patch: OrganizationPatch) {
        let Some(id) = self.ids.get(place).copied() else { return };
        self.home.store.write(move |write| organization::update(write, &Who::command_line(), id, patch)).unwrap();
    }

    fn take(&mut self, step: &Step) {
        let (who, user) = (Who::command_line(), self.user);
        let at = |place: &usize| self.ids.get(*place).copied();
        match step {
            Step::Create => {
                let owner = NewOwner::Given(Some(UserId(1)));
                let new = NewOrganization { title: "Site".to_owned(), owner, ..NewOrganization::default() };
                let created = self.home.store.write(move |write| organization::create(write, &who, new));
                let id = created.unwrap().id;
                self.ids.push(id);
                self.all.push(id);
            }
            Step::Delete(place) if *place < self.ids.len() => {
                let id = self.ids.remove(*place);
                let cameras =
                    self.home.store.reader().unwrap().read(|read| cameras::of_organization(read, id)).unwrap();
                for one in cameras {
                    self.home.store.write(move |write| camera::remove(write, &Who::command_line(), one.id)).unwrap();
                }
                self.home.delete(id);
            }
            Step::AddCamera(place) => {
                let Some(organization_id) = at(place) else { return };
                let name = "Gate".to_owned();
                let new = NewCamera { organization_id, name, kind: CameraKind::Front, partner_id: None };
                self.home.store.write(move |write| camera::register(write, &who, &new)).unwrap();
            }
            Step::RemoveCamera => {
                let first = |id: &OrgId| {
                    self.home.store.reader().unwrap().read(|read| cameras::of_organization(read, *id)).unwrap().pop()
                };
                let Some(one) = self.ids.iter().find_map(first) else { return };
                self.home.store.write(move |write| camera::remove(write, &who, one.id)).unwrap();
            }
            Step::Enrol(place) => {
                let Some(id) = at(place) else { return };
                // Who is a member already stays one.
                drop(self.home.store.write(move |write| member::add(write, &who, id, user, RightsPatch::default())));
            }
            Step::Leave(place) => {
                let Some(id) = at(place) else { return };
                drop(self.home.store.write(move |write| member::remove(write, &who, id, user)));
            }
            Step::Limit(place, value) => {
                let limits = LimitsPatch { dvr_limit_gb: Patch::Set(*value), ..LimitsPatch::default() };
                self.patch(*place, OrganizationPatch { limits, ..OrganizationPatch::default() });
            }
            Step::Purge(place, value) => {
                let retention = RetentionPatch { purge_days: Patch::Set(*value), ..RetentionPatch::default() };
                self.patch(*place, OrganizationPatch { retention, ..OrganizationPatch::default() });
            }
            Step::Elapse(by_ms) => self.home.clock.advance_ms(*by_ms),
            Step::Delete(_) | Step::Pass | Step::Restart => {}
        }
    }

    /// What the box has, as it is to be told; zeros for what is gone.
    fn usage(&self) -> BTreeMap<(String, String), i64> {
        let reader = self.home.store.reader().unwrap();
        let site = reader.read(outbox::site).unwrap();
        let mut usage = BTreeMap::new();
        for id in &self.all {
            let held = reader.read(|read| organizations::get(read, *id)).unwrap();
            let values = held.map_or([0; 4], |held| {
                [held.camera_count, held.user_count, held.limits.dvr_limit_gb, held.retention.purge_days]
            });
            for (name, value) in ["cameras", "members", "dvr_limit_gb", "purge_days"].into_iter().zip(values) {
                usage.insert((format!("{site}/organization/{id}"), name.to_owned()), value);
            }
        }
        usage
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_latest_values_are_the_boxs_own_and_no_two_share_a_second(
        steps in prop::collection::vec(step(), 1..60),
        fates in prop::collection::vec(0..8_u8, 0..20),
        by_lago in any::<bool>(),
        max_batch_events in 1..6_usize,
    ) {
        let preset = if by_lago { Preset::Lago } else { Preset::Openmeter };
        let mut course = Course::new();
        let books = Arc::new(Mutex::new(Books::default()));
        let settings = Settings { preset, max_batch_events, ..settings() };
        let site = |course: &Course, fates: Vec<u8>| {
            let post = Desk { books: Arc::clone(&books), preset, fates: fates.into_iter() };
            let home = &course.home;
            Site::new(&home.store, home.folder.path().join("orgbox.db"), home.clock.clone(), post, settings.clone())
        };
        let mut sender = site(&course, fates.clone());
        for step in &steps {
            match step {
                Step::Pass => drop(sender.sender.run_once()),
                Step::Restart => sender = site(&course, fates.clone()),
                change => course.take(change),
            }
        }
        sender.settle(2000);
        let books = books.lock().unwrap();
        prop_assert!(books.complaints.is_empty(), "{:?}", books.complaints);
        prop_assert!(books.sharing().is_empty(), "{:?}", books.sharing());
        let mut usage = course.usage();
        let latest = books.latest();
        // What came and went within a second, or before the first was told, was never told of.
        usage.retain(|key, value| *value != 0 || latest.contains_key(key));
        prop_assert_eq!(latest, usage);
        let progress = course.home.store.reader().unwrap().read(outbox::progress).unwrap();
        prop_assert_eq!(progress.queued_bytes, 0, "nothing waits, and nothing is counted");
    }
}
