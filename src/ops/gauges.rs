//! What is due where upstream takes usage: of each organization one event for each second, and of a second nothing before
//! it is over. Knows neither names nor shapes of what is told.
//!
//! What a later event of the same second overtakes is not sent. Where two of an organization meet in a second all the same
//! (the clock went back, a batch ended between them), the later one is dated a second behind the earlier: no two share one,
//! and who goes by the times has the newest state last.

use std::collections::HashMap;

use super::outbox::{self, Due};
use crate::{
    model::{Result, event::Event},
    store::{self, Read, Write, gauges, upstream},
};

/// Events that are looked through at once for those that others overtake.
const WINDOW_EVENTS: usize = 1000;
/// Bytes of their data, past which no more are read.
const WINDOW_BYTES: usize = 2 << 20;
/// A clock that went back by more than this was wrong before: what was told by it keeps its time, and later events have
/// their own. In seconds.
const WENT_BACK_MAX_SECONDS: i64 = 3600;

/// As [`outbox::due`], of organizations only, dated by whole seconds. An event of the second of `now_ms` is held back.
pub fn due(read: &Read<'_>, events_max: usize, bytes_max: usize, now_ms: i64) -> Result<Due> {
    let mut due = outbox::due(read, WINDOW_EVENTS.max(events_max), WINDOW_BYTES.max(bytes_max))?;
    if due.frozen.is_none() {
        hold_back(&mut due, second_of(now_ms));
        choose(&mut due.events, events_max, bytes_max);
    }
    date(read, &mut due.events)?;
    Ok(due)
}

/// Milliseconds until the second is over.
pub fn second_left_ms(now_ms: i64) -> i64 {
    1000 - now_ms.rem_euclid(1000)
}

/// By which second each of these events is told, in their order.
pub fn seconds(events: &[Event]) -> Vec<(String, i64)> {
    events.iter().map(|event| (event.subject.clone(), second_of(event.at_ms))).collect()
}

/// Remembers what was told.
pub fn tell(write: &Write<'_>, seconds: &[(String, i64)]) -> Result<()> {
    for (subject, second) in seconds {
        gauges::set_second(write, subject, *second)?;
    }
    Ok(())
}

/// The batch under way is given up, and may have arrived.
pub(super) fn may_be_told(write: &Write<'_>) -> Result<()> {
    let Some(frozen) = upstream::frozen(write)? else { return Ok(()) };
    let mut events = store::outbox::by_seqs(write, &frozen.seqs)?;
    events.retain(Event::is_of_organization);
    date(write, &mut events)?;
    tell(write, &seconds(&events))
}

/// Leaves what is recorded in this second for later, and everything behind it.
fn hold_back(due: &mut Due, this_second: i64) {
    let Some(held) = due.events.iter().position(|event| second_of(event.at_ms) == this_second) else { return };
    let first = due.events[held].position.seq;
    due.events.truncate(held);
    due.following.retain(|event| event.position.seq < first);
    let before = due.events.iter().chain(&due.following).map(|event| event.position.seq);
    due.passed_seq = before.max();
    due.held_back = true;
}

/// Leaves of each organization and second the last event, and of those what fits.
fn choose(events: &mut Vec<Event>, events_max: usize, bytes_max: usize) {
    let mut last = HashMap::new();
    for event in &*events {
        last.insert((event.subject.clone(), second_of(event.at_ms)), event.position.seq);
    }
    let mut bytes = 0;
    let mut chosen = 0;
    events.retain(|event| {
        let newest = last.get(&(event.subject.clone(), second_of(event.at_ms))) == Some(&event.position.seq);
        if !newest || !event.is_of_organization() || chosen >= events_max || bytes >= bytes_max {
            return false;
        }
        (chosen, bytes) = (chosen + 1, bytes + event.data.len());
        true
    });
}

/// Dates events of one organization by different seconds, and after what was told of it already.
fn date(read: &Read<'_>, events: &mut [Event]) -> Result<()> {
    let mut told: HashMap<String, i64> = HashMap::new();
    for event in events {
        let before = match told.get(&event.subject) {
            Some(second) => Some(*second),
            None => gauges::second(read, &event.subject)?,
        };
        let second = second_of(event.at_ms);
        let second = match before {
            Some(before) if second <= before && before - second <= WENT_BACK_MAX_SECONDS => before + 1,
            _ => second,
        };
        event.at_ms = second * 1000;
        told.insert(event.subject.clone(), second);
    }
    Ok(())
}

fn second_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(1000)
}
