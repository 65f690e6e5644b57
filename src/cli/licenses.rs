//! `orgbox licenses`: the notices of the software that is built into the binary. `packaging/licenses.py` writes them.

use super::{failed::Failed, output::say};

const NOTICES: &str = include_str!("../../packaging/licenses.txt");

pub(super) fn run() -> Result<(), Failed> {
    say(NOTICES)
}
