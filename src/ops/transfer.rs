//! Carrying organizations and all that hangs on them from box to box: telling it from one snapshot, and taking it in one
//! transaction. An import goes through the same verbs as everything else, so every rule holds and everything is recorded.

mod export;
mod import;
mod lines;
mod organizations;

pub use export::export;
pub use import::import;
