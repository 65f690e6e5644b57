//! Rehearsals: work of the writer that is always undone, together with what it would have recorded.
//!
//! Only [`Store::rehearse`](super::Store::rehearse) makes one, so whoever asks for one in its parameters cannot change
//! anything for good.

use std::ops::Deref;

use super::Write;
use crate::model::event::{Image, Subject};

/// A write transaction that is undone.
pub struct Rehearsal<'w, 'c>(&'w Write<'c>);

/// One change that would have been recorded.
#[derive(Debug, Clone)]
pub struct Told {
    /// What would change.
    pub subject: Subject,
    /// As it is; `None` where it would be new.
    pub before: Option<Image>,
    /// As it would be; `None` where it would be gone.
    pub after: Option<Image>,
    /// What would differ.
    pub fields: Vec<FieldChange>,
}

/// One field that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in events and in the audit trail.
    pub field: String,
    /// The value as it is, as JSON text.
    pub from: String,
    /// The value as it would be, as JSON text.
    pub to: String,
}

impl<'w, 'c> Rehearsal<'w, 'c> {
    pub(super) fn of(write: &'w Write<'c>) -> Self {
        write.working().borrow_mut().told = Some(Vec::new());
        Self(write)
    }

    /// What has been recorded so far, in order.
    pub fn told(&self) -> Vec<Told> {
        self.0.working().borrow().told.clone().unwrap_or_default()
    }
}

impl<'c> Deref for Rehearsal<'_, 'c> {
    type Target = Write<'c>;

    fn deref(&self) -> &Write<'c> {
        self.0
    }
}

/// The jobs that follow record for good, also where this one panicked.
impl Drop for Rehearsal<'_, '_> {
    fn drop(&mut self) {
        self.0.working().borrow_mut().told = None;
    }
}
