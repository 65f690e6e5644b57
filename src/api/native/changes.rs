//! `GET /changes`: the change feed, as a poll that waits or as a stream of server-sent events.
//!
//! Whoever follows keeps the position that came with the last answer and asks from there on: after a restart of either side
//! nothing is missed and nothing comes twice. Events carry full states, so that reading one again does no harm either.
//!
//! Only administrators and their keys follow: the feed tells of every organization and every user. Whether somebody still may
//! is asked again before each batch, so a stream ends with the key that opened it.

use std::{convert::Infallible, fmt::Write, time::Duration};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Bytes,
};
use futures_util::stream;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::{auth, error, query::Query};
use crate::{
    api::{
        call::Call,
        failure::{Failure, Outcome},
        feed::Follower,
    },
    envelope,
    model::{
        Error, Field,
        event::{Event, Position},
    },
    ops::feed::{self, EVENTS_MAX, Feed, From},
};

/// Events of a poll's answer where no number is asked for.
const LIMIT_DEFAULT: u64 = 100;
/// Longest wait of a poll, in seconds: proxies cut off what is silent for longer.
const WAIT_MAX_SECONDS: u64 = 60;
/// After this long without an event a stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a client whose stream broke off should come again, in milliseconds.
const RETRY_MS: u32 = 1000;

/// `GET /changes?after=&wait=&limit=`: events behind a position as `{"events", "next", "epoch"}`; waits for the first where
/// there is none yet. With `Accept: text/event-stream` a stream that goes on, from `Last-Event-ID` where that is given.
///
/// Without `after` from the oldest event that is kept, with `after=now` from the present on. A position whose events are not
/// there any more is answered 410 with the position to go on from once the full state was read again.
pub async fn follow(call: Call) -> Outcome {
    auth::administrator(&call).await?;
    let query = Query::of(&call, &["after", "wait", "limit"])?;
    let from = position(query.text("after"), "after")?;
    let limit = query.number("limit", 1, EVENTS_MAX as u64)?.unwrap_or(LIMIT_DEFAULT);
    let wait = Duration::from_secs(query.number("wait", 0, WAIT_MAX_SECONDS)?.unwrap_or(0));
    if call.header("accept").is_some_and(|accept| accept.contains("text/event-stream")) {
        // A client that lost its stream comes again with the query that it began with.
        let from = match call.header("last-event-id") {
            None => from,
            given => position(given, "Last-Event-ID")?,
        };
        return stream(call, from).await;
    }
    poll(&call, from, usize::try_from(limit).unwrap_or(EVENTS_MAX), wait).await
}

#[derive(Serialize)]
struct Changes {
    events: Vec<Box<RawValue>>,
    next: String,
    epoch: String,
}

async fn poll(call: &Call, from: From, limit: usize, wait: Duration) -> Outcome {
    let (site, after, events, next) = match first_events(call, from, limit, wait).await? {
        Feed::Page { site, after, events, next } => (site, after, events, next),
        Feed::Gone { why, now } => return Ok(error::gone(why, &now.to_string(), &call.request_id())),
    };
    let events = written(site, after, &events)?;
    call.json(StatusCode::OK, &Changes { events, next: next.to_string(), epoch: next.epoch.to_string() })
}

/// What lies behind a position, as soon as there is something or the time is over.
async fn first_events(call: &Call, mut from: From, limit: usize, wait: Duration) -> Result<Feed, Failure> {
    let waits = !wait.is_zero() && !call.is_head();
    let mut follower = if waits { Some(call.shared().feed().follow()?) } else { None };
    let over = tokio::time::sleep(wait);
    let mut over = std::pin::pin!(over);
    loop {
        let found = look(call, from, limit).await?;
        let Some(follower) = &mut follower else { return Ok(found) };
        match &found {
            Feed::Page { events, next, .. } if events.is_empty() => from = From::After(*next),
            _ => return Ok(found),
        }
        tokio::select! {
            goes_on = follower.news() => if !goes_on { return Ok(found) },
            () = &mut over => return Ok(found),
        }
    }
}

