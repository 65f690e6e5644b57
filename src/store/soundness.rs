//! Whether the pages of the database are sound: looked at when it is opened where that takes no time, and otherwise while
//! it is served. It must not know what follows from damage.
//!
//! A check reads the whole file, about 1 s for 300 MiB from a quick disk and a minute from a slow card. A box must serve
//! long before that, so that only a small file is checked before its first request. A larger one is served, and written,
//! while it is checked: damage that a request meets first is noticed there, because SQLite finds it in reading.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, InterruptHandle};

use super::{Store, backup, open, shared::Shared};
use crate::model::Fault;

/// Cache of the connection that checks, as SQLite takes it: negative for KiB.
const CHECK_CACHE_KIB: i64 = -1024;
/// A database up to this size is checked before it is served: some 20 milliseconds.
const CHECKED_AT_START_BYTES: u64 = 8 << 20;

/// A check under way, to be broken off.
#[derive(Default)]
pub(super) struct Check(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Idle,
    UnderWay(InterruptHandle),
    Stopped,
}

impl Check {
    /// Breaks off the check under way, and lets none begin.
    pub(super) fn stop(&self) {
        if let State::UnderWay(handle) = std::mem::replace(&mut *self.state(), State::Stopped) {
            handle.interrupt();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// True where the database is so large that it was not checked when it was opened.
    pub fn is_unchecked(&self) -> bool {
        self.footprint().database_bytes > CHECKED_AT_START_BYTES
    }

    /// Checks the pages of the database, whoever writes it; takes as long as reading it. Damage takes the box out of
    /// service for writing. False where it is damaged. One at a time, for a thread that may block.
    pub fn check(&self) -> bool {
        match self.findings() {
            Ok(findings) => note(&findings, &self.shared),
            Err(error) if super::error::fault(&error) == Some(Fault::Corrupt) => {
                note(&[error.to_string()], &self.shared)
            }
            Err(error) => {
                tracing::debug!(%error, "the check of the database was broken off");
                true
            }
        }
    }

    /// Breaks off the check under way, and lets none begin.
    pub fn end_check(&self) {
        self.check.stop();
    }

    fn findings(&self) -> rusqlite::Result<Vec<String>> {
        let Ok(connection) = open::reader(&self.path) else { return Ok(Vec::new()) };
        if self.shared.external_replication {
            open::leave_log_alone(&connection)?;
        }
        // Each page is looked at once: a large cache would only be memory that the box never gives back.
        connection.pragma_update(None, "cache_size", CHECK_CACHE_KIB)?;
        {
            let mut state = self.check.state();
            if matches!(*state, State::Stopped) {
                return Ok(Vec::new());
            }
            *state = State::UnderWay(connection.get_interrupt_handle());
        }
        let findings = backup::quick_check(&connection);
        let mut state = self.check.state();
        if matches!(*state, State::UnderWay(_)) {
            *state = State::Idle;
        }
        findings
    }
}

/// Checks a small database before anything is made of it.
pub(super) fn check_at_start(path: &Path, connection: &Connection, shared: &Shared) -> rusqlite::Result<()> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() <= CHECKED_AT_START_BYTES) {
        note(&backup::quick_check(connection)?, shared);
    }
    Ok(())
}

fn note(findings: &[String], shared: &Shared) -> bool {
    if !findings.is_empty() && shared.fail(Fault::Corrupt) {
        let found = findings.join("; ");
        tracing::error!(
            found,
            remedy = Fault::Corrupt.remedy(),
            "the database is damaged; nothing is written any more"
        );
    }
    findings.is_empty()
}
