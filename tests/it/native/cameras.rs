//! Cameras: the purge time in force for each, moving, limits, exclusivity, events.

use orgbox::{
    model::actor::Who,
    ops::overrides::{clear, replace},
};
use serde_json::json;

use super::{camera, organization};
use crate::{
    overrides::{applied, document, number},
    support::TestBox,
};

#[test]
fn the_purge_time_of_the_type_decides_where_it_is_given_and_else_the_general_one() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let cameras = [(1, "purge_days_front"), (2, "purge_days_rear"), (50, "purge_days_auxiliary")];
    let cameras = cameras.map(|(kind, field)| (camera(&test_box, org, kind), field));
    let shown = |id: i64| {
        let body = admin.get(&format!("/orgbox/v1/cameras/{id}")).expect(200).json();
        let source = &body["purge_days_source"];
        let text = |name: &str| source[name].as_str().unwrap().to_owned();
        (body["purge_days"].as_i64().unwrap(), text("field"), text("source"))
    };
    let told = |days: i64, field: &str, source: &str| (days, field.to_owned(), source.to_owned());
    let patch = |body| admin.json("PATCH", &format!("/orgbox/v1/organizations/{org}"), &body).expect(200);
    for (id, _) in &cameras {
        assert_eq!(shown(*id), told(31, "purge_days", "default"));
    }
    patch(json!({"purge_days": 90}));
    for (id, _) in &cameras {
        assert_eq!(shown(*id), told(90, "purge_days", "stored"));
    }
    patch(json!({"purge_days_front": 7, "purge_days_rear": 8, "purge_days_auxiliary": 9}));
    for ((id, field), days) in cameras.iter().zip([7, 8, 9]) {
        assert_eq!(shown(*id), told(days, field, "stored"));
    }
}

#[test]
fn every_dialect_shows_the_time_that_cameras_go_by() {
    let test_box = TestBox::start();
    let (admin, surfsight) = (test_box.admin(), super::partner(&test_box));
    let org = organization(&test_box, "Acme", None);
    camera(&test_box, org, 1);
    let (native, path) = (format!("/orgbox/v1/organizations/{org}"), format!("/organizations/{org}"));
    let days = || {
        let camera = admin.get("/orgbox/v1/retention").expect(200).json()["cameras"][0]["purge_days"].clone();
        assert_eq!(admin.get(&native).expect(200).json()["purge_days_front"], camera);
        assert_eq!(surfsight.get(&path).expect(200).json()["data"]["purgeDaysFrontCamera"], camera);
        camera.as_i64().unwrap()
    };
    admin.json("PATCH", &native, &json!({"purge_days": 90})).expect(200);
    assert_eq!(days(), 90);
    // Whoever reads and sends back changes nothing, whatever stands at a default.
    let version = || test_box.query("SELECT version FROM organizations WHERE id > 1");
    let before = version();
    let shown = surfsight.get(&path).expect(200).json()["data"].clone();
    let names = ["purgeDays", "purgeDaysFrontCamera", "purgeDaysRearCamera", "purgeDaysAuxiliaryCameras"];
    let same: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), shown[name].clone())).collect();
    surfsight.json("PATCH", &path, &same.into()).expect(200);
    assert_eq!((days(), version()), (90, before));
    // There the four are independent: what is not mentioned stays, while here it follows.
    surfsight.json("PATCH", &path, &json!({"purgeDays": 60})).expect(200);
    assert_eq!(days(), 90);
    admin.json("PATCH", &native, &json!({"purge_days": 30})).expect(200);
    assert_eq!(days(), 90);
    admin.json("PATCH", &native, &json!({"purge_days_front": null})).expect(200);
    assert_eq!(days(), 30);
    // Said in one breath, both count.
    admin.json("PATCH", &native, &json!({"purge_days": 45, "purge_days_front": 30})).expect(200);
    assert_eq!(days(), 30);
}

#[test]
fn the_retention_of_all_cameras_has_a_tag_that_stays_until_something_happens() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let id = camera(&test_box, org, 2);
    let first = admin.get("/orgbox/v1/retention").expect(200);
    let again = admin.with("if-none-match", first.header("etag")).get("/orgbox/v1/retention").expect(304);
    assert_eq!((again.text.as_str(), again.header("etag")), ("", first.header("etag")));
    admin.json("PUT", &format!("/orgbox/v1/organizations/{org}/hold"), &json!({"reason": "Case"})).expect(200);
    let changed = admin.with("if-none-match", first.header("etag")).get("/orgbox/v1/retention").expect(200);
    let wanted = json!([{"id": id, "organization_id": org, "type": 2, "purge_days": 31, "hold": true}]);
    assert_eq!(changed.json()["cameras"], wanted);
}

