//! From the asynchronous edge to the synchronous core: reads inline on the worker's own connection, long reads on a
//! thread that may block, writes through the writer's queue.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::web;
use tokio::sync::{Semaphore, oneshot};

use super::{
    auth::{Identities, Uses},
    failure::Failure,
    feed::Feed,
    settings::Settings,
    tally::Requests,
    throttle::Throttle,
    verified::VerifiedPasswords,
};
use crate::{
    backup::Backups,
    clock::Clock,
    model::{Error, Kind, Remark, Result},
    overrides,
    pulse::Pulses,
    store::{self, Footprint, Health, OpenError, Read, Reader, Rehearsal, Statistics, Store, Write},
    tls, upstream,
};

/// Long reads that run at once; each has a connection of its own.
const SCANS_AT_ONCE: usize = 2;
/// Long reads that may wait; one more is answered [`Kind::Busy`].
const SCANS_WAITING_MAX: usize = 64;
/// Password hashes that run at once: each takes 19 MiB and 50 ms of a core.
const HASHES_AT_ONCE: usize = 2;

/// What all workers share.
pub struct Shared {
    store: Arc<Store>,
    scanners: Mutex<Vec<Reader>>,
    scans: Gate,
    hashes: Gate,
    started_at_ms: i64,
    feed: Arc<Feed>,
    pulses: Arc<Pulses>,
    /// The box's clock.
    pub clock: Clock,
    /// The settings in force.
    pub settings: Settings,
    /// The watched files.
    pub overrides: overrides::Handle,
    /// The backups.
    pub backups: Backups,
    /// What was answered so far.
    pub requests: Requests,
    /// The sender to the billing system.
    pub upstream: upstream::handle::Handle,
    /// The certificate.
    pub tls: tls::Handle,
    pub(super) throttle: Throttle,
    pub(super) verified: VerifiedPasswords,
    pub(super) uses: Uses,
}

/// What works beside the API and can be asked by it.
pub struct Handles {
    /// The watched files.
    pub overrides: overrides::Handle,
    /// The sender to the billing system.
    pub upstream: upstream::handle::Handle,
    /// The certificate.
    pub tls: tls::Handle,
    /// The backups.
    pub backups: Backups,
}

/// What one HTTP worker has: its own connection and its own cache of identities. Never shared between threads.
pub struct Bridge {
    reader: Reader,
    shared: Arc<Shared>,
    pub(super) identities: RefCell<Identities>,
}

/// So many at once, so many waiting, and no more.
struct Gate {
    slots: Semaphore,
    taken: AtomicUsize,
    places: usize,
}

impl Shared {
    /// Opens the connections for long reads. `secret` is 32 random bytes of this process.
    pub fn new(
        store: Arc<Store>,
        clock: Clock,
        settings: Settings,
        handles: Handles,
        secret: [u8; 32],
    ) -> std::result::Result<Self, OpenError> {
        let Handles { overrides, upstream, tls, backups } = handles;
        let scanners = (0..SCANS_AT_ONCE).map(|_| store.reader()).collect::<std::result::Result<Vec<_>, _>>()?;
        let hashes = Gate::new(HASHES_AT_ONCE, settings.limits.password_hash_queue);
        let feed = Feed::new();
        store.on_events({
            let feed = Arc::clone(&feed);
            move || feed.wake()
        });
        Ok(Self {
            started_at_ms: clock.now_ms(),
            feed,
            pulses: Arc::default(),
            store,
            scanners: Mutex::new(scanners),
            scans: Gate::new(SCANS_AT_ONCE, SCANS_WAITING_MAX),
            hashes,
            throttle: Throttle::new(clock.clone()),
            verified: VerifiedPasswords::new(clock.clone(), secret),
            uses: Uses::default(),
            clock,
            settings,
            overrides,
            backups,
            requests: Requests::default(),
            upstream,
            tls,
        })
    }

    /// A connection for one worker.
    pub fn reader(&self) -> std::result::Result<Reader, OpenError> {
        self.store.reader()
    }

    /// When this process began to serve, in milliseconds since 1970.
    pub fn started_at_ms(&self) -> i64 {
        self.started_at_ms
    }

    /// What the database takes on its disk.
    pub fn footprint(&self) -> Footprint {
        self.store.footprint()
    }

    /// The version of SQLite, and the newest schema known, which is that of the database.
    pub fn versions(&self) -> (&'static str, usize) {
        store::versions()
    }

    /// Wakes those who wait for events.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// What an operator should know of though the box does all of its work.
    pub fn remarks(&self) -> Vec<Remark> {
        let remarks =
            [(self.clock.is_wrong(), Remark::Clock), (self.settings.limits.descriptors_short, Remark::FewDescriptors)];
        let own = remarks.into_iter().filter_map(|(so, remark)| so.then_some(remark));
        own.chain(self.store.remarks()).collect()
    }

