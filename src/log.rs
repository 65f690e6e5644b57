//! Logging to standard error: one line an event, ready for journald.

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging. `ORGBOX_LOG` sets the level (`warn`, `debug`, or directives such as `orgbox=debug,info`); without it
/// the default holds. Under journald, which stamps every line itself, lines carry no time. Lines have no colours.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_env("ORGBOX_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let to_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).with_ansi(false);
    let started = if to_journal { lines.without_time().try_init() } else { lines.try_init() };
    // A second start in the same process keeps the first logger, which is what a test wants.
    drop(started);
}
