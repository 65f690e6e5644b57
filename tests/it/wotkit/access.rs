//! Credentials, and who may do what.

use orgbox::model::{
    OrgId,
    actor::Who,
    credential::{NewKey, Scope},
    member::RightsPatch,
    user::{Role, UserPatch},
};
use orgbox::ops::{credential, member, user};
use serde_json::json;

use super::{organization, people};
use crate::support::{Client, TestBox, coverage::person};

/// Method and path of every call that is not public, with a body that would do.
const PRIVATE: [(&str, &str, &str); 11] = [
    ("POST", "/api/v1/orgs", r#"{"name": "acme", "longName": "Acme Ltd"}"#),
    ("PUT", "/api/v1/orgs/default", "{}"),
    ("DELETE", "/api/v1/orgs/default", ""),
    ("GET", "/api/v1/orgs/default/members", ""),
    ("POST", "/api/v1/orgs/default/members", "[]"),
    ("DELETE", "/api/v1/orgs/default/members", "[]"),
    ("GET", "/api/v1/users", ""),
    ("POST", "/api/v1/users", r#"{"username": "beth"}"#),
    ("GET", "/api/v1/users/admin", ""),
    ("PUT", "/api/v1/users/admin", "{}"),
    ("DELETE", "/api/v1/users/admin", ""),
];

#[test]
fn what_is_not_public_is_for_administrators() {
    let test_box = TestBox::start();
    let user = person(&test_box, "owner", Role::User, "a password");
    let rights = RightsPatch { can_edit_users: Some(true), ..RightsPatch::default() };
    let join = move |write: &orgbox::store::Write<'_>| member::add(write, &Who::system(), OrgId(1), user, rights);
    test_box.running().store().write(join).unwrap();
    let signed_in = test_box.client().basic("owner", "a password");
    let wrong = test_box.client().basic("owner", "another password");
    let before = test_box.query("SELECT last_seq FROM site");
    for (method, path, body) in PRIVATE {
        for path in [path.to_owned(), path.replacen("/v1", "", 1), format!("{path}/")] {
            let denied = test_box.client().send(method, &path, None, body.as_bytes()).expect(403);
            assert_eq!(denied.json()["error"]["message"], "Access is denied", "{method} {path}");
            signed_in.send(method, &path, None, body.as_bytes()).expect(403);
        }
        // Forbidden before the body is looked at.
        signed_in.send(method, path, None, b"{").expect(403);
    }
    let answer = wrong.send("PUT", "/api/v1/orgs/default", None, b"{}").expect(401);
    assert!(answer.header("www-authenticate").starts_with("Basic"));
    assert_eq!(test_box.query("SELECT last_seq FROM site"), before);
}

#[test]
fn the_directory_is_public_but_wrong_credentials_are_refused() {
    let test_box = TestBox::start();
    person(&test_box, "beth", Role::User, "a password");
    for path in ["/api/v1/orgs", "/api/v1/orgs/default"] {
        test_box.client().get(path).expect(200);
        test_box.client().basic("beth", "a password").get(path).expect(200);
        test_box.admin().get(path).expect(200);
        for header in ["Basic", "Basic !", "Basic YWRtaW4=", "Bearer x", "", "Basic YWRtaW46d3Jvbmc="] {
            let answer = test_box.client().with("authorization", header).get(path).expect(401);
            assert!(answer.header("www-authenticate").starts_with("Basic"), "{header}");
        }
    }
}

#[test]
fn a_closed_directory_asks_who_is_there() {
    let test_box = TestBox::with("[dialects.wotkit]\npublic_directory = false\n");
    person(&test_box, "beth", Role::User, "a password");
    for path in ["/api/v1/orgs", "/api/v1/orgs/default"] {
        test_box.client().get(path).expect(403);
        test_box.client().basic("beth", "a password").get(path).expect(200);
    }
}

#[test]
fn a_key_signs_in_with_its_two_halves() {
    let test_box = TestBox::start();
    let admin = person(&test_box, "program", Role::Admin, "a password");
    let (public_id, secret) = ("0123456789abcdef", "fedcba9876543210");
    let new = NewKey {
        user_id: admin,
        name: "billing".to_owned(),
        public_id: public_id.to_owned(),
        secret_hash: orgbox::ops::key::hash(secret),
        expires_at_ms: Some(test_box.clock.now_ms() + 1000),
        scope: Scope::Full,
        organization_id: None,
        network: None,
    };
    let make = move |write: &orgbox::store::Write<'_>| credential::create_key(write, &Who::system(), &new);
    test_box.running().store().write(make).unwrap();
    let key = |public_id: &str, secret: &str| test_box.client().basic(public_id, secret);
    key(public_id, secret).get("/api/v1/users").expect(200);
    key(&public_id.to_uppercase(), &secret.to_uppercase()).get("/api/v1/users").expect(200);
    key(public_id, public_id).get("/api/v1/users").expect(401);
    key(secret, secret).get("/api/v1/users").expect(401);
    key(&public_id[..15], &format!("f{secret}")).get("/api/v1/users").expect(401);
    test_box.clock.advance_ms(1000);
    key(public_id, secret).get("/api/v1/users").expect(401);
}

#[test]
fn who_is_disabled_is_refused_at_once() {
    let test_box = TestBox::start();
    let beth = person(&test_box, "beth", Role::Admin, "a password");
    let client = test_box.client().basic("beth", "a password");
    client.get("/api/v1/users").expect(200);
    let off = UserPatch { enabled: Some(false), ..UserPatch::default() };
    test_box.running().store().write(move |write| user::update(write, &Who::system(), beth, off)).unwrap();
    client.get("/api/v1/users").expect(401);
}

#[test]
fn administrators_are_the_super_administrators_to_change() {
    let test_box = TestBox::start();
    person(&test_box, "second", Role::Admin, "a password");
    let second = test_box.client().basic("second", "a password");
    people(&second, &["beth"]);
    second.json("PUT", "/api/v1/users/beth", &json!({"firstname": "Beth"})).expect(204);
    second.json("PUT", "/api/v1/users/admin", &json!({"firstname": "Adam"})).expect(403);
    second.json("PUT", "/api/v1/users/second", &json!({"firstname": "Sean"})).expect(204);
    second.delete("/api/v1/users/admin").expect(403);
    second.delete("/api/v1/users/beth").expect(204);
    // Nobody is left to manage the box without the last one.
    let kept = test_box.admin().delete("/api/v1/users/admin").expect(400);
    assert!(kept.text.contains("last super administrator"), "{}", kept.text);
}

#[test]
fn the_creator_owns_but_is_no_member() {
    let test_box = TestBox::start();
    person(&test_box, "second", Role::Admin, "a password");
    let second: Client = test_box.client().basic("second", "a password");
    organization(&second, "electric-inc");
    assert_eq!(second.get("/api/v1/orgs/electric-inc/members").expect(200).text, "[]");
    let owner = "SELECT u.login FROM organizations o JOIN users u ON u.id = o.owner_id WHERE o.name = 'electric-inc'";
    assert_eq!(test_box.query(owner), ["second"]);
}
