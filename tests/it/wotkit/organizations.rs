//! Making, changing and deleting organizations.

use serde_json::{Value, json};

use super::organization;
use crate::support::TestBox;

#[test]
fn what_a_new_organization_must_have() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let wrong = [
        (json!({}), vec!["name", "longName"]),
        (json!({"name": "acme"}), vec!["longName"]),
        (json!({"longName": "Acme Ltd"}), vec!["name"]),
        (json!({"name": "acm", "longName": "Ltd"}), vec!["name", "longName"]),
        (json!({"name": 1234, "longName": ["Acme"]}), vec!["name", "longName"]),
        (json!({"name": null, "longName": null}), vec!["name", "longName"]),
        (json!({"name": "a/me", "longName": "Acme Ltd"}), vec!["name"]),
        (json!({"name": "a\u{7}me", "longName": "Acme Ltd"}), vec!["name"]),
        (json!({"name": "a".repeat(51), "longName": "Acme Ltd"}), vec!["name"]),
        (json!({"name": "acme", "longName": "A".repeat(256)}), vec!["longName"]),
        (json!({"name": "acme", "longName": "Acme Ltd", "imageUrl": "logo.png"}), vec!["imageUrl"]),
        (json!({"name": "acme", "longName": "Acme Ltd", "imageUrl": "javascript:x"}), vec!["imageUrl"]),
        (
            json!({"name": "acme", "longName": "Acme Ltd", "description": {}, "imageUrl": 1}),
            vec!["description", "imageUrl"],
        ),
    ];
    for (body, fields) in wrong {
        let error = admin.json("POST", "/api/v1/orgs", &body).expect(400).json()["error"].clone();
        assert_eq!(error["message"], "Object has validation errors");
        let named: Vec<_> = error["moreInfo"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, fields, "{body}");
    }
    assert_eq!(test_box.query("SELECT count(*) FROM organizations"), ["1"]);
}

#[test]
fn a_name_is_one_segment_of_a_path_whatever_its_characters() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    for name in ["four", "....", "a b c", "50%25", "a+b=c", "a&b?c#d", "\u{c9}lectricit\u{e9}", &"n".repeat(50)] {
        let body = json!({"name": name, "longName": "Acme Ltd"});
        let made = admin.json("POST", "/api/v1/orgs", &body).expect(201);
        let location = made.header("location").to_owned();
        let seen = test_box.client().get(&location).expect(200).json();
        assert_eq!((&seen["name"], &seen), (&json!(name), &made.json()), "{location}");
        admin.json("PUT", &location, &json!({"longName": "Acme Limited"})).expect(200);
        admin.get(&format!("{location}/members")).expect(200);
        admin.json("POST", &format!("{location}/members"), &json!([])).expect(204);
        admin.delete(&location).expect(200);
    }
}

#[test]
fn names_are_unique_with_regard_to_case() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "electric-inc");
    organization(&admin, "Electric-Inc");
    let body = json!({"name": "electric-inc", "longName": "Electric, Inc."});
    let error = admin.json("POST", "/api/v1/orgs", &body).expect(409).json()["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("already exists"));
    assert!(error["developerMessage"][0].as_str().unwrap().contains("already taken"));
}

#[test]
fn a_name_goes_before_an_id() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "first-of-all");
    organization(&admin, "0002");
    let id = |path: &str| test_box.client().get(path).expect(200).json()["id"].as_i64().unwrap();
    assert_eq!((id("/api/v1/orgs/2"), id("/api/v1/orgs/0002")), (2, 3));
    admin.json("PUT", "/api/v1/orgs/2", &json!({"name": "first-of-all", "id": "2"})).expect(200);
    test_box.client().get("/api/v1/orgs/4711").expect(404);
}

#[test]
fn a_change_is_partial_and_null_clears() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let whole = json!({"name": "acme", "longName": "Acme Ltd", "description": "d", "imageUrl": "https://a.example/x"});
    admin.json("POST", "/api/v1/orgs", &whole).expect(201);
    let change = |body: Value| {
        let answer = admin.json("PUT", "/api/v1/orgs/acme", &body).expect(200);
        assert_eq!(answer.text, "");
        test_box.client().get("/api/v1/orgs/acme").json()
    };
    let seen = change(json!({}));
    assert_eq!(change(seen.clone()), seen, "get, modify, put");
    assert_eq!(change(json!({"longName": "Acme"}))["longName"], "Acme");
    assert_eq!(change(json!({"description": "e", "colour": 5}))["description"], "e");
    let seen = change(json!({"description": null, "imageUrl": null}));
    assert_eq!(seen, json!({"id": 2, "name": "acme", "longName": "Acme"}));
    for (wrong, field) in [
        (json!({"longName": null}), "longName"),
        (json!({"longName": "abc"}), "longName"),
        (json!({"longName": 5}), "longName"),
        (json!({"imageUrl": ""}), "imageUrl"),
        (json!({"description": "x".repeat(4001)}), "description"),
    ] {
        let error = admin.json("PUT", "/api/v1/orgs/acme", &wrong).expect(400).json()["error"].clone();
        assert!(error["moreInfo"][field].is_string(), "{error}");
    }
    assert_eq!(change(json!({})), seen);
}

#[test]
fn id_and_name_never_change() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "acme");
    for (body, key) in [
        (json!({"name": "Acme", "longName": "Changed"}), "name"),
        (json!({"name": null, "longName": "Changed"}), "name"),
        (json!({"id": 3, "longName": "Changed"}), "id"),
        (json!({"id": null, "longName": "Changed"}), "id"),
    ] {
        let error = admin.json("PUT", "/api/v1/orgs/acme", &body).expect(400).json()["error"].clone();
        assert!(error["message"].as_str().unwrap().contains("Extraneous"));
        assert_eq!(error["developerMessage"], json!([format!("Cannot change the field \"{key}\"")]));
    }
    assert_eq!(test_box.client().get("/api/v1/orgs/acme").json()["longName"], "Electric, Inc.");
    // Where there is nothing to change, that is said first.
    admin.json("PUT", "/api/v1/orgs/nowhere", &json!({"name": "Acme"})).expect(404);
}

#[test]
fn changes_answer_204_where_legacy_clients_need_it() {
    let test_box = TestBox::with("[dialects.wotkit]\nlegacy_status = true\n");
    let admin = test_box.admin();
    organization(&admin, "acme");
    admin.json("PUT", "/api/v1/orgs/acme", &json!({"longName": "Acme Ltd"})).expect(204);
    admin.delete("/api/v1/orgs/acme?hardDelete=1").expect(204);
    admin.delete("/api/v1/orgs/acme").expect(404);
}
