//! `orgbox collector`: runs the reference receiver and prints a line for each batch, or takes a file of a box without any
//! link. It needs no configuration file.

use std::{
    fs::File,
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, TrySendError, sync_channel},
};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    failed::Failed,
    output::{done, say},
};
use crate::{
    app::{Signals, Told},
    clock::Clock,
    collector::{self, ImportError, Imported, OpenError, Options, Refusal, Seen, StartError, Taken},
    upstream::sign::SigningKey,
};

/// Longest file with a secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4 << 10;
/// Shortest token, in characters.
const TOKEN_CHARS_MIN: usize = 16;
/// Lines that wait to be printed; acknowledgements never wait for a terminal.
const LINES_MAX: usize = 1024;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    serving: Serving,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Take a file that a box without any link has exported, and write the receipt that goes back to it.
    Import(Import),
}

#[derive(Debug, Args)]
struct Import {
    /// The file.
    file: PathBuf,
    /// Where what came is kept; made where it is missing. No collector may run on it.
    #[arg(long, value_name = "FILE", default_value = "collector.db")]
    database: PathBuf,
    /// A file with the `whsec_…` secret with which the box signs.
    #[arg(long, value_name = "FILE")]
    signing_secret_file: PathBuf,
    /// Where to write the receipt; beside the file, with `.receipt` behind its name, where this is left out.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Serving {
    /// Where to listen; anything but loopback needs a token and a signing secret.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Where to keep what comes; made where it is missing.
    #[arg(long, value_name = "FILE", default_value = "collector.db")]
    database: PathBuf,
    /// A file with the `whsec_…` secret with which every batch must be signed.
    #[arg(long, value_name = "FILE")]
    signing_secret_file: Option<PathBuf>,
    /// A file with the bearer token that senders and readers must show.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// One JSON object a batch instead of a line for people.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failed> {
    match arguments.verb {
        Some(Verb::Import(import)) => take(&import),
        None => serve(arguments.serving),
    }
}

fn take(import: &Import) -> Result<(), Failed> {
    let Import { file, database, signing_secret_file, receipt: to } = import;
    let key = signing_key(signing_secret_file)?;
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(collector::FILE_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|error| Failed::unreadable(&file.display().to_string(), &error))?;
    let Imported { first, last, taken, receipt } = collector::import(database, &Clock::system(), &key, &text)?;
    let to = to.clone().unwrap_or_else(|| {
        let mut name = file.as_os_str().to_owned();
        name.push(".receipt");
        name.into()
    });
    // What was there is the receipt of the same file, or in the way: it comes again to the letter.
    let failed = |error: std::io::Error| Failed::refused(format!("{} cannot be written: {error}", to.display()));
    std::fs::write(&to, receipt).map_err(failed)?;
    done(
        &format!("Took {first}-{last}: {}.", told(&taken)),
        &format!("Carry {} back to the box, for: orgbox upstream ack", to.display()),
    )
}

fn serve(serving: Serving) -> Result<(), Failed> {
    let Serving { listen, database, signing_secret_file, token_file, json } = serving;
    let mut signals =
        Signals::catch().map_err(|error| Failed { code: 69, message: format!("cannot catch signals: {error}") })?;
    let token = token_file.as_deref().map(token).transpose()?;
    let signing_key = signing_secret_file.as_deref().map(signing_key).transpose()?;
    let (sender, seen) = sync_channel::<Seen>(LINES_MAX);
    let observer = move |seen: &Seen| {
        if let Err(TrySendError::Full(_)) = sender.try_send(seen.clone()) {
            tracing::warn!("nobody reads the lines on standard output: one was left out");
        }
    };
    let options =
        Options { listen, database, clock: Clock::system(), token, signing_key, observer: Some(Box::new(observer)) };
    let running = collector::start(options)?;
    let printer = std::thread::Builder::new().name("lines".to_owned());
    let address = running.address;
    let printed = printer.spawn(move || print(&seen, json));
    let told = say(&if json {
        serde_json::json!({ "serving": format!("http://{address}") }).to_string()
    } else {
        format!("Serving on http://{address}")
    });
    if printed.is_ok() && told.is_ok() {
        // It has no configuration to be read again.
        while matches!(signals.wait(), Told::Reload) {}
    }
    // Drops the observer, and with it the printer's queue.
    running.stop();
    let printed = printed.map_err(|error| Failed { code: 69, message: format!("cannot start a thread: {error}") })?;
    told.and(printed.join().unwrap_or(Ok(())))
}

/// A moment in UTC, to the second: `2027-01-31T00:00:00Z`.
fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn print(seen: &Receiver<Seen>, json: bool) -> Result<(), Failed> {
    seen.iter().try_for_each(|seen| say(&if json { machine_line(&seen) } else { human_line(&seen) }))
}

