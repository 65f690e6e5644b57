//! What the tests share: a box to talk to, and golden files to hold its answers against.

pub mod bare;
pub mod client;
pub mod coverage;
pub mod golden;
pub mod server;
pub mod test_box;

pub use bare::Bare;
pub use client::{Answer, Client};
pub use server::Server;
pub use test_box::TestBox;
