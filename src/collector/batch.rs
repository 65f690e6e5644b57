//! A batch: its headers, its body, its link in the chain. Pure: nothing here knows the network or what is held.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    digest::unhex,
    event::{Event, Meaning, Opening},
    refusal::Refusal,
};

/// Largest body, in bytes, as sent and unpacked.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Most events of a batch.
pub const EVENTS_MAX: usize = 500;
/// Most events of a batch that comes as a file.
pub const FILE_EVENTS_MAX: usize = 100_000;

/// A link of the chain over what was sent.
pub type Link = [u8; 32];

/// The headers of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// `Idempotency-Key`, `webhook-id`
    pub batch: Uuid,
    /// `orgbox-site`
    pub site: Uuid,
    /// `orgbox-epoch`
    pub epoch: Uuid,
    /// `orgbox-seq`: the lowest number that the batch covers.
    pub first: i64,
    /// `orgbox-seq`: the highest. One less than `first` where the batch covers none.
    pub last: i64,
    /// `orgbox-chain`: the chain before this batch.
    pub chain: Link,
}

/// A batch that can be read.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Its headers.
    pub head: Head,
    /// Hash of its body.
    pub body_hash: Link,
    /// Its events, in order; at least one.
    pub events: Vec<Event<'a>>,
}

impl Head {
    /// Reads the headers. `header` gives a header's value.
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Result<Self, Refusal> {
        let text = |name: &str| header(name).map(str::trim);
        let wrong = |name: &str| Refusal::Malformed(format!("the header {name} is missing or wrong"));
        let uuid = |name: &str| text(name).and_then(|text| Uuid::try_parse(text).ok()).ok_or_else(|| wrong(name));
        let (first, last) = text("orgbox-seq").and_then(range).ok_or_else(|| wrong("orgbox-seq"))?;
        let chain = text("orgbox-chain").and_then(unhex).ok_or_else(|| wrong("orgbox-chain"))?;
        Ok(Self {
            batch: batch_id(text)?,
            site: uuid("orgbox-site")?,
            epoch: uuid("orgbox-epoch")?,
            first,
            last,
            chain,
        })
    }
}

impl<'a> Batch<'a> {
    /// Reads the body that came with these headers.
    pub fn parse(head: Head, body: &'a str) -> Result<Self, Refusal> {
        let malformed = |what: String| Refusal::Malformed(what);
        let raws: Vec<&RawValue> = serde_json::from_str(body)
            .map_err(|error| malformed(format!("the body is no JSON array: line {}", error.line())))?;
        if raws.is_empty() {
            return Err(malformed("the batch is empty".to_owned()));
        }
        if raws.len() > EVENTS_MAX {
            return Err(Refusal::TooLarge("a batch has at most 500 events"));
        }
        Self::of(head, body, raws)
    }

    /// Reads the events that stand behind the head of a file, one a line.
    pub fn of_lines(head: Head, lines: &'a str) -> Result<Self, Refusal> {
        let raw = |(line, number): (&'a str, usize)| {
            serde_json::from_str::<&RawValue>(line)
                .map_err(|_| Refusal::Malformed(format!("line {number} of the file is no JSON")))
        };
        let raws = lines.lines().zip(2..).map(raw).collect::<Result<Vec<_>, _>>()?;
        if raws.is_empty() {
            return Err(Refusal::Malformed("the file holds no event".to_owned()));
        }
        if raws.len() > FILE_EVENTS_MAX {
            return Err(Refusal::TooLarge("a file has at most 100000 events"));
        }
        Self::of(head, lines, raws)
    }

    fn of(head: Head, body: &str, raws: Vec<&'a RawValue>) -> Result<Self, Refusal> {
        let malformed = |what: String| Refusal::Malformed(what);
        let mut events = Vec::with_capacity(raws.len());
        for (raw, index) in raws.into_iter().zip(0..) {
            let event = Event::parse(raw, head.site);
            let event = event.map_err(|what| malformed(format!("event {index} of the batch {what}")))?;
            fits(&event, &head).map_err(|what| malformed(format!("event {index} of the batch {what}")))?;
            events.push(event);
        }
        Ok(Self { head, body_hash: Sha256::digest(body).into(), events })
    }

    /// What the first event says of the epoch that the batch opens, if it opens one.
    pub fn opening(&self) -> Option<&Opening> {
        match &self.events.first()?.meaning {
            Meaning::Epoch(opening) => Some(opening),
            _ => None,
        }
    }
}

