//! The writer in bad times: which fault it is in, what it still does then, and how it finds out that the fault is over.
//! It must not know what the jobs do.

use std::time::Duration;

use super::{ballast, error, footprint, handle::WAL_LARGE_BYTES, job::Job, open, shared::Health, writer::Writer};
use crate::model::{Error, Fault, Remark};

/// How often an idle writer looks whether another process (the command line) has changed the file, and in a fault
/// whether it is over.
pub(super) const IDLE_CHECK: Duration = Duration::from_millis(500);

/// Gives up to 2 MiB at a time back: it passes through the WAL, which has to do with the room of the ballast.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(500)";

impl Writer {
    /// In a fault that lets only housekeeping go on, or nothing: answers every other job. Returns those that remain.
    pub(super) fn refuse(&mut self, jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let fault = match self.shared.health() {
            Some(Health { fault: fault @ (Fault::DiskFull | Fault::WalFull | Fault::Corrupt), .. }) => fault,
            Some(_) => return jobs,
            None if self.wal_bytes() > self.options.wal_max_bytes => {
                self.fail(Fault::WalFull);
                Fault::WalFull
            }
            None => return jobs,
        };
        // What is left of a damaged file is to be read and put elsewhere; written, it would be damaged further.
        let may_run = |job: &dyn Job| fault != Fault::Corrupt && job.is_housekeeping();
        let (remaining, refused): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| may_run(job.as_ref()));
        for job in refused {
            job.settle(Some(Error::unavailable(fault)));
        }
        remaining
    }

    /// After a write went through: whether the fault is over.
    pub(super) fn recovered(&mut self) {
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
        if let Err(error) = self.bound_wal(false) {
            tracing::warn!(%error, "the WAL keeps its bound of a full disk");
        }
        if let Some(health) = self.shared.recover() {
            tracing::info!(fault = health.fault.name(), since_ms = health.since_ms, "writing works again");
        }
    }

    /// After a failed batch the outcome is unknown: the connection is made anew and everything is read again.
    pub(super) fn fail(&mut self, fault: Fault) {
        // SQLite calls it an I/O error where its index of the WAL finds no room.
        let fault = if fault == Fault::IoError && self.is_disk_full() { Fault::DiskFull } else { fault };
        let news = self.shared.fail(fault);
        if news {
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
            Err(error) => still(news, "the database could not be opened anew; trying again", &error),
        }
        let again = self.bound_wal(fault == Fault::DiskFull).and_then(|()| self.reload());
        if let Err(error) = again {
            still(news, "the hierarchy could not be read anew; trying again", &error);
        }
    }

    pub(super) fn is_disk_full(&self) -> bool {
        ballast::free_bytes(&self.path).is_some_and(|free| free < ballast::ROOM_BYTES)
    }

    pub(super) fn idle(&mut self) {
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
    pub(super) fn probe_if_due(&mut self) {
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

    /// How far the WAL may grow between checkpoints, where these are the box's own affair.
    pub(super) fn bound_wal(&self, disk_full: bool) -> rusqlite::Result<()> {
        if self.shared.external_replication {
            return open::leave_log_alone(&self.connection);
        }
        open::bound_wal(&self.connection, disk_full)
    }

    /// Writes the WAL back and cuts it to nothing, where no reader is in the way; it is never waited for one.
    pub(super) fn write_back(&self) {
        if self.shared.external_replication {
            return;
        }
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
}

/// Told once of a fault, however often it is found to last: it is looked at twice a second, maybe for days.
fn still(news: bool, what: &str, error: &dyn std::error::Error) {
    if news {
        tracing::warn!(%error, "{what}");
    } else {
        tracing::debug!(%error, "{what}");
    }
}
