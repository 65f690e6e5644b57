//! `orgbox serve`: runs the box until SIGTERM or SIGINT.

use super::{failed::Failed, output::say};
use crate::{
    app::{self, Running, Signals, Told},
    clock::Clock,
    config::Config,
    ops::setup::FIRST_LOGIN,
    tls::state::Standing,
};

pub(super) fn run(config: &Config) -> Result<(), Failed> {
    let mut signals =
        Signals::catch().map_err(|error| Failed { code: 69, message: format!("cannot catch signals: {error}") })?;
    let running = app::start(config, Clock::system())?;
    let told = tell(&running);
    if told.is_ok() {
        while signals.wait() == Told::Reload {
            running.overrides().reload();
            running.tls().reload();
        }
    }
    running.stop();
    told
}

fn tell(running: &Running) -> Result<(), Failed> {
    if let Some(password) = &running.first_password {
        say(&format!(
            "First start. Sign in as `{FIRST_LOGIN}` with the password {password}\n\
             It is not shown again; change it with: orgbox user passwd {FIRST_LOGIN}"
        ))?;
    }
    let tls = running.tls().state();
    if let Some(certificate) = &tls.certificate {
        say(&format!("Certificate ({}): SHA-256 {}", tls.source, certificate.fingerprint_text()))?;
    }
    let scheme = if tls.standing == Standing::Off { "http" } else { "https" };
    let plain = running.plain_addresses.iter().map(|address| format!("http://{address}"));
    let served = running.addresses.iter().map(|address| format!("{scheme}://{address}"));
    served.chain(plain).try_for_each(|address| say(&format!("Serving on {address}")))
}
