//! How sending to the billing system stands, as JSON, for every place that shows it. It must not know who asks.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    model::queue::{Progress, Standing},
    upstream::link::{Link, State},
};

/// The link and the queue on the wire. Moments are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
pub struct Told {
    /// The stable name of what the link is doing.
    pub state: &'static str,
    /// What that means, in a sentence.
    pub words: &'static str,
    /// Since when it is so.
    pub since: String,
    /// Why, in a phrase.
    pub why: Option<String>,
    /// What an operator does about it, where there is something to do.
    pub remedy: Option<&'static str>,
    /// Tries in a row that failed.
    pub failures: u32,
    /// A request is under way.
    pub sending: bool,
    /// When the next try is due; absent while one is under way, and where none is waited for.
    pub next_try: Option<String>,
    /// When a batch was last acknowledged; kept over restarts.
    pub last_success: Option<String>,
    /// What waits.
    pub queue: Waiting,
    /// Subjects of which events were set aside.
    pub parked: i64,
    /// Names the box towards billing.
    pub site: String,
    /// The epoch that is open there.
    pub epoch: Option<String>,
    /// Up to this event everything is dealt with.
    pub acked_seq: i64,
    /// The newest event.
    pub last_seq: i64,
    /// The full state is being told.
    pub telling_everything: bool,
    /// Why an operator has an epoch opened, where that is still to be done.
    pub epoch_due: Option<String>,
    /// The receiver's clock minus this box's, as its answers tell.
    pub clock_offset_ms: Option<i64>,
}

/// What waits to be delivered.
#[derive(Debug, Serialize)]
pub struct Waiting {
    /// How many; absent where they were not counted.
    pub events: Option<i64>,
    /// Bytes of their data.
    pub bytes: i64,
    /// When the oldest was recorded.
    pub oldest: Option<String>,
    /// How long ago that is.
    pub oldest_seconds: Option<i64>,
}

impl Told {
    /// All of it.
    pub fn of(link: Link, standing: Standing, now_ms: i64) -> Self {
        let Link { state, since_ms, why, failures, sending, next_try_ms, clock_offset_ms } = link;
        let Standing { site, progress, events, bytes, oldest_ms, parked } = standing;
        let Progress {
            epoch,
            acked_seq,
            delivered_seq: _,
            chain: _,
            snapshot_at,
            fingerprint: _,
            quarantine,
            epoch_due,
            last_success_ms,
            queued_bytes: _,
            last_seq,
        } = progress;
        // A decision that is due stands in the database, also where nobody sends at present.
        let (state, why) = if quarantine.is_some() { (State::Quarantined, quarantine) } else { (state, why) };
        let nothing = state == State::Off && epoch.is_none();
        let queue = Waiting {
            events: if nothing { Some(0) } else { events },
            bytes: if nothing { 0 } else { bytes },
            oldest: oldest_ms.filter(|_| !nothing).map(moment),
            oldest_seconds: oldest_ms.filter(|_| !nothing).map(|oldest| (now_ms - oldest).max(0) / 1000),
        };
        Self {
            state: state.name(),
            words: state.words(),
            since: moment(since_ms),
            why,
            remedy: state.remedy(),
            failures,
            sending,
            next_try: next_try_ms.map(moment),
            last_success: last_success_ms.map(moment),
            queue,
            parked,
            site: site.hyphenated().to_string(),
            epoch: epoch.map(|epoch| epoch.hyphenated().to_string()),
            acked_seq,
            last_seq,
            telling_everything: snapshot_at.is_some(),
            epoch_due,
            clock_offset_ms,
        }
    }

    /// For those who have not signed in: without the words that the receiver put into its answers.
    pub fn in_public(link: Link, standing: Standing, now_ms: i64) -> Self {
        let told = Self::of(link, standing, now_ms);
        let ours = told.why.as_deref().and_then(|why| why.split(": ").next()).map(str::to_owned);
        Self { why: ours, ..told }
    }
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| moment.to_string())
}
