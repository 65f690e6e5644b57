//! Logging to standard error: one line an event, ready for journald.

use std::sync::OnceLock;

use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt, reload};

/// The environment variable that sets what is logged.
const VARIABLE: &str = "ORGBOX_LOG";

/// What changes the filter in force; empty where `ORGBOX_LOG` decides, and where logging has not started.
static CHANGE: OnceLock<Box<dyn Fn(EnvFilter) + Send + Sync>> = OnceLock::new();

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
    // A second start in the same process keeps the first logger, which is what a test wants.
    if to_journal {
        let lines = lines.without_time().with_filter_reloading();
        let handle = lines.reload_handle();
        if lines.try_init().is_ok() && !understood {
            keep(handle);
        }
    } else {
        let lines = lines.with_filter_reloading();
        let handle = lines.reload_handle();
        if lines.try_init().is_ok() && !understood {
            keep(handle);
        }
    }
    if !understood && !wanted.is_empty() {
        tracing::warn!("{VARIABLE} is {wanted:?}, which is neither a level nor directives such as `orgbox=debug,info`");
    }
}

/// Sets the level while the process runs, unless `ORGBOX_LOG` decides or logging has not started. The HTTP server itself
/// says at `info` what the box says better.
pub fn set_level(level: &str) {
    let directives = if level == "info" { "info,actix_server=warn" } else { level };
    if let (Some(change), Some(filter)) = (CHANGE.get(), parse(directives)) {
        change(filter);
    }
}

fn keep<S: 'static>(handle: reload::Handle<EnvFilter, S>) {
    let change = move |filter| {
        if let Err(error) = handle.reload(filter) {
            tracing::warn!(%error, "the log level could not be changed");
        }
    };
    // Only the first logger of a process is in force.
    drop(CHANGE.set(Box::new(change)));
}

/// `None` for nothing, and for what would not do as meant: a word alone that is no level is a directive about a module of
/// that name, so that a misspelt level would silence everything.
fn parse(wanted: &str) -> Option<EnvFilter> {
    let is_clear = |directive: &str| directive.contains('=') || directive.trim().parse::<LevelFilter>().is_ok();
    EnvFilter::try_new(wanted).ok().filter(|_| !wanted.is_empty() && wanted.split(',').all(is_clear))
}
