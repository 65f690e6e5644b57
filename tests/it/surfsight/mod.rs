//! The Surfsight dialect: the documented exchanges, and a module for each subject of its page.

mod access;
mod bodies;
mod deletion;
mod retention;
mod tokens;

use serde_json::json;

use crate::support::{Client, TestBox, coverage, golden};

#[test]
fn documented_examples() {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), "surfsight/organizations.http", &[]);
}

#[test]
fn documented_errors() {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), "surfsight/errors.http", &[]);
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("surfsight"), Vec::<String>::new());
}

#[test]
fn every_path_answers_in_both_slash_forms_and_below_both_prefixes() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    for path in ["/organizations", "/organizations/", "/v2/organizations", "/v2/organizations/"] {
        partner.get(path).expect(200);
    }
    for path in ["/organizations/1", "/organizations/1/", "/v2/organizations/1", "/v2/organizations/1/"] {
        partner.get(path).expect(200);
        partner.json("PATCH", path, &json!({})).expect(200);
    }
    for path in ["/authenticate", "/authenticate/", "/v2/authenticate", "/v2/authenticate/"] {
        let token = json!({"email": "admin", "password": "correct horse"});
        test_box.client().json("POST", path, &token).expect(200);
    }
}

#[test]
fn the_top_is_left_to_others() {
    let test_box = TestBox::start();
    test_box.client().get("/healthz").expect(200);
    test_box.client().get("/api/v1/orgs").expect(200);
    // A path that only begins like one of this dialect's is nobody's.
    let answer = test_box.client().get("/organizationsX").expect(404);
    assert_eq!(answer.json().get("requestId"), None, "{}", answer.text);
}

/// A client that is the first administrator, which is a partner here.
fn partner(test_box: &TestBox) -> Client {
    bearer(test_box, "admin", "correct horse")
}

/// A client that bears a token of this user.
fn bearer(test_box: &TestBox, login: &str, password: &str) -> Client {
    let body = json!({"email": login, "password": password});
    let answer = test_box.client().json("POST", "/authenticate", &body).expect(200);
    let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
    test_box.client().with("authorization", &format!("Bearer {token}"))
}

/// Makes an organization and returns its id.
fn organization(partner: &Client, name: &str) -> i64 {
    let answer = partner.json("POST", "/organizations", &json!({"name": name})).expect(200);
    answer.json()["organizationId"].as_i64().unwrap()
}
