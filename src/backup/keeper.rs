//! The thread that makes the daily backup. Before that it checks a database that was too large to be checked at the start.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread::JoinHandle,
    time::Duration,
};

use jiff::tz::TimeZone;

use super::{
    Backups,
    schedule::{Moment, Situation, saved_ms},
};
use crate::{model::backup::Backup, store::site};

/// How often it is looked whether one is due: as long as a jump of the clock goes unnoticed at most.
const LOOK: Duration = Duration::from_secs(30);

/// The thread, until it is stopped.
pub struct Keeper {
    backups: Backups,
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Begins to keep backups of a box that serves.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start(backups: &Backups) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let (kept, looks) = (backups.clone(), backups.clone());
        let keep = move || {
            if looks.0.store.is_unchecked() {
                looks.0.store.check();
            }
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(LOOK) {
                if catch_unwind(AssertUnwindSafe(|| looks.run_once())).is_err() {
                    // The panic itself has been logged by its hook.
                    tracing::error!("the daily backup ended in a panic; it is tried again");
                }
            }
        };
        let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(keep)?;
        Ok(Self { backups: kept, stop: Some(stop), thread: Some(thread) })
    }

    /// No thread, for a box that serves one command.
    pub fn none(backups: &Backups) -> Self {
        Self { backups: backups.clone(), stop: None, thread: None }
    }

    /// Breaks off what is under way and ends the thread.
    pub fn stop(mut self) {
        self.backups.0.stop.ask();
        drop(self.stop.take());
        self.backups.0.store.end_check();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the backups ended in a panic");
        }
    }
}

impl Backups {
    /// Makes a backup where one is due. True where one was tried.
    pub fn run_once(&self) -> bool {
        let backups = self.folder().list().unwrap_or_default();
        let due = self.situation(&backups).is_some_and(|situation| situation.is_due(&TimeZone::system()));
        if due {
            // What came of it is told where it was made.
            drop(self.create());
        }
        due
    }

    pub(super) fn next_at_ms(&self, backups: &[Backup]) -> Option<i64> {
        self.situation(backups)?.next_ms(&TimeZone::system())
    }

    /// `None` where no backup is made by itself.
    fn situation(&self, backups: &[Backup]) -> Option<Situation> {
        let daily_at = self.0.settings.daily_at?;
        let now = Moment::of(&self.0.clock);
        let founded_ms = self.0.store.reader().ok().and_then(|reader| reader.read(site::founded_at_ms).ok().flatten());
        let saved_ms = saved_ms(now.wall_ms, backups.iter().map(|backup| backup.taken_at_ms), founded_ms);
        let seen = self.seen();
        Some(Situation { daily_at, now, started: seen.started, tried: seen.tried, saved_ms, jitter_ms: seen.jitter_ms })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.backups.0.stop.ask();
    }
}
