//! `orgbox serve`: runs the box until SIGTERM or SIGINT.

use super::{failed::Failed, output::say};
use crate::{
    app::{self, Signals, Told},
    clock::Clock,
    config::Config,
    ops::setup::FIRST_LOGIN,
};

pub(super) fn run(config: &Config) -> Result<(), Failed> {
    let mut signals =
        Signals::catch().map_err(|error| Failed { code: 69, message: format!("cannot catch signals: {error}") })?;
    let running = app::start(config, Clock::system())?;
    let told = tell(&running.addresses, running.first_password.as_deref());
    if told.is_ok() {
        while signals.wait() == Told::Reload {
            running.overrides().reload();
        }
    }
    running.stop();
    told
}

fn tell(addresses: &[std::net::SocketAddr], first_password: Option<&str>) -> Result<(), Failed> {
    if let Some(password) = first_password {
        say(&format!(
            "First start. Sign in as `{FIRST_LOGIN}` with the password {password}\n\
             It is not shown again; change it with: orgbox user passwd {FIRST_LOGIN}"
        ))?;
    }
    addresses.iter().try_for_each(|address| say(&format!("Serving on http://{address}")))
}