/// `2027-01-31T00:00:00Z  Depot North (0198…)  epoch 0198c2d1  101-200  100 events: 98 applied, 2 ignored`
fn human_line(seen: &Seen) -> String {
    let Seen { at_ms, site, epoch, first, last, events, outcome } = seen;
    let title = outcome.as_ref().ok().and_then(|taken| taken.title.as_deref());
    let site = title.map_or_else(|| site.to_string(), |title| format!("{title} ({site})"));
    let numbers = if first <= last { format!("{first}-{last}") } else { "no numbers".to_owned() };
    let plural = if *events == 1 { "" } else { "s" };
    let what = match outcome {
        Ok(taken) => told(taken),
        Err(refusal) => format!("REFUSED {} {}: {refusal}", refusal.status(), refusal.code()),
    };
    // The last digits: the first of an epoch are a time, and alike.
    let epoch = epoch.simple().to_string().split_off(24);
    let at = moment(*at_ms);
    format!("{at}  {site}  epoch …{epoch}  {numbers}  {events} event{plural}: {what}")
}

fn told(taken: &Taken) -> String {
    let Taken {
        title: _,
        retry,
        opened,
        applied,
        ignored,
        duplicates,
        noted,
        rejected,
        completed,
        gap,
        difference,
        resync,
        answer: _,
    } = taken;
    if *retry {
        return "came again, acknowledged again".to_owned();
    }
    let counts = [
        (*applied, "applied"),
        (*ignored, "older"),
        (*duplicates, "known"),
        (*noted, "noted"),
        (rejected.len(), "REJECTED"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let more = [
        opened.as_ref().map(|reason| format!("new epoch ({reason})")),
        completed.then(|| "snapshot complete".to_owned()),
        gap.map(|(first, last)| format!("GAP {first}-{last}")),
        difference.as_ref().map(|found| format!("DIFFERENCE: {found}")),
        resync.then(|| "full state asked for".to_owned()),
    ];
    let told: Vec<String> = counts.chain(more.into_iter().flatten()).collect();
    told.join(", ")
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    site: String,
    title: Option<&'a str>,
    epoch: String,
    first: String,
    last: String,
    events: usize,
    status: u16,
    code: Option<&'a str>,
    retry: bool,
    opened: Option<&'a str>,
    applied: usize,
    ignored: usize,
    duplicates: usize,
    noted: usize,
    rejected: Vec<&'a str>,
    completed: bool,
    gap: Option<(String, String)>,
    difference: Option<&'a str>,
    resync: bool,
}

fn machine_line(seen: &Seen) -> String {
    let Seen { at_ms, site, epoch, first, last, events, outcome } = seen;
    let nothing = Taken::default();
    let (status, code, taken) = match outcome {
        Ok(taken) => (200, None, taken),
        Err(refusal) => (refusal.status(), Some(Refusal::code(refusal)), &nothing),
    };
    let line = Line {
        at: moment(*at_ms),
        site: site.to_string(),
        title: taken.title.as_deref(),
        epoch: epoch.to_string(),
        first: first.to_string(),
        last: last.to_string(),
        events: *events,
        status,
        code,
        retry: taken.retry,
        opened: taken.opened.as_deref(),
        applied: taken.applied,
        ignored: taken.ignored,
        duplicates: taken.duplicates,
        noted: taken.noted,
        rejected: taken.rejected.iter().map(|(id, _)| id.as_str()).collect(),
        completed: taken.completed,
        gap: taken.gap.map(|(first, last)| (first.to_string(), last.to_string())),
        difference: taken.difference.as_deref(),
        resync: taken.resync,
    };
    serde_json::to_string(&line).unwrap_or_default()
}

fn token(path: &Path) -> Result<String, Failed> {
    let token = secret("--token-file", path)?;
    if token.len() >= TOKEN_CHARS_MIN && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(token);
    }
    let message =
        format!("the file that --token-file names must hold {TOKEN_CHARS_MIN} or more visible ASCII characters");
    Err(Failed { code: 78, message })
}

fn signing_key(path: &Path) -> Result<SigningKey, Failed> {
    let secret = secret("--signing-secret-file", path)?;
    SigningKey::parse(&secret).map_err(|refusal| Failed {
        code: 78,
        message: format!("the secret in the file that --signing-secret-file names {refusal}"),
    })
}

/// What a file holds, without the line break at its end.
fn secret(flag: &str, path: &Path) -> Result<String, Failed> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX).read_to_string(&mut text));
    // The path is not repeated: it may be the secret itself, given in the wrong place.
    read.map_err(|error| Failed::unreadable(&format!("the file that {flag} names"), &error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Open(_) => 78,
            StartError::Database(error) => code(error),
            StartError::Listen { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => 77,
            StartError::Listen { .. } => 69,
        };
        Self { code, message: error.to_string() }
    }
}

impl From<ImportError> for Failed {
    fn from(error: ImportError) -> Self {
        let code = match &error {
            ImportError::Database(error) => code(error),
            ImportError::Refused { refusal: Refusal::Storage } => 69,
            ImportError::Unreadable(_) | ImportError::Refused { .. } => 1,
        };
        Self { code, message: error.to_string() }
    }
}

fn code(error: &OpenError) -> u8 {
    match error {
        OpenError::NotOurs { .. } => 78,
        OpenError::System { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => 77,
        OpenError::System { .. } | OpenError::InUse { .. } | OpenError::Sqlite { .. } => 69,
    }
}
