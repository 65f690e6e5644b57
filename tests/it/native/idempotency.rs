//! Creates that are sent twice: made once, for a day, for each actor; nothing secret is kept for it.

use orgbox::model::user::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestBox, coverage::person};

const DAY_MS: i64 = 24 * 3600 * 1000;

fn create(client: &Client, key: &str, title: &str) -> Answer {
    client.with("idempotency-key", key).json("POST", "/orgbox/v1/organizations", &json!({ "title": title }))
}

fn organizations(test_box: &TestBox) -> String {
    test_box.query("SELECT count(*) FROM organizations").remove(0)
}

#[test]
fn an_answer_is_given_again_for_a_day_and_no_longer() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let first = create(&admin, "one", "Acme").expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    test_box.clock.advance_ms(DAY_MS - 1);
    let again = create(&admin, "one", "Acme").expect(201);
    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(organizations(&test_box), "2");
    test_box.clock.advance_ms(1);
    let anew = create(&admin, "one", "Acme").expect(201);
    assert_eq!(anew.header("idempotency-replayed"), "");
    assert_eq!(organizations(&test_box), "3");
    assert_eq!(create(&admin, "one", "Acme").expect(201).text, anew.text);
}

#[test]
fn keys_of_two_actors_never_meet() {
    let test_box = TestBox::start();
    person(&test_box, "ann", Role::Admin, "correct battery");
    let (admin, ann) = (test_box.admin(), test_box.client().basic("ann", "correct battery"));
    let secret = admin.json("POST", "/orgbox/v1/keys", &json!({ "name": "billing" })).expect(201).json();
    let keyed = test_box.client().with("authorization", &format!("Bearer {}", secret["key"].as_str().unwrap()));
    for client in [&admin, &ann, &keyed] {
        assert_eq!(create(client, "one", "Acme").expect(201).header("idempotency-replayed"), "");
        assert_eq!(create(client, "one", "Acme").expect(201).header("idempotency-replayed"), "true");
    }
    assert_eq!(organizations(&test_box), "4");
}

#[test]
fn what_was_refused_is_not_kept() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    create(&admin, "one", "").expect(422);
    create(&admin, "one", "Acme").expect(201);
    create(&admin, "one", "Other").expect(422);
    for key in ["", &"x".repeat(256), "caf\u{e9}"] {
        create(&admin, key, "Acme").expect(422);
    }
    create(&admin, &"x".repeat(255), "Acme").expect(201);
    // The same body however it is spaced is the same request.
    let spaced = admin.with("idempotency-key", "one");
    let again = spaced.send("POST", "/orgbox/v1/organizations", Some("application/json"), b"{ \"title\" : \"Acme\" }");
    assert_eq!(again.expect(201).header("idempotency-replayed"), "true");
}

#[test]
fn what_was_made_is_answered_alike_though_it_could_not_be_made_now() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    create(&admin, "org", "Acme").expect(201);
    let user = admin.with("idempotency-key", "user");
    let ann = json!({ "login": "ann", "password": "correct battery", "organization": "acme" });
    let first = user.json("POST", "/orgbox/v1/users", &ann).expect(201);
    admin.delete("/orgbox/v1/organizations/acme").expect(204);
    assert_eq!(user.json("POST", "/orgbox/v1/users", &ann).expect(201).text, first.text);
    assert_eq!(create(&admin, "org", "Acme").expect(201).json()["id"], 2);
}

#[test]
fn no_secret_is_kept() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let keyed = admin.with("idempotency-key", "key");
    let made = keyed.json("POST", "/orgbox/v1/keys", &json!({ "name": "billing" })).expect(201).json();
    let secret = made["key"].as_str().unwrap();
    let again = keyed.json("POST", "/orgbox/v1/keys", &json!({ "name": "billing" })).expect(201).json();
    assert_eq!((&again["key"], &again["key_withheld"], &again["id"]), (&Value::Null, &json!(true), &made["id"]));
    assert_eq!(test_box.query("SELECT count(*) FROM api_keys"), ["1"]);
    // Of a password not even a fast hash is kept, so another one makes no other request.
    let user = admin.with("idempotency-key", "user");
    let ann = |password: &str| json!({ "login": "ann", "password": password });
    user.json("POST", "/orgbox/v1/users", &ann("correct battery")).expect(201);
    let again = user.json("POST", "/orgbox/v1/users", &ann("another battery")).expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    test_box.client().basic("ann", "correct battery").get("/orgbox/v1/whoami").expect(200);
    let kept = test_box.query("SELECT headers || body FROM idempotency_keys").concat();
    for hidden in [&secret[20..], "battery", "argon2"] {
        assert!(!kept.contains(hidden), "{hidden} in {kept}");
    }
}

#[test]
fn old_answers_are_forgotten_a_few_at_a_time() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    for number in 0..20 {
        create(&admin, &format!("old {number}"), "Acme").expect(201);
    }
    test_box.clock.advance_ms(DAY_MS);
    create(&admin, "new", "Acme").expect(201);
    assert_eq!(test_box.query("SELECT count(*) FROM idempotency_keys"), ["5"]);
    create(&admin, "newer", "Acme").expect(201);
    assert_eq!(test_box.query("SELECT key FROM idempotency_keys ORDER BY key"), ["new", "newer"]);
}
