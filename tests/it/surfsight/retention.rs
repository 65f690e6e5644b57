//! PATCH: purge times, device retention, profile and live video.

use serde_json::{Value, json};

use super::{organization, partner};
use crate::support::TestBox;

const PURGES: [&str; 4] = ["purgeDays", "purgeDaysFrontCamera", "purgeDaysRearCamera", "purgeDaysAuxiliaryCameras"];

#[test]
fn numbers_are_whole_and_within_bounds() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let path = format!("/organizations/{}", organization(&partner, "Company Name"));
    let bounds = PURGES.map(|field| (field, 1_i64, 366_i64));
    let others = [("deviceRetentionMinutes", 4, 2_147_483_647), ("liveVideoTimeoutSeconds", 30, 2_147_483_647)];
    for (field, least, greatest) in bounds.into_iter().chain(others) {
        let set = |value: &Value| partner.json("PATCH", &path, &json!({ field: value }));
        for fits in [json!(least), json!(greatest), json!(90), json!(90.0), json!(9e1)] {
            set(&fits).expect(200);
            assert_eq!(partner.get(&path).json()["data"][field].as_f64(), fits.as_f64(), "{field}");
        }
        let before = partner.get(&path).json();
        for wrong in [
            json!(least - 1),
            json!(greatest + 1),
            json!(-90),
            json!(1.5),
            json!(90.000001),
            json!(1e300),
            json!(u64::MAX),
            json!("90"),
            json!(null),
            json!(true),
            json!([90]),
            json!({}),
        ] {
            let message = set(&wrong).expect(400).json()["message"].as_str().unwrap().to_owned();
            let rule = format!("bad request error: {field} must be a whole number from {least} to {greatest}");
            assert_eq!(message, rule, "{wrong}");
        }
        assert_eq!(partner.get(&path).json(), before);
    }
}

#[test]
fn the_four_purge_times_are_independent() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let path = format!("/organizations/{}", organization(&partner, "Company Name"));
    let mut wanted = [31; 4];
    for (place, days) in [(0, 90), (1, 60), (2, 7), (3, 366)] {
        partner.json("PATCH", &path, &json!({ PURGES[place]: days })).expect(200);
        wanted[place] = days;
        let data = partner.get(&path).json()["data"].clone();
        assert_eq!(PURGES.map(|field| data[field].as_i64().unwrap()), wanted);
    }
}

#[test]
fn flags_are_strict() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let path = format!("/organizations/{}", organization(&partner, "Company Name"));
    for field in ["isOrganizationProfileEnabled", "exclusivePartnerOnly"] {
        for value in [false, true, true, false] {
            partner.json("PATCH", &path, &json!({ field: value })).expect(200);
            assert_eq!(partner.get(&path).json()["data"][field], value);
        }
        for wrong in [json!(1), json!(0), json!("true"), json!(null), json!([])] {
            let answer = partner.json("PATCH", &path, &json!({ field: wrong })).expect(400);
            assert_eq!(answer.json()["message"], format!("bad request error: {field} must be true or false"));
        }
    }
}

#[test]
fn one_invalid_field_changes_nothing() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let path = format!("/organizations/{}", organization(&partner, "Company Name"));
    let before = partner.get(&path).json();
    let body = json!({"name": "Other", "purgeDays": 90, "liveVideoTimeoutSeconds": 29, "deviceRetentionMinutes": "4"});
    let answer = partner.json("PATCH", &path, &body).expect(400).json();
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("liveVideoTimeoutSeconds") && message.contains("deviceRetentionMinutes"), "{message}");
    assert!(!message.contains("purgeDays") && !message.contains("name"), "{message}");
    assert_eq!(partner.get(&path).json(), before);
}

#[test]
fn purge_times_above_the_cap_are_forbidden_and_out_of_bounds_invalid() {
    let test_box = TestBox::with("[dialects.surfsight]\nmax_purge_days = 31\n");
    let partner = partner(&test_box);
    let path = format!("/organizations/{}", organization(&partner, "Company Name"));
    let before = partner.get(&path).json();
    for field in PURGES {
        partner.json("PATCH", &path, &json!({ field: 31 })).expect(200);
        let answer = partner.json("PATCH", &path, &json!({ field: 32 })).expect(403).json();
        assert_eq!(answer["message"], format!("forbidden error: {field} must be at most 31 on this box"));
        for days in [0, 367] {
            partner.json("PATCH", &path, &json!({ field: days })).expect(400);
        }
    }
    // What is invalid is told before what is forbidden.
    partner.json("PATCH", &path, &json!({"purgeDays": 32, "purgeDaysRearCamera": 0})).expect(400);
    partner.json("PATCH", &path, &json!({"name": "Other", "purgeDays": 32})).expect(403);
    assert_eq!(partner.get(&path).json(), before);
}
