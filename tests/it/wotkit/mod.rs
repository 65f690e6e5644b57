//! The WoTKit dialect: the documented exchanges, and a module for each subject of its page.

mod access;
mod bodies;
mod lists;
mod members;
mod organizations;
mod users;

use serde_json::json;

use crate::support::{Client, TestBox, coverage, golden};

#[test]
fn documented_organizations() {
    play("wotkit/organizations.http");
}

#[test]
fn documented_members() {
    play("wotkit/members.http");
}

#[test]
fn documented_users() {
    play("wotkit/users.http");
}

#[test]
fn documented_errors() {
    play("wotkit/errors.http");
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("wotkit"), Vec::<String>::new());
}

fn play(file: &str) {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), file, &[]);
}

/// Makes an organization of this name.
fn organization(admin: &Client, name: &str) {
    admin.json("POST", "/api/v1/orgs", &json!({"name": name, "longName": "Electric, Inc."})).expect(201);
}

/// Makes users without passwords.
fn people(admin: &Client, logins: &[&str]) {
    for login in logins {
        admin.json("POST", "/api/v1/users", &json!({ "username": login })).expect(201);
    }
}
