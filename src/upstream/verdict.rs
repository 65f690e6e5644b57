//! What an answer of the billing system means: a pure function, and the table of it.

use serde_json::Value;

use super::reply::{Failure, Outcome, Reply};
use crate::model::queue::Rejected;

/// Difference between this box's clock and the server's past which a refusal is taken for a matter of the clock.
pub const CLOCK_TOLERANCE_MS: i64 = 5 * 60_000;

/// What the verdict needs to know of the batch that was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The last sequence number in it.
    pub last_seq: i64,
    /// The epoch it belongs to.
    pub epoch: &'a str,
    /// How many events it held.
    pub events: usize,
    /// Whether a plain 2xx will not do: the acknowledgement must echo sequence and epoch.
    pub strict_ack: bool,
    /// The moment by which it was signed, in milliseconds since 1970: this box's estimate of the server's time.
    pub signed_at_ms: i64,
    /// What "already there" looks like at this kind of receiver.
    pub duplicates: Duplicates,
}

/// How a kind of receiver says that it has an event already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// A 400, 409 or 422 whose body says that it exists.
    Said,
    /// A 422 that names each event by its index with `value_already_exist` [Lago].
    ByIndex,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The batch is delivered, but for the events that it names.
    Acknowledged(Acknowledgement),
    /// The same batch again after a wait; the server may have asked for one, in milliseconds.
    Again {
        /// A phrase for status and log.
        why: String,
        /// What `Retry-After` asked for.
        asked_ms: Option<i64>,
    },
    /// The receiver does not take something in it: find out which event, and park that.
    Refused {
        /// A phrase for status and log, with what the receiver said, cut to one line.
        why: String,
        /// The events at fault by their index in the batch, where the receiver named them.
        at_fault: Vec<usize>,
    },
    /// The batch is too large: halve it and remember.
    TooLarge,
    /// Keep everything and probe now and then.
    Hold(Hold, String),
    /// The receiver has seen later numbers of this epoch: this box was rewound.
    Behind,
    /// Another box uses this one's name.
    DuplicateSite,
}

impl Verdict {
    /// Names events where the receiver named entries, of which each event made as many.
    #[must_use]
    pub fn by_event(mut self, events: usize, entries: usize) -> Self {
        if let Verdict::Refused { at_fault, .. } = &mut self {
            at_fault.iter_mut().for_each(|entry| *entry = *entry * events / entries.max(1));
        }
        self
    }
}

/// Why everything is kept and only a probe goes out now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// A web page, a redirect, a captive portal: not the billing system.
    WrongPlace,
    /// The credential is refused.
    Credential,
    /// The address, the method or the format is refused.
    Configuration,
    /// The clocks are too far apart.
    Clock,
}

impl Hold {
    /// The stable name that status, health and log show.
    pub fn name(self) -> &'static str {
        match self {
            Hold::WrongPlace => "wrong_place",
            Hold::Credential => "credential_refused",
            Hold::Configuration => "configuration_refused",
            Hold::Clock => "clock",
        }
    }

    /// Milliseconds until the probe after `probes` of them.
    pub fn probe_ms(self, probes: u32) -> i64 {
        match self {
            Hold::WrongPlace | Hold::Clock => 60_000,
            Hold::Credential => 60_000_i64.saturating_mul(1_i64 << probes.min(4)).min(15 * 60_000),
            Hold::Configuration => 5 * 60_000,
        }
    }

    /// What the operator does about it, one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Hold::WrongPlace => {
                "Check [upstream] url, and whether the network wants a sign-in; nothing is lost meanwhile."
            }
            Hold::Credential => {
                "Put a valid credential into the file that [upstream] token_file or signing_secret_file names; it is read again before each probe."
            }
            Hold::Configuration => {
                "Check [upstream] url, preset and certificates against what the billing system serves; nothing is lost meanwhile."
            }
            Hold::Clock => "Set this box's clock; nothing is lost meanwhile.",
        }
    }
}

/// What the receiver acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Events that it took out of the acknowledgement.
    pub rejected: Vec<Rejected>,
    /// It asks for the full state.
    pub resync: bool,
}

/// Judges an outcome.
pub fn judge(outcome: &Outcome, sent: &Sent<'_>, now_ms: i64) -> Verdict {
    match outcome {
        Outcome::Failed(failure) => failed(*failure),
        Outcome::Replied(reply) => replied(reply, sent, now_ms),
    }
}

fn failed(failure: Failure) -> Verdict {
    let why = failure.words().to_owned();
    match failure {
        Failure::Dns | Failure::Connect | Failure::Reset | Failure::Timeout => Verdict::Again { why, asked_ms: None },
        Failure::CertificateTime => Verdict::Hold(Hold::Clock, why),
        Failure::Certificate => Verdict::Hold(Hold::Configuration, why),
        Failure::Proxy => Verdict::Hold(Hold::Credential, why),
    }
}

fn replied(reply: &Reply, sent: &Sent<'_>, now_ms: i64) -> Verdict {
    let why = || described(reply);
    match reply.status {
        200..=299 if reply.is_html() => {
            Verdict::Hold(Hold::WrongPlace, format!("a web page came back ({})", reply.status))
        }
        200..=299 => acknowledged(reply, sent),
        300..=399 => {
            Verdict::Hold(Hold::WrongPlace, format!("the server redirects ({}), which is not followed", reply.status))
        }
        511 => Verdict::Hold(Hold::WrongPlace, "the network wants a sign-in (511)".to_owned()),
        408 | 425 | 429 => Verdict::Again { why: why(), asked_ms: reply.retry_after_ms(now_ms) },
        501 | 505 => Verdict::Hold(Hold::Configuration, why()),
        500..=599 => Verdict::Again { why: why(), asked_ms: reply.retry_after_ms(now_ms) },
        413 => Verdict::TooLarge,
        400..=499 if signed_at_a_wrong_time(reply, sent) => {
            Verdict::Hold(Hold::Clock, format!("the clocks are far apart and the server refuses ({})", reply.status))
        }
        400 | 422 => refused(reply, sent),
        409 => conflict(reply, sent),
        401 | 402 | 403 | 407 => Verdict::Hold(Hold::Credential, why()),
        _ => Verdict::Hold(Hold::Configuration, why()),
    }
}

