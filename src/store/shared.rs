//! What the writer tells everybody else: the published hierarchy, the box's health, when identities changed, and when
//! there are new events.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    clock::Clock,
    model::{Fault, hierarchy::Hierarchy},
    pulse::Pulse,
};

/// A fault that lasts, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// The named state.
    pub fault: Fault,
    /// Milliseconds since 1970.
    pub since_ms: i64,
}

/// Counters of the writer since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions committed.
    pub batches: u64,
    /// Jobs that were part of them.
    pub jobs: u64,
}

type Wake = Box<dyn Fn() + Send + Sync>;

pub(super) struct Shared {
    clock: Clock,
    pub(super) hierarchy: RwLock<Hierarchy>,
    health: Mutex<Option<Health>>,
    identities: AtomicU64,
    batches: AtomicU64,
    jobs: AtomicU64,
    /// The writer's sign of life.
    pub(super) pulse: Arc<Pulse>,
    listeners: RwLock<Vec<Wake>>,
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            hierarchy: RwLock::default(),
            health: Mutex::default(),
            identities: AtomicU64::default(),
            batches: AtomicU64::default(),
            jobs: AtomicU64::default(),
            pulse: Pulse::new("writer"),
            listeners: RwLock::default(),
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(super) fn with_hierarchy<T>(&self, work: impl FnOnce(&Hierarchy) -> T) -> T {
        work(&self.hierarchy.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn change_hierarchy(&self, work: impl FnOnce(&mut Hierarchy)) {
        work(&mut self.hierarchy.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn health(&self) -> Option<Health> {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a fault; the time of the first report of the same fault stays, and so does damage. True where it is news.
    pub(super) fn fail(&self, fault: Fault) -> bool {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let news = health.is_none_or(|health| health.fault != fault && health.fault != Fault::Corrupt);
        if news {
            *health = Some(Health { fault, since_ms: self.now_ms() });
        }
        news
    }

    /// Notes that a write went through. Returns the fault that is over, if there was one. Damage is not undone by a write
    /// that met an undamaged page.
    pub(super) fn recover(&self) -> Option<Health> {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.take_if(|health| health.fault != Fault::Corrupt)
    }

    /// Rises with every committed change of users, keys or sessions: what was cached before is no longer trusted.
    pub(super) fn identities(&self) -> u64 {
        self.identities.load(Ordering::Acquire)
    }

    pub(super) fn identities_changed(&self) {
        self.identities.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn on_events(&self, wake: Wake) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(wake);
    }

    /// There may be new events.
    pub(super) fn wake(&self) {
        self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|wake| wake());
    }

    pub(super) fn count_batch(&self, jobs: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.jobs.fetch_add(jobs as u64, Ordering::Relaxed);
    }

    pub(super) fn statistics(&self) -> Statistics {
        Statistics { batches: self.batches.load(Ordering::Relaxed), jobs: self.jobs.load(Ordering::Relaxed) }
    }
}
