//! The one writer: a thread that owns the writing connection and commits whatever is waiting at once (group commit).
//!
//! It takes one job, then all that are queued behind it up to a bound, runs each in a savepoint of one transaction, commits
//! once and answers them all: one fsync serves many clients, and a lone client waits for nobody. An answer means on disk.

use std::{
    cell::RefCell,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use rusqlite::Connection;

use super::{
    ballast::Ballast,
    error,
    handle::{Message, Options},
    job::{Job, Ran},
    open,
    open::OpenError,
    organization_parents,
    reader::{Graph, Read},
    recovery::IDLE_CHECK,
    rehearsal::Told,
    shared::Shared,
};
use crate::model::{
    Error, Fault,
    hierarchy::{Edit, Hierarchy},
};

/// The writer's view of its transaction: everything that can be read, and what the table files need to change it.
pub struct Write<'c> {
    read: Read<'c>,
    working: &'c RefCell<Working>,
    now_ms: i64,
}

impl Write<'_> {
    /// The moment of this transaction, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(super) fn edit(&self, edit: Edit) {
        self.working.borrow_mut().apply(edit);
    }

    pub(super) fn working(&self) -> &RefCell<Working> {
        self.working
    }

    pub(super) fn event_recorded(&self) {
        self.working.borrow_mut().events_recorded = true;
    }

    pub(super) fn identities_changed(&self) {
        self.working.borrow_mut().identities_changed = true;
    }
}

impl<'c> Deref for Write<'c> {
    type Target = Read<'c>;

    fn deref(&self) -> &Read<'c> {
        &self.read
    }
}

/// The hierarchy with the changes of the transaction under way, and those changes for undoing and publishing.
#[derive(Default)]
pub(super) struct Working {
    hierarchy: Hierarchy,
    edits: Vec<Edit>,
    identities_changed: bool,
    /// What a rehearsal under way has recorded.
    pub(super) told: Option<Vec<Told>>,
    /// Stays set where the job that recorded one is undone: to be woken for nothing costs a look.
    events_recorded: bool,
}

impl Working {
    pub(super) fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    fn apply(&mut self, edit: Edit) {
        self.hierarchy.apply(edit);
        self.edits.push(edit);
    }

    fn undo_to(&mut self, mark: usize) {
        for edit in self.edits.drain(mark..).rev() {
            self.hierarchy.apply(edit.inverse());
        }
    }
}

/// The thread's own.
pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    working: RefCell<Working>,
    /// SQLite's counter of what neighbours committed, as of when the memory was loaded; `None`: it must be loaded.
    pub(super) data_version: Option<i64>,
    pub(super) shared: Arc<Shared>,
    pub(super) ballast: Ballast,
    /// Whether it has been told that the WAL grows.
    pub(super) wal_told: bool,
    /// When a fault was last found to go on, by the clock that never goes back.
    pub(super) probed_ms: i64,
    pub(super) options: Options,
}

impl Writer {
    pub(super) fn new(
        path: &Path,
        connection: Connection,
        shared: Arc<Shared>,
        ballast: Ballast,
        options: Options,
    ) -> std::result::Result<Self, OpenError> {
        let (path, working) = (path.to_owned(), RefCell::default());
        let mut writer = Self {
            path,
            connection,
            working,
            data_version: None,
            shared,
            ballast,
            wal_told: false,
            probed_ms: 0,
            options,
        };
        let loaded = writer.bound_wal(false).and_then(|()| writer.reload());
        loaded.map_err(|error| open::sqlite_error(&writer.path, &error))?;
        if writer.ballast.is_given_up() || writer.is_disk_full() {
            writer.fail(Fault::DiskFull);
        }
        Ok(writer)
    }

