//! Upstream: what answers mean, and that billing ends up with the box's state.

mod verdicts;
