//! Legal holds: against each dialect, over what is below, and who may set them.

use orgbox::ops::overrides::replace;
use serde_json::{Value, json};

use super::{camera, editor, organization, partner};
use crate::{
    overrides::{applied, document, number},
    support::{Client, TestBox},
};

const REASON: &str = "Case 17/2026";

fn hold(test_box: &TestBox, what: &str) {
    test_box.admin().json("PUT", &format!("/orgbox/v1/{what}/hold"), &json!({ "reason": REASON })).expect(200);
}

fn lift(test_box: &TestBox, what: &str) {
    test_box.admin().delete(&format!("/orgbox/v1/{what}/hold")).expect(204);
}

/// Everything that must be as it was after a refusal.
fn state(test_box: &TestBox) -> Vec<Vec<String>> {
    ["SELECT count(*) FROM audit", "SELECT id FROM organizations", "SELECT organization_id || '-' || kind FROM cameras"]
        .map(|sql| test_box.query(sql))
        .to_vec()
}

fn signed_in_to_watcher(test_box: &TestBox) -> Client {
    let body = json!({"login": "admin", "password": crate::support::test_box::ADMIN_PASSWORD});
    let answer = test_box.client().json("POST", "/vsaas/api/v2/auth/login", &body).expect(200).json();
    test_box.client().with("x-vsaas-session", answer["session"].as_str().unwrap())
}

#[test]
fn no_dialect_deletes_or_shortens_what_is_under_hold() {
    let test_box = TestBox::start();
    let (admin, surfsight, watcher) = (test_box.admin(), partner(&test_box), signed_in_to_watcher(&test_box));
    let org = organization(&test_box, "Acme", None);
    let id = camera(&test_box, org, 1);
    hold(&test_box, &format!("organizations/{org}"));
    let before = state(&test_box);
    let patch = |body: Value| surfsight.json("PATCH", &format!("/organizations/{org}"), &body);
    let answers = [
        ("watcher", watcher.with("force", "1").delete(&format!("/vsaas/api/v2/organizations/{org}")), 400),
        ("wotkit", admin.delete("/api/v1/orgs/acme"), 400),
        ("infinity", admin.delete(&format!("/config/v2/organisations/{org}")), 400),
        ("surfsight purge", patch(json!({"purgeDays": 30})), 400),
        ("surfsight front", patch(json!({"name": "Other", "purgeDaysFrontCamera": 1})), 400),
        ("surfsight device", patch(json!({"deviceRetentionMinutes": 4})), 400),
        ("native camera", admin.delete(&format!("/orgbox/v1/cameras/{id}")), 409),
    ];
    for (what, answer, status) in answers {
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert!(answer.text.contains("legal hold"), "{what}: {}", answer.text);
    }
    assert_eq!(state(&test_box), before);
    // What shortens nothing is as free as ever.
    patch(json!({"name": "Other", "purgeDays": 90, "liveVideoTimeoutSeconds": 60})).expect(200);
    // To give the longer time up again is to shorten it.
    patch(json!({"purgeDays": 31})).expect(400);
    lift(&test_box, &format!("organizations/{org}"));
    patch(json!({"purgeDays": 30, "deviceRetentionMinutes": 4})).expect(200);
    admin.delete(&format!("/orgbox/v1/cameras/{id}")).expect(204);
    surfsight.delete(&format!("/organizations/{org}")).expect(200);
}

#[test]
fn a_hold_is_over_everything_below_and_nothing_leaves_it() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let top = organization(&test_box, "Top", None);
    let middle = organization(&test_box, "Middle", Some(top));
    let bottom = organization(&test_box, "Bottom", Some(middle));
    let free = organization(&test_box, "Free", None);
    let id = camera(&test_box, bottom, 1);
    hold(&test_box, &format!("organizations/{top}"));
    assert_eq!(admin.get(&format!("/orgbox/v1/cameras/{id}")).expect(200).json()["hold"]["organization_id"], top);
    let parents = |method, child: i64, parent: i64| {
        let path = format!("/config/v2/organisations/{child}/parents");
        admin.form(method, &path, &format!("parentOrgSpec={parent}"))
    };
    partner(&test_box).json("PATCH", &format!("/organizations/{bottom}"), &json!({"purgeDays": 1})).expect(400);
    admin.delete(&format!("/config/v2/organisations/{bottom}")).expect(400);
    // The default organization is above all of them and under no hold, so it goes only if nothing held goes with it.
    parents("PUT", middle, free).expect(400);
    parents("POST", middle, free).expect(204);
    parents("DELETE", middle, top).expect(400);
    parents("DELETE", middle, free).expect(204);
    let path = format!("/orgbox/v1/cameras/{id}");
    assert_eq!(admin.json("PATCH", &path, &json!({"organization_id": free})).expect(409).json()["code"], "under_hold");
    admin.json("PATCH", &path, &json!({"organization_id": middle})).expect(200);
    let all = admin.get("/orgbox/v1/retention").expect(200).json();
    assert_eq!(all["cameras"][0]["hold"], true);
}

