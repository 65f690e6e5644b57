//! Upstream: what answers mean, and that billing ends up with the box's state.

mod high_water;
mod receiver;
mod sending;
mod signatures;
mod verdicts;
