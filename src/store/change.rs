//! What a mutator hands back: proof that something changed, to be recorded.

use crate::model::event::Subject;

/// A change that was made in this transaction and is not recorded yet. Made by the table files only, consumed by
/// [`journal::record`](super::journal::record) only.
#[must_use = "an unrecorded change is one that billing and the audit trail never hear of"]
#[derive(Debug)]
pub struct Change(Subject);

impl Change {
    pub(super) fn of(subject: Subject) -> Self {
        Self(subject)
    }

    /// Two changes of the same subject are recorded as one; each side must be of the subject.
    pub fn and(self, other: Change) -> Self {
        debug_assert_eq!(self.0, other.0, "changes of different subjects are recorded apart");
        self
    }

    /// What changed.
    pub fn subject(&self) -> Subject {
        self.0
    }
}
