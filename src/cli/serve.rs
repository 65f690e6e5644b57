//! `orgbox serve`: runs the box until SIGTERM or SIGINT.

use super::Failed;
use crate::{app, clock::Clock, config::Config, ops::setup::FIRST_LOGIN};

pub(super) fn run(config: &Config) -> Result<(), Failed> {
    let running = app::start(config, Clock::system())
        .map_err(|error| Failed { code: error.exit_code(), message: error.to_string() })?;
    if let Some(password) = &running.first_password {
        println!("First start. Sign in as `{FIRST_LOGIN}` with the password {password}");
        println!("It is not shown again; change it with: orgbox user passwd {FIRST_LOGIN}");
    }
    for address in &running.addresses {
        println!("Serving on http://{address}");
    }
    let waited = running.wait_for_signal();
    running.stop();
    waited.map_err(|error| Failed { code: 69, message: format!("cannot wait for signals: {error}") })
}
