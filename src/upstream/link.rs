//! How the link stands, as status, log and health tell it. Written by the sender, read by whoever asks.

use std::sync::{Mutex, PoisonError};

use super::verdict::Hold;

/// What the link is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No upstream is configured.
    Off,
    /// There is no link: what is recorded waits to be exported.
    Exporting,
    /// The box is not serving, so nothing is sent.
    AtRest,
    /// The first send waits a random time after the start, so that a region whose power returns does not stampede.
    Starting,
    /// What is recorded is delivered.
    Up,
    /// There was no answer, or one that says to try again.
    Retrying,
    /// Everything is kept until a cause is removed.
    Held(Hold),
    /// The receiver refused so much that the fault is taken for its own; everything is kept.
    Refusing,
    /// The box itself cannot send: its disk, its database or the sender failed.
    Fault,
    /// Nothing is sent until an operator decides.
    Quarantined,
}

impl State {
    /// Every one of them.
    pub const ALL: [State; 13] = [
        State::Off,
        State::Exporting,
        State::AtRest,
        State::Starting,
        State::Up,
        State::Retrying,
        State::Held(Hold::WrongPlace),
        State::Held(Hold::Credential),
        State::Held(Hold::Configuration),
        State::Held(Hold::Clock),
        State::Refusing,
        State::Fault,
        State::Quarantined,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            State::Off => "off",
            State::Exporting => "exporting",
            State::AtRest => "at_rest",
            State::Starting => "starting",
            State::Up => "up",
            State::Retrying => "retrying",
            State::Held(hold) => hold.name(),
            State::Refusing => "refusing",
            State::Fault => "fault",
            State::Quarantined => "quarantined",
        }
    }

    /// A sentence on what it means.
    pub fn words(self) -> &'static str {
        match self {
            State::Off => "No upstream is configured; events are kept for the change feed only.",
            State::Exporting => "No link is configured; events wait until they are exported and acknowledged.",
            State::AtRest => "The box is not serving; nothing is sent until it does.",
            State::Starting => "The first send waits a random time after the start.",
            State::Up => "Everything that is due is delivered.",
            State::Retrying => "The billing system does not answer as it should; it is tried again and again.",
            State::Held(_) => "Nothing is delivered until the cause is removed; nothing is lost meanwhile.",
            State::Refusing => {
                "The billing system refuses one event after another; nothing more is set aside, nothing is lost."
            }
            State::Fault => "This box itself cannot send; it tries again and again, and nothing is lost meanwhile.",
            State::Quarantined => "Nothing is sent until an operator decides.",
        }
    }

    /// What an operator does about it, where there is something to do.
    pub fn remedy(self) -> Option<&'static str> {
        match self {
            State::Off | State::Starting | State::Up => None,
            State::Exporting => Some("Run `orgbox upstream export`, and `orgbox upstream ack` with the answer."),
            State::AtRest => Some("Start the box."),
            State::Retrying => Some("Check the network and the billing system; delivery resumes by itself."),
            State::Held(hold) => Some(hold.remedy()),
            State::Refusing => Some("Ask the billing system's operator why it refuses; delivery resumes by itself."),
            State::Fault => Some("Run `orgbox doctor` and look at the log; delivery resumes by itself."),
            State::Quarantined => {
                Some("See `orgbox upstream status`, then `orgbox upstream resume` or `orgbox upstream new-site`.")
            }
        }
    }
}

/// The link at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is doing.
    pub state: State,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Why, in a phrase; what the receiver said is in it, cut short.
    pub why: Option<String>,
    /// Tries in a row that failed.
    pub failures: u32,
    /// A request is under way.
    pub sending: bool,
    /// When the next try is due, in milliseconds since 1970; `None` while one is under way, and where none is waited for.
    pub next_try_ms: Option<i64>,
    /// The receiver's clock minus this box's, in milliseconds, as its answers tell.
    pub clock_offset_ms: Option<i64>,
}

/// Shared between the sender and whoever asks.
#[derive(Debug)]
pub struct Status(Mutex<Link>);

impl Status {
    /// At the start.
    pub fn new(state: State, now_ms: i64) -> Self {
        let (since_ms, why, next_try_ms, clock_offset_ms) = (now_ms, None, None, None);
        let link = Link { state, since_ms, why, failures: 0, sending: false, next_try_ms, clock_offset_ms };
        Self(Mutex::new(link))
    }

    /// The link now.
    pub fn link(&self) -> Link {
        self.lock().clone()
    }

    /// Says what the link is doing now. A change is worth a line in the log.
    pub(super) fn set(&self, state: State, why: Option<String>, failures: u32, next_try_ms: Option<i64>, now_ms: i64) {
        let mut link = self.lock();
        if link.state != state {
            let reason = why.as_deref().unwrap_or_default();
            match state {
                State::Off | State::Exporting | State::AtRest | State::Starting | State::Up => {
                    tracing::info!(state = state.name(), "upstream");
                }
                State::Retrying => tracing::warn!(state = state.name(), reason, "upstream"),
                State::Held(_) | State::Refusing | State::Fault | State::Quarantined => {
                    let remedy = state.remedy().unwrap_or_default();
                    tracing::error!(state = state.name(), reason, remedy, "upstream");
                }
            }
            link.since_ms = now_ms;
        }
        *link = Link { state, why, failures, next_try_ms, ..link.clone() };
    }

    /// A request is under way, or it is over.
    pub(super) fn sends(&self, sending: bool) {
        let mut link = self.lock();
        (link.sending, link.next_try_ms) = (sending, None);
    }

    pub(super) fn set_clock_offset(&self, offset_ms: i64) {
        self.lock().clock_offset_ms = Some(offset_ms);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Link> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
