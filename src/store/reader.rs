//! Read-only access: a connection for each HTTP worker and each scan, and the view that both readers and the writer offer.

use std::{cell::RefCell, path::Path, sync::Arc};

use rusqlite::Connection;

use super::{open, shared::Shared, writer::Working};
use crate::model::{Error, Kind, Result, hierarchy::Hierarchy};

/// A read-only connection. Not shared between threads: each has its own.
pub struct Reader {
    connection: Connection,
    shared: Arc<Shared>,
}

impl Reader {
    pub(super) fn open(path: &Path, shared: Arc<Shared>) -> std::result::Result<Self, open::OpenError> {
        let connection = open::reader(path)?;
        if shared.external_replication {
            open::leave_log_alone(&connection).map_err(|error| open::sqlite_error(path, &error))?;
        }
        Ok(Self { connection, shared })
    }

    /// Reads from one snapshot. One transaction around several statements also takes the file's lock once instead of once
    /// for each of them.
    pub fn read<T>(&self, work: impl FnOnce(&Read<'_>) -> Result<T>) -> Result<T> {
        self.execute("BEGIN")?;
        let snapshot = Snapshot(self);
        let outcome = work(&Read { connection: &self.connection, graph: Graph::Published(&self.shared) });
        drop(snapshot);
        self.notice(&outcome);
        outcome
    }

    fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }

    /// A reader that meets a damaged file or a failing disk takes the box out of service as the writer would.
    fn notice<T>(&self, outcome: &Result<T>) {
        if let Err(Error { kind: Kind::Unavailable(fault), .. }) = outcome
            && self.shared.fail(*fault)
        {
            tracing::error!(fault = fault.name(), remedy = fault.remedy(), "the box cannot read");
        }
    }
}

/// A read transaction, ended when dropped, also by a panic.
struct Snapshot<'r>(&'r Reader);

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written, so how it ends decides nothing, but left open it would keep the WAL from being written back.
        if let Err(error) = self.0.execute("COMMIT") {
            tracing::warn!(%error, "a read transaction did not end in good order");
            drop(self.0.connection.execute_batch("ROLLBACK"));
        }
    }
}

/// What can be read: by a reader, or inside the writer's transaction with what it has changed so far.
pub struct Read<'c> {
    pub(super) connection: &'c Connection,
    pub(super) graph: Graph<'c>,
}

/// The hierarchy as committed, or as the transaction under way has it.
pub(super) enum Graph<'c> {
    Published(&'c Shared),
    Working(&'c RefCell<Working>),
}

impl Read<'_> {
    /// Asks the hierarchy. The work must be short and must not read further: a publishing writer waits for it.
    pub fn hierarchy<T>(&self, work: impl FnOnce(&Hierarchy) -> T) -> T {
        match &self.graph {
            Graph::Published(shared) => shared.with_hierarchy(work),
            Graph::Working(working) => work(working.borrow().hierarchy()),
        }
    }
}
