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
    ballast::{self, Ballast},
    error, footprint,
    handle::{Message, Options, WAL_LARGE_BYTES},
    job::{Job, Ran},
    open,
    open::OpenError,
    organization_parents,
    reader::{Graph, Read},
    rehearsal::Told,
    shared::{Health, Shared},
};
use crate::model::{
    Error, Fault, Remark,
    hierarchy::{Edit, Hierarchy},
};

/// How often an idle writer looks whether another process (the command line) has changed the file, and in a fault
/// whether it is over.
const IDLE_CHECK: Duration = Duration::from_millis(500);

/// Gives up to 2 MiB at a time back: it passes through the WAL, which has to do with the room of the ballast.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(500)";

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
    ballast: Ballast,
    /// Whether it has been told that the WAL grows.
    wal_told: bool,
    /// When a fault was last found to go on, by the clock that never goes back.
    probed_ms: i64,
    options: Options,
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
        writer.reload().map_err(|error| open::sqlite_error(&writer.path, &error))?;
        if writer.ballast.is_given_up() || writer.is_disk_full() {
            writer.fail(Fault::DiskFull);
        }
        Ok(writer)
    }

    pub(super) fn run(mut self, queue: &Receiver<Message>) {
        loop {
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
        while jobs.len() < self.options.batch_jobs && !stop {
            match queue.try_recv() {
                Ok(Message::Job(job)) => jobs.push(job),
                Ok(Message::Stop) => stop = true,
                Err(_) => break,
            }
        }
        self.probe_if_due();
        let mut jobs = self.refuse(jobs);
        if jobs.is_empty() {
            return stop;
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

    /// In a fault that lets only housekeeping go on: answers every other job. Returns those that remain.
    fn refuse(&mut self, jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let fault = match self.shared.health() {
            Some(Health { fault: fault @ (Fault::DiskFull | Fault::WalFull), .. }) => fault,
            Some(_) => return jobs,
            None if self.wal_bytes() > self.options.wal_max_bytes => {
                self.fail(Fault::WalFull);
                Fault::WalFull
            }
            None => return jobs,
        };
        let (remaining, refused): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.is_housekeeping());
        for job in refused {
            job.settle(Some(Error::unavailable(fault)));
        }
        remaining
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
        self.shared.count_batch(kept);
        self.recovered();
    }

    /// After a write went through: whether the fault is over.
    fn recovered(&mut self) {
        let lasts = match self.shared.health() {
            None => return,
            // A small write proves little; and room comes back to the ballast before it comes to clients.
            Some(Health { fault: Fault::DiskFull, .. }) => !self.ballast.restore() || !open::has_room(&self.path),
            Some(Health { fault: Fault::WalFull, .. }) => self.wal_bytes() > self.options.wal_max_bytes / 2,
            Some(_) => false,
        };
        if lasts {
            return;
        }
        if let Err(error) = open::bound_wal(&self.connection, false) {
            tracing::warn!(%error, "the WAL keeps its bound of a full disk");
        }
        if let Some(health) = self.shared.recover() {
            tracing::info!(fault = health.fault.name(), since_ms = health.since_ms, "writing works again");
        }
    }

    /// After a failed batch the outcome is unknown: the connection is made anew and everything is read again.
    fn fail(&mut self, fault: Fault) {
        // SQLite calls it an I/O error where its index of the WAL finds no room.
        let fault = if fault == Fault::IoError && self.is_disk_full() { Fault::DiskFull } else { fault };
        if self.shared.fail(fault) {
            tracing::error!(fault = fault.name(), remedy = fault.remedy(), "the box cannot write");
        }
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "the failed transaction could not be rolled back; the connection is closed");
        }
        if fault == Fault::DiskFull && self.ballast.release() {
            tracing::info!("the ballast is given up: deletions, logins and what goes upstream go on");
        }
        // What the failed transaction did to the memory is in there until it is read again, however long that takes.
        self.data_version = None;
        match open::reopen(&self.path) {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::warn!(%error, "the database could not be opened anew; trying again"),
        }
        let again = open::bound_wal(&self.connection, fault == Fault::DiskFull).and_then(|()| self.reload());
        if let Err(error) = again {
            tracing::warn!(%error, "the hierarchy could not be read anew; trying again");
        }
    }

    fn is_disk_full(&self) -> bool {
        ballast::free_bytes(&self.path).is_some_and(|free| free < ballast::ROOM_BYTES)
    }

    fn idle(&mut self) {
        match self.shared.health() {
            Some(Health { fault, .. }) => self.probe(fault),
            None => {
                if let Err(error) = self.notice_neighbours() {
                    self.fail(error::fault(&error).unwrap_or(Fault::IoError));
                }
                if self.ballast.is_missing() {
                    self.ballast.restore();
                }
                self.watch_wal();
            }
        }
    }

    /// A WAL that a long reader has let grow is cut back as soon as it can be, not at some later write; one that still
    /// grows is told of, once.
    fn watch_wal(&mut self) {
        if self.wal_bytes() > 2 * u64::from(open::WAL_KEPT_BYTES) {
            self.write_back();
        }
        let wal_bytes = self.wal_bytes();
        let large = wal_bytes > WAL_LARGE_BYTES;
        if large && !self.wal_told {
            let remark = Remark::WalGrows;
            tracing::warn!(remark = remark.name(), remedy = remark.remedy(), wal_bytes, "the WAL grows");
        }
        self.wal_told = large;
    }

    /// In a fault that may end: looks now and then whether it has, also while clients go on asking.
    fn probe_if_due(&mut self) {
        let Some(Health { fault, .. }) = self.shared.health() else { return };
        let now_ms = self.shared.monotonic_ms();
        let waited_ms = now_ms.saturating_sub(self.probed_ms);
        if waited_ms >= IDLE_CHECK.as_millis().try_into().unwrap_or(i64::MAX) {
            self.probed_ms = now_ms;
            self.probe(fault);
        }
    }

    /// Tries a write of its own, so that the box recovers though nobody asks it to write. Damage is not tried.
    fn probe(&mut self, fault: Fault) {
        if fault != Fault::Corrupt
            && let Err(error) = self.try_to_write(fault)
        {
            self.fail(error::fault(&error).unwrap_or(Fault::IoError));
        }
    }

    fn try_to_write(&mut self, fault: Fault) -> rusqlite::Result<()> {
        if fault == Fault::DiskFull {
            self.give_back()?;
        }
        if matches!(fault, Fault::DiskFull | Fault::WalFull) {
            self.write_back();
        }
        self.connection.execute_batch("BEGIN IMMEDIATE; UPDATE site SET write_probe = 1 - write_probe; COMMIT")?;
        self.reload()?;
        self.recovered();
        Ok(())
    }

    /// Gives the room of some deleted rows back to the disk.
    fn give_back(&self) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare(GIVE_BACK)?;
        let mut pages = statement.query([])?;
        while pages.next()?.is_some() {}
        Ok(())
    }

    /// Writes the WAL back and cuts it to nothing, where no reader is in the way; it is never waited for one.
    fn write_back(&self) {
        let written = self
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        if let Err(error) = written.and(self.connection.busy_timeout(open::BUSY_TIMEOUT)) {
            tracing::debug!(%error, "the WAL could not be written back now");
        }
    }

    fn wal_bytes(&self) -> u64 {
        footprint::wal_bytes(&self.path)
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
