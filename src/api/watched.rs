//! How the watched files stand, as JSON, for every place that shows it. It must not know who asks.

use jiff::Timestamp;
use serde::Serialize;

use crate::overrides::state::{Expiring, State};

/// A [`State`] on the wire. Moments are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of State")]
pub struct Told {
    pub standing: &'static str,
    pub since: Option<String>,
    pub remedy: &'static str,
    pub read: Option<String>,
    pub problem_count: usize,
    pub problems: Vec<String>,
    pub digest: Option<String>,
    /// Since when what is in force is so: since when it is the last good.
    pub last_good_since: Option<String>,
    pub warning_count: usize,
    pub warnings: Vec<String>,
    pub expiring: Vec<Ending>,
    pub takes_effect_at_restart: Vec<String>,
    /// Whether the system tells of changes; else they are found by polling.
    pub watching: bool,
    pub polling_because: Option<String>,
}

/// An [`Expiring`] on the wire.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of Expiring")]
pub struct Ending {
    pub selector: String,
    pub place: String,
    pub expires: String,
}

impl Told {
    /// All of it.
    pub fn of(state: &State) -> Self {
        let State {
            standing,
            since_ms,
            read_ms,
            problems,
            problem_count,
            digest,
            in_force_ms,
            warnings,
            warning_count,
            expiring,
            waiting_for_restart,
            polling,
        } = state.clone();
        let ending = |Expiring { selector, place, expires_at_ms }| {
            let expires = moment(expires_at_ms);
            Ending { selector, place, expires }
        };
        Self {
            standing: standing.name(),
            since: (since_ms != 0).then(|| moment(since_ms)),
            remedy: standing.remedy(),
            read: read_ms.map(moment),
            problem_count,
            problems,
            digest,
            last_good_since: in_force_ms.map(moment),
            warning_count,
            warnings,
            expiring: expiring.into_iter().map(ending).collect(),
            takes_effect_at_restart: waiting_for_restart,
            watching: polling.is_none() && read_ms.is_some(),
            polling_because: polling,
        }
    }

    /// For those who have not signed in: what is wrong is told, because this is where it is looked for, and of what is in
    /// force only how much there is.
    pub fn in_public(state: &State) -> Self {
        Self { warnings: Vec::new(), expiring: Vec::new(), ..Self::of(state) }
    }
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| moment.to_string())
}
