//! A job of the writer: work on the transaction, and the one answer that its client gets, whatever happens to it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::writer::Write;
use crate::model::{Error, Fault, Kind, Result};

pub(super) trait Job: Send {
    /// True for what is also done on a full disk: it makes room, or needs next to none and keeps the box of use.
    fn is_housekeeping(&self) -> bool;
    /// Runs it once, inside the writer's transaction.
    fn run(&mut self, write: &Write<'_>) -> Ran;
    /// Answers it: with what it came to, or with why the transaction failed.
    fn settle(self: Box<Self>, failure: Option<Error>);
}

/// What is to become of what a job did.
pub(super) enum Ran {
    Keep,
    Undo,
    Faulty(Fault),
}

/// What a job is to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A change that a client asks for.
    Ordinary,
    /// What the box does for itself, and what makes room: also done on a full disk.
    Housekeeping,
    /// Only tried: whatever it does is undone however it ends.
    Rehearsal,
}

/// Work with somebody who waits for it.
pub(super) struct Task<W, T, R: FnOnce(Result<T>)> {
    work: Option<W>,
    outcome: Option<Result<T>>,
    reply: Option<R>,
    class: Class,
}

impl<W, T, R: FnOnce(Result<T>)> Task<W, T, R> {
    pub(super) fn new(class: Class, work: W, reply: R) -> Self {
        Self { work: Some(work), outcome: None, reply: Some(reply), class }
    }
}

impl<W, T, R> Job for Task<W, T, R>
where
    W: FnOnce(&Write<'_>) -> Result<T> + Send,
    T: Send,
    R: FnOnce(Result<T>) + Send,
{
    fn is_housekeeping(&self) -> bool {
        self.class != Class::Ordinary
    }

    fn run(&mut self, write: &Write<'_>) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Undo };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(write))).unwrap_or_else(|_| {
            tracing::error!("a write job panicked; it alone is rolled back");
            Err(Error::internal())
        });
        let ran = match &outcome {
            Ok(_) if self.class == Class::Rehearsal => Ran::Undo,
            Ok(_) => Ran::Keep,
            Err(Error { kind: Kind::Unavailable(fault), .. }) => Ran::Faulty(*fault),
            Err(_) => Ran::Undo,
        };
        self.outcome = Some(outcome);
        ran
    }

    /// Every job shares the fate of the commit, also one that a rule refused: it may have been refused for what another
    /// job of the same transaction had changed.
    fn settle(mut self: Box<Self>, failure: Option<Error>) {
        let outcome = self.outcome.take().unwrap_or_else(|| Err(Error::internal()));
        if let Some(reply) = self.reply.take() {
            reply(failure.map_or(outcome, Err));
        }
    }
}

/// Nobody waits for ever: a job that is dropped unsettled, because it was queued behind the stop, is answered too.
impl<W, T, R: FnOnce(Result<T>)> Drop for Task<W, T, R> {
    fn drop(&mut self) {
        if let Some(reply) = self.reply.take() {
            let ran = self.work.is_none();
            reply(Err(if ran { Error::internal() } else { Error::unavailable(Fault::Stopping) }));
        }
    }
}