    /// What the writer did so far.
    pub fn statistics(&self) -> Statistics {
        self.store.statistics()
    }

    /// The signs of life of the threads that answer.
    pub fn pulses(&self) -> &Arc<Pulses> {
        &self.pulses
    }

    /// The fault that lasts, if one does.
    pub fn health(&self) -> Option<Health> {
        self.store.health()
    }
}

impl Bridge {
    /// A bridge for one worker.
    pub fn new(reader: Reader, shared: Arc<Shared>) -> Self {
        Self { reader, shared, identities: RefCell::default() }
    }

    /// What all workers share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Rises with every committed change of users, keys or sessions.
    pub fn identities_generation(&self) -> u64 {
        self.shared.store.identities()
    }

    /// Reads on this worker, at once: for what takes microseconds.
    pub fn read<T>(&self, work: impl FnOnce(&Read<'_>) -> Result<T>) -> std::result::Result<T, Failure> {
        Ok(self.reader.read(work)?)
    }

    /// Reads from one snapshot on a thread that may block: for lists without a small bound, filters and searches.
    pub async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Read<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let shared = Arc::clone(&self.shared);
        let scan = move || {
            let lock = || shared.scanners.lock().unwrap_or_else(PoisonError::into_inner);
            let reader = lock().pop();
            // There are as many connections as slots; a panic in a scan loses one, which is opened again here.
            let reader = match reader {
                Some(reader) => reader,
                None => shared.store.reader().map_err(|error| {
                    tracing::error!(%error, "a connection for reading could not be opened");
                    Error::internal()
                })?,
            };
            let outcome = reader.read(work);
            lock().push(reader);
            outcome
        };
        Ok(self.shared.scans.pass(scan).await??)
    }

    /// Hands work to the writer and waits for the commit. Cancelled requests are carried out all the same.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        // A client that has gone away is nobody to tell.
        self.shared.store.submit(work, move |outcome| drop(sender.send(outcome)));
        Ok(receiver.await.unwrap_or_else(|_| Err(Error::internal()))?)
    }

    /// As [`Bridge::write`], for what is also done on a full disk: what makes room there, and signing in.
    pub async fn housekeeping<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        // A client that has gone away is nobody to tell.
        self.shared.store.submit_housekeeping(work, move |outcome| drop(sender.send(outcome)));
        Ok(receiver.await.unwrap_or_else(|_| Err(Error::internal()))?)
    }

    /// Hands work to the writer to be tried and undone, and waits for what it found.
    pub async fn rehearse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Rehearsal<'_, '_>) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        // A client that has gone away is nobody to tell.
        self.shared.store.rehearse(work, move |outcome| drop(sender.send(outcome)));
        Ok(receiver.await.unwrap_or_else(|_| Err(Error::internal()))?)
    }

    /// Hands work to the writer and waits for nothing: for notes that no answer depends on.
    pub fn note(&self, work: impl FnOnce(&Write<'_>) -> Result<()> + Send + 'static) {
        self.shared.store.submit(work, |outcome| {
            if let Err(error) = outcome {
                tracing::debug!(%error, "a note could not be written");
            }
        });
    }

    /// Runs what takes long and reads nothing of the database, on a thread that may block. The work bounds itself how many
    /// of it run at once.
    pub async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        web::block(work).await.map_err(|error| {
            tracing::error!(%error, "work on a blocking thread did not finish");
            Error::internal().into()
        })
    }

    /// Runs a password hash, of which only few run at once.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::result::Result<T, Failure> {
        Ok(self.shared.hashes.pass(work).await?)
    }
}

impl Gate {
    fn new(at_once: usize, waiting_max: usize) -> Self {
        Self { slots: Semaphore::new(at_once), taken: AtomicUsize::new(0), places: at_once + waiting_max }
    }

    async fn pass<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = Place::take(self)?;
        let _slot = self.slots.acquire().await.map_err(|_| Error::internal())?;
        web::block(work).await.map_err(|error| {
            tracing::error!(%error, "work on a blocking thread did not finish");
            Error::internal()
        })
    }
}

/// A place in a gate's queue; given back when dropped, also where the request is cancelled.
struct Place<'a>(&'a Gate);

impl<'a> Place<'a> {
    fn take(gate: &'a Gate) -> Result<Self> {
        let place = Self(gate);
        if gate.taken.fetch_add(1, Ordering::AcqRel) >= gate.places {
            return Err(Error::new(Kind::Busy, "busy", "too many requests are waiting; try again in a second"));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}
