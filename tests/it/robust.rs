//! The box under bad luck and bad manners: killed, without room, and asked by clients that do not behave.

mod disk;
mod http;
mod kill;
pub mod process;
mod repeat;
mod revoke;
mod throttle;
