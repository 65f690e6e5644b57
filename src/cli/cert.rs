//! `orgbox cert …`: the certificate that the box shows in TLS handshakes.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    ask::Form,
    client::Client,
    failed::Failed,
    output::{plain, say, show_json, text},
    status::to_the_second,
};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show its fingerprint, its names, and how long it lasts.
    Show(Show),
    /// Make a new one of the box's own, with a new key; a running box takes it at once.
    Renew(Form),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    form: Form,
    /// The certificate itself, for clients that shall trust it.
    #[arg(long, conflicts_with = "json")]
    pem: bool,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, &[])?;
    let (told, form, pem) = match verb {
        Verb::Show(Show { form, pem }) => (client.get("/certificate")?, form, pem),
        Verb::Renew(form) => (client.send("POST", "/certificate/renew", None)?, form, false),
    };
    drop(client);
    if form.json {
        return show_json(&told);
    }
    if told["standing"] == "off" {
        return Err(Failed::refused("the box speaks no TLS; set [server.tls] mode, and start it again"));
    }
    if pem {
        let certificate = told["certificate"]["pem"].as_str();
        return say(certificate.ok_or_else(|| Failed::refused("there is no certificate"))?.trim_end());
    }
    lines(&told).iter().try_for_each(|line| say(line))
}

/// Where the certificate is from, whether it is valid, and for how long.
pub(super) fn validity(told: &Value) -> String {
    let certificate = &told["certificate"];
    let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    // Whole days, rounded down: -1 is the first day after the end.
    let rest = match certificate["days_left"].as_i64().unwrap_or_default() {
        left @ 0.. => format!("{} left", days(left)),
        -1 => "less than a day ago".to_owned(),
        left => format!("{} ago", days(-left - 1)),
    };
    format!("{}, {}, {rest}", text(&told["source"]), text(&certificate["validity"]).replace('_', " "))
}

/// What is told of the certificate, line by line, what matters most first.
pub(super) fn lines(told: &Value) -> Vec<String> {
    let certificate = &told["certificate"];
    let mut lines = Vec::new();
    if told["standing"] == "off" {
        return vec!["off: the box speaks plain HTTP".to_owned()];
    }
    lines.extend(told["problem"].as_str().map(|problem| format!("refused: {problem}")));
    lines.extend(Some(plain(&told["remedy"])).filter(|remedy| remedy != "-" && !remedy.is_empty()));
    if certificate.is_null() {
        lines.push("no certificate: handshakes are refused".to_owned());
        return lines;
    }
    let (from, to) = (to_the_second(text(&certificate["not_before"])), to_the_second(text(&certificate["not_after"])));
    lines.push(validity(told));
    lines.push(format!("SHA-256 {}", text(&certificate["fingerprint_sha256"])));
    let names = certificate["names"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.push(format!("for {}", names.iter().map(plain).collect::<Vec<_>>().join(", ")));
    lines.push(format!("from {from} to {to}"));
    lines
}
