//! The Watcher dialect: its documented examples, and a test for every sentence of its contract.

mod credentials;
mod examples;
mod members;
mod organizations;
mod refusals;
mod rights;
mod users;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestBox, test_box::ADMIN_PASSWORD};

/// Password of every user that these tests make.
const PASSWORD: &str = "battery staple";
/// Where the dialect is served.
const V2: &str = "/vsaas/api/v2";

/// Signs in and returns a client with the session.
fn sign_in(test_box: &TestBox, login: &str, password: &str) -> Client {
    let body = json!({ "login": login, "password": password });
    let answer = test_box.client().json("POST", &format!("{V2}/auth/login"), &body).expect(200).json();
    test_box.client().with("x-vsaas-session", answer["session"].as_str().unwrap())
}

/// The first administrator with a session.
fn admin(test_box: &TestBox) -> Client {
    sign_in(test_box, "admin", ADMIN_PASSWORD)
}

/// Makes an ordinary user, a member of the default organization. Returns its id.
fn user(admin: &Client, login: &str) -> i64 {
    let body = json!({ "login": login, "password": PASSWORD });
    let made = admin.json("POST", &format!("{V2}/users"), &body).expect(200).json();
    made["id"].as_i64().unwrap()
}

/// Makes an organization and returns its id.
fn organization(admin: &Client, body: &Value) -> i64 {
    let made = admin.json("POST", &format!("{V2}/organizations/"), body).expect(200).json();
    made["id"].as_i64().unwrap()
}

fn organization_path(id: i64) -> String {
    format!("{V2}/organizations/{id}")
}

/// An organization as the client sees it.
fn view(client: &Client, id: i64) -> Value {
    client.get(&organization_path(id)).expect(200).json()
}

/// The titles of a list of organizations.
fn titles(answer: Answer) -> Vec<String> {
    let list = answer.expect(200).json();
    list.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// Asserts status, code and shape of a refusal and returns its message.
#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) -> String {
    let body = answer.clone().expect(status).json();
    let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["success", "error_code", "error_message"]);
    assert_eq!((body["success"].as_bool(), body["error_code"].as_str()), (Some(false), Some(code)), "{body}");
    assert_eq!(answer.header("content-type"), "application/json");
    body["error_message"].as_str().unwrap().to_owned()
}
