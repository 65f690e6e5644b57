//! The OpenAPI 3.1 document of the box, generated from the tables of routes that are mounted.
//!
//! A dialect gives a [`Face`]: its table, whose endpoints carry an [`operation::Operation`] each, and an [`About`] with
//! credentials and schemas. Paths, methods, prefixes and path parameters come from the table; statuses and bodies of
//! failures from the dialect's own `render`; examples from the golden files.

mod assemble;
mod failures;
mod golden;
pub mod operation;
mod serve;

use serde_json::Value;

pub use golden::{Exchange, FILES, exchanges};
pub use serve::endpoints;

use super::dialect::{Dialect, Endpoint};

/// A dialect as the document shows it.
pub struct Face {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// Where it is served; the first is documented, the others are named.
    pub prefixes: &'static [&'static str],
    /// Its table of routes.
    pub endpoints: fn() -> Vec<Endpoint>,
    /// What the table cannot tell.
    pub about: fn() -> About,
}

/// What a dialect says of itself as a whole.
pub struct About {
    /// Its name for people.
    pub title: &'static str,
    /// The source of its `mod.rs`, whose head describes it.
    pub source: &'static str,
    /// Its security schemes by name.
    pub schemes: Vec<(&'static str, Value)>,
    /// Which of them go together; any one of these lists is enough.
    pub security: Vec<Vec<&'static str>>,
    /// The schema of its failures, by name.
    pub error: &'static str,
    /// Schemas by name; a name begins with the dialect's.
    pub schemas: Vec<(&'static str, Value)>,
    /// Schemas of path parameters by name.
    pub path_parameters: Vec<(&'static str, Value)>,
}

/// The whole document.
pub fn document() -> Value {
    assemble::document(&super::server::faces())
}
