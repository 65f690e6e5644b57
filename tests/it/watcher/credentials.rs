//! Credentials, each row of their table; signing in and out; how many sessions a user may have.

use orgbox::{
    model::{
        UserId,
        actor::Who,
        credential::{NewKey, Scope},
    },
    ops::credential,
    ops::key::hash,
};
use serde_json::{Value, json};

use super::{PASSWORD, V2, admin, organization, refused, sign_in, titles, user};
use crate::support::{Answer, Client, TestBox, test_box::NOON_MS};

const SYSTEM_KEY: &str = "a-system-key-of-24-chars";

fn list() -> String {
    format!("{V2}/organizations/")
}

/// A box whose system key is [`SYSTEM_KEY`].
fn with_system_key() -> (TestBox, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    std::fs::write(&file, format!("{SYSTEM_KEY}\n")).unwrap();
    let test_box = TestBox::with(&format!("[dialects.watcher]\nsystem_key_file = {:?}\n", file));
    (test_box, directory)
}

/// Makes a user's key and returns it as it is shown once.
fn key(test_box: &TestBox, user: i64, expires_at_ms: Option<i64>) -> String {
    let (public_id, secret) = ("0123456789abcdef", "fedcba9876543210");
    let new = NewKey {
        user_id: UserId(user),
        name: "billing".to_owned(),
        public_id: public_id.to_owned(),
        secret_hash: hash(secret),
        expires_at_ms,
        scope: Scope::Full,
        organization_id: None,
        network: None,
    };
    let store = test_box.running().store();
    store.write(move |write| credential::create_key(write, &Who::command_line(), &new)).unwrap();
    format!("obk_{public_id}{secret}")
}

fn login(client: &Client, body: &Value) -> Answer {
    client.json("POST", &format!("{V2}/auth/login"), body)
}

#[test]
fn nothing_is_answered_without_a_credential() {
    let test_box = TestBox::start();
    let client = test_box.client();
    let v2 = |path: &str| format!("{V2}{path}");
    for (method, path) in [
        ("GET", v2("/organizations/")),
        ("POST", v2("/organizations")),
        ("GET", v2("/organizations/1")),
        ("PUT", v2("/organizations/1")),
        ("DELETE", v2("/organizations/1")),
        ("GET", v2("/organizations/1/folders")),
        ("GET", v2("/organizations/1/users")),
        ("POST", v2("/organizations/1/users")),
        ("PUT", v2("/organizations/1/users/1")),
        ("DELETE", v2("/organizations/1/users/1")),
        ("GET", v2("/users")),
        ("POST", v2("/users")),
        ("GET", v2("/users/1")),
        ("PUT", v2("/users/1")),
        ("DELETE", v2("/users/1")),
        ("GET", v2("/domains")),
        ("GET", v2("/domains/1")),
        ("GET", v2("/domains/2/organizations")),
        ("GET", v2("/auth/whoami")),
        ("POST", v2("/auth/logout")),
    ] {
        refused(client.send(method, &path, None, b""), 403, "Forbidden");
        refused(client.with("x-vsaas-session", "").send(method, &path, None, b""), 403, "Forbidden");
        refused(client.with("x-vsaas-session", "wrong").send(method, &path, None, b""), 403, "Forbidden");
        refused(client.with("authorization", "Bearer wrong").send(method, &path, None, b""), 403, "Forbidden");
        refused(client.with("x-vsaas-api-key", "wrong").send(method, &path, None, b""), 403, "WrongApikey");
    }
    refused(test_box.admin().get(&list()), 403, "Forbidden");
}

#[test]
fn a_session_comes_in_two_headers() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    user(&admin, "Ann");
    let answer = login(&test_box.client(), &json!({ "login": "Ann", "password": PASSWORD })).expect(200).json();
    let session = answer["session"].as_str().unwrap();
    assert_eq!(session.len(), 27);
    assert_eq!((&answer["is_admin"], &answer["can_edit_organizations"]), (&json!(false), &json!(false)));
    for (name, value) in [
        ("X-VSAAS-SESSION", session.to_owned()),
        ("Authorization", format!("Bearer {session}")),
        ("authorization", format!("bearer  {session}")),
    ] {
        let client = test_box.client().with(name, &value);
        assert_eq!(titles(client.get(&list())), ["Default"]);
        let who = client.get(&format!("{V2}/auth/whoami")).expect(200).json();
        assert_eq!(who, answer, "whoami has the keys of a login");
    }
    // The token of another dialect's session or a key is no session.
    refused(test_box.client().with("x-vsaas-session", SYSTEM_KEY).get(&list()), 403, "Forbidden");
}

