//! What the sender does when a batch is refused for what is in it: narrow it down to the one event at fault, and set that
//! one aside, unless so much is refused that the fault is the receiver's.

use super::{Pass, Sender};
use crate::{
    model::{Result, event::Event, queue::Frozen},
    ops::outbox,
    upstream::link::State,
};

/// Parked events in a row past which the receiver is at fault.
const PARKED_IN_A_ROW_MAX: usize = 3;
/// Time between probes of a receiver that refuses everything, in milliseconds.
pub(super) const REFUSING_PROBE_MS: i64 = 5 * 60_000;

impl Sender {
    pub(super) fn refused(
        &mut self,
        why: String,
        at_fault: &[usize],
        frozen: &Frozen,
        events: &[Event],
    ) -> Result<Pass> {
        if events.len() == 1 {
            return self.park(why, frozen, events);
        }
        let first = at_fault.iter().min().copied().filter(|first| *first > 0 && *first < events.len());
        self.narrow(first.unwrap_or(events.len() / 2))
    }

    pub(super) fn narrow(&mut self, events_max: usize) -> Result<Pass> {
        self.narrowed_to = Some(events_max.max(1));
        self.parts.store.housekeeping(outbox::thaw)?;
        Ok(Pass::Again)
    }

    pub(super) fn park(&mut self, why: String, frozen: &Frozen, events: &[Event]) -> Result<Pass> {
        let (batch, reason) = (frozen.clone(), why.clone());
        let parked = self.parked_in_a_row.len() < PARKED_IN_A_ROW_MAX
            && self.parts.store.housekeeping(move |write| outbox::park(write, &batch, &reason))?;
        if !parked {
            return Ok(self.hold(State::Refusing, why, REFUSING_PROBE_MS));
        }
        self.narrowed_to = Some(1);
        let subject = events.first().map(|event| event.subject.clone()).unwrap_or_default();
        tracing::error!(subject, why, "upstream: an event was set aside; see `orgbox upstream parked`");
        self.parked_in_a_row.push(subject);
        Ok(Pass::Again)
    }
}
