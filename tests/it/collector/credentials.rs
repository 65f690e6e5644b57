//! Who may send and read: tokens, signatures, and where a collector may listen.

use std::path::Path;

use orgbox::{
    clock::Clock,
    collector::{self, Options, StartError},
    upstream::sign::SigningKey,
};

use super::{Collector, Letter, NOON_MS, Site, code};

const TOKEN: &str = "0123456789abcdef";
const NOON_SECONDS: i64 = NOON_MS / 1000;

fn key(byte: u8) -> SigningKey {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    SigningKey::parse(&format!("whsec_{encoded}")).unwrap()
}

fn first(site: &mut Site) -> Letter {
    let events = vec![site.epoch_event(None, "first start")];
    site.letter(&events)
}

#[test]
fn only_the_right_signature_of_the_right_time_is_taken() {
    let collector = Collector::with(None, Some(key(1)));
    let mut site = Site::new(7);
    let letter = first(&mut site);
    for (wrong, expected) in [
        (letter.clone(), "bad_signature"),
        (letter.signed(&key(2), NOON_SECONDS), "bad_signature"),
        (
            letter.signed(&key(1), NOON_SECONDS).with("webhook-timestamp", (NOON_SECONDS + 1).to_string()),
            "bad_signature",
        ),
        (letter.signed(&key(1), NOON_SECONDS).with("webhook-timestamp", "soon"), "bad_signature"),
        (letter.signed(&key(1), NOON_SECONDS).with("webhook-signature", "v1,é"), "bad_signature"),
        (letter.signed(&key(1), NOON_SECONDS).without("webhook-id"), "bad_signature"),
        (letter.signed(&key(1), NOON_SECONDS - 301), "bad_timestamp"),
        (letter.signed(&key(1), NOON_SECONDS + 301), "bad_timestamp"),
        (letter.signed(&key(1), i64::MAX), "bad_timestamp"),
        (letter.signed(&key(1), i64::MIN), "bad_timestamp"),
    ] {
        let answer = collector.post(&wrong).expect(401);
        assert_eq!(code(&answer), expected);
        // From which a sender learns how far its clock is off.
        assert_eq!(answer.header("date"), "Sat, 14 Mar 2026 09:26:53 GMT");
    }
    let mut changed = letter.signed(&key(1), NOON_SECONDS);
    changed.body.push(b' ');
    collector.post(&changed).expect(401);
    assert!(collector.site(&site).is_null());
    collector.post(&letter.signed(&key(1), NOON_SECONDS - 300)).expect(200);
    collector.post(&letter.signed(&key(1), NOON_SECONDS + 300)).expect(200);
    collector.clock.advance_ms(600_000);
    collector.post(&letter.signed(&key(1), NOON_SECONDS)).expect(401);
}

#[test]
fn nobody_sends_or_reads_without_the_token() {
    let collector = Collector::with(Some(TOKEN), None);
    let mut site = Site::new(7);
    let letter = first(&mut site);
    let shown = format!("/sites/{}/organizations", site.uuid);
    for wrong in ["", "Bearer", "Bearer ", "Bearer 0123456789abcdee", "Basic 0123456789abcdef", "0123456789abcdef"] {
        let client = collector.client().with("authorization", wrong);
        for answer in [letter.post(&client), client.get("/sites"), client.get("/events"), client.get(&shown)] {
            assert_eq!(code(&answer.clone().expect(401)), "bad_token");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    collector.client().get("/sites").expect(401);
    collector.client().get("/healthz").expect(200);
    let client = collector.client().with("authorization", &format!("bearer {TOKEN}"));
    letter.post(&client).expect(200);
    assert_eq!(client.get("/sites").expect(200).json()["items"][0]["site"], site.uuid.to_string());
}

#[test]
fn an_open_door_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let start = |token: Option<&str>, signing_key: Option<SigningKey>, file: &Path| {
        collector::start(Options {
            listen: "0.0.0.0:0".parse().unwrap(),
            database: file.to_owned(),
            clock: Clock::manual(NOON_MS),
            token: token.map(str::to_owned),
            signing_key,
            observer: None,
        })
    };
    let file = directory.path().join("collector.db");
    for (token, signing_key) in [(None, None), (Some(TOKEN), None), (None, Some(key(1)))] {
        assert!(matches!(start(token, signing_key, &file), Err(StartError::Open(_))));
    }
    assert!(!file.exists());
    start(Some(TOKEN), Some(key(1)), &file).unwrap().stop();
}

#[test]
fn without_a_token_only_this_machine_is_answered() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let letter = first(&mut site);
    for strange in ["billing.example", "billing.example:9090", "localhost.example", "127.0.0.1.example:80", "x:y", ""] {
        let client = collector.client().with("host", strange);
        assert_eq!(code(&client.get("/sites").expect(403)), "bad_host", "{strange}");
        letter.post(&client).expect(403);
    }
    for own in ["localhost", "LOCALHOST:9090", "127.0.0.1", "[::1]:9090", "192.0.2.1:80"] {
        collector.client().with("host", own).get("/sites").expect(200);
    }
    let guarded = Collector::with(Some(TOKEN), None);
    let client = guarded.client().with("authorization", &format!("Bearer {TOKEN}"));
    client.with("host", "billing.example").get("/sites").expect(200);
}
