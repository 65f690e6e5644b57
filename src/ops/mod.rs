//! What can be done: synchronous verbs over a read view or a write transaction.
//!
//! The only layer with rules and the only one that records events. Every verb loads what it works on through [`load`],
//! which asks [`may`](crate::model::actor::may); no dialect decides a rule again.

pub mod audit;
pub mod branding;
pub mod camera;
pub mod carry;
pub mod credential;
pub mod feed;
pub mod gauges;
pub mod hierarchy;
pub mod hold;
pub mod idempotency;
pub mod igrp;
pub mod key;
pub mod load;
mod logins;
pub mod member;
pub mod organization;
mod organization_create;
mod organization_delete;
mod organization_detail;
mod organization_own;
pub mod outbox;
pub mod overrides;
pub mod password;
pub mod preview;
pub mod random;
pub mod reach;
mod record;
pub mod setup;
pub mod site;
mod snapshot;
pub mod transfer;
pub mod upkeep;
pub mod upstream;
pub mod usage;
pub mod user;
pub mod version;
