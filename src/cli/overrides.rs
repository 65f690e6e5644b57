//! `orgbox overrides …`: what the watched files say of organizations, what they would change, and how they stand.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    ask::{Consent, Form},
    client::Client,
    failed::Failed,
    load,
    output::{done, plain, say, show_json, text},
    screen::{Screen, Tone, printable},
    status::to_the_second,
    unusable,
};
use crate::config::{self, Environment, Files};

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check the files and say everything that is wrong; nothing else happens. Exit code 78 where anything is.
    Check {
        /// A main file, whose config.d beside it counts; without it that of --config.
        file: Option<PathBuf>,
    },
    /// Show what the files would change, organization by organization. Exit code 0: nothing, 2: something.
    Plan {
        /// A main file, whose config.d beside it counts; without it the files of the box.
        file: Option<PathBuf>,
        #[command(flatten)]
        form: Form,
    },
    /// Show how the files stand, and every table in force.
    Show {
        #[command(flatten)]
        form: Form,
    },
    /// Do without files that have vanished: let go of all that files manage, and read those that are there anew.
    Clear {
        #[command(flatten)]
        consent: Consent,
    },
}

pub(super) fn run(file: Option<&Path>, verb: Verb) -> Result<(), Failed> {
    match verb {
        Verb::Check { file: wanted } => check(wanted.as_deref().or(file), file),
        Verb::Plan { file: wanted, form } => plan(&Client::open(&load(file)?, &[])?, wanted.as_deref(), form),
        Verb::Show { form } => show(&Client::open(&load(file)?, &[])?, form),
        Verb::Clear { consent } => clear(&Client::open(&load(file)?, &[])?, consent),
    }
}

/// How the files stand in a few lines, of what the box tells of them.
pub(super) fn lines(told: &Value) -> Vec<String> {
    let standing = text(&told["standing"]).replace('_', " ");
    let since = told["since"].as_str().map(|since| format!(" since {}", to_the_second(since))).unwrap_or_default();
    let mut lines = vec![match told["last_good_since"].as_str() {
        Some(good) => format!("{standing}{since}; in force is what was read {}", to_the_second(good)),
        None => format!("{standing}{since}; nothing is overridden"),
    }];
    let items = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    lines.extend(items("problems").iter().map(plain));
    lines.extend(Some(plain(&told["remedy"])).filter(|remedy| remedy != "-"));
    lines.extend(items("warnings").iter().map(plain));
    lines.extend(items("expiring").iter().map(|ending| {
        let (selector, place) = (text(&ending["selector"]), text(&ending["place"]));
        format!("\"{selector}\" at {place} ends {}", to_the_second(text(&ending["expires"])))
    }));
    lines.extend(items("takes_effect_at_restart").iter().map(|key| format!("takes effect at restart: {}", plain(key))));
    lines.extend(
        told["polling_because"].as_str().map(|because| format!("changes are found by polling only: {because}")),
    );
    lines
}

fn check(file: Option<&Path>, of_box: Option<&Path>) -> Result<(), Failed> {
    let file = file.ok_or_else(|| Failed { code: 2, message: "name a file to be checked".to_owned() })?;
    let files = Files::read(file);
    let (config, problems) = config::parse(&files, &Environment::from_process());
    if !problems.is_empty() {
        return Err(unusable(problems));
    }
    // What only the database knows, such as which brandings there are, is asked of a box that runs.
    let served = config::load(of_box, &Environment::from_process()).ok().and_then(|config| Client::running(&config));
    if let Some(client) = served {
        refuse_problems(&client.send("POST", "/overrides/plan", Some(&texts(&files)))?)?;
    }
    let tables = &config.overrides.tables;
    let settings: usize = tables.iter().map(|table| table.settings.len()).sum();
    done(
        &format!("{} is in order: {} tables with {settings} settings.", file.display(), tables.len()),
        "`orgbox overrides plan` shows what it would change.",
    )
}

fn plan(client: &Client, file: Option<&Path>, form: Form) -> Result<(), Failed> {
    let body = match file {
        None => json!({}),
        Some(file) => {
            let files = Files::read(file);
            // What cannot be read at all must not be planned as if it were not there.
            let (_, problems) = config::parse_apart(&files);
            if !problems.is_empty() {
                return Err(unusable(problems));
            }
            texts(&files)
        }
    };
    let plan = client.send("POST", "/overrides/plan", Some(&body))?;
    if form.json {
        show_json(&plan)?;
    }
    refuse_problems(&plan)?;
    if !form.json {
        say(&planned(&Screen::of_output(), &plan))?;
    }
    // As the tools of infrastructure do: a script sees whether there is anything to look at.
    if plan["changes"] == true { Err(Failed { code: 2, message: String::new() }) } else { Ok(()) }
}

/// The files as the box takes them.
fn texts(files: &Files) -> Value {
    let texts: Vec<_> = files.texts().map(|(name, text)| json!({ "name": name, "text": text })).collect();
    json!({ "files": texts })
}

