//! The box under bad luck and bad manners: killed, without room, and asked by clients that do not behave.

mod ballast;
mod clock;
mod connections;
mod descriptors;
mod disk;
mod eio;
mod guesses;
mod http;
mod kill;
mod power;
pub mod process;
mod repeat;
mod revoke;
mod throttle;
mod until;
mod wal;
