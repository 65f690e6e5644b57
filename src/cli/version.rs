//! `orgbox version`: what is needed to say which box this is.

use super::{failed::Failed, output::say};
use crate::app;

pub(super) fn run() -> Result<(), Failed> {
    let (sqlite, schema) = app::versions();
    say(&format!("orgbox {}\nSQLite {sqlite}\nschema {schema}", env!("CARGO_PKG_VERSION")))
}