/// What the box finds wrong with files: exit code 78.
fn refuse_problems(plan: &Value) -> Result<(), Failed> {
    let problems = plan["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = problems.iter().map(plain).collect();
    Err(Failed { code: 78, message: format!("the files cannot be used:\n{}", lines.join("\n")) })
}

fn planned(screen: &Screen, plan: &Value) -> String {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    let (mut changed, mut made, mut cameras) = (0, 0, 0);
    for organization in items(&plan["organizations"]) {
        let name = printable(text(&organization["name"]));
        lines.push(match organization["id"].as_i64() {
            Some(id) => screen.paint(&format!("~ {name} ({id})"), Tone::Strong),
            None => screen.paint(&format!("+ {name}, which is made"), Tone::Good),
        });
        if organization["id"].is_null() {
            made += 1
        } else if !items(&organization["changes"]).is_empty() {
            changed += 1
        }
        lines.extend(items(&organization["changes"]).iter().map(|change| change_line(screen, change)));
        for loss in items(&organization["destroys"]) {
            cameras += loss["cameras"].as_i64().unwrap_or_default();
            let words = format!(
                "    destroys footage of {} {} cameras older than {} days (kept {} days now)",
                loss["cameras"],
                text(&loss["cameras_of"]),
                loss["to_days"],
                loss["from_days"]
            );
            lines.push(screen.paint(&words, Tone::Bad));
        }
        if organization["legal_hold"] == true {
            lines.push(screen.paint("    a legal hold keeps its retention as it is", Tone::Warning));
        }
    }
    let remarks = items(&plan["warnings"]);
    lines.extend(
        remarks.iter().map(|warning| screen.paint(&format!("! {}", printable(&plain(warning))), Tone::Warning)),
    );
    if let Some(held) = plan["held"].as_object() {
        let words = format!(
            "! held back: {} entries in place of {}; set `allow_shrink = true` if less is meant",
            held["to"], held["from"]
        );
        lines.push(screen.paint(&words, Tone::Bad));
    }
    lines.push(match (changed, made, cameras) {
        (0, 0, _) => "Nothing would change.".to_owned(),
        (_, _, 0) => format!("{changed} organizations would change, {made} would be made."),
        _ => format!("{changed} organizations would change, {made} would be made. Footage of {cameras} cameras would be destroyed."),
    });
    lines.join("\n")
}

/// `purge_days 31 → 14  (stored → config.toml:12)`.
fn change_line(screen: &Screen, change: &Value) -> String {
    let origin = |origin: &Value| match origin["file"].as_str() {
        Some(file) => format!("{file}:{}", origin["line"]),
        None => text(&origin["source"]).replace('_', " "),
    };
    let (old, new) = (printable(&plain(&change["old"])), printable(&plain(&change["new"])));
    let sources = format!("({} → {})", origin(&change["old_source"]), origin(&change["new_source"]));
    let below = change["below_use"].as_i64().map(|used| screen.paint(&format!("  below use: {used}"), Tone::Bad));
    let field = text(&change["field"]);
    format!(
        "    {field} {old} → {new}  {}{}",
        screen.paint(&printable(&sources), Tone::Faint),
        below.unwrap_or_default()
    )
}

fn show(client: &Client, form: Form) -> Result<(), Failed> {
    let shown = client.get("/overrides")?;
    if form.json {
        return show_json(&shown);
    }
    let screen = Screen::of_output();
    let mut out: Vec<String> = lines(&shown).iter().map(|line| printable(line)).collect();
    if !client.is_served() {
        out[0] = "no server is running: what was in force when it stopped".to_owned();
    }
    for table in shown["tables"].as_array().into_iter().flatten() {
        let place = screen.paint(&format!("# {}:{}", text(&table["file"]), table["line"]), Tone::Faint);
        out.push(format!("\n{}  {}", screen.paint(&head(table), Tone::Strong), printable(&place)));
        if table["create"] == true {
            out.push("create = true".to_owned());
            out.extend(
                table["parents"]
                    .as_array()
                    .filter(|parents| !parents.is_empty())
                    .map(|_| format!("parents = {}", table["parents"])),
            );
        }
        out.extend(table["expires"].as_str().map(|expires| format!("expires = {}", to_the_second(expires))));
        for setting in table["settings"].as_array().into_iter().flatten() {
            let line = format!("{} = {}", text(&setting["field"]), setting["value"]);
            out.push(format!(
                "{}  {}",
                printable(&line),
                screen.paint(&format!("# line {}", setting["line"]), Tone::Faint)
            ));
        }
    }
    say(&out.join("\n"))
}

/// The head of a table as it stands in its file.
fn head(table: &Value) -> String {
    format!("[organizations.\"{}\"]", printable(text(&table["selector"])))
}

fn clear(client: &Client, consent: Consent) -> Result<(), Failed> {
    let shown = client.get("/overrides")?;
    let entries = shown["entries"].as_i64().unwrap_or_default();
    let loss = format!(
        "{entries} entries of files are let go, and what clients had stored is in force again, until the files that are \
         there are read anew. Shorter retention destroys footage."
    );
    consent.ask(&loss, "clear")?;
    let cleared = client.send("POST", "/overrides/clear", Some(&json!({})))?;
    let changed = cleared["changed"].as_array().map_or(0, Vec::len);
    let next = if client.is_served() {
        "The files that are there are being read anew; see `orgbox overrides show`."
    } else {
        "The files that are there are read at the next start."
    };
    done(&format!("Let go of {entries} entries; {changed} organizations changed."), next)
}
