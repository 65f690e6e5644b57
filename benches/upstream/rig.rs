//! A store with organizations and a sender on it, whose requests are kept.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use orgbox::{
    clock::Clock,
    model::{
        OrgId,
        actor::Who,
        organization::{NewOrganization, OrganizationPatch},
    },
    ops::{organization, outbox, setup},
    store::{Options, Store, Write},
    upstream::{
        backoff::Backoff,
        client::{Client, Post, Request, Route},
        link::{State, Status},
        preset::Preset,
        reply::Outcome,
        sender::{Parts, Pass, Sender},
        settings::{Credentials, Settings},
        sign::SigningKey,
    },
};

use super::receiver::{Receiver, SECRET};

pub const ORGANIZATIONS: usize = 500;

/// One request, to be posted again.
pub type Kept = (Vec<(&'static str, String)>, Vec<u8>);

/// Where the client is told to post each request, and keeps it.
pub struct Keeping {
    client: Client,
    pub kept: Arc<Mutex<Vec<Kept>>>,
}

impl Post for Keeping {
    fn post(&mut self, request: &Request<'_>) -> Outcome {
        self.kept.lock().unwrap().push((request.headers.to_vec(), request.body.to_vec()));
        self.client.post(request)
    }
}

pub struct Rig {
    pub store: Arc<Store>,
    pub sender: Sender,
    pub kept: Arc<Mutex<Vec<Kept>>>,
    _folder: tempfile::TempDir,
}

impl Rig {
    /// A box whose full state the receiver has.
    pub fn start(receiver: &Receiver) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let database = folder.path().join("orgbox.db");
        let clock = Clock::system();
        let store = Arc::new(Store::open(&database, clock.clone(), Options::default()).unwrap());
        store.write(|write| setup::first_start(write, "$argon2id$none".to_owned())).unwrap();
        store
            .write(|write| {
                for number in 2..=ORGANIZATIONS {
                    let new = NewOrganization {
                        title: format!("Site {number}"),
                        description: Some("A building site with a trailer, four cameras and a weak link.".to_owned()),
                        ..NewOrganization::default()
                    };
                    organization::create(write, &Who::system(), new)?;
                }
                Ok(())
            })
            .unwrap();
        let kept = Arc::default();
        let post = Keeping { client: Client::new(&Route::default()).unwrap(), kept: Arc::clone(&kept) };
        let parts = Parts {
            store: Arc::clone(&store),
            database,
            clock: clock.clone(),
            settings: settings(receiver.url()),
            credentials: Box::new(|| Ok(Credentials { token: None, signing_key: SigningKey::parse(SECRET).ok() })),
            post: Box::new(post),
            dice: Box::new(|| 0.5),
            status: Arc::new(Status::new(State::Starting, clock.now_ms())),
        };
        let mut rig = Self { store, sender: Sender::new(parts).unwrap(), kept, _folder: folder };
        rig.drain();
        rig
    }

    /// Steps until nothing is due.
    pub fn drain(&mut self) {
        loop {
            match self.sender.run_once() {
                Pass::Again => {}
                Pass::Idle(_) => return,
                Pass::Wait(_) => panic!("the receiver does not take what it is sent"),
            }
        }
    }

    pub fn acked_seq(&self) -> i64 {
        self.store.reader().unwrap().read(outbox::progress).unwrap().acked_seq
    }

    /// Records so many changes, many in a commit.
    pub fn change(&self, count: usize) {
        for first in (0..count).step_by(500) {
            let changed =
                self.store.write(move |write| (first..count.min(first + 500)).try_for_each(|n| rename(write, n)));
            changed.unwrap();
        }
    }
}

/// One change of one of the organizations.
pub fn rename(write: &Write<'_>, number: usize) -> orgbox::model::Result<()> {
    let id = OrgId(1 + (number * 7 % ORGANIZATIONS) as i64);
    let patch = OrganizationPatch { title: Some(format!("Changed {number}")), ..OrganizationPatch::default() };
    organization::update(write, &Who::command_line(), id, patch).map(drop)
}

/// Posts these requests with a client of its own. Returns seconds.
pub fn post_again(client: &mut Client, receiver: &Receiver, kept: &[Kept]) -> f64 {
    let url = receiver.url();
    seconds(|| {
        for (headers, body) in kept {
            let outcome = client.post(&Request { url: &url, headers, body });
            assert!(matches!(&outcome, Outcome::Replied(reply) if reply.status < 300), "{outcome:?}");
        }
    })
}

/// How long something takes.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real time")]
pub fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn settings(url: String) -> Settings {
    Settings {
        url,
        preset: Preset::Cloudevents,
        strict_ack: false,
        start_jitter_ms: 0,
        backoff: Backoff::default(),
        heartbeat_ms: 900_000,
        max_batch_events: 500,
        max_batch_bytes: 256 << 10,
        queue_bytes: 1 << 30,
        gzip: false,
    }
}
