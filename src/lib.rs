//! x
pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod log;
pub mod model;
pub mod ops;
pub mod store;
