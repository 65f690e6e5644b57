//! `orgbox serve`: runs the box until SIGTERM or SIGINT.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{failed::Failed, output::say};
use crate::{
    app::{self, Running, Signals, Told},
    clock::Clock,
    config::Config,
    ops::setup::FIRST_LOGIN,
    service::{self, Keeper},
    tls::state::Standing,
};

/// Only its owner, and root, may read it.
const PASSWORD_FILE_MODE: u32 = 0o600;

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Write the password of the first administrator that a first start makes up into this file, which only its owner can
    /// read, instead of printing it.
    #[arg(long, value_name = "FILE")]
    first_password_file: Option<PathBuf>,
}

pub(super) fn run(config: &Config, wanted: &Wanted) -> Result<(), Failed> {
    let failed = |what: &str, error: io::Error| Failed { code: 69, message: format!("{what}: {error}") };
    let mut signals = Signals::catch().map_err(|error| failed("cannot catch signals", error))?;
    let passed = service::listeners().map_err(|error| Failed { code: 78, message: error.to_string() })?;
    let running = app::start_on(config, Clock::system(), passed)?;
    let told = tell(&running, wanted.first_password_file.as_deref());
    let served = told.and_then(|()| {
        let keeper = Keeper::start(running.asked()).map_err(|error| failed("cannot start a thread", error))?;
        while signals.wait() == Told::Reload {
            let overrides = running.overrides();
            let reload = || {
                running.overrides().reload();
                running.tls().reload();
            };
            keeper.reload(reload, move || !overrides.is_reloading());
        }
        keeper.stopping();
        Ok(())
    });
    running.stop();
    served
}

fn tell(running: &Running, password_file: Option<&Path>) -> Result<(), Failed> {
    if let Some(password) = &running.first_password {
        let written = password_file.map(|file| (file, write_password(file, password)));
        let place = match written {
            Some((file, Ok(()))) => format!("the password in {}", file.display()),
            Some((file, Err(error))) => {
                tracing::error!(%error, file = %file.display(), "the first password could not be written");
                format!("the password {password}\nIt is not shown again")
            }
            None => format!("the password {password}\nIt is not shown again"),
        };
        say(&format!(
            "First start. Sign in as `{FIRST_LOGIN}` with {place}; change it with: orgbox user passwd {FIRST_LOGIN}"
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

fn write_password(path: &Path, password: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(PASSWORD_FILE_MODE).open(path)?;
    // One that was there already has whatever rights it had.
    fs::set_permissions(path, Permissions::from_mode(PASSWORD_FILE_MODE))?;
    writeln!(file, "{password}")?;
    file.sync_all()
}
