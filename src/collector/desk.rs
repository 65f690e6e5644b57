//! What stands behind the counter: credentials, unpacking, the signature, and the one ledger. It must not know how requests
//! come in.

use std::{
    collections::BTreeMap,
    io::Read,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    Observer,
    batch::{BODY_BYTES_MAX, Batch, Head},
    event::Kind,
    ledger::{
        Ledger,
        views::{EventFilter, EventView, SiteView, SubjectView},
    },
    refusal::Refusal,
    take::{self, Taken},
};
use crate::{clock::Clock, upstream::sign::SigningKey};

/// Largest difference between the time of a signature and this clock.
pub const TIMESTAMP_TOLERANCE_MS: i64 = 5 * 60_000;
/// The only media type of a batch: with nothing after it, as strict receivers compare it.
pub const MEDIA_TYPE: &str = "application/cloudevents-batch+json";

/// A batch as it came over the network.
pub(super) struct Mail {
    /// Its headers by their lower-case names.
    pub(super) headers: BTreeMap<String, String>,
    /// Its body as sent.
    pub(super) body: Vec<u8>,
}

/// What became of a batch that could be told apart, for whoever watches.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
    /// The site.
    pub site: uuid::Uuid,
    /// The epoch.
    pub epoch: uuid::Uuid,
    /// The lowest number that it covers.
    pub first: i64,
    /// The highest.
    pub last: i64,
    /// How many events it holds; 0 where it cannot be read.
    pub events: usize,
    /// What became of it.
    pub outcome: Result<Taken, Refusal>,
}

pub(super) struct Desk {
    clock: Clock,
    token_hash: Option<[u8; 32]>,
    signing_key: Option<SigningKey>,
    /// `None` once it is closed.
    open: Mutex<Option<Open>>,
}

struct Open {
    ledger: Ledger,
    observer: Option<Observer>,
}

impl Desk {
    pub(super) fn new(
        ledger: Ledger,
        clock: Clock,
        token: Option<String>,
        signing_key: Option<SigningKey>,
        observer: Option<Observer>,
    ) -> Self {
        let token_hash = token.map(|token| Sha256::digest(token).into());
        Self { clock, token_hash, signing_key, open: Mutex::new(Some(Open { ledger, observer })) }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Lets through who carries the token. Where there is none, everybody on this machine, but no page in a browser that
    /// reaches it under a name of its own, nor a proxy that opens it to others.
    pub(super) fn admit(&self, authorization: Option<&str>, host: Option<&str>) -> Result<(), Refusal> {
        let Some(right) = &self.token_hash else {
            return if host.is_none_or(is_local_name) { Ok(()) } else { Err(Refusal::Host) };
        };
        let scheme = authorization.and_then(|value| value.split_once(' '));
        let given = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let given: [u8; 32] = Sha256::digest(given.unwrap_or_default()).into();
        // Hashes of the same length, compared in constant time.
        if given.ct_eq(right).into() { Ok(()) } else { Err(Refusal::Token) }
    }

    /// Takes a batch. An acknowledgement means that it is on disk.
    pub(super) fn receive(&self, mail: &Mail) -> Result<Taken, Refusal> {
        let now_ms = self.now_ms();
        let header = |name: &str| mail.headers.get(name).map(String::as_str);
        let body = unpack(header("content-encoding"), &mail.body)?;
        self.verify(header, &body, now_ms)?;
        let head = Head::read(header)?;
        let text = std::str::from_utf8(&body).map_err(|_| Refusal::Malformed("the body is not UTF-8".to_owned()));
        let batch = text.and_then(|text| Batch::parse(head, text));
        // From here to the observer, so that batches are told in the order in which they were taken.
        let mut open = self.open();
        let open = open.as_mut().ok_or(Refusal::Storage)?;
        let (events, outcome) = match batch {
            Ok(batch) => (batch.events.len(), take::take(&mut open.ledger, &batch, now_ms)),
            Err(refusal) => (0, Err(refusal)),
        };
        let Head { site, epoch, first, last, .. } = head;
        let seen = Seen { at_ms: now_ms, site, epoch, first, last, events, outcome };
        if let Some(observer) = &open.observer {
            observer(&seen);
        }
        seen.outcome
    }

    /// Standard Webhooks, over the unpacked body.
    fn verify<'h>(&self, header: impl Fn(&str) -> Option<&'h str>, body: &[u8], now_ms: i64) -> Result<(), Refusal> {
        let Some(key) = &self.signing_key else { return Ok(()) };
        let id = header("webhook-id").ok_or(Refusal::Signature)?;
        let signature = header("webhook-signature").ok_or(Refusal::Signature)?;
        let timestamp: i64 =
            header("webhook-timestamp").and_then(|text| text.parse().ok()).ok_or(Refusal::Signature)?;
        if timestamp.saturating_mul(1000).abs_diff(now_ms) > TIMESTAMP_TOLERANCE_MS.unsigned_abs() {
            return Err(Refusal::Timestamp);
        }
        if key.verify(id, timestamp, body, signature) { Ok(()) } else { Err(Refusal::Signature) }
    }

    pub(super) fn sites(&self, after: &str, limit: i64) -> Result<Vec<SiteView>, Refusal> {
        self.read(|ledger| ledger.read(|book| book.sites(after, limit)))
    }

    pub(super) fn subjects(
        &self,
        site: &str,
        kind: Kind,
        after: &str,
        limit: i64,
    ) -> Result<Option<Vec<SubjectView>>, Refusal> {
        self.read(|ledger| ledger.read(|book| book.subjects(site, kind, after, limit)))
    }

    pub(super) fn events(&self, filter: &EventFilter, limit: i64) -> Result<Vec<EventView>, Refusal> {
        self.read(|ledger| ledger.read(|book| book.events(filter, limit)))
    }

    /// Closes the file and lets the observer go. What is asked later is refused.
    pub(super) fn close(&self) {
        drop(self.open().take());
    }

    fn read<T>(&self, work: impl FnOnce(&Ledger) -> Result<T, Refusal>) -> Result<T, Refusal> {
        work(&self.open().as_ref().ok_or(Refusal::Storage)?.ledger)
    }

    /// A panic while it was held has rolled its transaction back.
    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// True for `localhost` and for addresses, with a port or without.
fn is_local_name(host: &str) -> bool {
    let bare = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let bare = bare.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

/// The body as it was before it was packed; never more than it may be.
fn unpack(encoding: Option<&str>, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    match encoding.map(|encoding| encoding.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => return Ok(body.to_vec()),
        Some("gzip") => {
            let unpacked = MultiGzDecoder::new(body).take(BODY_BYTES_MAX as u64 + 1).read_to_end(&mut plain);
            unpacked.map_err(|_| Refusal::Malformed("the body is not gzip".to_owned()))?;
        }
        Some(_) => return Err(Refusal::MediaType("the only Content-Encoding is gzip")),
    }
    if plain.len() > BODY_BYTES_MAX { Err(Refusal::TooLarge("a body has at most 1 MiB unpacked")) } else { Ok(plain) }
}
