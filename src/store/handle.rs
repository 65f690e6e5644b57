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
    job::{Job, Task},
    open,
    open::OpenError,
    rehearsal::Rehearsal,
    shared::{Health, Shared, Statistics},
    writer::{Write, Writer},
};
use crate::{
    clock::Clock,
    model::{Error, Fault, Kind, Result},
    pulse::Pulse,
};

/// Bounds of the writer.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Jobs that may wait; one more is answered [`Kind::Busy`].
    pub queue_jobs: usize,
    /// Jobs that share one commit at most.
    pub batch_jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue_jobs: 1024, batch_jobs: 256 }
    }
}

/// The open database: hands jobs to the writer and makes readers.
pub struct Store {
    pub(super) path: PathBuf,
    queue: SyncSender<Message>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the writer's thread is told.
pub(super) enum Message {
    Job(Box<dyn Job>),
    Stop,
}

impl Store {
    /// Opens the file, brings it to today's schema and starts the writer.
    pub fn open(path: &Path, clock: Clock, options: Options) -> std::result::Result<Self, OpenError> {
        let connection = open::writer(path, clock.now_ms())?;
        let shared = Arc::new(Shared::new(clock));
        let writer = Writer::new(path, connection, Arc::clone(&shared), options.batch_jobs)?;
        let (queue, jobs) = sync_channel(options.queue_jobs);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&jobs));
        let thread = thread.map_err(|error| open::io_error(path, &error))?;
        Ok(Self { path: path.to_owned(), queue, shared, thread: Mutex::new(Some(thread)) })
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
        self.enqueue(Task::new(work, reply, false));
    }

    /// As [`Store::submit`], for work that is only tried: whatever it does is undone.
    pub fn rehearse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Rehearsal<'_, '_>) -> Result<T> + Send + 'static,
        reply: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        let work = |write: &Write<'_>| work(&Rehearsal::of(write));
        self.enqueue(Task::new(work, reply, true));
    }

    fn enqueue(&self, task: impl Job + 'static) {
        let (task, error) = match self.queue.try_send(Message::Job(Box::new(task))) {
            Ok(()) => return,
            Err(TrySendError::Full(task)) => {
                (task, Error::new(Kind::Busy, "busy", "too many changes are waiting; try again in a second"))
            }
            Err(TrySendError::Disconnected(task)) => (task, Error::unavailable(Fault::Stopping)),
        };
        if let Message::Job(job) = task {
            job.settle(Some(error));
        }
    }

    /// Hands work to the writer and waits. For threads that may block: start, stop and the command line.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&Write<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.submit(work, move |outcome| drop(sender.send(outcome)));
        receiver.recv().unwrap_or_else(|_| Err(Error::internal()))
    }

    /// The fault that lasts, if one does.
    pub fn health(&self) -> Option<Health> {
        self.shared.health()
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
        self.shared.statistics()
    }

    /// Finishes what is queued, writes the WAL back and ends the writer. Later jobs are answered [`Fault::Stopping`].
    pub fn stop(&self) {
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
