//! What is shown over HTTP: documents for sites, states and events, and problem documents [RFC 9457].

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    digest::hex,
    event::Kind,
    ledger::{
        sites::Tally,
        views::{EpochView, EventView, SiteView, SubjectView},
    },
    refusal::Refusal,
};

#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Site<'a> {
    site: &'a str,
    title: Option<&'a str>,
    epoch: Option<&'a str>,
    acked_seq: Option<String>,
    chain: Option<String>,
    complete: bool,
    heard_at: String,
    agreed_at: Option<String>,
    counts: BTreeMap<&'static str, i64>,
    batches: i64,
    retries: i64,
    applied: i64,
    ignored: i64,
    duplicates: i64,
    rejected: i64,
    conflicts: i64,
    gaps: i64,
    open_gaps: Vec<Gap>,
    difference: Option<&'a str>,
    resync_pending: bool,
    alarms: Vec<Alarm<'a>>,
    epochs: Vec<Epoch<'a>>,
}

#[derive(Serialize)]
struct Gap {
    first: String,
    last: String,
    noticed_at: String,
}

/// Something that a person should look at.
#[derive(Serialize)]
struct Alarm<'a> {
    code: &'static str,
    message: &'a str,
    count: i64,
    at: String,
}

#[derive(Serialize)]
struct Epoch<'a> {
    epoch: &'a str,
    old_epoch: Option<&'a str>,
    reason: &'a str,
    acked_seq: String,
    opened_at: String,
    completed_at: Option<String>,
    superseded_at: Option<String>,
}

#[derive(Serialize)]
struct Subject<'a> {
    subject: &'a str,
    version: String,
    received_at: String,
    state: &'a RawValue,
}

#[derive(Serialize)]
struct Event<'a> {
    site: &'a str,
    epoch: &'a str,
    id: &'a str,
    subject: &'a str,
    outcome: &'a str,
    received_at: String,
    event: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'a str,
}

/// A page of sites, of which one more than `limit` was read if there was one more.
pub(super) fn sites(sites: &[SiteView], limit: usize) -> Result<String, Refusal> {
    page(sites, limit, |site| Ok(self::site(site)), |site| site.uuid.clone())
}

/// A page of subjects, likewise.
pub(super) fn subjects(subjects: &[SubjectView], limit: usize) -> Result<String, Refusal> {
    page(subjects, limit, self::subject, |view| view.subject.clone())
}

/// A page of events, likewise.
pub(super) fn events(events: &[EventView], limit: usize) -> Result<String, Refusal> {
    page(events, limit, self::event, |view| view.number.to_string())
}

/// A refusal as a document.
pub(super) fn problem(refusal: &Refusal, title: &str) -> String {
    let code = refusal.code();
    let document = Problem {
        r#type: format!("urn:orgbox:problem:{code}"),
        title,
        status: refusal.status(),
        detail: refusal.to_string(),
        code,
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// What a cursor holds.
pub(super) fn position(cursor: &str) -> Option<String> {
    URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

fn page<'v, V, T: Serialize>(
    views: &'v [V],
    limit: usize,
    show: impl Fn(&'v V) -> Result<T, Refusal>,
    place: impl Fn(&V) -> String,
) -> Result<String, Refusal> {
    let shown = &views[..views.len().min(limit)];
    let more = views.len() > limit;
    let next = shown.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(place(last)));
    let items = shown.iter().map(show).collect::<Result<Vec<T>, Refusal>>()?;
    serde_json::to_string(&Page { items, next }).map_err(|error| unwritable(&error))
}

fn site(view: &SiteView) -> Site<'_> {
    let newest = view.epochs.first();
    let count = |tally| view.count(tally);
    Site {
        site: &view.uuid,
        title: view.title.as_deref(),
        epoch: newest.map(|epoch| epoch.uuid.as_str()),
        acked_seq: newest.map(|epoch| epoch.acked_seq.to_string()),
        chain: newest.map(|epoch| hex(&epoch.chain)),
        complete: newest.is_some_and(|epoch| epoch.completed_at_ms.is_some()),
        heard_at: moment(view.heard_at_ms),
        agreed_at: view.agreed_at_ms.map(moment),
        counts: Kind::ALL.iter().zip(view.counts).map(|(kind, count)| (kind.name(), count)).collect(),
        batches: count(Tally::Batches),
        retries: count(Tally::Retries),
        applied: count(Tally::Applied),
        ignored: count(Tally::Ignored),
        duplicates: count(Tally::Duplicates),
        rejected: count(Tally::Rejected),
        conflicts: count(Tally::BatchConflicts) + count(Tally::EventConflicts),
        gaps: count(Tally::Gaps),
        open_gaps: view.gaps.iter().map(gap).collect(),
        difference: view.difference.as_deref(),
        resync_pending: view.resync_pending,
        alarms: alarms(view),
        epochs: view.epochs.iter().map(epoch).collect(),
    }
}

fn gap((first, last, noticed_at_ms): &(i64, i64, i64)) -> Gap {
    Gap { first: first.to_string(), last: last.to_string(), noticed_at: moment(*noticed_at_ms) }
}

/// What has happened stays shown with its moment; what is so now goes when it is over.
fn alarms(view: &SiteView) -> Vec<Alarm<'_>> {
    let happened = [
        (Tally::DuplicateSites, "a superseded epoch has sent: another box, or an older state of it, uses this name"),
        (Tally::Behind, "the box went on from elsewhere than it had ended here"),
        (Tally::BatchConflicts, "one id with two contents: a batch"),
        (Tally::EventConflicts, "one id with two contents: an event"),
        (Tally::Rejected, "events could not be used"),
    ];
    let so_now = [
        (Tally::Gaps, "numbers never came", !view.gaps.is_empty()),
        (Tally::Differences, view.difference.as_deref().unwrap_or_default(), view.difference.is_some()),
    ];
    let happened = happened.into_iter().map(|(tally, message)| (tally, message, true));
    happened
        .chain(so_now)
        .filter(|(_, _, shown)| *shown)
        .filter_map(|(tally, message, _)| {
            let (count, at_ms) = view.tallies.get(tally.name())?;
            Some(Alarm { code: tally.name(), message, count: *count, at: moment(*at_ms) })
        })
        .collect()
}

fn epoch(view: &EpochView) -> Epoch<'_> {
    let EpochView { uuid, old_epoch, reason, opened_at_ms, completed_at_ms, superseded_at_ms, acked_seq, chain: _ } =
        view;
    Epoch {
        epoch: uuid,
        old_epoch: old_epoch.as_deref(),
        reason,
        acked_seq: acked_seq.to_string(),
        opened_at: moment(*opened_at_ms),
        completed_at: completed_at_ms.map(moment),
        superseded_at: superseded_at_ms.map(moment),
    }
}

fn subject(view: &SubjectView) -> Result<Subject<'_>, Refusal> {
    let SubjectView { subject, version, state, received_at_ms } = view;
    let state = raw(state)?;
    Ok(Subject { subject, version: version.to_string(), received_at: moment(*received_at_ms), state })
}

fn event(view: &EventView) -> Result<Event<'_>, Refusal> {
    let EventView { number: _, site, epoch, event_id, subject, outcome, received_at_ms, text } = view;
    let event = text.as_deref().map(raw).transpose()?;
    Ok(Event { site, epoch, id: event_id, subject, outcome, received_at: moment(*received_at_ms), event })
}

fn raw(text: &str) -> Result<&RawValue, Refusal> {
    serde_json::from_str(text).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Refusal {
    tracing::error!(%error, "what is kept could not be shown");
    Refusal::Storage
}

/// RFC 3339 in UTC.
fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
