//! `orgbox upstream …`: how sending to the billing system stands, what it does not take, the decisions that only an operator
//! takes, and carrying events by file.

use std::{
    fs::{File, OpenOptions},
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    ask::{Consent, Form},
    client::{Client, Flags},
    failed::Failed,
    output::{Column, done, list, plain, say, show_json, text},
    screen::{Screen, Tone, printable},
    status::{duration, size, to_the_second},
};
use crate::config::Config;

const FLAGS: Flags = &[("reason", "--reason"), ("receipt", "the receipt")];
/// Longest receipt, in bytes.
const RECEIPT_BYTES_MAX: u64 = 1 << 20;
/// Columns of the names at the left.
const NAME_COLUMNS: usize = 15;

const COLUMNS: &[Column] = &[
    Column { head: "SUBJECT", cell: |parked| text(&parked["subject"]).into() },
    Column { head: "EVENT", cell: |parked| text(&parked["event"]).into() },
    Column { head: "SINCE", cell: |parked| to_the_second(text(&parked["parked"])).into() },
    Column { head: "BEHIND IT", cell: |parked| plain(&parked["followers"]).into() },
    Column { head: "REASON", cell: |parked| text(&parked["reason"]).into() },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// How sending to the billing system stands: the link, what waits, what was set aside.
    Status {
        #[command(flatten)]
        form: Form,
    },
    /// List the events that the billing system does not take.
    Parked {
        #[command(flatten)]
        form: Form,
    },
    /// Tell what was set aside again, as it is now.
    Retry(Retry),
    /// Give up an event that was set aside, and what came later of its subject; the audit trail keeps them.
    Drop {
        /// The subject, such as organization/42, or the id of the event.
        what: String,
        /// Why, for those who look at it later.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// End a quarantine: what this database says is true, and replaces what billing has.
    Resume {
        #[command(flatten)]
        consent: Consent,
    },
    /// Make a box that was copied from another one a site of its own.
    NewSite {
        #[command(flatten)]
        consent: Consent,
    },
    /// Tell the billing system everything anew.
    Resync,
    /// Make the next try at once, with the credentials as they are now.
    Try,
    /// Write what waits into a file, for a site without any link; the same file again until its receipt is here.
    Export {
        /// Where to; an existing file is left alone.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Take the receipt that the receiver gave for an exported file.
    Ack {
        /// The receipt.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Retry {
    /// The subject, such as organization/42, or the id of the event.
    what: Option<String>,
    /// Everything that was set aside.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::Status { form } => status(&client, form),
        Verb::Parked { form } => list(&client.all("/upstream/parked")?, form.json, COLUMNS, "Nothing was set aside."),
        Verb::Retry(Retry { what: Some(what), .. }) => retry(&client, &what),
        Verb::Retry(_) => {
            let retried = client.send("POST", "/upstream/retry", None)?;
            done(&format!("Told {} subjects again.", retried["retried"]), SEE)
        }
        Verb::Drop { what, reason, consent } => give_up(&client, &what, &reason, consent),
        Verb::Resume { consent } => {
            let loss = "What this database says replaces everything that billing has of this box.";
            decide(&client, consent, loss, "resume", "A new epoch is opened; the full state follows.")
        }
        Verb::NewSite { consent } => {
            let loss =
                "Billing will take this box for a new one; the one it was copied from keeps its name and its records.";
            decide(&client, consent, loss, "new-site", "This box is a site of its own; the full state follows.")
        }
        Verb::Resync => {
            client.send("POST", "/upstream/resync", None)?;
            done("A new epoch is opened; the full state follows.", SEE)
        }
        Verb::Try => {
            let told = client.send("POST", "/upstream/try", None)?;
            unserved(&client)?;
            done(&format!("The next try is made now; so far: {}", text(&told["words"])), SEE)
        }
        Verb::Export { to } => export(&client, &to),
        Verb::Ack { file } => acknowledge(&client, &file),
    }
}

const SEE: &str = "See how it stands with: orgbox upstream status";

fn status(client: &Client, form: Form) -> Result<(), Failed> {
    let told = client.get("/upstream")?;
    if form.json { show_json(&told) } else { say(&screen(&Screen::of_output(), &told)) }
}

fn screen(screen: &Screen, told: &Value) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, words: String| {
        lines.push(format!("{}{}", screen.paint(&format!("{name:NAME_COLUMNS$}"), Tone::Strong), printable(&words)));
    };
    let moment = |name: &str| told[name].as_str().map(to_the_second);
    line("State", format!("{} since {}", text(&told["state"]).replace('_', " "), moment("since").unwrap_or_default()));
    if let Some(why) = told["why"].as_str() {
        line("Why", why.to_owned());
    }
    if let Some(remedy) = told["remedy"].as_str() {
        line("What to do", remedy.to_owned());
    }
    line("Waiting", waiting(&told["queue"]));
    if told["telling_everything"] == true {
        line("", "the full state is being told".to_owned());
    }
    if let Some(why) = told["epoch_due"].as_str() {
        line("", format!("a new epoch is about to be opened: {why}"));
    }
    line("Set aside", set_aside(told));
    line("Last success", moment("last_success").unwrap_or_else(|| "never".to_owned()));
    line("Next try", next_try(told));
    if told["failures"] != 0 {
        line("", format!("after {} failures in a row", told["failures"]));
    }
    line("Site", plain(&told["site"]));
    line("Epoch", told["epoch"].as_str().unwrap_or("none is open yet").to_owned());
    line("Clock", clock(&told["clock_offset_ms"]));
    let tone = match text(&told["state"]) {
        "up" | "starting" | "off" | "exporting" => Tone::Good,
        "retrying" | "at_rest" => Tone::Warning,
        _ => Tone::Bad,
    };
    format!("{}\n\n{}", screen.paint(text(&told["words"]), tone), lines.join("\n"))
}

fn next_try(told: &Value) -> String {
    match (text(&told["state"]), told["next_try"].as_str()) {
        ("off" | "exporting", _) => "none: there is no address".to_owned(),
        ("at_rest", _) => "when the box is served".to_owned(),
        ("quarantined", _) => "when you have decided".to_owned(),
        _ if told["sending"] == true => "now: a request is under way".to_owned(),
        (_, Some(moment)) => to_the_second(moment),
        (_, None) => "as soon as there is something to send".to_owned(),
    }
}

fn waiting(queue: &Value) -> String {
    let age = queue["oldest_seconds"]
        .as_i64()
        .map(|seconds| format!("; the oldest since {} ({})", to_the_second(text(&queue["oldest"])), duration(seconds)));
    match queue["events"].as_i64() {
        Some(0) => "nothing".to_owned(),
        Some(1) => format!("1 event, {}{}", size(&queue["bytes"]), age.unwrap_or_default()),
        events => {
            format!("{} events, {}{}", events.unwrap_or_default(), size(&queue["bytes"]), age.unwrap_or_default())
        }
    }
}

fn set_aside(told: &Value) -> String {
    match told["parked"].as_i64() {
        Some(0) | None => "nothing".to_owned(),
        Some(1) => "1 subject is set aside".to_owned(),
        Some(parked) => format!("{parked} subjects are set aside"),
    }
}

fn clock(offset_ms: &Value) -> String {
    match offset_ms.as_i64() {
        None => "the receiver has not told its time yet".to_owned(),
        Some(0) => "agrees with the receiver's".to_owned(),
        Some(offset) => {
            let side = if offset > 0 { "behind" } else { "ahead of" };
            format!("{} s {side} the receiver's", offset.unsigned_abs() / 1000)
        }
    }
}

fn retry(client: &Client, what: &str) -> Result<(), Failed> {
    let parked = found(client, what)?;
    client.send("POST", &format!("/upstream/parked/{}/retry", text(&parked["event"])), None)?;
    done(&format!("Told {} again, as it is now.", text(&parked["subject"])), SEE)
}

fn give_up(client: &Client, what: &str, reason: &str, consent: Consent) -> Result<(), Failed> {
    let parked = found(client, what)?;
    let subject = text(&parked["subject"]);
    let behind = match parked["followers"].as_i64() {
        Some(0) | None => String::new(),
        Some(followers) => format!(", and {followers} later ones of it"),
    };
    let loss = format!("Billing will never hear of this event of {subject}{behind}: {}", text(&parked["reason"]));
    consent.ask(&loss, subject)?;
    let path = format!("/upstream/parked/{}/drop", text(&parked["event"]));
    client.send("POST", &path, Some(&json!({ "reason": reason })))?;
    done(
        &format!("Gave up the event of {subject}{behind}."),
        "The audit trail keeps it: orgbox audit list --subject upstream",
    )
}

/// What was set aside under this subject or id.
fn found(client: &Client, what: &str) -> Result<Value, Failed> {
    let all = client.all("/upstream/parked")?;
    let found = all.into_iter().find(|parked| parked["subject"] == what || parked["event"] == what);
    found.ok_or_else(|| Failed::refused(format!("nothing of `{what}` was set aside; see `orgbox upstream parked`")))
}

fn decide(client: &Client, consent: Consent, loss: &str, verb: &str, told: &str) -> Result<(), Failed> {
    consent.ask(loss, verb)?;
    client.send("POST", &format!("/upstream/{verb}"), None)?;
    unserved(client)?;
    done(told, SEE)
}

/// What is decided without a server is carried out by the next one.
fn unserved(client: &Client) -> Result<(), Failed> {
    if client.is_served() { Ok(()) } else { say("No server is running: this is done when one starts.") }
}

fn export(client: &Client, to: &Path) -> Result<(), Failed> {
    let failed = |error: std::io::Error| Failed::refused(format!("{} cannot be written: {error}", to.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let written = client
        .send("POST", "/upstream/export", None)
        .and_then(|ready| client.copy("/orgbox/v1/upstream/export", &mut file).map(|()| ready));
    let ready = match written {
        Ok(ready) => ready,
        Err(refusal) => {
            // Nothing whole is in it; a rest would be taken for a file.
            drop(std::fs::remove_file(to));
            return Err(refusal);
        }
    };
    file.sync_all().map_err(failed)?;
    let (events, first, last) = (&ready["events"], &ready["first_seq"], &ready["last_seq"]);
    let more = if ready["more_waits"] == true { " More waits: export again after its receipt." } else { "" };
    done(
        &format!("Wrote {events} events, {first} to {last}, to {}.{more}", to.display()),
        "Carry it to the receiver, then take its receipt with: orgbox upstream ack RECEIPT",
    )
}

fn acknowledge(client: &Client, path: &Path) -> Result<(), Failed> {
    let mut receipt = String::new();
    let read = File::open(path).and_then(|file| file.take(RECEIPT_BYTES_MAX).read_to_string(&mut receipt));
    read.map_err(|error| Failed::unreadable(&path.display().to_string(), &error))?;
    let settled = client.send("POST", "/upstream/ack", Some(&json!({ "receipt": receipt })))?;
    if settled["already"] == true {
        return done("This receipt was taken before; nothing was done.", SEE);
    }
    let told = match settled["rejected"].as_i64() {
        Some(0) | None => format!("{} events are delivered.", settled["delivered"]),
        Some(rejected) => format!(
            "{} events are delivered; the receiver did not take {rejected}: see `orgbox upstream parked`.",
            settled["delivered"]
        ),
    };
    done(&told, SEE)
}
