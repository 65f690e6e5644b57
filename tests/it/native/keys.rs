//! Keys that are narrowed: in what they may, to one organization, to a network; and that none gets round it. In every
//! dialect that takes keys.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use orgbox::model::user::Role;
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use crate::support::{Client, TestBox, coverage::person};

const PASSWORD: &str = "correct battery";

/// Makes a key and returns it in clear.
fn make(client: &Client, body: Value) -> String {
    let made = client.json("POST", "/orgbox/v1/keys", &body).expect(201).json();
    made["key"].as_str().unwrap().to_owned()
}

/// Clients with this key in each dialect that takes keys.
struct Keyed {
    native: Client,
    watcher: Client,
    wotkit: Client,
    infinity: Client,
}

impl Keyed {
    fn new(test_box: &TestBox, login: &str, key: &str) -> Self {
        let client = test_box.client();
        Self {
            native: client.with("authorization", &format!("Bearer {key}")),
            watcher: client.with("x-vsaas-api-key", key).with("x-vsaas-user", login),
            wotkit: client.basic(&key[4..20], &key[20..]),
            infinity: client.with("authorization", &format!("ApiKey {key}")),
        }
    }
}

/// Top (2) ← South (3) ← Bay (4), and North (5) below Top.
fn tree(test_box: &TestBox) {
    for (title, parent) in [("Top", "default"), ("South", "top"), ("Bay", "south"), ("North", "top")] {
        let body = json!({ "title": title, "parents": [parent] });
        test_box.admin().json("POST", "/orgbox/v1/organizations", &body).expect(201);
    }
}

fn ids(answer: &Value, id: &str) -> Vec<i64> {
    let rows = answer.as_array().unwrap();
    let number = |row: &Value| row[id].to_string().trim_matches('"').parse().unwrap();
    let mut ids: Vec<i64> = rows.iter().map(number).collect();
    ids.sort_unstable();
    ids
}

/// What Infinity lists: an object on every line.
fn infinity_ids(client: &Client) -> Vec<i64> {
    let answer = client.get("/config/v2/organisations").expect(200);
    let rows: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    ids(&rows.into(), "orgId")
}

#[test]
fn a_key_that_reads_changes_nothing_in_any_dialect() {
    let test_box = TestBox::start();
    tree(&test_box);
    let key = make(&test_box.admin(), json!({ "name": "monitor", "scope": "read" }));
    let Keyed { native, watcher, wotkit, infinity } = Keyed::new(&test_box, "admin", &key);
    let audited = test_box.query("SELECT count(*) FROM audit");
    native.get("/orgbox/v1/organizations/top").expect(200);
    watcher.get("/vsaas/api/v2/organizations/2").expect(200);
    wotkit.get("/api/v1/orgs/top/members").expect(200);
    infinity.get("/config/v2/organisations/2").expect(200);
    for (method, path, body) in [
        ("POST", "organizations", json!({ "title": "New" })),
        ("PATCH", "organizations/top", json!({ "title": "Other" })),
        ("PATCH", "organizations/top", json!({})),
        ("DELETE", "organizations/bay", json!({})),
        ("PUT", "organizations/top/parents", json!({ "parents": [1] })),
        ("PUT", "organizations/top/members/admin", json!({})),
        ("POST", "users", json!({ "login": "ann" })),
        ("PATCH", "users/admin", json!({ "name": "Other" })),
        ("POST", "keys", json!({ "name": "wider" })),
        ("DELETE", "keys/1", json!({})),
        ("POST", "cameras", json!({ "organization_id": 2, "name": "Gate", "type": 1 })),
        ("PUT", "organizations/top/hold", json!({ "reason": "Case 1" })),
        ("PUT", "organizations/top/usage", json!({ "mosaic_count": 1 })),
        ("POST", "organizations/top/preview", json!({ "patch": { "purge_days": 1 } })),
        ("POST", "overrides/reload", json!({})),
        ("POST", "overrides/clear", json!({})),
    ] {
        let refused = native.json(method, &format!("/orgbox/v1/{path}"), &body).expect(403);
        assert_eq!(refused.json()["code"], "read_only_key", "{method} {path}");
    }
    watcher.json("PUT", "/vsaas/api/v2/organizations/2", &json!({ "title": "Other" })).expect(403);
    watcher.json("POST", "/vsaas/api/v2/organizations", &json!({ "title": "New" })).expect(403);
    wotkit.json("PUT", "/api/v1/orgs/top", &json!({ "longName": "Other" })).expect(403);
    wotkit.json("POST", "/api/v1/users", &json!({ "username": "anna", "password": PASSWORD })).expect(403);
    infinity.form("POST", "/config/v2/organisations/2", "orgName=Other").expect(403);
    infinity.delete("/config/v2/organisations/4").expect(403);
    assert_eq!(test_box.query("SELECT count(*) FROM audit"), audited);
}

