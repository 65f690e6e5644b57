//! When a backup is due, whatever the clock does; and that the box makes it then.

use jiff::tz::TimeZone;
use orgbox::backup::schedule::{
    AFTER_START_MS, JITTER_MS, Moment, RETRY_MS, Situation, TimeOfDay, Tried, WITHOUT_MAX_MS, saved_ms,
};

use crate::support::{TestBox, test_box::NOON_MS};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// 2026-03-14T03:30:00Z.
const HALF_PAST_THREE_MS: i64 = NOON_MS - (5 * 3600 + 56 * 60 + 53) * 1000;

/// A box that has run for an hour at this moment and was saved at that one.
fn at(now_ms: i64, saved_ms: i64) -> Situation {
    Situation {
        daily_at: "03:30".parse().unwrap(),
        now: Moment { wall_ms: now_ms, monotonic_ms: HOUR_MS },
        started: Moment { wall_ms: now_ms - HOUR_MS, monotonic_ms: 0 },
        tried: None,
        saved_ms,
        jitter_ms: 0,
    }
}

#[track_caller]
fn assert_due(due: bool, situation: Situation) {
    assert_eq!(situation.is_due(&TimeZone::UTC), due, "{situation:?}");
}

#[test]
fn once_a_day_at_its_time_and_afterwards_where_that_was_slept_through() {
    let yesterday = HALF_PAST_THREE_MS - DAY_MS;
    assert_due(false, at(HALF_PAST_THREE_MS - 1, yesterday));
    assert_due(true, at(HALF_PAST_THREE_MS, yesterday));
    assert_due(true, at(HALF_PAST_THREE_MS + 9 * HOUR_MS, yesterday));
    assert_due(false, at(HALF_PAST_THREE_MS + 9 * HOUR_MS, HALF_PAST_THREE_MS));
    assert_due(true, at(HALF_PAST_THREE_MS + 90 * DAY_MS, yesterday));
    // Not all boxes of a region at once, and not in the first minutes.
    assert_due(false, Situation { jitter_ms: JITTER_MS, ..at(HALF_PAST_THREE_MS, yesterday) });
    assert_due(true, Situation { jitter_ms: JITTER_MS, ..at(HALF_PAST_THREE_MS + JITTER_MS, yesterday) });
    let fresh = at(HALF_PAST_THREE_MS, yesterday);
    let young = Moment { monotonic_ms: AFTER_START_MS - 1, ..fresh.now };
    assert_due(false, Situation { now: young, ..fresh });
}

#[test]
fn a_failure_is_tried_again_in_an_hour_and_a_success_is_enough() {
    let situation = at(HALF_PAST_THREE_MS, 0);
    let tried = |failed, ago_ms| {
        let at = Moment { wall_ms: 0, monotonic_ms: HOUR_MS - ago_ms };
        Situation { tried: Some(Tried { at, failed }), ..situation }
    };
    assert_due(false, tried(true, RETRY_MS - 1));
    assert_due(true, tried(true, RETRY_MS));
    assert_due(false, tried(false, 60_000));
}

#[test]
fn a_clock_that_is_wrong_neither_stops_backups_nor_makes_many() {
    // Never set: its time of day means nothing, and all the same a day does not pass without one.
    let unset = at(10 * HOUR_MS, 0);
    assert_due(false, unset);
    let a_day_on = Moment { wall_ms: 10 * HOUR_MS + DAY_MS, monotonic_ms: WITHOUT_MAX_MS };
    assert_due(true, Situation { now: a_day_on, ..unset });
    // Backups of the future say nothing of what was saved: dated when the clock was ahead by years.
    let now_ms = HALF_PAST_THREE_MS;
    let future_ms = now_ms + 3000 * DAY_MS;
    assert_eq!(saved_ms(now_ms, [future_ms].into_iter(), Some(now_ms - DAY_MS)), now_ms - DAY_MS);
    assert_eq!(saved_ms(now_ms, [future_ms, now_ms - 1].into_iter(), None), now_ms - 1);
    assert_eq!(saved_ms(now_ms, [].into_iter(), Some(future_ms)), 0);
    // Put back by an hour, as in autumn: what was saved stays saved.
    assert_due(false, at(HALF_PAST_THREE_MS + HOUR_MS, HALF_PAST_THREE_MS + HOUR_MS + 1));
}

#[test]
fn the_next_one_is_told() {
    let zone = TimeZone::UTC;
    assert_eq!(at(NOON_MS, HALF_PAST_THREE_MS).next_ms(&zone), Some(HALF_PAST_THREE_MS + DAY_MS));
    assert_eq!(at(NOON_MS, HALF_PAST_THREE_MS - 1).next_ms(&zone), Some(NOON_MS), "one is due already");
}

#[test]
fn a_time_of_day_is_written_with_four_digits() {
    for good in ["00:00", "03:30", "23:59"] {
        assert_eq!(good.parse::<TimeOfDay>().unwrap().to_string(), good);
    }
    for bad in ["", "3:30", "24:00", "12:60", "12-30", "+3:30", "12:3 "] {
        assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
    }
}

#[test]
fn the_box_makes_it_and_tells_of_it() {
    let test_box = TestBox::with("[backup]\nkeep = 2\n");
    let backups = test_box.running().backups();
    assert!(!backups.run_once(), "a box that was just set up has nothing to lose");
    let mut kept = Vec::new();
    for _ in 0..3 {
        test_box.clock.advance_ms(DAY_MS + HOUR_MS);
        assert!(backups.run_once());
        assert!(!backups.run_once(), "one a day");
        kept = backups.standing().backups;
    }
    assert_eq!(kept.len(), 2, "{kept:?}");
    let status = test_box.admin().get("/orgbox/v1/status").expect(200).json();
    let backup = &status["backup"];
    assert_eq!((&backup["kept"], &backup["failure"]), (&2.into(), &serde_json::Value::Null), "{backup}");
    assert_eq!(backup["last"]["name"], kept[0].name.as_str());
    assert_eq!(backup["last"]["age_seconds"], 0);
    let metrics = test_box.client().get("/metrics").expect(200).text;
    let newest = test_box.clock.now_ms() as f64 / 1000.0;
    for sample in
        ["kept_files 2", "last_failed 0", &format!("newest_timestamp_seconds {newest}"), "next_timestamp_seconds "]
    {
        assert!(metrics.contains(&format!("\norgbox_backup_{sample}")), "{sample} in {metrics}");
    }
}

#[test]
fn a_failure_is_told_with_what_to_do() {
    let test_box = TestBox::start();
    // A file where the folder would be.
    std::fs::write(test_box.database().with_file_name("backups"), "").unwrap();
    test_box.clock.advance_ms(DAY_MS + HOUR_MS);
    assert!(test_box.running().backups().run_once());
    let status = test_box.admin().get("/orgbox/v1/status").expect(200).json();
    let failure = &status["backup"]["failure"];
    assert_eq!(failure["name"], "backup_failed", "{status}");
    assert!(failure["remedy"].as_str().unwrap().contains("writable"), "{failure}");
    assert_eq!(status["ready"], true, "the box itself is well");
    let metrics = test_box.client().get("/metrics").expect(200).text;
    assert!(metrics.contains("\norgbox_backup_last_failed 1\n"), "{metrics}");
}
