//! What was proved once is worth nothing after it was revoked, whatever is cached where.

use orgbox::{
    model::{
        Result, UserId,
        actor::Who,
        credential::SessionKind,
        user::{Role, UserPatch},
    },
    ops::key::hash,
    ops::{credential, password, user},
    store::Write,
};

use crate::support::{TestBox, bare::new_user};

/// More requests than there are workers, so that each of their caches is asked.
const REQUESTS: usize = 24;

#[test]
fn an_old_password_is_worthless_at_once() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "first password");
    assert_status(&test_box, "first password", 200);
    let hash = password::hash("second password").unwrap();
    change(&test_box, ann, UserPatch { password_hash: Some(hash), ..UserPatch::default() });
    test_box.client().basic("ann", "first password").get("/api/v1/orgs").expect(401);
    assert_status(&test_box, "second password", 200);
}

#[test]
fn a_password_that_is_replaced_while_it_is_checked_opens_no_session() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "first password");
    let stored = test_box.query("SELECT password_hash FROM users WHERE login = 'ann'").remove(0);
    let current = |stored: &str| {
        let stored = stored.to_owned();
        write(&test_box, move |write, _| credential::is_current(write, "ann", &stored))
    };
    assert_eq!(current(&stored), Some(ann));
    change(&test_box, ann, UserPatch { enabled: Some(false), ..UserPatch::default() });
    assert_eq!(current(&stored), None);
    let hash = password::hash("second password").unwrap();
    change(
        &test_box,
        ann,
        UserPatch { password_hash: Some(hash.clone()), enabled: Some(true), ..UserPatch::default() },
    );
    assert_eq!((current(&stored), current(&hash)), (None, Some(ann)));
    change(&test_box, ann, UserPatch { login: Some("anna".to_owned()), ..UserPatch::default() });
    assert_eq!(current(&hash), None);
}

#[test]
fn a_disabled_user_is_out_at_once() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "her password");
    write(&test_box, move |write, _| credential::open_session(write, ann, SessionKind::Watcher, &hash("a-token"), 10));
    assert_status(&test_box, "her password", 200);
    assert!(has_session(&test_box));
    change(&test_box, ann, UserPatch { enabled: Some(false), ..UserPatch::default() });
    assert_status(&test_box, "her password", 401);
    assert!(!has_session(&test_box));
    change(&test_box, ann, UserPatch { enabled: Some(true), ..UserPatch::default() });
    assert_status(&test_box, "her password", 200);
    assert!(!has_session(&test_box), "what was ended stays ended");
}

#[test]
fn a_deleted_user_is_out_at_once() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "her password");
    assert_status(&test_box, "her password", 200);
    write(&test_box, move |write, who| user::delete(write, who, ann));
    test_box.client().basic("ann", "her password").get("/api/v1/orgs").expect(401);
}

#[test]
fn a_demoted_administrator_is_none_at_once() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "her password");
    let create = |name: &str| {
        let client = test_box.client().basic("ann", "her password").with("connection", "close");
        client.json("POST", "/api/v1/orgs", &serde_json::json!({ "name": name, "longName": "Made by Ann" }))
    };
    create("first").expect(403);
    change(&test_box, ann, UserPatch { role: Some(Role::Admin), ..UserPatch::default() });
    for number in 0..REQUESTS {
        create(&format!("org-{number}")).expect(201);
    }
    change(&test_box, ann, UserPatch { role: Some(Role::User), ..UserPatch::default() });
    for number in 0..REQUESTS {
        create(&format!("late-{number}")).expect(403);
    }
}

#[test]
fn a_sign_out_ends_the_session_and_one_with_a_made_up_token_disturbs_nobody() {
    let test_box = TestBox::start();
    let ann = user(&test_box, "ann", "her password");
    write(&test_box, move |write, _| credential::open_session(write, ann, SessionKind::Watcher, &hash("a-token"), 10));
    let before = test_box.running().store().identities();
    write(&test_box, |write, _| credential::end_session(write, &hash("made up")));
    assert_eq!(test_box.running().store().identities(), before);
    assert!(has_session(&test_box));
    write(&test_box, |write, _| credential::end_session(write, &hash("a-token")));
    assert!(test_box.running().store().identities() > before);
    assert!(!has_session(&test_box));
}

fn user(test_box: &TestBox, login: &str, password: &str) -> UserId {
    let mut new = new_user(login);
    new.password_hash = Some(password::hash(password).unwrap());
    write(test_box, move |write, who| user::create(write, who, &new)).id
}

fn change(test_box: &TestBox, id: UserId, patch: UserPatch) {
    write(test_box, move |write, who| user::update(write, who, id, patch));
}

fn write<T: Send + 'static>(
    test_box: &TestBox,
    work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
) -> T {
    test_box.running().store().write(move |write| work(write, &Who::command_line())).unwrap()
}

fn assert_status(test_box: &TestBox, password: &str, status: u16) {
    for _ in 0..REQUESTS {
        // Without keep-alive each is a new connection, and so in turn another worker's.
        let client = test_box.client().basic("ann", password).with("connection", "close");
        client.get("/api/v1/orgs").expect(status);
    }
}

fn has_session(test_box: &TestBox) -> bool {
    let reader = test_box.running().store().reader().unwrap();
    let now_ms = test_box.clock.now_ms();
    let found = reader.read(|read| credential::session(read, SessionKind::Watcher, &hash("a-token"), now_ms));
    found.unwrap().is_some()
}
