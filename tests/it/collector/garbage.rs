//! What is no batch: wrong types, broken headers, bombs, noise. Nothing of it ends the collector or leaves a trace.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::json;

use super::{Collector, Letter, MEDIA_TYPE, Site, code};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(letter: &Letter, body: Vec<u8>) -> Letter {
    Letter { body, ..letter.with("content-encoding", "gzip") }
}

#[test]
fn a_packed_batch_is_the_batch() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let events = vec![site.epoch_event(None, "first start")];
    let letter = site.letter(&events);
    collector.post(&packed(&letter, gzip(&letter.body))).expect(200);
    // The id, the chain and the signature are those of what is in it.
    assert_eq!(collector.post(&letter).expect(200).json()["acked_seq"], "1");
    assert_eq!(collector.site(&site)["retries"], 1);
    site.link(&letter);
    assert_eq!(collector.site(&site)["chain"], super::hex(&site.chain));
}

#[test]
fn a_bomb_is_not_unpacked() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let letter = site.letter(&[]);
    // Half a gigabyte, in parts that are packed one by one.
    let mut bomb = gzip(&vec![b' '; 4 << 20]).repeat(128);
    // Whoever comes as far as this has unpacked it all.
    bomb.extend(b"not gzip");
    assert!(bomb.len() < 1 << 20);
    assert_eq!(code(&collector.post(&packed(&letter, bomb)).expect(413)), "too_large");
    let answer = collector.post(&packed(&letter, b"not gzip".to_vec())).expect(400);
    assert_eq!(code(&answer), "malformed");
    let mut cut = gzip(b"[]");
    cut.truncate(12);
    collector.post(&packed(&letter, cut)).expect(400);
    let mut followed = gzip(&letter.body);
    followed.extend(b"garbage");
    collector.post(&packed(&letter, followed)).expect(400);
    collector.post(&letter.with("content-encoding", "br")).expect(415);
}

#[test]
fn what_is_too_large_is_refused() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    for bytes in [(1 << 20) + 1, 3 << 20] {
        let letter = site.raw_letter((3, 3), vec![b' '; bytes]);
        assert_eq!(code(&collector.post(&letter).expect(413)), "too_large");
    }
    let events: Vec<_> = (1..=501).map(|id| site.updated(&format!("camera/{id}"), 1, "Gate")).collect();
    let letter = site.letter(&events);
    assert!(letter.body.len() < 1 << 20);
    assert_eq!(code(&collector.post(&letter).expect(413)), "too_large");
    site.send(&collector, &events[..500]).expect(200);
    assert_eq!(collector.site(&site)["counts"]["camera"], 500);
}

#[test]
fn the_media_type_is_exactly_one() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let events = vec![site.epoch_event(None, "first start")];
    let letter = site.letter(&events);
    let client = letter.headers.iter().fold(collector.client(), |client, (name, value)| client.with(name, value));
    for wrong in [
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json; charset=utf-8",
        "Application/CloudEvents-Batch+JSON",
    ] {
        assert_eq!(code(&client.send("POST", "/events", Some(wrong), &letter.body).expect(415)), "media_type");
    }
    client.send("POST", "/events", None, b"").expect(415);
    client.send("POST", "/", Some(MEDIA_TYPE), &letter.body).expect(200);
}

#[test]
fn headers_that_are_missing_or_wrong_are_named() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let events = vec![site.epoch_event(None, "first start")];
    let letter = site.letter(&events);
    for name in ["orgbox-site", "orgbox-epoch", "orgbox-seq", "orgbox-chain"] {
        for broken in [letter.without(name), letter.with(name, "x"), letter.with(name, "é")] {
            let answer = collector.post(&broken).expect(400);
            assert!(answer.json()["detail"].as_str().unwrap().contains(name), "{}", answer.text);
        }
    }
    collector.post(&letter.without("webhook-id").without("idempotency-key")).expect(400);
    collector.post(&letter.with("orgbox-epoch", "00000000-0000-0000-0000-000000000009")).expect(400);
    collector.post(&letter.without("webhook-id")).expect(200);
}

#[test]
fn bodies_that_are_no_batch_are_refused() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let event = site.updated("organization/1", 1, "A");
    let twice = event.to_string().replacen('{', r#"{"id":"another","#, 1);
    let mut other_epoch = event.clone();
    other_epoch["obxepoch"] = json!("00000000-0000-0000-0000-000000000001");
    for body in [
        "".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "[1]".to_owned(),
        "[{}]".to_owned(),
        "[{]".to_owned(),
        deep.clone(),
        format!("[{twice}]"),
        format!("[{other_epoch}]"),
        format!("[{event},"),
        format!("[{event}] x"),
        event.to_string(),
    ] {
        let letter = site.raw_letter((3, 3), body.clone().into_bytes());
        let answer = collector.post(&letter).expect(400);
        assert_eq!(code(&answer), "malformed", "{}", &body[..body.len().min(100)]);
    }
    let letter = site.raw_letter((3, 3), b"[\"\xff\"]".to_vec());
    collector.post(&letter).expect(400);
    // Depth in what is only kept is nobody's business here.
    let event = event.to_string().replace(r#""A""#, &deep);
    let letter = site.raw_letter((3, 3), format!("[{event}]").into_bytes());
    collector.post(&letter).expect(200);
    collector.client().get(&format!("/sites/{}/organizations", site.uuid)).expect(200);
    assert_eq!(collector.site(&site)["batches"], 2);
}

#[test]
fn other_paths_and_methods_are_refused() {
    let collector = Collector::start();
    let site = Site::started(&collector, 7);
    let client = collector.client();
    for (method, path, status) in [
        ("GET", "/", 405),
        ("PUT", "/events", 405),
        ("DELETE", "/sites", 405),
        ("POST", "/healthz", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/sites/x/organizations", 404),
        ("GET", "/sites/00000000-0000-0000-0000-000000000009/organizations", 404),
        ("GET", &format!("/sites/{}/keys", site.uuid), 404),
        ("GET", &format!("/sites/{}", site.uuid), 404),
        ("GET", "/%ff%00", 404),
        ("GET", "/sites?limit=0", 400),
        ("GET", "/sites?limit=1001", 400),
        ("GET", "/sites?site=x", 400),
        ("GET", "/sites?what=x", 400),
        ("GET", "/sites?cursor=%00", 400),
        ("GET", "/events?cursor=eA", 400),
    ] {
        let answer = client.send(method, path, None, b"").expect(status);
        assert_eq!(answer.json()["status"], status, "{method} {path}");
    }
    assert_eq!(client.send("PUT", "/events", None, b"").header("allow"), "GET, HEAD, POST");
}

#[test]
fn noise_never_ends_it() {
    let collector = Collector::start();
    let site = Site::started(&collector, 7);
    let mut before = site.clone();
    let event = before.updated("organization/1", 1, "A").to_string();
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let places = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    proptest!(config, |(places in places)| {
        let mut body = format!("[{event}]").into_bytes();
        for (place, byte) in places {
            let at = place.index(body.len());
            body[at] = byte;
        }
        let answer = collector.post(&site.clone().raw_letter((3, 3), body));
        // Taken, refused, or taken to be the next batch of an epoch that has gone on.
        prop_assert!([200, 400, 409].contains(&answer.status), "{}", answer.text);
    });
    collector.client().get("/sites").expect(200);
}
