//! The store by itself: how the file is opened and kept, and what the one writer promises.

mod audit;
mod memory;
mod opening;
mod schema;
mod writer;
