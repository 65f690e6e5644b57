//! What the rest of the box holds of the sender: how the link stands, and a word to it.

use std::sync::Arc;

use super::link::{Link, State, Status};

/// A hold on the sender.
#[derive(Debug, Clone)]
pub struct Handle(Arc<Status>);

impl Handle {
    /// Where nothing is sent.
    pub fn off(now_ms: i64) -> Self {
        Self(Arc::new(Status::new(State::Off, now_ms)))
    }

    /// How the link stands.
    pub fn link(&self) -> Link {
        self.0.link()
    }

    /// Has the next try made at once.
    pub fn try_now(&self) {}
}
