//! `orgbox restore`: says what would be lost, asks, and puts a backup in the database's place.

use std::path::PathBuf;

use clap::Args;

use super::{ask::Consent, failed::Failed, output::done, status::to_the_second};
use crate::{
    app::restoring::{self, Restoring, RestoringError},
    config::Config,
    model::backup::Facts,
};

#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// The backup; `orgbox backup list` shows those that are kept.
    file: PathBuf,
    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(config: &Config, wanted: Wanted) -> Result<(), Failed> {
    let Wanted { file, consent } = wanted;
    let file = super::backup::named(config, file);
    let restoring = restoring::prepare(config, &file).map_err(failed)?;
    consent.ask(&loss(config, &file, &restoring), "restore")?;
    let billing = match restoring.awaits_decision {
        true => "Billing is told nothing until you decide: orgbox upstream resume, or orgbox upstream new-site.",
        false => "Billing is told everything anew, in a new epoch.",
    };
    let kept = restoring.go().map_err(failed)?;
    let kept = match kept {
        Some(kept) => format!("The old database is kept as {}; remove it once it is not needed.", kept.display()),
        None => "There was no database before.".to_owned(),
    };
    done(
        &format!("Restored {} to {}.\n{kept}", file.display(), config.database.path.display()),
        &format!("Start the box now. {billing}"),
    )
}

/// What will be gone, and what comes back.
fn loss(config: &Config, file: &std::path::Path, restoring: &Restoring) -> String {
    let backup = &restoring.verified.facts;
    let taken = restoring.verified.manifest.as_ref().map(|manifest| manifest.taken_at_ms).or(backup.changed_at_ms);
    let mut lines = vec![format!(
        "{} will be as it was {}, from {}.",
        config.database.path.display(),
        taken.map_or_else(|| "at an unknown moment".to_owned(), moment),
        file.display()
    )];
    match &restoring.present {
        None if config.database.path.exists() => {
            lines.push("The present database cannot be read, so what it holds beyond that is not known.".to_owned());
        }
        None => {}
        Some(present) => {
            lines.push(match present.changed_at_ms {
                Some(at_ms) if present.last_seq >= backup.last_seq && present.site == backup.site => format!(
                    "Lost is what was changed since, the last of it {}: {} events.",
                    moment(at_ms),
                    present.last_seq - backup.last_seq
                ),
                _ => "It is not an earlier state of the present database: all of that is replaced.".to_owned(),
            });
            if present.site != backup.site {
                lines.push("It is of another box, whose name towards billing this box takes over.".to_owned());
            }
            lines.extend(differences(present, backup));
        }
    }
    lines.push(
        "Users, passwords, keys and legal holds are those of that moment: what was revoked since is valid again. Everybody \
         has to sign in anew. The present database is kept beside it."
            .to_owned(),
    );
    lines.join("\n")
}

/// The tables whose number of rows will differ.
fn differences(present: &Facts, backup: &Facts) -> Vec<String> {
    let rows = present.rows.iter().filter(|(table, _)| table != "audit").map(|(table, now)| {
        let then = backup.rows.iter().find(|(name, _)| name == table).map_or(0, |(_, count)| *count);
        (table, *now, then)
    });
    let rows = rows.filter(|(_, now, then)| now != then);
    rows.map(|(table, now, then)| format!("  {}: {now} now, {then} then", table.replace('_', " "))).collect()
}

fn failed(error: RestoringError) -> Failed {
    match error {
        RestoringError::Start(error) => error.into(),
        RestoringError::Flawed { .. } => Failed::refused(error.to_string()),
        RestoringError::Failed(_) => Failed::unavailable(format!("{error}; nothing was changed")),
    }
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| to_the_second(&at.to_string()))
}