#[test]
fn an_administrators_key_for_one_organization_acts_there_as_the_owner() {
    let test_box = TestBox::start();
    tree(&test_box);
    let key = make(&test_box.admin(), json!({ "name": "south", "organization": "south" }));
    let Keyed { native, watcher, wotkit, infinity } = Keyed::new(&test_box, "admin", &key);
    let listed = native.get("/orgbox/v1/organizations").expect(200).json();
    assert_eq!(ids(&listed["items"], "id"), [3, 4]);
    assert_eq!(listed["items"][0]["parents"], json!([]), "what it does not reach it does not see");
    assert_eq!(ids(&watcher.get("/vsaas/api/v2/organizations").expect(200).json(), "id"), [3, 4]);
    assert_eq!(infinity_ids(&infinity), [3, 4]);
    for outside in ["default", "top", "north"] {
        native.get(&format!("/orgbox/v1/organizations/{outside}")).expect(403);
        let rename = json!({ "title": "Other" });
        native.json("PATCH", &format!("/orgbox/v1/organizations/{outside}"), &rename).expect(403);
    }
    watcher.get("/vsaas/api/v2/organizations/2").expect(403);
    infinity.get("/config/v2/organisations/2").expect(403);
    infinity.get("/config/v2/organisations/3").expect(200);
    // Within it acts as the owner.
    native.json("PATCH", "/orgbox/v1/organizations/south", &json!({ "purge_days": 7 })).expect(200);
    native.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Cove", "parents": ["bay"] })).expect(201);
    native.delete("/orgbox/v1/organizations/cove").expect(204);
    native.get("/orgbox/v1/organizations/south/members").expect(200);
    // What is the administrators', what is outside and what the key itself is for is not its own.
    for (method, path, body) in [
        ("PATCH", "organizations/south", json!({ "camera_limit": 5000 })),
        ("PATCH", "organizations/south", json!({ "owner": null })),
        ("DELETE", "organizations/south?children=cascade", json!({})),
        ("POST", "organizations", json!({ "title": "New" })),
        ("POST", "organizations", json!({ "title": "New", "parents": ["north"] })),
        ("PUT", "organizations/south/parents", json!({ "parents": ["north"] })),
        ("PUT", "organizations/bay/parents", json!({ "parents": ["south", "north"] })),
        ("POST", "users", json!({ "login": "ann" })),
        ("PATCH", "users/admin", json!({ "password": "another battery" })),
        ("PATCH", "users/admin", json!({ "role": "user" })),
        ("DELETE", "users/admin", json!({})),
        ("POST", "keys", json!({ "name": "wider" })),
        ("GET", "keys", json!({})),
        ("GET", "keys/1", json!({})),
        ("DELETE", "keys/1", json!({})),
    ] {
        let status = native.json(method, &format!("/orgbox/v1/{path}"), &body).status;
        assert_eq!(status, 403, "{method} {path}");
    }
    wotkit.get("/api/v1/users").expect(403);
    wotkit.json("PUT", "/api/v1/orgs/south", &json!({ "longName": "Other" })).expect(403);
    watcher.json("POST", "/vsaas/api/v2/organizations", &json!({ "title": "New" })).expect(403);
    let whoami = watcher.get("/vsaas/api/v2/auth/whoami").expect(200).json();
    assert_eq!((&whoami["is_admin"], &whoami["organizations"]), (&json!(false), &json!([3, 4])));
}