/// Where the chain of an epoch begins.
pub fn first_link(epoch: Uuid) -> Link {
    Sha256::digest(epoch.as_bytes()).into()
}

/// The chain after a batch.
pub fn next_link(before: &Link, body_hash: &Link) -> Link {
    Sha256::new().chain_update(before).chain_update(body_hash).finalize().into()
}

/// `webhook-id` and `Idempotency-Key` carry the same id; either will do. The latter is a quoted text [RFC 8941].
fn batch_id<'h>(text: impl Fn(&str) -> Option<&'h str>) -> Result<Uuid, Refusal> {
    let unquoted = |text: &'h str| text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let ids = [text("webhook-id"), text("idempotency-key").map(unquoted)];
    let mut ids = ids.into_iter().flatten().map(|id| Uuid::try_parse(id).ok());
    let wrong = "webhook-id and Idempotency-Key must be the id of the batch";
    match (ids.next(), ids.next()) {
        (Some(Some(id)), None) => Ok(id),
        (Some(Some(id)), Some(Some(other))) if id == other => Ok(id),
        _ => Err(Refusal::Malformed(wrong.to_owned())),
    }
}

/// `101-200`. `201-200` covers nothing; anything more upside down is wrong.
fn range(text: &str) -> Option<(i64, i64)> {
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        // Room for the next number without a thought of overflow.
        text.parse::<i64>().ok().filter(|number| digits && *number < i64::MAX / 2)
    };
    let (first, last) = text.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    (first <= last + 1).then_some((first, last))
}

/// Numbers outside of what the batch says it covers would hide gaps.
fn fits(event: &Event<'_>, head: &Head) -> Result<(), &'static str> {
    let (first, last) = (event.from.or(event.sequence), event.sequence);
    let counts = !matches!(event.meaning, Meaning::Heartbeat(_) | Meaning::Other);
    if counts && (first.is_some_and(|first| first < head.first) || last.is_some_and(|last| last > head.last)) {
        return Err("has a sequence outside of orgbox-seq");
    }
    if event.epoch.is_some_and(|epoch| epoch != head.epoch) {
        return Err("has another obxepoch than orgbox-epoch");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(changed: &[(&str, Option<&str>)]) -> Result<Head, Refusal> {
        let uuid = "00000000-0000-0000-0000-000000000001";
        let chain = "0".repeat(64);
        Head::read(|name| match changed.iter().find(|(changed, _)| *changed == name) {
            Some((_, value)) => *value,
            None => Some(match name {
                "orgbox-seq" => "101-200",
                "orgbox-chain" => &chain,
                "idempotency-key" => "\"00000000-0000-0000-0000-000000000001\"",
                _ => uuid,
            }),
        })
    }

    #[test]
    fn headers_are_read_or_named() {
        let right = head(&[]).expect("nothing is wrong");
        assert_eq!((right.first, right.last, right.batch), (101, 200, Uuid::from_u128(1)));
        assert_eq!(head(&[("orgbox-seq", Some("201-200"))]).expect("an empty range").first, 201);
        assert!(head(&[("webhook-id", None)]).is_ok() && head(&[("idempotency-key", None)]).is_ok());
        for wrong in ["", "5", "-5", "5-", "9-5", "1-99999999999999999999", "1-9223372036854775807", "+1-2", "1--2"] {
            assert!(head(&[("orgbox-seq", Some(wrong))]).is_err(), "{wrong}");
        }
        assert!(head(&[("webhook-id", None), ("idempotency-key", None)]).is_err());
        assert!(head(&[("webhook-id", Some("00000000-0000-0000-0000-000000000002"))]).is_err());
        assert!(head(&[("idempotency-key", Some("\""))]).is_err());
        let refusal = head(&[("orgbox-chain", Some("00"))]).unwrap_err();
        assert_eq!(refusal.to_string(), "the header orgbox-chain is missing or wrong");
    }

    #[test]
    fn the_chain_is_that_of_the_contract() {
        let epoch = Uuid::from_u128(3);
        let first = first_link(epoch);
        assert_eq!(first, <[u8; 32]>::from(Sha256::digest(epoch.as_bytes())));
        let body: Link = Sha256::digest("[]").into();
        let joined = [first, body].concat();
        assert_eq!(next_link(&first, &body), <[u8; 32]>::from(Sha256::digest(joined)));
    }
}
