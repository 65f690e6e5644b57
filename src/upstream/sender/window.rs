//! When what is delivered is pruned to the window of the change feed: not after every batch, for each look reads all of it.

use crate::model::event::Event;

/// Numbers delivered between two looks.
const APART: i64 = 1000;
/// Bytes of data delivered between two looks: a sixteenth of the window.
const APART_BYTES: usize = 1 << 20;

/// What was delivered since the last look.
#[derive(Default)]
pub(super) struct Window {
    looked_at_seq: Option<i64>,
    bytes: usize,
}

impl Window {
    /// Counts what was delivered.
    pub fn delivered(&mut self, events: &[Event]) {
        self.bytes += events.iter().map(|event| event.data.len()).sum::<usize>();
    }

    /// True where it is time to look, and the first time.
    pub fn is_due(&self, acked_seq: i64) -> bool {
        self.bytes >= APART_BYTES || self.looked_at_seq.is_none_or(|seq| acked_seq - seq >= APART)
    }

    /// Nothing is behind the window now.
    pub fn looked(&mut self, acked_seq: i64) {
        *self = Self { looked_at_seq: Some(acked_seq), bytes: 0 };
    }
}
