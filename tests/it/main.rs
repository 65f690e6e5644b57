//! The one integration binary: the real box over real HTTP, a module for each part.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]

mod backup;
mod bounds;
mod cli;
mod collector;
mod config;
mod console;
mod controls;
mod events;
mod hierarchy;
mod infinity;
mod methods;
mod native;
mod openapi;
mod overrides;
mod packaging;
mod readme;
mod robust;
mod routes;
mod seeing;
mod service;
mod store;
mod support;
mod surfsight;
mod tidy;
mod tls;
mod upstream;
mod watched;
mod watcher;
mod wotkit;
