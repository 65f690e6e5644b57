//! Logging to standard error: one line an event, ready for journald.

use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt};

/// The environment variable that sets what is logged.
const VARIABLE: &str = "ORGBOX_LOG";

/// Starts logging. `ORGBOX_LOG` sets the level (`warn`, `debug`, or directives such as `orgbox=debug,info`); without it,
/// or where it is not understood, the default holds. Under journald, which stamps every line itself, lines carry no time.
/// Lines have no colours.
pub fn start(default: &str) {
    let wanted = std::env::var(VARIABLE).unwrap_or_default();
    let filter = parse(&wanted);
    let to_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let understood = filter.is_some();
    let filter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).with_ansi(false);
    let started = if to_journal { lines.without_time().try_init() } else { lines.try_init() };
    // A second start in the same process keeps the first logger, which is what a test wants.
    drop(started);
    if !understood && !wanted.is_empty() {
        tracing::warn!("{VARIABLE} is {wanted:?}, which is neither a level nor directives such as `orgbox=debug,info`");
    }
}

/// `None` for nothing, and for what would not do as meant: a word alone that is no level is a directive about a module of
/// that name, so that a misspelt level would silence everything.
fn parse(wanted: &str) -> Option<EnvFilter> {
    let is_clear = |directive: &str| directive.contains('=') || directive.trim().parse::<LevelFilter>().is_ok();
    EnvFilter::try_new(wanted).ok().filter(|_| !wanted.is_empty() && wanted.split(',').all(is_clear))
}
