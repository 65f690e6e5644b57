//! x
pub mod clock;
pub mod config;
pub mod model;
pub mod ops;
pub mod store;
