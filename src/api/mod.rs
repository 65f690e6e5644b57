//! The HTTP edge: the only place that names actix_web, and with `app` the only asynchronous code.
//!
//! A dialect is a folder with always the same files: `mod` (routes, known quirks), `auth`, `wire`, `error`, and one file of
//! handlers per resource (`organizations`, `members`, …); where reading what was sent takes long it has an `input`. It
//! decides names, shapes, codes and paging, never a rule, and knows no other dialect. `console` is a page that speaks the
//! native one.

pub mod auth;
pub mod body;
pub mod bridge;
pub mod call;
mod carriage;
pub mod certificate;
mod client_address;
pub mod console;
pub mod dialect;
pub mod failure;
pub mod feed;
mod fixed;
pub mod health;
pub mod link;
pub mod metrics;
pub mod openapi;
pub mod pairs;
pub mod server;
pub mod settings;
pub mod tally;
mod throttle;
mod verified;
pub mod watched;

pub mod infinity;
pub mod native;
pub mod surfsight;
pub mod watcher;
pub mod wotkit;
