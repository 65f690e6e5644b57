//! Verbs beside a running server: what they change holds there at once.

use super::{ADMIN_PASSWORD, Folder, status_for};

#[test]
fn a_user_disabled_beside_a_server_is_refused_there() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.add_user("bob", "bob's password", &["--organization", "default"]);
    // Asked for often enough that every worker remembers who this is.
    for _ in 0..20 {
        assert_eq!(status_for(&server, "bob", "bob's password"), 200);
    }
    folder.run(&["user", "disable", "bob"]).ok();
    for _ in 0..20 {
        assert_eq!(status_for(&server, "bob", "bob's password"), 401);
    }
    folder.run(&["user", "enable", "bob"]).ok();
    assert_eq!(status_for(&server, "bob", "bob's password"), 200);
    assert!(server.stop("TERM").success());
}

#[test]
fn a_key_made_beside_a_server_works_there_until_it_is_revoked() {
    let folder = Folder::new();
    let server = folder.serve();
    let told = folder.run(&["key", "create", "--user", "admin", "--name", "billing"]).ok();
    let whole = told.lines().find_map(|line| line.strip_prefix("key         obk_")).unwrap();
    let (public_id, secret) = whole.split_at(16);
    for _ in 0..20 {
        assert_eq!(status_for(&server, public_id, secret), 200);
    }
    assert_eq!(status_for(&server, public_id, "0000000000000000"), 401);
    // It has the rights of its user, here an administrator's.
    let users = server.client().basic(public_id, secret).get("/api/v1/orgs/default/members");
    assert_eq!(users.status, 200, "{}", users.text);
    folder.run(&["key", "revoke", "billing"]).ok();
    assert_eq!(status_for(&server, public_id, secret), 401);
}

#[test]
fn a_password_changed_beside_a_server_is_the_only_one_there() {
    let folder = Folder::new();
    let server = folder.serve();
    for _ in 0..20 {
        assert_eq!(status_for(&server, "admin", ADMIN_PASSWORD), 200);
    }
    let session =
        "INSERT INTO sessions (token_hash, user_id, kind, created_at_ms) VALUES (randomblob(32), 1, 'watcher', 1)";
    folder.database().execute(session, []).unwrap();
    folder.pipe(&["user", "passwd", "admin"], "battery staple").ok();
    assert!(folder.query("SELECT user_id FROM sessions").is_empty());
    assert_eq!(status_for(&server, "admin", ADMIN_PASSWORD), 401);
    assert_eq!(status_for(&server, "admin", "battery staple"), 200);
}

#[test]
fn a_server_goes_on_writing_after_a_verb_has_written_beside_it() {
    let folder = Folder::new();
    let server = folder.serve();
    let admin = server.client().basic("admin", ADMIN_PASSWORD);
    let make = |name: &str| {
        let body = serde_json::json!({ "name": name, "longName": name });
        admin.json("POST", "/api/v1/orgs", &body).expect(201)
    };
    make("before");
    folder.run(&["camera", "add", "before", "Gate", "--type", "1"]).ok();
    make("after");
    folder.run(&["camera", "add", "after", "Gate", "--type", "1"]).ok();
    assert_eq!(folder.query("SELECT count(*) FROM cameras"), ["2"]);
    // Both hands count events in the same row: no number is given twice.
    assert_eq!(folder.query("SELECT count(*) = max(seq) FROM outbox"), ["1"]);
}
