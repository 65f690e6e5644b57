//! What the writer tells everybody else: the published hierarchy, the box's health, when identities changed, and when
//! there are new events.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use crate::{
    clock::Clock,
    histogram::{Counted, DURATIONS_US, Histogram},
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

impl Health {
    /// True where the disk is full.
    pub fn is_disk_full(self) -> bool {
        self.fault == Fault::DiskFull
    }
}

/// Counters of the writer since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions committed.
    pub batches: u64,
    /// Jobs that were part of them.
    pub jobs: u64,
    /// Jobs that were run and undone: refused by a rule, or only tried.
    pub undone: u64,
    /// Jobs whose transaction failed.
    pub failed: u64,
    /// Jobs turned away because too many waited.
    pub turned_away: u64,
    /// Jobs waiting now.
    pub waiting: usize,
    /// Jobs taken together, committed or not.
    pub batch_jobs: Counted,
    /// Microseconds that a job waited before it was run.
    pub wait_us: Counted,
    /// Microseconds from the begin of a transaction until it was on disk.
    pub commit_us: Counted,
}

/// The writer's own counters.
pub(super) struct Counters {
    batches: AtomicU64,
    jobs: AtomicU64,
    undone: AtomicU64,
    failed: AtomicU64,
    turned_away: AtomicU64,
    waiting: AtomicUsize,
    batch_jobs: Histogram,
    wait_us: Histogram,
    commit_us: Histogram,
}

/// Upper bounds of how many jobs share a transaction.
const BATCH_JOBS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

type Wake = Box<dyn Fn() + Send + Sync>;

pub(super) struct Shared {
    clock: Clock,
    /// Another program replicates the database, and writes its log back.
    pub(super) external_replication: bool,
    pub(super) hierarchy: RwLock<Hierarchy>,
    health: Mutex<Option<Health>>,
    identities: AtomicU64,
    pub(super) counters: Counters,
    /// The writer's sign of life.
    pub(super) pulse: Arc<Pulse>,
    listeners: RwLock<Vec<Wake>>,
}

impl Shared {
    pub(super) fn new(clock: Clock, external_replication: bool) -> Self {
        Self {
            clock,
            external_replication,
            hierarchy: RwLock::default(),
            health: Mutex::default(),
            identities: AtomicU64::default(),
            counters: Counters::new(),
            pulse: Pulse::new("writer"),
            listeners: RwLock::default(),
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(super) fn monotonic_ms(&self) -> i64 {
        self.clock.monotonic_ms()
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

    /// The moment on the clock that never goes back, in microseconds.
    pub(super) fn monotonic_us(&self) -> i64 {
        self.clock.monotonic_us()
    }
}

impl Counters {
    fn new() -> Self {
        Self {
            batches: AtomicU64::default(),
            jobs: AtomicU64::default(),
            undone: AtomicU64::default(),
            failed: AtomicU64::default(),
            turned_away: AtomicU64::default(),
            waiting: AtomicUsize::default(),
            batch_jobs: Histogram::new(BATCH_JOBS),
            wait_us: Histogram::new(DURATIONS_US),
            commit_us: Histogram::new(DURATIONS_US),
        }
    }

    /// A job waits from now on.
    pub(super) fn queued(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// A job that was counted as waiting found no room.
    pub(super) fn turned_away(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// A job's waiting is over.
    pub(super) fn taken(&self, waited_us: i64) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.wait_us.note(u64::try_from(waited_us).unwrap_or_default());
    }

    /// A batch is over: so many jobs were kept, of so many, and it took so long. `None`: the transaction failed.
    pub(super) fn batch(&self, jobs: usize, kept: Option<usize>, took_us: i64) {
        let count = |counter: &AtomicU64, by: usize| {
            counter.fetch_add(by as u64, Ordering::Relaxed);
        };
        self.batch_jobs.note(jobs as u64);
        match kept {
            None => count(&self.failed, jobs),
            Some(kept) => {
                count(&self.undone, jobs - kept);
                if kept > 0 {
                    count(&self.batches, 1);
                    count(&self.jobs, kept);
                    self.commit_us.note(u64::try_from(took_us).unwrap_or_default());
                }
            }
        }
    }

    pub(super) fn statistics(&self) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            batches: read(&self.batches),
            jobs: read(&self.jobs),
            undone: read(&self.undone),
            failed: read(&self.failed),
            turned_away: read(&self.turned_away),
            waiting: self.waiting.load(Ordering::Relaxed),
            batch_jobs: self.batch_jobs.counted(),
            wait_us: self.wait_us.counted(),
            commit_us: self.commit_us.counted(),
        }
    }
}
