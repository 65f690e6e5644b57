//! The certificate: as the running box shows it, or else as its files stand.

use serde_json::Value;

use super::finding::Finding;
use crate::{
    app::visit::{self, Certificate},
    cli::output::text,
    config::Config,
};

const PART: &str = "certificate";

/// What is told of it, wherever that comes from.
struct Told<'a> {
    standing: &'a str,
    validity: &'a str,
    ends: String,
    problem: &'a str,
    remedy: &'a str,
}

/// A running box is believed: it shows what it has taken, whatever became of the files.
pub(super) fn check(config: &Config, now_ms: i64, status: Option<&Value>) -> Finding {
    if let Some(tls) = status.map(|status| &status["tls"]).filter(|tls| tls.is_object()) {
        let certificate = &tls["certificate"];
        return judge(&Told {
            standing: text(&tls["standing"]),
            validity: text(&certificate["validity"]),
            ends: text(&certificate["not_after"]).to_owned(),
            problem: text(&tls["problem"]),
            remedy: text(&tls["remedy"]),
        });
    }
    let state = match visit::certificate(config, now_ms) {
        Ok(Certificate::Found(state)) => state,
        Ok(Certificate::NotMadeYet) => return Finding::skipped(PART, "the box makes its own when it starts"),
        Ok(Certificate::Off) => return Finding::skipped(PART, "TLS is not configured"),
        // Where systemd hands the files over, only the service has them.
        Err(error) => return Finding::skipped(PART, error.to_string()),
    };
    let certificate = state.certificate.as_deref();
    judge(&Told {
        standing: state.standing.name(),
        validity: certificate.map_or("", |certificate| certificate.validity(now_ms).name()),
        ends: certificate.map_or_else(String::new, |certificate| moment(certificate.not_after_ms)),
        problem: state.problem.as_deref().unwrap_or_default(),
        remedy: state.remedy(now_ms),
    })
}

fn judge(told: &Told<'_>) -> Finding {
    let Told { standing, validity, ends, problem, remedy } = told;
    match (*standing, *validity) {
        ("off", _) => Finding::skipped(PART, "TLS is not configured"),
        ("in_force", "valid") => Finding::well(PART, format!("valid until {ends}")),
        ("in_force", "ends_soon") => Finding::warning(PART, format!("ends {ends}"), *remedy),
        ("in_force", _) => Finding::bad(PART, format!("{} ({ends})", validity.replace('_', " ")), *remedy),
        (standing, _) => Finding::bad(PART, format!("{standing}: {problem}"), *remedy),
    }
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
