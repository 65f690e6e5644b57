//! The billing edge: what is in the outbox goes to the central billing system, in order, until it is acknowledged.
//!
//! Nothing here decides what an event is (that is `ops` and `store`), and only `client` names the network library.

pub mod backoff;
pub mod client;
pub mod reply;
pub mod sign;
pub mod verdict;
