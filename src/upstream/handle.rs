//! What others hold of the sender: how the link stands, and what wakes or changes it. It must not know what a pass does.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    client::Route,
    link::{Link, State, Status},
    settings::{Credentials, Settings},
};
use crate::pulse::Pulse;

/// What is to be done with what is recorded.
#[derive(Clone, Default)]
pub enum Setup {
    /// Nothing: events are for the change feed only.
    #[default]
    Off,
    /// It waits to be exported, within so many bytes.
    Export {
        /// Bytes of events that may wait.
        queue_bytes: i64,
        /// What signs.
        credentials: Credentials,
    },
    /// It is sent.
    Send(Box<Target>),
}

/// Where to send, and how.
#[derive(Clone)]
pub struct Target {
    /// How to send.
    pub settings: Settings,
    /// The way there.
    pub route: Route,
    /// What proves who sends, as it was last read.
    pub credentials: Credentials,
    /// Reads that again; the refusal is a phrase without any secret.
    pub read_again: ReadAgain,
}

/// Reads the credentials anew.
pub type ReadAgain = Arc<dyn Fn() -> Result<Credentials, String> + Send + Sync>;

impl PartialEq for Setup {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Setup::Off, Setup::Off) => true,
            (
                Setup::Export { queue_bytes, credentials },
                Setup::Export { queue_bytes: other_bytes, credentials: other },
            ) => queue_bytes == other_bytes && credentials == other,
            (Setup::Send(target), Setup::Send(other)) => {
                let Target { settings, route, credentials, read_again: _ } = &**target;
                (settings, route, credentials) == (&other.settings, &other.route, &other.credentials)
            }
            (Setup::Off | Setup::Export { .. } | Setup::Send(_), _) => false,
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Handle(Arc<Desk>);

struct Desk {
    status: Arc<Status>,
    pulse: Arc<Pulse>,
    setup: Mutex<Setup>,
    wanted: Mutex<Wanted>,
    woken: Condvar,
}

/// What has been asked of the thread since it looked last.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Events were recorded.
    pub recorded: bool,
    /// Somebody wants it to try at once.
    pub now: bool,
    /// It is set up differently.
    pub changed: bool,
    /// The thread shall end. Stays.
    pub stop: bool,
}

impl Handle {
    /// For a thread that will run.
    pub fn new(setup: Setup, now_ms: i64) -> Self {
        let state = at_first(&setup);
        Self::of(setup, state, now_ms)
    }

    /// For a process in which none runs.
    pub fn at_rest(setup: Setup, now_ms: i64) -> Self {
        let state = if setup == Setup::Off { State::Off } else { State::AtRest };
        Self::of(setup, state, now_ms)
    }

    fn of(setup: Setup, state: State, now_ms: i64) -> Self {
        let status = Arc::new(Status::new(state, now_ms));
        let pulse = Pulse::new("upstream");
        Self(Arc::new(Desk {
            status,
            pulse,
            setup: Mutex::new(setup),
            wanted: Mutex::default(),
            woken: Condvar::new(),
        }))
    }

    /// How the link stands.
    pub fn link(&self) -> Link {
        self.0.status.link()
    }

    /// The thread's sign of life.
    pub fn pulse(&self) -> &Arc<Pulse> {
        &self.0.pulse
    }

    /// How sending is set up.
    pub fn setup(&self) -> Setup {
        self.0.setup.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has it tried at once, whatever it waits for.
    pub fn try_now(&self) {
        self.want(|wanted| wanted.now = true);
    }

    /// Sets it up differently. What is the same as before changes nothing.
    pub fn configure(&self, setup: Setup) {
        let mut current = self.0.setup.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != setup {
            *current = setup;
            drop(current);
            self.want(|wanted| wanted.changed = true);
        }
    }

    /// There may be new events.
    pub fn wake(&self) {
        self.want(|wanted| wanted.recorded = true);
    }

    pub(super) fn stop(&self) {
        self.want(|wanted| wanted.stop = true);
    }

    pub(super) fn status(&self) -> Arc<Status> {
        Arc::clone(&self.0.status)
    }

    /// Waits until `enough` is asked for, at most so long, and takes all that was.
    pub(super) fn wait(&self, at_most: Duration, enough: impl Fn(Wanted) -> bool) -> Wanted {
        self.0.pulse.excuse(at_most);
        let waited = self.0.woken.wait_timeout_while(self.lock(), at_most, |wanted| !wanted.stop && !enough(*wanted));
        let (mut wanted, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.0.pulse.beat();
        let stop = wanted.stop;
        std::mem::replace(&mut *wanted, Wanted { stop, ..Wanted::default() })
    }

    fn want(&self, set: impl FnOnce(&mut Wanted)) {
        set(&mut self.lock());
        self.0.woken.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Wanted> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state before anything has been tried.
pub(super) fn at_first(setup: &Setup) -> State {
    match setup {
        Setup::Off => State::Off,
        Setup::Export { .. } => State::Exporting,
        Setup::Send(_) => State::Starting,
    }
}