#[test]
fn a_users_key_for_one_organization_reaches_no_more_than_the_user() {
    let test_box = TestBox::start();
    tree(&test_box);
    person(&test_box, "ann", Role::User, PASSWORD);
    let admin = test_box.admin();
    let member = |organization: &str, rights: Value| {
        admin.json("PUT", &format!("/orgbox/v1/organizations/{organization}/members/ann"), &rights).expect(201);
    };
    member("south", json!({ "can_edit_cameras": true }));
    member("north", json!({ "can_edit_cameras": true }));
    let ann = test_box.client().basic("ann", PASSWORD);
    ann.json("POST", "/orgbox/v1/keys", &json!({ "name": "far", "organization": "top" })).expect(422);
    ann.json("POST", "/orgbox/v1/keys", &json!({ "name": "none", "organization": "nowhere" })).expect(422);
    ann.json("POST", "/orgbox/v1/keys", &json!({ "name": "other", "user": "admin" })).expect(422);
    let key = make(&ann, json!({ "name": "bay", "organization": "bay" }));
    let Keyed { native, watcher, infinity, .. } = Keyed::new(&test_box, "ann", &key);
    assert_eq!(ids(&native.get("/orgbox/v1/organizations").expect(200).json()["items"], "id"), [4]);
    assert_eq!(infinity_ids(&infinity), [4]);
    assert_eq!(ids(&watcher.get("/vsaas/api/v2/organizations").expect(200).json(), "id"), Vec::<i64>::new());
    native.json("PATCH", "/orgbox/v1/organizations/bay", &json!({ "title": "Other" })).expect(200);
    native.json("PATCH", "/orgbox/v1/organizations/south", &json!({ "title": "Other" })).expect(403);
    native.json("PATCH", "/orgbox/v1/organizations/north", &json!({ "title": "Other" })).expect(403);
    native.delete("/orgbox/v1/organizations/bay").expect(403);
    native.get("/orgbox/v1/organizations/bay/members").expect(403);
    native.json("PATCH", "/orgbox/v1/users/ann", &json!({ "password": "another battery" })).expect(403);
    // Where the user reaches no longer, its key does neither.
    admin.delete("/orgbox/v1/organizations/south/members/ann").expect(204);
    native.get("/orgbox/v1/organizations/bay").expect(403);
}

#[test]
fn a_limited_key_makes_no_wider_one() {
    let test_box = TestBox::start();
    person(&test_box, "ann", Role::User, PASSWORD);
    let ann = test_box.client().basic("ann", PASSWORD);
    for limit in [json!({ "network": "127.0.0.0/8" }), json!({ "expires": "2027-01-01T00:00:00Z" })] {
        let mut body = json!({ "name": "limited" });
        body.as_object_mut().unwrap().extend(limit.as_object().unwrap().clone());
        let key = make(&ann, body);
        let keyed = test_box.client().with("authorization", &format!("Bearer {key}"));
        assert_eq!(
            keyed.json("POST", "/orgbox/v1/keys", &json!({ "name": "wider" })).expect(403).json()["code"],
            "limited_key"
        );
        for change in [json!({ "password": "another battery" }), json!({ "email": "ann@example.com" })] {
            keyed.json("PATCH", "/orgbox/v1/users/ann", &change).expect(403);
        }
        keyed.json("PATCH", "/orgbox/v1/users/ann", &json!({ "phone": "1" })).expect(200);
    }
    let by_key = "SELECT actor || ' with ' || actor_key FROM audit WHERE subject = 'user/2' AND actor_key IS NOT NULL";
    assert_eq!(test_box.query(by_key), ["ann with limited"], "the second changes nothing");
    let key = make(&ann, json!({ "name": "full" }));
    let keyed = test_box.client().with("authorization", &format!("Bearer {key}"));
    keyed.json("POST", "/orgbox/v1/keys", &json!({ "name": "another" })).expect(201);
}