#[test]
fn lists_are_narrowed_and_paged() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let top = organization(&test_box, "Top", None);
    let below = organization(&test_box, "Below", Some(top));
    let ids: Vec<i64> = [top, below, top, below].map(|org| camera(&test_box, org, 1)).to_vec();
    camera(&test_box, 1, 1);
    let listed = |query: &str| {
        let body = admin.get(&format!("/orgbox/v1/cameras?{query}")).expect(200).json();
        body["items"].as_array().unwrap().iter().map(|camera| camera["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&format!("organization={top}")), [ids[0], ids[2]]);
    assert_eq!(listed(&format!("below={top}")), ids);
    assert_eq!(listed(&format!("below={top}&organization={below}")), [ids[1], ids[3]]);
    assert_eq!(listed(&format!("below={below}&organization={top}")), [0; 0]);
    assert_eq!(listed("search=CAMERA%20OF%20TOP"), [ids[0], ids[2]]);
    assert_eq!(listed("").len(), 5);
    admin.get("/orgbox/v1/cameras?organization=nobody").expect(404);
    admin.get("/orgbox/v1/cameras?limit=0").expect(422);
    admin.get("/orgbox/v1/cameras?cursor=%25").expect(422);
}

#[test]
fn moving_counts_on_both_sides_and_is_one_event_of_the_camera() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let (from, to) = (organization(&test_box, "From", None), organization(&test_box, "To", None));
    let id = camera(&test_box, from, 1);
    let before: i64 = test_box.query("SELECT max(seq) FROM outbox")[0].parse().unwrap();
    let path = format!("/orgbox/v1/cameras/{id}");
    let moved = admin.json("PATCH", &path, &json!({"organization_id": to})).expect(200).json();
    assert_eq!((moved["organization_id"].as_i64(), moved["organization"].as_str()), (Some(to), Some("to")));
    let counts = "SELECT camera_count FROM organizations WHERE id > 1 ORDER BY id";
    assert_eq!(test_box.query(counts), ["0", "1"]);
    let subjects = test_box.query(&format!("SELECT subject FROM outbox WHERE seq > {before} ORDER BY subject"));
    assert_eq!(subjects, [format!("camera/{id}"), format!("organization/{from}"), format!("organization/{to}")]);
    // What is so already changes nothing.
    admin.json("PATCH", &path, &json!({"organization_id": to, "type": 1})).expect(200);
    assert_eq!(test_box.query(&format!("SELECT count(*) FROM outbox WHERE seq > {before}")), ["3"]);
}

#[test]
fn limits_exclusivity_and_rights_of_the_target_decide() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let (from, full, foreign) = (
        organization(&test_box, "From", None),
        organization(&test_box, "Full", None),
        organization(&test_box, "Foreign", None),
    );
    let id = camera(&test_box, from, 1);
    let path = format!("/orgbox/v1/cameras/{id}");
    let database = rusqlite::Connection::open(test_box.database()).unwrap();
    let sql = "UPDATE organizations SET camera_limit = 0 WHERE id = ?1";
    database.execute(sql, [full]).unwrap();
    let sql = "UPDATE organizations SET exclusive_partner_only = 1, partner_id = 1 WHERE id = ?1";
    database.execute(sql, [foreign]).unwrap();
    let code = |body, status| admin.json("PATCH", &path, &body).expect(status).json()["code"].clone();
    assert_eq!(code(json!({"organization_id": full}), 409), "camera_limit_reached");
    assert_eq!(code(json!({"organization_id": foreign}), 409), "foreign_camera");
    assert_eq!(code(json!({"organization_id": 999}), 422), "invalid");
    assert_eq!(code(json!({"colour": "red"}), 422), "invalid");
    let past = json!({"organization_id": full, "name": "One more", "type": 1});
    assert_eq!(admin.json("POST", "/orgbox/v1/cameras", &past).expect(409).json()["code"], "camera_limit_reached");
    // Somebody who edits the cameras of the first organization only.
    let editor = super::editor(&test_box, from);
    editor.json("PATCH", &path, &json!({"name": "Mine"})).expect(200);
    editor.json("PATCH", &path, &json!({"organization_id": full})).expect(403);
    let named = json!({"organization_id": from, "name": " ", "type": 1});
    let errors = editor.json("POST", "/orgbox/v1/cameras", &named).expect(422).json()["errors"].clone();
    assert_eq!(errors[0]["field"], "name");
}

#[test]
fn a_purge_time_that_a_file_says_names_the_line() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let [front, rear] = [1, 2].map(|kind| camera(&test_box, org, kind));
    camera(&test_box, organization(&test_box, "Other", None), 1);
    let patch = json!({"purge_days_front": 40});
    admin.json("PATCH", &format!("/orgbox/v1/organizations/{org}"), &patch).expect(200);
    let said = document(&[("acme", &[("purge_days", number(90))])]);
    applied(test_box.running().store().write(move |write| replace(write, &said)).unwrap());
    let listed = admin.get("/orgbox/v1/cameras").expect(200).json();
    let sources: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| &one["purge_days_source"]).collect();
    let stored = json!({"field": "purge_days_front", "source": "stored"});
    let by_file = json!({"field": "purge_days", "source": "file", "file": "config.toml", "line": 3});
    let by_nobody = json!({"field": "purge_days", "source": "default"});
    assert_eq!(sources, [&stored, &by_file, &by_nobody]);
    let one = |id: i64| admin.get(&format!("/orgbox/v1/cameras/{id}")).expect(200).json()["purge_days_source"].clone();
    assert_eq!([one(front), one(rear)], [stored, by_file]);
    // Let go by the file, kept by a hold.
    admin.json("PUT", &format!("/orgbox/v1/organizations/{org}/hold"), &json!({"reason": "Case 1"})).expect(200);
    test_box.running().store().write(|write| clear(write, &Who::file(&[0; 32]))).unwrap();
    assert_eq!(one(rear), json!({"field": "purge_days", "source": "legal_hold"}));
    // The hold lifted, what the file's end meant comes into force.
    admin.delete(&format!("/orgbox/v1/organizations/{org}/hold")).expect(204);
    assert_eq!(one(rear), by_nobody);
}