async fn stream(call: Call, from: From) -> Outcome {
    let mut head = HttpResponse::Ok();
    head.insert_header((CONTENT_TYPE, "text/event-stream"));
    // Or else a proxy of one common kind gathers events before it hands them on.
    head.insert_header(("x-accel-buffering", "no"));
    let follower = call.shared().feed().follow()?;
    let next = match look(&call, from, 0).await? {
        Feed::Page { next, .. } => next,
        Feed::Gone { why, now } => return Ok(error::gone(why, &now.to_string(), &call.request_id())),
    };
    if call.is_head() {
        return Ok(head.body(actix_web::body::None::new()));
    }
    // Tells where it begins, so that a client that loses it before the first event comes again at the same place.
    let begin = format!("retry: {RETRY_MS}\nid: {next}\n\n");
    let stream = Stream { call, follower, next, begin: Some(begin) };
    Ok(head.streaming(stream::unfold(stream, |mut stream| async {
        let text = stream.text().await?;
        Some((Ok::<_, Infallible>(Bytes::from(text)), stream))
    })))
}

/// A stream that goes on until its client or the server ends it. While the client does not read, nothing is read for it
/// either; one that does not read for `send_timeout` is dropped like any other.
struct Stream {
    call: Call,
    follower: Follower,
    next: Position,
    begin: Option<String>,
}

impl Stream {
    /// What is sent next; `None` at the end.
    async fn text(&mut self) -> Option<String> {
        if let Some(begin) = self.begin.take() {
            return Some(begin);
        }
        loop {
            if self.follower.is_stopping() {
                return None;
            }
            // Where the position is gone or the client's rights are, it learns why when it comes again.
            let found = look(&self.call, From::After(self.next), EVENTS_MAX).await.ok()?;
            let Feed::Page { site, after, events, next } = found else { return None };
            if !events.is_empty() {
                self.next = next;
                return texts(site, after, &events).ok();
            }
            match tokio::time::timeout(KEEP_ALIVE, self.follower.news()).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(_) => return Some(":\n\n".to_owned()),
            }
        }
    }
}

async fn look(call: &Call, from: From, limit: usize) -> Result<Feed, Failure> {
    let actor = auth::administrator(call).await?;
    call.read(|read| feed::read(read, &actor, from, limit))
}

fn position(text: Option<&str>, name: &'static str) -> Result<From, Failure> {
    match text {
        None => Ok(From::Oldest),
        Some("now") => Ok(From::Now),
        Some(text) => Ok(From::After(Position::parse(text).ok_or_else(|| {
            Error::invalid(Field::Wire(name), "must be a position as this box answers it (<epoch>:<seq>), or now")
        })?)),
    }
}

fn texts(site: Uuid, after: Position, events: &[Event]) -> Result<String, Failure> {
    let mut text = String::new();
    for (event, json) in events.iter().zip(written(site, after, events)?) {
        // A string takes whatever is written to it.
        let _infallible = write!(text, "id: {}\ndata: {json}\n\n", event.position);
    }
    Ok(text)
}

/// The events behind a position as JSON. One that stands for numbers before its own, which it has replaced, says so.
fn written(site: Uuid, after: Position, events: &[Event]) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut from_seq = after.seq + 1;
    let write = |event: &Event| {
        let replaces = Some(from_seq).filter(|from_seq| *from_seq < event.position.seq);
        from_seq = event.position.seq + 1;
        let written = envelope::cloud_event(site, event, replaces).and_then(|event| to_raw_value(&event));
        written.map_err(|error| {
            tracing::error!(%error, event = %event.position, "an event could not be written as JSON");
            Error::internal().into()
        })
    };
    events.iter().map(write).collect()
}