/// A refusal may be one of the signature's time: then the server's own is learned from its `Date` and the batch signed anew.
fn signed_at_a_wrong_time(reply: &Reply, sent: &Sent<'_>) -> bool {
    reply.date_ms.is_some_and(|date| date.abs_diff(sent.signed_at_ms) > CLOCK_TOLERANCE_MS.unsigned_abs())
}

fn acknowledged(reply: &Reply, sent: &Sent<'_>) -> Verdict {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let echo = body.as_ref().and_then(Value::as_object);
    let text = |name: &str| echo.and_then(|echo| echo.get(name)).map(plain);
    let (seq, epoch) = (text("acked_seq"), text("epoch"));
    // A plain 2xx will do, but what is said must be right: an acknowledgement of something else is none of this batch.
    let fits = |said: &Option<String>, wanted: &str| said.as_deref().map_or(!sent.strict_ack, |said| said == wanted);
    if !fits(&epoch, sent.epoch) || !fits(&seq, &sent.last_seq.to_string()) {
        let why = "the acknowledgement is not that of this batch".to_owned();
        return Verdict::Again { why, asked_ms: None };
    }
    let rejected = echo.and_then(|echo| echo.get("rejected")).and_then(Value::as_array);
    let rejected = rejected.into_iter().flatten().filter_map(|item| {
        Some(Rejected {
            id: item.get("id")?.as_str()?.parse().ok()?,
            code: item.get("code").map(|code| one_line(&plain(code))).unwrap_or_default(),
            retryable: item.get("retryable").and_then(Value::as_bool).unwrap_or(false),
        })
    });
    let resync = echo.and_then(|echo| echo.get("resync")).and_then(Value::as_bool).unwrap_or(false);
    Verdict::Acknowledged(Acknowledgement { rejected: rejected.collect(), resync })
}

fn refused(reply: &Reply, sent: &Sent<'_>) -> Verdict {
    match sent.duplicates {
        Duplicates::ByIndex => refused_by_index(reply, sent),
        Duplicates::Said if says(reply, &EXISTS) => exists(reply, sent),
        Duplicates::Said => Verdict::Refused { why: described(reply), at_fault: Vec::new() },
    }
}

/// Lago refuses a batch as a whole and names under `error_details` each event at fault by its index; one of a single event
/// is named without. Where all that is wrong is that events exist, the others must be sent again without those.
fn refused_by_index(reply: &Reply, sent: &Sent<'_>) -> Verdict {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let details = body.as_ref().and_then(|body| body.get("error_details")).and_then(Value::as_object);
    let Some(details) = details else {
        return Verdict::Refused { why: described(reply), at_fault: Vec::new() };
    };
    let exists = |problem: &Value| problem.to_string().contains("value_already_exist");
    let indexed: Vec<(usize, bool)> =
        details.iter().filter_map(|(key, problem)| Some((key.parse().ok()?, exists(problem)))).collect();
    if indexed.is_empty() {
        return if details.values().all(exists) && sent.events == 1 {
            Verdict::Acknowledged(Acknowledgement::default())
        } else {
            Verdict::Refused { why: described(reply), at_fault: Vec::new() }
        };
    }
    if indexed.len() == sent.events && indexed.iter().all(|(_, exists)| *exists) {
        return Verdict::Acknowledged(Acknowledgement::default());
    }
    let at_fault = indexed.into_iter().map(|(index, _)| index).filter(|index| *index < sent.events).collect();
    Verdict::Refused { why: described(reply), at_fault }
}

/// One event that exists is delivered. Of several it is not said which, so they are sent one by one until each has its answer.
fn exists(reply: &Reply, sent: &Sent<'_>) -> Verdict {
    if sent.events == 1 {
        Verdict::Acknowledged(Acknowledgement::default())
    } else {
        Verdict::Refused { why: described(reply), at_fault: Vec::new() }
    }
}

/// Words by which receivers say that they have an event already.
const EXISTS: [&str; 4] = ["exists", "already_exist", "already exist", "duplicate"];

fn conflict(reply: &Reply, sent: &Sent<'_>) -> Verdict {
    if says(reply, &["duplicate_site", "duplicate site"]) {
        Verdict::DuplicateSite
    } else if says(reply, &["behind"]) {
        Verdict::Behind
    } else if says(reply, &EXISTS) {
        exists(reply, sent)
    } else {
        Verdict::Hold(Hold::Configuration, described(reply))
    }
}

fn says(reply: &Reply, words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&reply.body).to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// Text or number, as text: receivers write sequence numbers either way.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Characters of a receiver's own words that are shown.
const WORDS_MAX: usize = 200;

/// The status and the head of the body on one line without control characters.
fn described(reply: &Reply) -> String {
    let line = one_line(&String::from_utf8_lossy(&reply.body[..reply.body.len().min(4 * WORDS_MAX)]));
    if line.is_empty() {
        format!("the server answers {}", reply.status)
    } else {
        format!("the server answers {}: {line}", reply.status)
    }
}

/// Words of a receiver as they are kept and shown.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|char| !char.is_control()).take(WORDS_MAX).collect()
}