#[test]
fn the_system_key_does_all_and_can_be_narrowed() {
    let (test_box, _directory) = with_system_key();
    let system = test_box.client().with("X-Vsaas-Api-Key", SYSTEM_KEY);
    user(&system, "Ann Ö");
    let id = organization(&system, &json!({ "title": "Org2" }));
    assert_eq!(titles(system.get(&list())), ["Default", "Org2"]);
    let who = system.get(&format!("{V2}/auth/whoami")).expect(200).json();
    assert_eq!((&who["session"], &who["id"], &who["is_admin"]), (&Value::Null, &Value::Null, &json!(true)));
    system.send("POST", &format!("{V2}/auth/logout"), None, b"").expect(200);
    let narrowed = raw_get(
        &test_box,
        &list(),
        &[("x-vsaas-api-key", SYSTEM_KEY.as_bytes()), ("x-vsaas-user", "Ann Ö".as_bytes())],
    );
    assert!(
        narrowed.starts_with("HTTP/1.1 200") && narrowed.contains("Default") && !narrowed.contains("Org2"),
        "{narrowed}"
    );
    for login in ["nobody", "", " "] {
        refused(system.with("x-vsaas-user", login).get(&list()), 403, "Forbidden");
    }
    let unreadable =
        raw_get(&test_box, &list(), &[("x-vsaas-api-key", SYSTEM_KEY.as_bytes()), ("x-vsaas-user", b"Ann \xff")]);
    assert!(unreadable.starts_with("HTTP/1.1 403"), "{unreadable}");
    let wrong = test_box.client().with("x-vsaas-api-key", &SYSTEM_KEY.to_uppercase());
    refused(wrong.get(&list()), 403, "WrongApikey");
    system.with("force", "1").delete(&super::organization_path(id)).expect(200);
    // Without a configured key there is none.
    let plain = TestBox::start();
    refused(plain.client().with("x-vsaas-api-key", SYSTEM_KEY).get(&list()), 403, "WrongApikey");
}

/// A request whose header values are no ASCII, which the client refuses to send.
fn raw_get(test_box: &TestBox, path: &str, headers: &[(&str, &[u8])]) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(test_box.running().addresses[0]).unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n").into_bytes();
    for (name, value) in headers {
        request.extend_from_slice(name.as_bytes());
        request.extend_from_slice(b": ");
        request.extend_from_slice(value);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_users_key_needs_that_users_login() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann Other");
    user(&admin, "Bob");
    organization(&admin, &json!({ "title": "Org2" }));
    let key = key(&test_box, ann, Some(NOON_MS + 60_000));
    let client = test_box.client().with("x-vsaas-api-key", &key);
    let mine = client.with("X-Vsaas-User", "Ann Other");
    assert_eq!(titles(mine.get(&list())), ["Default"]);
    assert_eq!(mine.get(&format!("{V2}/auth/whoami")).expect(200).json()["id"], ann);
    for (client, what) in [
        (client.clone(), "no login"),
        (client.with("x-vsaas-user", "Bob"), "another user"),
        (client.with("x-vsaas-user", "admin"), "an administrator"),
        (client.with("x-vsaas-user", ""), "an empty login"),
    ] {
        let message = refused(client.get(&list()), 403, "WrongApikey");
        assert!(message.contains("x-vsaas-user"), "{what}: {message}");
    }
    let forged = key.replace("3210", "3211");
    let forged = test_box.client().with("x-vsaas-api-key", &forged).with("x-vsaas-user", "Ann Other");
    refused(forged.get(&list()), 403, "WrongApikey");
    test_box.clock.advance_ms(60_000);
    refused(mine.get(&list()), 403, "ApikeyExpired");
}

