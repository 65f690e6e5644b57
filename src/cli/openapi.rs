//! `orgbox openapi`: the description of every dialect, for programs that make clients and documentation.

use super::{client::Client, failed::Failed};
use crate::config::Config;

/// Where the box serves it.
const PATH: &str = "/openapi.json";

pub(super) fn run(config: &Config) -> Result<(), Failed> {
    let client = Client::open(config, &[])?;
    let mut out = std::io::stdout().lock();
    client.copy(PATH, &mut out)
}