    pub(super) fn run(mut self, queue: &Receiver<Message>) {
        loop {
            self.shared.pulse.beat();
            match queue.recv_timeout(IDLE_CHECK) {
                Ok(Message::Job(job, queued_us)) => {
                    self.taken(queued_us);
                    let stop = self.batch(job, queue);
                    if stop {
                        break;
                    }
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.idle(),
            }
        }
        self.close();
    }

    /// Runs and commits one batch. True where a stop was asked for behind it.
    fn batch(&mut self, first: Box<dyn Job>, queue: &Receiver<Message>) -> bool {
        let mut jobs = vec![first];
        let mut stop = false;
        while jobs.len() < self.options.batch_jobs && !stop {
            match queue.try_recv() {
                Ok(Message::Job(job, queued_us)) => {
                    self.taken(queued_us);
                    jobs.push(job);
                }
                Ok(Message::Stop) => stop = true,
                Err(_) => break,
            }
        }
        self.probe_if_due();
        let mut jobs = self.refuse(jobs);
        if jobs.is_empty() {
            return stop;
        }
        let began_us = self.shared.monotonic_us();
        let outcome = self.attempt(&mut jobs);
        let took_us = self.shared.monotonic_us() - began_us;
        self.shared.counters.batch(jobs.len(), outcome.as_ref().ok().copied(), took_us);
        let failure = match outcome {
            Ok(kept) => {
                self.publish(kept);
                None
            }
            Err(fault) => {
                self.fail(fault);
                Some(Error::unavailable(fault))
            }
        };
        for job in jobs {
            job.settle(failure.clone());
        }
        stop
    }

    fn taken(&self, queued_us: i64) {
        self.shared.counters.taken(self.shared.monotonic_us() - queued_us);
    }

    /// Runs and commits the jobs. Returns how many of them are part of the commit.
    fn attempt(&mut self, jobs: &mut [Box<dyn Job>]) -> std::result::Result<usize, Fault> {
        let refused = |error: rusqlite::Error| {
            tracing::error!(%error, "the transaction failed");
            error::fault(&error).unwrap_or(Fault::IoError)
        };
        self.execute("BEGIN IMMEDIATE").map_err(refused)?;
        self.notice_neighbours().map_err(refused)?;
        let alone = jobs.len() == 1;
        let mut kept = 0;
        let write = Write {
            read: Read { connection: &self.connection, graph: Graph::Working(&self.working) },
            working: &self.working,
            now_ms: self.shared.now_ms(),
        };
        for job in jobs {
            self.shared.pulse.beat();
            let mark = self.working.borrow().edits.len();
            // The transaction itself is the savepoint of a job that has it to itself.
            if !alone {
                self.execute("SAVEPOINT job").map_err(refused)?;
            }
            match job.run(&write) {
                Ran::Keep => {
                    kept += 1;
                    if !alone {
                        self.execute("RELEASE job").map_err(refused)?;
                    }
                }
                Ran::Faulty(fault) => return Err(fault),
                Ran::Undo => {
                    self.working.borrow_mut().undo_to(mark);
                    if alone {
                        return self.execute("ROLLBACK").map_err(refused).map(|()| kept);
                    }
                    self.execute("ROLLBACK TO job").map_err(refused)?;
                    self.execute("RELEASE job").map_err(refused)?;
                }
            }
        }
        self.execute("COMMIT").map_err(refused)?;
        Ok(kept)
    }

    fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }

    fn publish(&mut self, kept: usize) {
        // A batch in which every job was refused wrote nothing, so it proves nothing about the disk either.
        if kept == 0 {
            return;
        }
        let mut working = self.working.borrow_mut();
        if !working.edits.is_empty() {
            let edits = std::mem::take(&mut working.edits);
            self.shared.change_hierarchy(|hierarchy| edits.iter().for_each(|edit| hierarchy.apply(*edit)));
        }
        if std::mem::take(&mut working.identities_changed) {
            self.shared.identities_changed();
        }
        if std::mem::take(&mut working.events_recorded) {
            self.shared.wake();
        }
        drop(working);
        self.recovered();
    }

    /// Reads again what is kept in memory where another process has committed to the file.
    pub(super) fn notice_neighbours(&mut self) -> rusqlite::Result<()> {
        let version: i64 = self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if self.data_version != Some(version) { self.reload() } else { Ok(()) }
    }

    pub(super) fn reload(&mut self) -> rusqlite::Result<()> {
        let version: i64 = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        let hierarchy = organization_parents::load(&self.connection)?;
        *self.working.borrow_mut() = Working { hierarchy: hierarchy.clone(), ..Working::default() };
        self.shared.change_hierarchy(|published| *published = hierarchy);
        self.shared.identities_changed();
        self.shared.wake();
        self.data_version = Some(version);
        Ok(())
    }

    fn close(self) {
        if self.shared.external_replication {
            return;
        }
        // A command that ends beside a server must not hold its writer up while it waits for its readers.
        let written_back = self
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        if let Err(error) = written_back {
            tracing::warn!(%error, "the WAL could not be written back; the next start does it");
        }
    }
}
