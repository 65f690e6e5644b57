//! Batches that come again, ids that come with other contents, boxes that went back in time or are there twice.

use serde_json::json;

use super::{Collector, Kind, Site, code};

#[test]
fn a_batch_is_acknowledged_and_shown() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let events = vec![site.updated("organization/1", 1, "A"), site.updated("camera/3", 1, "Gate")];
    let answer = site.send(&collector, &events).expect(200).json();
    assert_eq!(answer, json!({ "acked_seq": "4", "epoch": site.epoch.to_string(), "rejected": [] }));
    let shown = collector.site(&site);
    assert_eq!(shown["epoch"], site.epoch.to_string());
    assert_eq!(shown["acked_seq"], "4");
    assert_eq!(shown["chain"], super::hex(&site.chain));
    assert_eq!(shown["counts"], json!({ "organization": 1, "member": 0, "camera": 1, "user": 0 }));
    assert_eq!((&shown["batches"], &shown["applied"], &shown["alarms"]), (&json!(2), &json!(2), &json!([])));
    assert_eq!(shown["epochs"][0]["reason"], "first start");
}

#[test]
fn a_batch_that_comes_again_changes_nothing() {
    let mut collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let mut older = Vec::new();
    for version in 1..=3 {
        let events = vec![site.updated("organization/1", version, "A")];
        let letter = site.letter(&events);
        let first = collector.post(&letter).expect(200);
        site.link(&letter);
        older.push((letter, first));
    }
    // Not only the last one, and not only from memory.
    collector.restart();
    let before = collector.view(&site);
    for (letter, first) in &older {
        let again = collector.post(letter).expect(200);
        assert_eq!(again.text, first.text);
    }
    let after = collector.view(&site);
    assert_eq!((&before.epochs, before.counts), (&after.epochs, after.counts));
    assert_eq!(collector.site(&site)["retries"], 3);
    assert_eq!(collector.site(&site)["duplicates"], 0);
    // What follows goes on from the last one.
    let events = vec![site.updated("organization/1", 4, "A")];
    site.send(&collector, &events).expect(200);
}

#[test]
fn one_id_with_two_contents_is_refused_and_shown() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let event = site.updated("organization/1", 1, "A");
    let letter = site.letter(std::slice::from_ref(&event));
    collector.post(&letter).expect(200);
    let mut other = letter.clone();
    other.body.push(b' ');
    assert_eq!(code(&collector.post(&other).expect(400)), "batch_conflict");
    site.link(&letter);

    // The same event in another batch is known; with other data it is none that anybody may have sent.
    site.send(&collector, std::slice::from_ref(&event)).expect(200);
    let shown = collector.site(&site);
    assert_eq!((&shown["duplicates"], &shown["ignored"]), (&json!(1), &json!(0)));
    assert_eq!(collector.client().get("/events?subject=organization/1").json()["items"].as_array().unwrap().len(), 1);
    let mut forged = event;
    forged["data"]["state"]["title"] = "B".into();
    let fresh = site.updated("organization/2", 1, "Fresh");
    let answer = site.send(&collector, &[forged, fresh]).expect(400);
    assert_eq!(code(&answer), "event_conflict");
    assert_eq!(collector.states(&site, Kind::Organization).len(), 1, "nothing of a refused batch is kept");
    assert_eq!(collector.alarms(&site), ["batch_conflicts", "event_conflicts"]);
    assert_eq!(collector.site(&site)["conflicts"], 2);
}

#[test]
fn a_box_that_went_back_in_time_is_told_so() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let mut backup = site.clone();
    let events = vec![site.updated("organization/1", 1, "A")];
    site.send(&collector, &events).expect(200);
    // Other ids than those that were given in the meantime.
    backup.ids += 1000;
    let events = vec![backup.updated("organization/1", 1, "Another")];
    let answer = backup.send(&collector, &events).expect(409);
    assert_eq!(code(&answer), "behind");
    assert_eq!(collector.alarms(&site), ["behind"]);
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"A"}"#);
    // A new epoch is the way on.
    let old = backup.epoch;
    backup.open(2);
    let events = vec![
        backup.epoch_event(Some(old), "rewound"),
        backup.state("snapshot", "organization/1", 1, &json!({ "title": "Another" })),
        backup.complete_event(),
    ];
    backup.send(&collector, &events).expect(200);
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"Another"}"#);
}

#[test]
fn a_superseded_epoch_that_sends_is_another_box() {
    let collector = Collector::start();
    let mut original = Site::started(&collector, 7);
    let event = original.updated("organization/1", 1, "A");
    let letter = original.letter(&[event]);
    collector.post(&letter).expect(200);
    original.link(&letter);
    let mut clone = original.clone();
    clone.open(2);
    clone.ids += 1000;
    let events = vec![clone.epoch_event(Some(original.epoch), "cloned"), clone.complete_event()];
    clone.send(&collector, &events).expect(200);

    let events = vec![original.updated("organization/1", 2, "B")];
    let answer = original.send(&collector, &events).expect(409);
    assert_eq!(code(&answer), "duplicate_site");
    assert_eq!(collector.alarms(&original), ["duplicate_site"]);
    // What was acknowledged stays so, even now.
    collector.post(&letter).expect(200);
    let epochs = collector.view(&original).epochs;
    assert_eq!(epochs.len(), 2);
    assert_eq!(epochs[0].old_epoch, Some(original.epoch.to_string()));
    assert!(epochs[0].superseded_at_ms.is_none() && epochs[1].superseded_at_ms.is_some());
}

#[test]
fn an_epoch_that_was_never_opened_here_must_be_opened_anew() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    // As after the loss of the collector's own file: the box goes on in the middle.
    let events = vec![site.updated("organization/1", 1, "A")];
    assert_eq!(code(&site.send(&collector, &events).expect(409)), "behind");
    let events = vec![site.epoch_event(None, "first start")];
    let right = site.chain;
    site.chain = [1; 32];
    assert_eq!(code(&site.send(&collector, &events).expect(409)), "behind");
    assert!(collector.site(&site).is_null(), "nobody is known by a batch that was refused");
    site.chain = right;
    site.send(&collector, &events).expect(200);
}
