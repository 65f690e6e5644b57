//! The store as everyone else holds it: hands jobs to the writer's thread, makes readers, and tells how writing stands.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use super::{
    Reader,
    ballast::Ballast,
    job::{Class, Job, Task},
    open,
    open::OpenError,
    rehearsal::Rehearsal,
    shared::{Health, Shared, Statistics},
    soundness::{self, Check},
    writer::{Write, Writer},
};
use crate::{
    clock::Clock,
    model::{Error, Fault, Kind, Remark, Result},
    pulse::Pulse,
};

/// The size past which the WAL is remarked on: four times what it has between checkpoints.
pub(super) const WAL_LARGE_BYTES: u64 = 64 << 20;

/// Bounds of the writer.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Jobs that may wait; one more is answered [`Kind::Busy`].
    pub queue_jobs: usize,
    /// Jobs that share one commit at most.
    pub batch_jobs: usize,
    /// Another program replicates the database, and writes its log back.
    pub external_replication: bool,
    /// Room that is kept taken on the disk of the database, to be given up once it is full; 0 for none.
    pub ballast_bytes: u64,
    /// The size of the WAL past which ordinary changes are refused until it could be written back.
    pub wal_max_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_jobs: 1024,
            batch_jobs: 256,
            external_replication: false,
            ballast_bytes: 0,
            wal_max_bytes: 1 << 30,
        }
    }
}

/// The open database: hands jobs to the writer and makes readers.
pub struct Store {
    pub(super) path: PathBuf,
    queue: SyncSender<Message>,
    pub(super) shared: Arc<Shared>,
    pub(super) check: Check,
    ballast_bytes: u64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the writer's thread is told.
pub(super) enum Message {
    /// A job, and when it was queued on the clock that never goes back, in microseconds.
    Job(Box<dyn Job>, i64),
    Stop,
}

impl Store {
    /// Opens the file, brings it to today's schema and starts the writer.
    pub fn open(path: &Path, clock: Clock, options: Options) -> std::result::Result<Self, OpenError> {
        let mut ballast = Ballast::find(path, options.ballast_bytes);
        let connection = match open::writer(path, clock.now_ms()) {
            Err(OpenError::Storage { fault: Fault::DiskFull, .. }) if ballast.release() => {
                open::writer(path, clock.now_ms())
            }
            outcome => outcome,
        }?;
        match open::newest_ms(&connection) {
            Ok(newest_ms) => clock.has_been(newest_ms),
            Err(error) => tracing::warn!(%error, "when the database was last changed could not be read"),
        }
        if clock.is_wrong() {
            tracing::warn!(remark = Remark::Clock.name(), remedy = Remark::Clock.remedy(), "the clock is wrong");
        }
        // A first start finds no folder to keep it in before this.
        ballast.restore();
        if ballast.is_missing() {
            let bytes = options.ballast_bytes;
            tracing::warn!(bytes, "the disk of the database has no room for a ballast; it is made once there is");
        }
        let shared = Arc::new(Shared::new(clock, options.external_replication));
        soundness::check_at_start(path, &connection, &shared).map_err(|error| open::sqlite_error(path, &error))?;
        let writer = Writer::new(path, connection, Arc::clone(&shared), ballast, options)?;
        let (queue, jobs) = sync_channel(options.queue_jobs);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&jobs));
        let thread = thread.map_err(|error| open::io_error(path, &error))?;
        let (ballast_bytes, check, thread) = (options.ballast_bytes, Check::default(), Mutex::new(Some(thread)));
        Ok(Self { path: path.to_owned(), queue, shared, check, ballast_bytes, thread })
    }

    /// Opens a read-only connection.
    pub fn reader(&self) -> std::result::Result<Reader, OpenError> {
        Reader::open(&self.path, Arc::clone(&self.shared))
    }

    /// Hands work to the writer. `reply` is called once, on the writer's thread, after the commit or the failure; it must
    /// not block. What the work changes is on disk when `reply` gets an `Ok`.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static,
        reply: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        self.enqueue(Task::new(Class::Ordinary, work, reply));
    }

    /// As [`Store::submit`], for what is also done on a full disk: what makes room there, and what the box must be able to
    /// note whatever its clients have used up. It must need little.
    pub fn submit_housekeeping<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static,
        reply: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        self.enqueue(Task::new(Class::Housekeeping, work, reply));
    }

    /// As [`Store::submit`], for work that is only tried: whatever it does is undone.
    pub fn rehearse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Rehearsal<'_, '_>) -> Result<T> + Send + 'static,
        reply: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        let work = |write: &Write<'_>| work(&Rehearsal::of(write));
        self.enqueue(Task::new(Class::Rehearsal, work, reply));
    }

    fn enqueue(&self, task: impl Job + 'static) {
        let counters = &self.shared.counters;
        // Before it is sent: the writer may have taken it when that returns.
        counters.queued();
        let (task, error) = match self.queue.try_send(Message::Job(Box::new(task), self.shared.monotonic_us())) {
            Ok(()) => return,
            Err(TrySendError::Full(task)) => {
                counters.turned_away();
                (task, Error::new(Kind::Busy, "busy", "too many changes are waiting; try again in a second"))
            }
            Err(TrySendError::Disconnected(task)) => (task, Error::unavailable(Fault::Stopping)),
        };
        if let Message::Job(job, _) = task {
            job.settle(Some(error));
        }
    }

    /// Hands work to the writer and waits. For threads that may block: start, stop and the command line.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.submit(work, move |outcome| drop(sender.send(outcome)));
        receiver.recv().unwrap_or_else(|_| Err(Error::internal()))
    }

    /// As [`Store::write`], for what is also done on a full disk; see [`Store::submit_housekeeping`].
    pub fn housekeeping<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.submit_housekeeping(work, move |outcome| drop(sender.send(outcome)));
        receiver.recv().unwrap_or_else(|_| Err(Error::internal()))
    }

    /// The fault that lasts, if one does.
    pub fn health(&self) -> Option<Health> {
        self.shared.health()
    }

    /// What an operator should know of the files though all is well.
    pub fn remarks(&self) -> Vec<Remark> {
        let footprint = self.footprint();
        let lacks_ballast =
            self.ballast_bytes > 0 && footprint.ballast_bytes == 0 && !self.health().is_some_and(Health::is_disk_full);
        let remarks = [(footprint.wal_bytes > WAL_LARGE_BYTES, Remark::WalGrows), (lacks_ballast, Remark::NoBallast)];
        remarks.into_iter().filter_map(|(so, remark)| so.then_some(remark)).collect()
    }

    /// Rises with every committed change of users, keys or sessions.
    pub fn identities(&self) -> u64 {
        self.shared.identities()
    }

    /// Has this called on the writer's thread after every commit that recorded events, its own or a neighbour's, and now
    /// and then without one. It must not block.
    pub fn on_events(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.shared.on_events(Box::new(wake));
    }

    /// The writer's sign of life: beaten after every job, and twice a second without one.
    pub fn pulse(&self) -> &Arc<Pulse> {
        &self.shared.pulse
    }

    /// Counters since the start.
    pub fn statistics(&self) -> Statistics {
        self.shared.counters.statistics()
    }

    /// Finishes what is queued, writes the WAL back and ends the writer. Later jobs are answered [`Fault::Stopping`].
    pub fn stop(&self) {
        self.check.stop();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && self.queue.send(Message::Stop).is_ok()
            && thread.join().is_err()
        {
            tracing::error!("the writer ended in a panic");
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}
