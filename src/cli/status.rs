//! `orgbox status`: one screen that says whether the box is well, and what to do where it is not.

use clap::Args;

use super::{ask::Form, client::Client, failed::Failed, output::show_json};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(config: &Config, wanted: Wanted) -> Result<(), Failed> {
    let client = Client::open(config, &[])?;
    let _ = wanted.form.json;
    show_json(&client.get("/site")?)
}
