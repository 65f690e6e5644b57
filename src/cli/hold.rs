//! `orgbox hold …`: legal holds, under which nothing of an organization or a camera may be destroyed.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    ask::{Consent, Form, NOTHING_CHANGED, Rehearsal},
    client::{Client, Flags, at},
    failed::Failed,
    output::{Column, done, list, plain, show_json, text},
    status::to_the_second,
};
use crate::config::Config;

const FLAGS: Flags = &[("reason", "--reason")];

const COLUMNS: &[Column] = &[
    Column { head: "ON", cell: |hold| text(&hold["on"]).into() },
    Column { head: "SINCE", cell: |hold| to_the_second(text(&hold["since"])).into() },
    Column { head: "BY", cell: |hold| plain(&hold["author"]).into() },
    Column { head: "REASON", cell: |hold| text(&hold["reason"]).into() },
];

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List what is under legal hold.
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Put an organization or a camera under legal hold: nothing of it can be deleted or kept shorter.
    Place {
        #[command(flatten)]
        subject: Subject,
        /// Why, for those who look at it later.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        rehearsal: Rehearsal,
        #[command(flatten)]
        form: Form,
    },
    /// Lift a legal hold; what it kept may be destroyed from then on.
    Lift {
        #[command(flatten)]
        subject: Subject,
        #[command(flatten)]
        rehearsal: Rehearsal,
        #[command(flatten)]
        consent: Consent,
    },
}

/// What a hold is on.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Subject {
    /// The organization, by name or id.
    #[arg(value_name = "ORG")]
    organization: Option<String>,
    /// The id of a camera in place of an organization.
    #[arg(long, value_name = "ID")]
    camera: Option<u32>,
}

/// A subject that is there: its path, what it is called in a sentence, and the word that confirms.
struct Known {
    path: String,
    sentence: String,
    word: String,
    organization_id: Value,
    camera_id: Value,
}

pub(super) fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    let client = Client::open(config, FLAGS)?;
    match verb {
        Verb::List { form } => {
            let mut holds = client.all("/holds")?;
            holds.iter_mut().try_for_each(|hold| name(&client, hold))?;
            list(&holds, form.json, COLUMNS, "Nothing is under legal hold.")
        }
        Verb::Place { subject, reason, rehearsal, form } => place(&client, &subject, &reason, rehearsal, form),
        Verb::Lift { subject, rehearsal, consent } => lift(&client, &subject, rehearsal, consent),
    }
}

fn place(client: &Client, subject: &Subject, reason: &str, rehearsal: Rehearsal, form: Form) -> Result<(), Failed> {
    let Known { path, sentence, .. } = known(client, subject)?;
    if rehearsal.dry_run {
        return done(&format!("Would put {sentence} under legal hold."), NOTHING_CHANGED);
    }
    let hold = client.send("PUT", &path, Some(&json!({ "reason": reason })))?;
    if form.json {
        return show_json(&hold);
    }
    done(&format!("Put {sentence} under legal hold."), "See every hold with: orgbox hold list")
}

fn lift(client: &Client, subject: &Subject, rehearsal: Rehearsal, consent: Consent) -> Result<(), Failed> {
    let Known { path, sentence, word, organization_id, camera_id } = known(client, subject)?;
    let hold = client.try_send("GET", &path, None)?;
    let hold = hold.map_err(|problem| match problem.status {
        404 => Failed::refused(format!("{sentence} is not under legal hold")),
        _ => problem.told(FLAGS),
    })?;
    if hold["organization_id"] != organization_id || hold["camera_id"] != camera_id {
        let mut hold = hold;
        name(client, &mut hold)?;
        return Err(Failed::refused(format!(
            "{sentence} is held only because of what it belongs to, {}: lift that hold",
            text(&hold["on"])
        )));
    }
    let loss = format!(
        "{sentence} is held since {} by {} for this reason: {}\nWithout the hold it may be destroyed.",
        to_the_second(text(&hold["since"])),
        plain(&hold["author"]),
        text(&hold["reason"]),
    );
    if rehearsal.dry_run {
        return done(&loss, NOTHING_CHANGED);
    }
    consent.ask(&loss, &word)?;
    client.send("DELETE", &path, None)?;
    done(&format!("Lifted the legal hold of {sentence}."), "The audit trail has its history: orgbox audit list")
}

fn known(client: &Client, subject: &Subject) -> Result<Known, Failed> {
    match (&subject.organization, subject.camera) {
        (Some(wanted), _) => {
            let organization = client.organization(wanted)?;
            let name = text(&organization["name"]).to_owned();
            let path = format!("{}/hold", at(&organization));
            let (sentence, organization_id) = (format!("`{name}`"), organization["id"].clone());
            Ok(Known { path, sentence, word: name, organization_id, camera_id: Value::Null })
        }
        (None, Some(id)) => {
            let (path, sentence) = (format!("/cameras/{id}/hold"), format!("the camera {id}"));
            let (organization_id, camera_id) = (Value::Null, id.into());
            Ok(Known { path, sentence, word: id.to_string(), organization_id, camera_id })
        }
        (None, None) => Err(Failed { code: 2, message: "name an organization, or a camera with --camera".to_owned() }),
    }
}

/// Adds what a hold is on, in words.
fn name(client: &Client, hold: &mut Value) -> Result<(), Failed> {
    let path = match (&hold["organization_id"], &hold["camera_id"]) {
        (_, id @ Value::Number(_)) => format!("/cameras/{id}"),
        (id, _) => format!("/organizations/{id}"),
    };
    // What is gone since the list was read has its number still.
    let found = client.try_send("GET", &path, None)?.unwrap_or_default();
    hold["on"] = match (&hold["camera_id"], found["name"].as_str()) {
        (Value::Null, Some(name)) if found["id"] == hold["organization_id"] => name.into(),
        (Value::Null, _) => format!("organization {}", hold["organization_id"]).into(),
        (id, Some(name)) => format!("camera {id} {name} of {}", text(&found["organization"])).into(),
        (id, None) => format!("camera {id}").into(),
    };
    Ok(())
}