#[test]
fn a_camera_under_hold_holds_its_own_footage_and_its_organization() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let (org, other) = (organization(&test_box, "Acme", None), organization(&test_box, "Other", None));
    let id = camera(&test_box, org, 1);
    hold(&test_box, &format!("cameras/{id}"));
    let patch = |org: i64, body: Value| admin.json("PATCH", &format!("/orgbox/v1/organizations/{org}"), &body);
    patch(org, json!({"purge_days_rear": 7})).expect(200);
    patch(org, json!({"purge_days_front": 7})).expect(409);
    patch(org, json!({"purge_days": 7})).expect(409);
    patch(org, json!({"purge_days": 7, "purge_days_front": 31})).expect(200);
    admin.delete("/api/v1/orgs/acme").expect(400);
    let path = format!("/orgbox/v1/cameras/{id}");
    admin.delete(&path).expect(409);
    let errors = admin.json("PATCH", &path, &json!({"type": 2})).expect(409).json()["errors"].clone();
    assert_eq!(errors[0]["field"], "purge_days_rear");
    patch(other, json!({"purge_days": 30})).expect(200);
    admin.json("PATCH", &path, &json!({"organization_id": other})).expect(409);
    patch(other, json!({"purge_days": 31})).expect(200);
    admin.json("PATCH", &path, &json!({"organization_id": other, "name": "Moved"})).expect(200);
}

#[test]
fn only_a_super_administrator_sets_and_lifts_and_both_are_audited() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let editor = editor(&test_box, org);
    let path = format!("/orgbox/v1/organizations/{org}/hold");
    editor.json("PUT", &path, &json!({ "reason": REASON })).expect(403);
    for wrong in [json!({}), json!({"reason": " "}), json!({"reason": 1}), json!({"reason": "x".repeat(1001)})] {
        admin.json("PUT", &path, &wrong).expect(422);
    }
    admin.json("PUT", &path, &json!({"reason": REASON, "until": 1})).expect(422);
    admin.delete(&path).expect(404);
    admin.json("PUT", &path, &json!({ "reason": REASON })).expect(200);
    test_box.clock.advance_ms(1000);
    let again = admin.json("PUT", &path, &json!({"reason": "Another"})).expect(200).json();
    assert_eq!((again["reason"].as_str(), again["since"].as_str()), (Some("Another"), Some("2026-03-14T09:26:53Z")));
    assert_eq!(editor.get(&path).expect(200).json(), again);
    assert_eq!(editor.get("/orgbox/v1/holds").expect(200).json()["items"], json!([again]));
    editor.delete(&path).expect(403);
    admin.delete(&path).expect(204);
    let told = format!(
        "SELECT coalesce(after ->> '$.hold.reason', 'none') FROM audit WHERE subject = 'organization/{org}' \
         AND json_type(after, '$.hold') IS NOT NULL AND operation = 'update' ORDER BY id"
    );
    assert_eq!(test_box.query(&told), [REASON, "Another", "none"]);
    assert_eq!(test_box.query("SELECT count(*) FROM outbox WHERE json_extract(data, '$.changed[0]') = 'hold'"), ["3"]);
}

#[test]
fn lists_show_the_hold_over_each() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let top = organization(&test_box, "Top", None);
    organization(&test_box, "Bottom", Some(top));
    hold(&test_box, &format!("organizations/{top}"));
    for list in ["organizations", "organizations/1/subtree"] {
        let listed = admin.get(&format!("/orgbox/v1/{list}")).expect(200).json();
        let over: Vec<_> =
            listed["items"].as_array().unwrap().iter().map(|one| one["hold"]["organization_id"].clone()).collect();
        assert_eq!(over, [Value::Null, top.into(), top.into()], "{list}");
    }
}

#[test]
fn holds_come_in_pages_that_stay_right() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let orgs = ["A", "B"].map(|title| organization(&test_box, title, None));
    // Cameras go by their own ids, not by where they are.
    let cameras = [camera(&test_box, orgs[1], 1), camera(&test_box, orgs[0], 1), camera(&test_box, orgs[0], 2)];
    orgs.iter().for_each(|id| hold(&test_box, &format!("organizations/{id}")));
    cameras.iter().for_each(|id| hold(&test_box, &format!("cameras/{id}")));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/orgbox/v1/holds?limit=1{cursor}")).expect(200).json();
        let one = &page["items"][0];
        seen.push((one["organization_id"].as_i64(), one["camera_id"].as_i64()));
        match seen.len() {
            1 => lift(&test_box, &format!("organizations/{}", orgs[0])),
            3 => lift(&test_box, &format!("cameras/{}", cameras[0])),
            _ => {}
        }
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let on_cameras = cameras.map(|id| (None, Some(id)));
    assert_eq!(seen, [&orgs.map(|id| (Some(id), None))[..], &on_cameras[..]].concat());
    admin.get("/orgbox/v1/holds?limit=0").expect(422);
}

#[test]
fn what_files_say_comes_into_force_when_a_hold_is_lifted() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let held = camera(&test_box, org, 1);
    hold(&test_box, &format!("cameras/{held}"));
    let said = document(&[("acme", &[("purge_days", number(7))])]);
    applied(test_box.running().store().write(move |write| replace(write, &said)).unwrap());
    let days = || admin.get("/orgbox/v1/retention").expect(200).json()["cameras"][0]["purge_days"].clone();
    assert_eq!(days(), 31);
    lift(&test_box, &format!("cameras/{held}"));
    assert_eq!(days(), 7);
}
