//! Gaps in the numbers: noticed, asked about once, filled by what comes late, settled by a full state.

use orgbox::collector::RESYNC_PATIENCE_MS;
use serde_json::json;

use super::{Collector, Kind, Site};

#[test]
fn a_gap_is_noticed_and_a_full_state_asked_for_once() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    site.seq = 10;
    let events = vec![site.updated("organization/1", 1, "A")];
    let letter = site.letter(&events);
    let answer = collector.post(&letter).expect(200);
    site.link(&letter);
    assert_eq!(answer.json()["resync"], true);
    assert_eq!(collector.post(&letter).expect(200).text, answer.text, "a lost answer is given again as it was");
    let shown = collector.site(&site);
    assert_eq!((&shown["gaps"], &shown["resync_pending"]), (&json!(1), &json!(true)));
    assert_eq!(shown["open_gaps"], json!([{ "first": "3", "last": "10", "noticed_at": "2026-03-14T09:26:53Z" }]));
    assert_eq!(collector.alarms(&site), ["gaps"]);

    site.seq = 20;
    let events = vec![site.updated("organization/1", 2, "B")];
    assert!(site.send(&collector, &events).expect(200).json().get("resync").is_none(), "it was asked for already");
    assert_eq!(collector.site(&site)["gaps"], 2);
    // Somebody who was asked long ago has not heard it.
    collector.clock.advance_ms(RESYNC_PATIENCE_MS);
    site.seq = 30;
    let events = vec![site.updated("organization/1", 3, "C")];
    assert_eq!(site.send(&collector, &events).expect(200).json()["resync"], true);

    let old = site.epoch;
    site.open(2);
    let events = vec![site.epoch_event(Some(old), "resync"), site.complete_event()];
    site.send(&collector, &events).expect(200);
    let shown = collector.site(&site);
    assert_eq!(
        (&shown["resync_pending"], &shown["open_gaps"], &shown["alarms"]),
        (&json!(false), &json!([]), &json!([]))
    );
    assert_eq!(shown["gaps"], 3, "what has happened stays counted");
}

#[test]
fn a_single_number_can_be_missing() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    site.seq += 1;
    let events = vec![site.updated("organization/1", 1, "A")];
    assert_eq!(site.send(&collector, &events).expect(200).json()["resync"], true);
    assert_eq!(collector.view(&site).gaps, [(3, 3, collector.clock.now_ms())]);
}

#[test]
fn numbers_that_were_replaced_are_no_gap() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    site.seq = 10;
    let mut event = site.updated("organization/1", 9, "A");
    event["obxfrom"] = json!("00000000000000000003");
    let answer = site.send(&collector, &[event]).expect(200).json();
    assert!(answer.get("resync").is_none());
    assert_eq!((&answer["acked_seq"], &collector.site(&site)["gaps"]), (&json!("11"), &json!(0)));
}

#[test]
fn what_was_set_aside_may_come_late() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let parked: Vec<_> = (1..=5).map(|version| site.updated("organization/1", version, "late")).collect();
    let next = site.updated("organization/2", 1, "B");
    site.send(&collector, &[next]).expect(200);
    assert_eq!(collector.view(&site).gaps, [(3, 7, collector.clock.now_ms())]);
    // From the middle, from either end, and the rest.
    for (late, left) in
        [(2, &[(6, 7), (3, 4)][..]), (0, &[(6, 7), (4, 4)]), (4, &[(6, 6), (4, 4)]), (1, &[(6, 6)]), (3, &[])]
    {
        let answer = site.send(&collector, &[parked[late].clone()]).expect(200).json();
        assert_eq!(answer["acked_seq"], (late + 3).to_string(), "of this batch, not the highest");
        let gaps = collector.view(&site).gaps;
        assert_eq!(gaps.iter().map(|(first, last, _)| (*first, *last)).collect::<Vec<_>>(), left);
    }
    let shown = collector.site(&site);
    assert_eq!((&shown["acked_seq"], &shown["gaps"]), (&json!("8"), &json!(1)));
    assert_eq!(collector.states(&site, Kind::Organization)[0].1, r#"{"title":"late"}"#);
    // What follows is expected after the highest number.
    let events = vec![site.updated("organization/2", 2, "C")];
    assert!(site.send(&collector, &events).expect(200).json().get("resync").is_none());
}

#[test]
fn a_batch_may_cover_no_numbers() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let mut heartbeat = site.heartbeat();
    site.seq -= 1;
    heartbeat.as_object_mut().unwrap().remove("sequence");
    let letter = site.raw_letter((3, 2), serde_json::to_vec(&[heartbeat]).unwrap());
    collector.post(&letter).expect(200);
    site.link(&letter);
    let shown = collector.site(&site);
    assert_eq!((&shown["acked_seq"], &shown["gaps"]), (&json!("2"), &json!(0)));
    assert_eq!(shown["agreed_at"], "2026-03-14T09:26:53Z");
}

#[test]
fn numbers_outside_of_what_a_batch_covers_are_refused() {
    let collector = Collector::start();
    let mut site = Site::started(&collector, 7);
    let events = vec![site.updated("organization/1", 1, "A"), site.updated("organization/1", 2, "B")];
    let letter = site.letter(&events);
    for seq in ["3-3", "4-4", "1-2", "5-9"] {
        collector.post(&letter.with("orgbox-seq", seq)).expect(400);
    }
    collector.post(&letter).expect(200);
}
