//! Conditional changes: of two who have read the same version one wins, on every route that changes something.

use std::sync::{Arc, Barrier};

use orgbox::model::user::Role;
use serde_json::json;

use crate::support::{TestBox, coverage::person};

const WRITERS: usize = 8;

#[test]
fn of_writers_that_demand_the_same_version_exactly_one_wins() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Acme" })).expect(201);
    let start = Arc::new(Barrier::new(WRITERS));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (start, client) = (Arc::clone(&start), admin.with("if-match", "\"v1\""));
            std::thread::spawn(move || {
                start.wait();
                let title = format!("Writer {number}");
                (client.json("PATCH", "/orgbox/v1/organizations/acme", &json!({ "title": title })).status, title)
            })
        })
        .collect();
    let outcomes: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    let won: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|(status, _)| *status == 412).count(), WRITERS - 1, "{outcomes:?}");
    let stands = admin.get("/orgbox/v1/organizations/acme").expect(200);
    assert_eq!((stands.json()["title"].as_str().unwrap(), stands.header("etag")), (won[0].1.as_str(), "\"v2\""));
}

#[test]
fn every_change_heeds_what_is_demanded() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Acme" })).expect(201);
    admin.json("POST", "/orgbox/v1/users", &json!({ "login": "ann", "organization": "acme" })).expect(201);
    admin.json("POST", "/orgbox/v1/keys", &json!({ "name": "billing" })).expect(201);
    let events = test_box.query("SELECT count(*) FROM audit");
    let late = admin.with("if-match", "\"v99\"");
    for (method, path, body) in [
        ("PATCH", "/organizations/acme", json!({ "title": "Other" })),
        ("DELETE", "/organizations/acme", json!({})),
        ("PUT", "/organizations/acme/parents", json!({ "parents": [1] })),
        ("PUT", "/organizations/acme/members/ann", json!({ "can_view_stats": true })),
        ("DELETE", "/organizations/acme/members/ann", json!({})),
        ("PATCH", "/users/ann", json!({ "name": "Other" })),
        ("DELETE", "/users/ann", json!({})),
        ("DELETE", "/keys/1", json!({})),
    ] {
        let refused = late.json(method, &format!("/orgbox/v1{path}"), &body).expect(412);
        assert_eq!(refused.json()["code"], "outdated", "{method} {path}");
    }
    assert_eq!(test_box.query("SELECT count(*) FROM audit"), events, "nothing has changed");
    for condition in ["v1", "\"1\"", "W/\"v1\"", "\"v1\", \"v2\""] {
        let odd = admin.with("if-match", condition);
        odd.json("PATCH", "/orgbox/v1/organizations/acme", &json!({ "title": "Other" })).expect(422);
    }
    let any = admin.with("if-match", "*");
    any.json("PATCH", "/orgbox/v1/organizations/acme", &json!({ "title": "Other" })).expect(200);
}

#[test]
fn who_does_not_see_it_learns_no_version() {
    let test_box = TestBox::start();
    test_box.admin().json("POST", "/orgbox/v1/organizations", &json!({ "title": "Acme" })).expect(201);
    person(&test_box, "ann", Role::User, "correct battery");
    let ann = test_box.client().basic("ann", "correct battery").with("if-match", "\"v99\"");
    ann.json("PATCH", "/orgbox/v1/organizations/acme", &json!({ "title": "Other" })).expect(403);
    ann.delete("/orgbox/v1/organizations/acme").expect(403);
    ann.json("PUT", "/orgbox/v1/organizations/acme/members/ann", &json!({})).expect(403);
    ann.json("PATCH", "/orgbox/v1/users/admin", &json!({ "name": "Other" })).expect(404);
}

#[test]
fn what_was_read_can_be_sent_back() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    person(&test_box, "ann", Role::User, "correct battery");
    admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Acme", "purge_days": 9 })).expect(201);
    let read = admin.get("/orgbox/v1/organizations/acme").expect(200);
    let same = admin.json("PATCH", "/orgbox/v1/organizations/acme", &read.json()).expect(200);
    assert_eq!((same.json(), same.header("etag")), (read.json(), "\"v1\""));
    // Whoever changes the owner changes one of its two fields.
    let mut body = read.json();
    body["owner"] = "ann".into();
    let changed = admin.json("PATCH", "/orgbox/v1/organizations/acme", &body).expect(200).json();
    assert_eq!((&changed["owner"], &changed["owner_id"]), (&json!("ann"), &json!(2)));
    let both = json!({ "owner": "admin", "owner_id": null });
    admin.json("PATCH", "/orgbox/v1/organizations/acme", &both).expect(422);
    let read = admin.get("/orgbox/v1/users/ann").expect(200);
    let same = admin.json("PATCH", "/orgbox/v1/users/ann", &read.json()).expect(200);
    assert_eq!((same.json(), same.header("etag")), (read.json(), "\"v1\""));
}

#[test]
fn null_gives_every_default_back() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let plain = admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Plain" })).expect(201).json();
    let given = json!({
        "title": "Given", "description": "text", "image_url": "https://example.com/a.png", "status": 300, "camera_limit": 1,
        "user_limit": 2, "dvr_limit_gb": 3, "purge_days": 4, "purge_days_front": 5, "purge_days_rear": 6,
        "purge_days_auxiliary": 7, "device_retention_minutes": 8, "live_video_timeout_seconds": 90,
        "organization_profile_enabled": false, "exclusive_partner_only": true, "owner": null,
    });
    let made = admin.json("POST", "/orgbox/v1/organizations", &given).expect(201).json();
    let nothing: serde_json::Map<_, _> =
        given.as_object().unwrap().keys().filter(|key| *key != "title").map(|key| (key.clone(), json!(null))).collect();
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
        if let Some(told) = made["values"].get(name) {
            assert_eq!(told, &json!({ "value": value, "source": "stored" }), "{name}");
        }
    }
    let cleared = admin.json("PATCH", "/orgbox/v1/organizations/given", &nothing.clone().into()).expect(200).json();
    for name in nothing.keys().filter(|name| *name != "owner") {
        assert_eq!(cleared[name], plain[name], "{name}");
    }
    for (name, told) in plain["values"].as_object().unwrap().iter().filter(|(name, _)| *name != "title") {
        assert_eq!(&cleared["values"][name], told, "{name}");
    }
    assert_eq!(made["values"].as_object().unwrap().len(), 16);
    let branding = json!({ "branding_id": null });
    assert_eq!(
        admin.json("PATCH", "/orgbox/v1/organizations/given", &branding).expect(200).json()["branding_id"],
        json!(null)
    );
}