#[test]
fn users_see_and_end_their_own_keys_only() {
    let test_box = TestBox::start();
    person(&test_box, "ann", Role::User, PASSWORD);
    person(&test_box, "bob", Role::Admin, PASSWORD);
    let client = |login| test_box.client().basic(login, PASSWORD);
    make(&test_box.admin(), json!({ "name": "of admin" }));
    make(&client("ann"), json!({ "name": "of ann" }));
    let listed = |client: &Client| ids(&client.get("/orgbox/v1/keys").expect(200).json()["items"], "id");
    assert_eq!((listed(&client("ann")), listed(&client("bob"))), (vec![2], vec![1, 2]));
    client("ann").get("/orgbox/v1/keys/1").expect(404);
    client("ann").delete("/orgbox/v1/keys/1").expect(404);
    client("bob").delete("/orgbox/v1/keys/1").expect(403);
    client("bob").json("POST", "/orgbox/v1/keys", &json!({ "name": "x", "user": "admin" })).expect(403);
    make(&client("bob"), json!({ "name": "for ann", "user": "ann" }));
    client("bob").delete("/orgbox/v1/keys/2").expect(204);
    assert_eq!(listed(&test_box.admin()), [1, 3]);
}

#[test]
fn from_elsewhere_a_key_is_unknown_whoever_used_it_before() {
    let test_box = TestBox::start();
    let key = make(&test_box.admin(), json!({ "name": "here", "network": "127.0.0.1" }));
    let far = make(&test_box.admin(), json!({ "name": "far", "network": "10.0.0.0/8" }));
    let address = test_box.running().addresses[0];
    // Often enough that every worker remembers the key by then.
    for _ in 0..20 {
        assert_eq!(whoami_from("127.0.0.1:0", address, &key), 200);
    }
    for _ in 0..20 {
        assert_eq!(whoami_from("127.0.0.2:0", address, &key), 401);
    }
    assert_eq!(whoami_from("127.0.0.1:0", address, &key), 200);
    let refused = test_box.client().with("authorization", &format!("Bearer {far}"));
    assert_eq!(refused.get("/orgbox/v1/whoami").expect(401).json()["code"], "bad_key");
}

#[test]
fn the_last_use_is_known_to_the_minute_and_written_once_for_it() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let key = make(&admin, json!({ "name": "billing" }));
    let keyed = test_box.client().with("authorization", &format!("Bearer {key}"));
    let store = test_box.running().store();
    // The note is queued before this job, so once it is done the note is written.
    let jobs = || {
        store.write(|_| Ok(())).unwrap();
        store.statistics().jobs
    };
    let last_used = || admin.get("/orgbox/v1/keys/1").expect(200).json()["last_used"].clone();
    let told = test_box.query("SELECT (SELECT count(*) FROM audit) || ' ' || (SELECT last_seq FROM site)");
    assert_eq!(last_used(), Value::Null);
    let before = jobs();
    keyed.get("/orgbox/v1/whoami").expect(200);
    assert_eq!(jobs(), before + 2, "the note and the job that waits for it");
    assert_eq!(last_used(), "2026-03-14T09:26:00Z");
    for _ in 0..20 {
        keyed.get("/orgbox/v1/whoami").expect(200);
    }
    assert_eq!(jobs(), before + 3);
    test_box.clock.advance_ms(60_000);
    keyed.get("/orgbox/v1/whoami").expect(200);
    assert_eq!(jobs(), before + 5);
    assert_eq!(last_used(), "2026-03-14T09:27:00Z");
    let after = test_box.query("SELECT (SELECT count(*) FROM audit) || ' ' || (SELECT last_seq FROM site)");
    assert_eq!(after, told, "nobody hears of it");
}

#[test]
fn the_keys_for_an_organization_go_with_it_and_are_audited() {
    let test_box = TestBox::start();
    tree(&test_box);
    let admin = test_box.admin();
    let key = make(&admin, json!({ "name": "bay", "organization": "bay" }));
    make(&admin, json!({ "name": "south", "organization": "south" }));
    let keyed = test_box.client().with("authorization", &format!("Bearer {key}"));
    keyed.get("/orgbox/v1/organizations/bay").expect(200);
    admin.delete("/orgbox/v1/organizations/bay").expect(204);
    keyed.get("/orgbox/v1/whoami").expect(401);
    assert_eq!(test_box.query("SELECT name FROM api_keys"), ["south"]);
    let gone = "SELECT before ->> 'name' FROM audit WHERE subject = 'key/1' AND operation = 'delete'";
    assert_eq!(test_box.query(gone), ["bay"]);
}

/// The status of `GET /whoami` with this key, asked from this address.
fn whoami_from(local: &str, address: SocketAddr, key: &str) -> u16 {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&local.parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    write!(
        stream,
        "GET /orgbox/v1/whoami HTTP/1.1\r\nhost: box\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
