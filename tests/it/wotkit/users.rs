//! Users.

use serde_json::{Value, json};

use super::{organization, people};
use crate::support::{Answer, TestBox};

fn usernames(answer: Answer) -> Vec<String> {
    let list = answer.expect(200).json();
    list.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_are_newest_first_or_reversed_searched_and_paged() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    people(&admin, &["zoey", "beth"]);
    admin.json("PUT", "/api/v1/users/zoey", &json!({"firstname": "Zoey", "lastname": "Brown"})).expect(204);
    admin.json("PUT", "/api/v1/users/beth", &json!({"email": "beth@brown.example"})).expect(204);
    let list = |query: &str| usernames(admin.get(&format!("/api/v1/users{query}")));
    for query in ["", "/", "?reverse=0", "?reverse=false", "?reverse=", "?limit=5000"] {
        assert_eq!(list(query), ["beth", "zoey", "admin"], "{query}");
    }
    assert_eq!(list("?reverse=1"), ["admin", "zoey", "beth"]);
    assert_eq!(list("?reverse=true&offset=1&limit=1"), ["zoey"]);
    assert_eq!(list("?text=BROWN"), ["beth", "zoey"]);
    assert_eq!(list("?text=zoe"), ["zoey"]);
    for query in ["?limit=-1", "?offset=x", "?reverse=2"] {
        admin.get(&format!("/api/v1/users{query}")).expect(400);
    }
}

#[test]
fn what_a_new_user_must_have() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let wrong = [
        (json!({}), "username"),
        (json!({"username": null}), "username"),
        (json!({"username": "abe"}), "username"),
        (json!({"username": "a".repeat(51)}), "username"),
        (json!({"username": "a:bc"}), "username"),
        (json!({"username": " abc "}), "username"),
        (json!({"username": "beth", "firstname": 5}), "firstname"),
        (json!({"username": "beth", "lastname": []}), "lastname"),
        (json!({"username": "beth", "firstname": "B".repeat(256)}), "firstname"),
        (json!({"username": "beth", "email": "nowhere"}), "email"),
        (json!({"username": "beth", "timeZone": 1}), "timeZone"),
        (json!({"username": "beth", "enabled": 1}), "enabled"),
        (json!({"username": "beth", "password": "seven77"}), "password"),
        (json!({"username": "beth", "password": null}), "password"),
    ];
    for (body, field) in wrong {
        let error = admin.json("POST", "/api/v1/users", &body).expect(400).json()["error"].clone();
        let named: Vec<_> = error["moreInfo"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, [field], "{body}");
    }
    let body = json!({"username": "abe", "email": 5, "password": "short"});
    let error = admin.json("POST", "/api/v1/users", &body).expect(400).json()["error"].clone();
    assert_eq!(error["moreInfo"].as_object().unwrap().len(), 3, "{error}");
    people(&admin, &["four", &"a".repeat(50)]);
    assert_eq!(test_box.query("SELECT count(*) FROM members"), ["0"], "a new user belongs to no organization");
}

#[test]
fn a_password_signs_in_and_is_never_shown() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let beth = |password: &str| test_box.client().basic("beth", password).get("/api/v1/orgs").status;
    let made = admin.json("POST", "/api/v1/users", &json!({"username": "beth", "password": "first password"}));
    assert!(!made.expect(201).text.contains("password"));
    assert_eq!((beth("first password"), beth("second password")), (200, 401));
    admin.json("PUT", "/api/v1/users/beth", &json!({"password": "second password"})).expect(204);
    assert_eq!((beth("first password"), beth("second password")), (401, 200));
    admin.json("PUT", "/api/v1/users/beth", &json!({"firstname": "Beth"})).expect(204);
    assert_eq!(beth("second password"), 200);
    assert!(!admin.get("/api/v1/users/beth").text.contains("password"));
    // Somebody without a password cannot sign in with an empty one.
    people(&admin, &["abel"]);
    assert_eq!(test_box.client().basic("abel", "").get("/api/v1/orgs").status, 401);
}

#[test]
fn a_change_is_partial_and_null_clears() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let whole = json!({
        "username": "beth", "firstname": "Beth", "lastname": "Brown", "email": "beth@example.com",
        "timeZone": "Europe/Paris", "enabled": false,
    });
    admin.json("POST", "/api/v1/users", &whole).expect(201);
    let change = |body: Value| {
        let answer = admin.json("PUT", "/api/v1/users/beth", &body).expect(204);
        assert_eq!(answer.text, "");
        admin.get("/api/v1/users/beth").json()
    };
    let seen = change(json!({}));
    assert_eq!(seen["enabled"], false);
    assert_eq!(change(seen.clone()), seen, "get, modify, put");
    let names = |user: Value| (user["firstname"].clone(), user["lastname"].clone());
    assert_eq!(names(change(json!({"lastname": "van Dam"}))), (json!("Beth"), json!("van Dam")));
    assert_eq!(names(change(json!({"firstname": "Eliza"}))), (json!("Eliza"), json!("van Dam")));
    assert_eq!(names(change(json!({"firstname": null}))), (json!(""), json!("van Dam")));
    assert_eq!(names(change(json!({"firstname": "Beth", "lastname": null}))), (json!("Beth"), json!("")));
    let seen = change(json!({"email": null, "timeZone": null, "enabled": true, "firstname": ""}));
    assert_eq!(seen, json!({"id": 2, "username": "beth", "firstname": "", "lastname": "", "enabled": true}));
    for (wrong, field) in [
        (json!({"firstname": "Beth", "email": "nowhere"}), "email"),
        (json!({"firstname": "Beth", "enabled": null}), "enabled"),
        (json!({"firstname": "Beth", "password": "short"}), "password"),
        (json!({"firstname": "Beth", "username": "betty"}), "username"),
        (json!({"firstname": "Beth", "id": 1}), "id"),
    ] {
        let error = admin.json("PUT", "/api/v1/users/beth", &wrong).expect(400).json()["error"].clone();
        assert!(error["moreInfo"][field].is_string(), "{error}");
    }
    assert_eq!(change(json!({})), seen);
}

#[test]
fn a_user_is_found_by_name_then_by_id() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    people(&admin, &["50% off", "0002", "a+b/c"]);
    let id = |path: &str| admin.get(path).expect(200).json()["id"].as_i64().unwrap();
    assert_eq!(id("/api/v1/users/0002"), 3);
    assert_eq!(id("/api/v1/users/2"), 2);
    assert_eq!(id("/api/v1/users/50%25%20off"), 2);
    assert_eq!(id("/api/users/a%2Bb%2Fc/"), 4);
    for unknown in ["nobody", "4711", "0", "-1"] {
        for method in ["GET", "PUT", "DELETE"] {
            admin.json(method, &format!("/api/v1/users/{unknown}"), &json!({})).expect(404);
        }
    }
}

#[test]
fn who_is_deleted_leaves_every_organization() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "electric-inc");
    people(&admin, &["beth"]);
    admin.json("POST", "/api/v1/orgs/electric-inc/members", &json!(["beth"])).expect(204);
    admin.delete("/api/v1/users/beth").expect(204);
    assert_eq!(admin.get("/api/v1/orgs/electric-inc/members").expect(200).text, "[]");
    admin.delete("/api/v1/users/beth").expect(404);
    people(&admin, &["beth"]);
    assert_eq!(admin.get("/api/v1/users/beth").json()["id"], 3, "ids are never reused");
}
