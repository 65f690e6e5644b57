//! The calls of this dialect, one file per resource.

pub mod brandings;
pub mod igrps;
pub mod links;
pub mod organizations;
pub mod profile;
