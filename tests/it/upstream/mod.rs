//! Upstream: what answers mean, and that billing ends up with the box's state.

mod high_water;
mod signatures;
mod verdicts;
