//! The billing edge: what is in the outbox goes to the central billing system, in order, until it is acknowledged.
//!
//! Nothing here decides what an event is (that is `ops` and `store`), and only `client` names the network library.

pub mod backoff;
pub mod client;
pub mod handle;
pub mod high_water;
pub mod link;
pub mod preset;
pub mod reply;
mod request;
pub mod run;
pub mod sender;
pub mod settings;
pub mod sign;
pub mod verdict;