#[test]
fn a_login_needs_both_and_both_right() {
    let test_box = TestBox::start();
    let client = test_box.client();
    let message = refused(login(&client, &json!({})), 400, "ValidationError");
    assert_eq!(message, "login must be given; password must be given");
    refused(login(&client, &json!({ "login": "admin" })), 400, "ValidationError");
    for body in [
        json!({ "login": "admin", "password": "wrong" }),
        json!({ "login": "nobody", "password": "correct horse" }),
        json!({ "login": "Admin", "password": "correct horse" }),
        json!({ "login": "admin", "password": "" }),
    ] {
        let message = refused(login(&client, &body), 403, "Forbidden");
        assert_eq!(message, "wrong login or password");
    }
    refused(client.form("POST", &format!("{V2}/auth/login"), "login=admin&password=wrong"), 403, "Forbidden");
    client.form("POST", &format!("{V2}/auth/login/"), "login=admin&password=correct%20horse").expect(200);
}

#[test]
fn who_guesses_waits() {
    let test_box = TestBox::start();
    let guess = || login(&test_box.client(), &json!({ "login": "admin", "password": "guess" }));
    let waits = |answer: &Answer| !answer.header("retry-after").is_empty();
    let last = (0..20).map(|_| guess()).find(waits).expect("guessing is slowed down");
    let message = refused(last, 403, "Forbidden");
    assert!(message.starts_with("too many failed sign-ins"), "{message}");
}

#[test]
fn a_logout_ends_one_session() {
    let test_box = TestBox::start();
    let (first, second) = (admin(&test_box), admin(&test_box));
    let logout = |client: &Client| client.send("POST", &format!("{V2}/auth/logout"), None, b"");
    assert_eq!(logout(&first).expect(200).text, r#"{"success":true}"#);
    refused(first.get(&list()), 403, "Forbidden");
    refused(logout(&first), 403, "Forbidden");
    second.get(&list()).expect(200);
}

#[test]
fn sessions_last_and_the_oldest_makes_room() {
    let mut test_box = TestBox::with("[dialects.watcher]\nmax_sessions = 3\n");
    let sessions: Vec<Client> = (0..4)
        .map(|_| {
            test_box.clock.advance_ms(1);
            admin(&test_box)
        })
        .collect();
    refused(sessions[0].get(&list()), 403, "Forbidden");
    for session in &sessions[1..] {
        session.get(&list()).expect(200);
    }
    let tokens = test_box.query("SELECT count(*) FROM sessions");
    assert_eq!(tokens, ["3"]);
    // A year and a restart later they are still good.
    let token = login(&test_box.client(), &json!({ "login": "admin", "password": "correct horse" })).expect(200).json();
    test_box.clock.advance_ms(365 * 24 * 3600 * 1000);
    test_box.restart();
    test_box.client().with("x-vsaas-session", token["session"].as_str().unwrap()).get(&list()).expect(200);
}

#[test]
fn a_user_may_have_a_bound_of_its_own() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let id = user(&admin, "Ann");
    admin.json("PUT", &format!("{V2}/users/{id}"), &json!({ "max_sessions": 1 })).expect(200);
    let first = sign_in(&test_box, "Ann", PASSWORD);
    test_box.clock.advance_ms(1);
    let second = sign_in(&test_box, "Ann", PASSWORD);
    refused(first.get(&list()), 403, "Forbidden");
    second.get(&list()).expect(200);
}

#[test]
fn the_default_bound_is_a_hundred() {
    let test_box = TestBox::start();
    let first = admin(&test_box);
    for _ in 0..99 {
        test_box.clock.advance_ms(1);
        admin(&test_box);
    }
    first.get(&list()).expect(200);
    test_box.clock.advance_ms(1);
    admin(&test_box);
    refused(first.get(&list()), 403, "Forbidden");
}

#[test]
fn what_the_system_key_does_in_a_users_name_is_audited_as_such() {
    let (test_box, _directory) = with_system_key();
    let ann = user(&admin(&test_box), "Ann");
    let system = test_box.client().with("x-vsaas-api-key", SYSTEM_KEY);
    let path = format!("{V2}/users/{ann}");
    for (client, actor) in [
        (system.with("x-vsaas-user", "Ann"), "Ann (system key)"),
        (sign_in(&test_box, "Ann", PASSWORD), "Ann"),
        (system, "system key"),
    ] {
        client.json("PUT", &path, &json!({ "name": actor })).expect(200);
        assert_eq!(test_box.query("SELECT actor FROM audit ORDER BY id DESC LIMIT 1"), [actor]);
    }
}
