//! Heartbeats: agreement, difference, and when nothing can be compared.

use serde_json::{Value, json};

use super::{Collector, Site};

/// A site with a few subjects, all of which are here.
fn filled(collector: &Collector) -> Site {
    let mut site = Site::started(collector, 7);
    let mut events: Vec<Value> = (1..=40).map(|id| site.updated(&format!("organization/{id}"), 1, "A")).collect();
    events.extend((1..=20).map(|id| site.updated(&format!("camera/{id}"), 1, "Gate")));
    events.extend((1..=10).map(|id| site.updated(&format!("organization/{id}"), 2, "B")));
    events.extend((1..=5).map(|id| site.deleted(&format!("camera/{id}"), 2)));
    events.push(site.state("created", "user/1", 1, &json!({ "login": "ann" })));
    events.push(site.state("created", "member/1-1", 1, &json!({ "can": false })));
    site.send(collector, &events).expect(200);
    site
}

/// Sends a heartbeat with other data than is true, and returns whether a full state is asked for.
fn asks(collector: &Collector, site: &mut Site, change: impl FnOnce(&mut Value)) -> bool {
    let mut heartbeat = site.heartbeat();
    change(&mut heartbeat["data"]);
    site.send(collector, &[heartbeat]).expect(200).json().get("resync") == Some(&json!(true))
}

#[test]
fn the_same_state_has_the_same_digest() {
    let mut collector = Collector::start();
    let mut site = filled(&collector);
    assert!(!asks(&collector, &mut site, |_| {}));
    let shown = collector.site(&site);
    assert_eq!(shown["counts"], json!({ "organization": 40, "member": 1, "camera": 15, "user": 1 }));
    assert_eq!((&shown["difference"], &shown["agreed_at"]), (&json!(null), &json!("2026-03-14T09:26:53Z")));
    // The sums outlive a restart, and what follows in the same batch is not compared.
    collector.restart();
    let events = vec![site.updated("organization/1", 3, "C"), site.heartbeat(), site.updated("organization/1", 4, "D")];
    assert!(site.send(&collector, &events).expect(200).json().get("resync").is_none());
    assert!(!asks(&collector, &mut site, |_| {}));
    assert_eq!(collector.view(&site).count(orgbox::collector::Tally::Differences), 0);
}

#[test]
fn a_difference_is_shown_and_a_full_state_asked_for() {
    let collector = Collector::start();
    let mut site = filled(&collector);
    // One state that the collector never got, though all numbers came.
    site.live.insert("organization/3".to_owned(), "{}".to_owned());
    assert!(asks(&collector, &mut site, |_| {}));
    let shown = collector.site(&site);
    let difference = shown["difference"].as_str().unwrap();
    assert!(difference.starts_with("the digests differ in bucket ") && !difference.contains(','), "{difference}");
    assert_eq!(collector.alarms(&site), ["differences"]);
    assert!(!asks(&collector, &mut site, |_| {}), "it was asked for already");

    let old = site.epoch;
    let live = site.live.clone();
    site.open(2);
    let mut events = vec![site.epoch_event(Some(old), "resync")];
    for (subject, state) in &live {
        let state: Value = serde_json::from_str(state).unwrap();
        events.push(site.state("snapshot", subject, 9, &state));
    }
    events.push(site.complete_event());
    events.push(site.heartbeat());
    assert!(site.send(&collector, &events).expect(200).json().get("resync").is_none());
    let shown = collector.site(&site);
    assert_eq!(
        (&shown["difference"], &shown["resync_pending"], &shown["alarms"]),
        (&json!(null), &json!(false), &json!([]))
    );
}

#[test]
fn counts_and_broken_digests_differ_too() {
    let collector = Collector::start();
    let mut site = filled(&collector);
    assert!(asks(&collector, &mut site, |data| data["counts"]["camera"] = 16.into()));
    assert_eq!(collector.site(&site)["difference"], "camera 15 here, 16 there");
    assert!(!asks(&collector, &mut site, |_| {}));
    assert_eq!(collector.site(&site)["resync_pending"], false, "agreement settles it");
    assert!(asks(&collector, &mut site, |data| data["digest"] = "00".into()));
    assert_eq!(collector.site(&site)["difference"], "the digest is not 256 hexadecimal digits");
}

#[test]
fn nothing_is_compared_that_cannot_be() {
    let collector = Collector::start();
    let mut site = filled(&collector);
    let wrong = "0".repeat(256);
    for (key, value) in [("parked", json!(1)), ("last_seq", json!(site.seq + 100)), ("last_seq", json!("5"))] {
        let asked = asks(&collector, &mut site, |data| {
            data["digest"] = wrong.clone().into();
            data[key] = value.clone();
        });
        assert!(!asked, "{key} {value}");
    }
    // Nor while a snapshot is under way.
    let old = site.epoch;
    site.open(2);
    let events = vec![site.epoch_event(Some(old), "restored")];
    site.send(&collector, &events).expect(200);
    assert!(!asks(&collector, &mut site, |data| data["digest"] = wrong.clone().into()));
    assert_eq!(collector.site(&site)["difference"], json!(null));
    let events = vec![site.complete_event()];
    site.send(&collector, &events).expect(200);
    assert!(asks(&collector, &mut site, |data| data["digest"] = "f".repeat(256).into()), "and now it is");
}

#[test]
fn a_snapshot_that_lacks_something_is_noticed() {
    let collector = Collector::start();
    let mut site = Site::new(7);
    let events = vec![site.epoch_event(None, "first start"), site.updated("organization/1", 1, "A")];
    site.send(&collector, &events).expect(200);
    site.live.insert("organization/2".to_owned(), "{}".to_owned());
    let events = vec![site.complete_event()];
    assert_eq!(site.send(&collector, &events).expect(200).json()["resync"], true);
    assert_eq!(collector.site(&site)["difference"], "organization 1 here, 2 there");
}

#[test]
fn a_state_that_is_whole_is_complete_without_the_word() {
    let collector = Collector::start();
    let mut site = filled(&collector);
    let old = site.epoch;
    site.open(2);
    let events = vec![site.epoch_event(Some(old), "restored"), site.updated("organization/1", 9, "A")];
    site.send(&collector, &events).expect(200);
    // What the box has told so far agrees, but there is more of it.
    let more = json!({ "organization": 2, "member": 0, "camera": 0, "user": 0 });
    asks(&collector, &mut site, |data| data["counts"] = more);
    asks(&collector, &mut site, |data| data["counts"] = json!(null));
    assert_eq!(collector.site(&site)["complete"], false);
    let events = vec![site.updated("organization/2", 9, "B")];
    site.send(&collector, &events).expect(200);
    assert!(!asks(&collector, &mut site, |_| {}));
    let shown = collector.site(&site);
    assert_eq!((&shown["complete"], &shown["counts"]["organization"]), (&json!(true), &json!(2)));
}
