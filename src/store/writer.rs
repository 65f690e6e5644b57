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
    error,
    handle::Message,
    job::{Job, Ran},
    open,
    open::OpenError,
    organization_parents,
    reader::{Graph, Read},
    rehearsal::Told,
    shared::{Health, Shared},
};
use crate::model::{
    Error, Fault,
    hierarchy::{Edit, Hierarchy},
};

/// How often an idle writer looks whether another process (the command line) has changed the file, and in a fault
/// whether it is over.
const IDLE_CHECK: Duration = Duration::from_millis(500);

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
    path: PathBuf,
    connection: Connection,
    working: RefCell<Working>,
    /// SQLite's counter of what neighbours committed, as of when the memory was loaded; `None`: it must be loaded.
    data_version: Option<i64>,
    shared: Arc<Shared>,
    batch_jobs: usize,
}

impl Writer {
    pub(super) fn new(
        path: &Path,
        connection: Connection,
        shared: Arc<Shared>,
        batch_jobs: usize,
    ) -> std::result::Result<Self, OpenError> {
        let working = RefCell::default();
        let mut writer = Self { path: path.to_owned(), connection, working, data_version: None, shared, batch_jobs };
        writer.reload().map_err(|error| open::sqlite_error(path, &error))?;
        Ok(writer)
    }

    pub(super) fn run(mut self, queue: &Receiver<Message>) {
        loop {
            self.shared.pulse.beat();
            match queue.recv_timeout(IDLE_CHECK) {
                Ok(Message::Job(job)) => {
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
        while jobs.len() < self.batch_jobs && !stop {
            match queue.try_recv() {
                Ok(Message::Job(job)) => jobs.push(job),
                Ok(Message::Stop) => stop = true,
                Err(_) => break,
            }
        }
        let failure = match self.attempt(&mut jobs) {
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
        self.shared.count_batch(kept);
        self.recovered();
    }

    fn recovered(&self) {
        let full = self.shared.health().is_some_and(|health| health.fault == Fault::DiskFull);
        if full && !open::has_room(&self.path) {
            return;
        }
        if let Some(health) = self.shared.recover() {
            tracing::info!(fault = health.fault.name(), since_ms = health.since_ms, "writing works again");
        }
    }

    /// After a failed batch the outcome is unknown: the connection is made anew and everything is read again.
    fn fail(&mut self, fault: Fault) {
        if self.shared.fail(fault) {
            tracing::error!(fault = fault.name(), remedy = fault.remedy(), "the box cannot write");
        }
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "the failed transaction could not be rolled back; the connection is closed");
        }
        // What the failed transaction did to the memory is in there until it is read again, however long that takes.
        self.data_version = None;
        match open::reopen(&self.path) {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::warn!(%error, "the database could not be opened anew; trying again"),
        }
        if let Err(error) = self.reload() {
            tracing::warn!(%error, "the hierarchy could not be read anew; trying again");
        }
    }

    fn idle(&mut self) {
        let outcome = match self.shared.health() {
            Some(Health { fault: Fault::Corrupt, .. }) => return,
            Some(_) => self.probe(),
            None => self.notice_neighbours(),
        };
        if let Err(error) = outcome {
            self.fail(error::fault(&error).unwrap_or(Fault::IoError));
        }
    }

    /// In a fault: tries a write of its own, so that the box recovers though nobody asks it to write.
    fn probe(&mut self) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE; UPDATE site SET write_probe = 1 - write_probe; COMMIT")?;
        self.reload()?;
        self.recovered();
        Ok(())
    }

    /// Reads again what is kept in memory where another process has committed to the file.
    fn notice_neighbours(&mut self) -> rusqlite::Result<()> {
        let version: i64 = self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if self.data_version != Some(version) { self.reload() } else { Ok(()) }
    }

    fn reload(&mut self) -> rusqlite::Result<()> {
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
