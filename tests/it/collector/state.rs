//! What is held: the newest version of every subject, tombstones, snapshots that replace.

use serde_json::json;

use super::{Collector, Kind, Site, code};
use crate::support::test_box::first_column;

#[test]
fn the_newest_version_stays_whatever_the_order() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let old = site.updated("organization/1", 2, "old");
    let new = site.updated("organization/1", 5, "new");
    site.send(&collector, &[new]).expect(200);
    site.send(&collector, &[old]).expect(200);
    assert_eq!(
        collector.states(&site, Kind::Organization),
        [("organization/1".to_owned(), r#"{"title":"new"}"#.to_owned())]
    );
    assert_eq!(collector.site(&site)["ignored"], 1);
    // The same version from another event is no newer.
    let same = site.updated("organization/1", 5, "other");
    site.send(&collector, &[same]).expect(200);
    assert_eq!(collector.site(&site)["ignored"], 2);
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"new"}"#);
}

#[test]
fn a_state_is_kept_to_the_byte() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let state = r#"{ "b" : 1.00,"a":"Dep\u00f4t \/ \ud83d", "a":  18446744073709551616 }"#;
    let event = site.updated("organization/1", 1, "STATE").to_string();
    let body = format!("[ {} ]", event.replace(r#"{"title":"STATE"}"#, state));
    let letter = site.raw_letter((3, 3), body.into_bytes());
    collector.post(&letter).expect(200);
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, state);
    let shown = collector.client().get(&format!("/sites/{}/organizations", site.uuid)).expect(200);
    assert!(shown.text.contains(&format!("\"state\":{state}")), "{}", shown.text);
}

#[test]
fn what_is_deleted_stays_so_against_older_news() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let created = site.state("created", "member/1-2", 1, &json!({ "login": "ann" }));
    let updated = site.state("updated", "member/1-2", 2, &json!({ "login": "ann", "can": true }));
    let deleted = site.deleted("member/1-2", 3);
    site.send(&collector, &[created]).expect(200);
    assert_eq!(collector.states(&site, Kind::Member).len(), 1);
    site.send(&collector, &[deleted]).expect(200);
    site.send(&collector, &[updated]).expect(200);
    assert!(collector.states(&site, Kind::Member).is_empty());
    assert_eq!(collector.site(&site)["counts"]["member"], 0);
    // It comes back with a newer version, as a member does who joins again.
    let again = site.state("created", "member/1-2", 4, &json!({ "login": "ann" }));
    site.send(&collector, &[again]).expect(200);
    assert_eq!(collector.site(&site)["counts"]["member"], 1);
    // A tombstone of what was never heard of is remembered too.
    let (late, gone) = (site.updated("camera/9", 1, "Gate"), site.deleted("camera/9", 2));
    site.send(&collector, &[gone]).expect(200);
    site.send(&collector, &[late]).expect(200);
    assert!(collector.states(&site, Kind::Camera).is_empty());
}

#[test]
fn a_complete_snapshot_replaces_and_an_incomplete_one_does_not() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let events = vec![
        site.updated("organization/1", 5, "kept"),
        site.updated("organization/2", 1, "gone by then"),
        site.updated("user/1", 1, "ann"),
    ];
    site.send(&collector, &events).expect(200);
    let old = site.epoch;
    site.open(2);
    // Versions are of the epoch: a restored box may count lower than it had.
    let events = vec![
        site.epoch_event(Some(old), "restored"),
        site.state("snapshot", "organization/1", 2, &json!({ "title": "restored" })),
    ];
    site.send(&collector, &events).expect(200);
    let shown = collector.site(&site);
    assert_eq!((&shown["epoch"], &shown["complete"]), (&json!(site.epoch.to_string()), &json!(false)));
    assert_eq!(shown["counts"], json!({ "organization": 2, "member": 0, "camera": 0, "user": 1 }));
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"kept"}"#);

    let not_yet = json!({ "complete": false });
    let events = vec![site.event("site.snapshot", &format!("site/{}", site.uuid), None, &not_yet)];
    site.send(&collector, &events).expect(200);
    assert_eq!(collector.states(&site, Kind::Organization).len(), 2);

    let events = vec![site.updated("organization/3", 1, "meanwhile"), site.complete_event()];
    site.send(&collector, &events).expect(200);
    let titles: Vec<_> = collector.states(&site, Kind::Organization).into_iter().map(|(_, state)| state).collect();
    assert_eq!(titles, [r#"{"title":"restored"}"#, r#"{"title":"meanwhile"}"#]);
    assert!(collector.states(&site, Kind::User).is_empty(), "what the new epoch has not named is gone");
    assert_eq!(collector.site(&site)["complete"], true);
    let file = rusqlite::Connection::open(collector.database()).unwrap();
    assert_eq!(first_column(&file, "SELECT count(*) FROM subjects"), ["2"], "nor does it stay in the file");
}

#[test]
fn an_epoch_that_is_given_up_leaves_what_was_shown() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let events = vec![site.updated("organization/1", 1, "first")];
    site.send(&collector, &events).expect(200);
    for number in 2..=3 {
        let old = site.epoch;
        site.open(number);
        let events = vec![
            site.epoch_event(Some(old), "rewound"),
            site.state("snapshot", "organization/8", 1, &json!({ "title": "given up" })),
        ];
        site.send(&collector, &events).expect(200);
        assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"first"}"#);
    }
    let events = vec![site.complete_event()];
    site.send(&collector, &events).expect(200);
    assert_eq!(collector.states(&site, Kind::Organization)[0].0, "organization/8");
}

#[test]
fn sites_do_not_see_each_other() {
    let collector = Collector::start();
    let (mut one, mut other) = (Site::started(&collector, 7), Site::started(&collector, 8));
    let events = vec![one.updated("organization/1", 9, "one")];
    one.send(&collector, &events).expect(200);
    let events = vec![other.updated("organization/1", 1, "other")];
    other.send(&collector, &events).expect(200);
    assert_eq!(collector.states(&one, Kind::Organization)[0].1, r#"{"title":"one"}"#);
    assert_eq!(collector.states(&other, Kind::Organization)[0].1, r#"{"title":"other"}"#);
    // An event speaks for its own site only.
    let stolen = one.updated("organization/1", 10, "stolen");
    assert_eq!(code(&other.send(&collector, &[stolen]).expect(400)), "malformed");
}

#[test]
fn an_event_that_cannot_be_used_is_named_and_the_others_are_applied() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let mut wrong = site.updated("organization/1", 1, "A");
    wrong["obxver"] = json!(null);
    let right = site.updated("organization/2", 1, "B");
    let unknown = site.event("usage.hourly", "organization/2", None, &json!({ "gauge": 5 }));
    let answer = site.send(&collector, &[wrong.clone(), right, unknown]).expect(200).json();
    assert_eq!(answer["rejected"], json!([{ "id": wrong["id"], "code": "bad_version", "retryable": false }]));
    assert_eq!(answer["acked_seq"], "5");
    assert_eq!(collector.states(&site, Kind::Organization).len(), 1);
    assert_eq!(collector.alarms(&site), ["rejected"]);
    // It may come again, looked at anew.
    let answer = site.send(&collector, &[wrong]).expect(200).json();
    assert_eq!(answer["rejected"].as_array().unwrap().len(), 1);
}
