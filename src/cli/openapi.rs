//! `orgbox openapi`: the document of every dialect, for a client's generator or a reader without the box.

use super::{failed::Failed, output::say};
use crate::app;

pub(super) fn run() -> Result<(), Failed> {
    say(&app::openapi())
}
