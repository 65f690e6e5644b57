//! Logging to standard error: one line an event. To a terminal or a file it carries time and level; to journald, which
//! stamps every line itself, the priority in front (`<4>`) that it understands.

use std::{
    fmt::{self as text, Write},
    fs,
    os::unix::fs::MetadataExt,
    sync::OnceLock,
};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    filter::LevelFilter,
    fmt::{
        self, FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Writer},
    },
    registry::LookupSpan,
    reload,
};

/// The environment variable that sets what is logged.
const VARIABLE: &str = "ORGBOX_LOG";

/// What changes the filter in force; empty where `ORGBOX_LOG` decides, and where logging has not started.
static CHANGE: OnceLock<Box<dyn Fn(EnvFilter) + Send + Sync>> = OnceLock::new();

/// Lines for journald.
struct Journal(Format<Full, ()>);

/// Starts logging. `ORGBOX_LOG` sets the level (`warn`, `debug`, or directives such as `orgbox=debug,info`); without it,
/// or where it is not understood, the default holds. Lines have no colours.
pub fn start(default: &str) {
    let wanted = std::env::var(VARIABLE).unwrap_or_default();
    let filter = parse(&wanted);
    let understood = filter.is_some();
    let filter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let lines = fmt::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).with_ansi(false);
    // A second start in the same process keeps the first logger, which is what a test wants.
    if is_to_journal() {
        let format = Journal(fmt::format().without_time().with_level(false).with_target(false).with_ansi(false));
        let lines = lines.event_format(format).with_filter_reloading();
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

/// Prints what ended the process on standard error; to journald as an error.
pub fn say_failure(message: &str) {
    let mut lines = String::new();
    if prioritized(&mut lines, if is_to_journal() { "<3>" } else { "" }, &format!("orgbox: {message}")).is_ok() {
        eprint!("{lines}");
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

/// Whether standard error is the very stream that the service manager has connected with the journal: what is redirected
/// later inherits the variable all the same.
fn is_to_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    fs::metadata("/dev/stderr").is_ok_and(|file| stream == format!("{}:{}", file.dev(), file.ino()))
}

/// Every line of the text with the mark in front: each is an entry of its own to journald.
fn prioritized(out: &mut impl Write, mark: &str, text: &str) -> text::Result {
    text.trim_end_matches('\n').lines().try_for_each(|line| writeln!(out, "{mark}{line}"))
}

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> text::Result {
        // As syslog(3) counts them.
        let mark = match *event.metadata().level() {
            Level::ERROR => "<3>",
            Level::WARN => "<4>",
            Level::INFO => "<6>",
            Level::DEBUG | Level::TRACE => "<7>",
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        prioritized(&mut out, mark, &line)
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
