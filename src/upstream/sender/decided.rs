//! What the sender does because somebody decided it: an epoch that an operator asked for, and keeping events to be carried by
//! file where there is no address to send to.

use super::{Pass, Sender};
use crate::{
    model::{Result, queue::Progress},
    ops::outbox,
    upstream::link::State,
};

impl Sender {
    /// Opens an epoch that an operator asked for. The high-water file may be that of another box: from here on it is this
    /// one's.
    pub(super) fn open_epoch_asked_for(&mut self, reason: &str) -> Result<Pass> {
        self.open_epoch(reason)?;
        self.write_high_water(self.bound_seq)?;
        // After a start the first send waits its random time, whatever it is.
        if std::mem::replace(&mut self.checked, true) {
            self.next_try_ms = self.now();
        }
        Ok(Pass::Again)
    }

    /// Keeps the queue small and the high-water file true, and sends nothing.
    pub(super) fn keep(&mut self, progress: &Progress) -> Result<Pass> {
        self.say(State::Exporting, None, None);
        if progress.acked_seq > self.bound_seq {
            self.write_high_water(progress.acked_seq)?;
        }
        if self.parts.store.housekeeping(|write| outbox::prune(write, outbox::WINDOW_EVENTS))? {
            return Ok(Pass::Again);
        }
        Ok(Pass::Idle(self.now() + self.parts.settings.heartbeat_ms))
    }
}
