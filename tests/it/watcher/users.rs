//! Users: making, changing, finding, deleting.

use serde_json::{Value, json};

use super::{PASSWORD, V2, admin, organization, refused, sign_in, user};
use crate::support::{Client, TestBox};

fn path(id: i64) -> String {
    format!("{V2}/users/{id}")
}

fn logins(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("{V2}/users{query}")).expect(200).json();
    list.as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_user_joins_the_organization_it_is_made_in() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": 1 }));
    let made = |body: Value| admin.json("POST", &format!("{V2}/users/"), &body).expect(200).json();
    assert_eq!(made(json!({ "login": "a" }))["organizations"], json!([1]));
    assert_eq!(made(json!({ "login": "b", "organization_id": id }))["organizations"], json!([id]));
    assert_eq!(made(json!({ "login": "c", "organization_id": id.to_string() }))["organizations"], json!([id]));
    assert_eq!(made(json!({ "login": "d", "organization_id": "" }))["organizations"], json!([1]));
    let body = json!({ "login": "e", "organization_id": 99 });
    let message = refused(admin.json("POST", &format!("{V2}/users"), &body), 400, "ValidationError");
    assert_eq!(message, "organization_id must be the id of an organization; there is no organization 99");
    assert_eq!(logins(&admin, "?search=e"), [] as [&str; 0], "nothing is half made");
    // What it owns counts as well, and a change may name one more.
    let a = made(json!({ "login": "f" }))["id"].as_i64().unwrap();
    let owned = organization(&admin, &json!({ "title": "Owned", "owner_id": a }));
    let changed = admin.json("PUT", &path(a), &json!({ "organization_id": id })).expect(200).json();
    assert_eq!(changed["organizations"], json!([1, id, owned]));
}

#[test]
fn whoever_sees_a_user_does_not_learn_what_else_it_belongs_to() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    let anns = organization(&admin, &json!({ "title": "Org2", "owner_id": ann }));
    let other = organization(&admin, &json!({ "title": "Org3", "owner_id": 1 }));
    for id in [anns, other] {
        let users = format!("{V2}/organizations/{id}/users");
        admin.json("POST", &users, &json!({ "user_id": bob })).expect(200);
    }
    for (client, seen) in [
        (&sign_in(&test_box, "Ann", PASSWORD), json!([1, anns])),
        (&sign_in(&test_box, "Bob", PASSWORD), json!([1, anns, other])),
        (&admin, json!([1, anns, other])),
    ] {
        assert_eq!(client.get(&path(bob)).expect(200).json()["organizations"], seen);
        let list = client.get(&format!("{V2}/users?search=bob")).expect(200).json();
        assert_eq!(list[0]["organizations"], seen);
    }
}

#[test]
fn nobody_takes_the_address_by_which_another_signs_in() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    user(&admin, "carl@box.example");
    let address =
        |client: &Client, id, address: &str| client.json("PUT", &path(id), &json!({ "notification_email": address }));
    address(&admin, bob, "bob@box.example").expect(200);
    let client = sign_in(&test_box, "Ann", PASSWORD);
    for taken in ["bob@box.example", "BOB@Box.example", "carl@box.example"] {
        let message = refused(address(&client, ann, taken), 400, "ValidationError");
        assert_eq!(message, "another user has this e-mail address");
    }
    address(&client, ann, "ann@box.example").expect(200);
    address(&client, ann, "ann@box.example").expect(200);
    // One person may read the mail of several users, as an administrator knows.
    address(&admin, ann, "bob@box.example").expect(200);
    address(&client, ann, "bob@box.example").expect(200);
    address(&client, ann, "").expect(200);
}

#[test]
fn logins_may_hold_spaces_and_are_unique() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    user(&admin, "Subscriber 1");
    assert_eq!(logins(&sign_in(&test_box, "Subscriber 1", PASSWORD), ""), ["Subscriber 1"]);
    let taken = admin.json("POST", &format!("{V2}/users"), &json!({ "login": "Subscriber 1" }));
    assert!(refused(taken, 400, "ValidationError").contains("already exists"));
    let other = user(&admin, "Subscriber 2");
    refused(admin.json("PUT", &path(other), &json!({ "login": "Subscriber 1" })), 400, "ValidationError");
}

#[test]
fn every_wrong_value_is_told_by_its_own_name() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let wrong = json!({
        "login": " a", "password": "short", "name": "x\ny", "enabled": "perhaps", "is_admin": 2, "note": 5,
        "notification_email": "nowhere", "phone": [], "max_sessions": 0, "organization_id": "x",
    });
    let id = user(&admin, "Ann");
    for (method, path) in [("POST", format!("{V2}/users")), ("PUT", path(id))] {
        let message = refused(admin.json(method, &path, &wrong), 400, "ValidationError");
        for name in wrong.as_object().unwrap().keys() {
            assert!(message.split("; ").any(|part| part.starts_with(&format!("{name} must be "))), "{name}: {message}");
        }
        assert_eq!(message.split("; ").count(), 10, "{message}");
    }
    refused(admin.json("POST", &format!("{V2}/users"), &json!({})), 400, "ValidationError");
    let unchanged = admin.get(&path(id)).expect(200).json();
    assert_eq!((&unchanged["login"], &unchanged["phone"]), (&json!("Ann"), &json!("")));
}

#[test]
fn a_new_password_ends_what_the_old_one_opened() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let id = user(&admin, "Ann");
    let ann = sign_in(&test_box, "Ann", PASSWORD);
    let answer = ann.json("PUT", &path(id), &json!({ "password": "staple battery" })).expect(200);
    assert!(!answer.text.contains("password"));
    refused(ann.get(&path(id)), 403, "Forbidden");
    let login = |password: &str| {
        test_box.client().form("POST", &format!("{V2}/auth/login"), &format!("login=Ann&password={password}"))
    };
    refused(login(&PASSWORD.replace(' ', "+")), 403, "Forbidden");
    login("staple+battery").expect(200);
    // An empty one, as forms send it, is none.
    admin.form("PUT", &path(id), "password=&name=Ann").expect(200);
    login("staple+battery").expect(200);
    admin.json("PUT", &path(id), &json!({ "enabled": false })).expect(200);
    refused(login("staple+battery"), 403, "Forbidden");
}

#[test]
fn administrators_come_and_go() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let id = user(&admin, "Ann");
    let put =
        |client: &Client, id: i64, is_admin: Value| client.json("PUT", &path(id), &json!({ "is_admin": is_admin }));
    assert_eq!(put(&admin, id, json!("1")).expect(200).json()["is_admin"], true);
    let ann = sign_in(&test_box, "Ann", PASSWORD);
    // The first one stays a super administrator when put back as it is, and cannot be the last to go.
    put(&admin, 1, json!(true)).expect(200);
    assert_eq!(test_box.query("SELECT role FROM users WHERE id = 1"), ["super_admin"]);
    refused(put(&admin, 1, json!(false)), 400, "BadRequest");
    refused(admin.delete(&path(1)), 400, "BadRequest");
    // Administrators of the lower degree manage users only.
    let bob = user(&ann, "Bob");
    refused(put(&ann, bob, json!(true)), 403, "Forbidden");
    refused(ann.json("PUT", &path(1), &json!({ "password": PASSWORD })), 403, "Forbidden");
    assert_eq!(put(&admin, id, json!(0)).expect(200).json()["is_admin"], false);
    refused(ann.delete(&path(bob)), 403, "Forbidden");
}

#[test]
fn users_change_themselves_and_nobody_else() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    let client = sign_in(&test_box, "Ann", PASSWORD);
    let changed = client.json("PUT", &path(ann), &json!({ "phone": 5550100, "locale": "de" })).expect(200).json();
    assert_eq!((&changed["phone"], &changed["locale"]), (&json!("5550100"), &json!("de")));
    for body in [
        json!({ "is_admin": true }),
        json!({ "max_sessions": 9 }),
        json!({ "login": "Root" }),
        json!({ "organization_id": 1 }),
    ] {
        let answer = client.json("PUT", &path(ann), &body);
        refused(answer, 403, "Forbidden");
    }
    refused(client.json("PUT", &path(bob), &json!({ "name": "Bob" })), 403, "Forbidden");
    refused(client.get(&path(bob)), 404, "NotFound");
    refused(client.delete(&path(bob)), 403, "Forbidden");
    refused(client.json("POST", &format!("{V2}/users"), &json!({ "login": "c" })), 403, "Forbidden");
    assert_eq!(logins(&client, ""), ["Ann"]);
}

#[test]
fn lists_are_searched_and_paged() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for (login, name, email) in [("a", "Ann", "x@example.com"), ("b", "Bob", "y@example.org"), ("c", "Cäsar", "")] {
        let body = json!({ "login": login, "name": name, "notification_email": email });
        admin.json("POST", &format!("{V2}/users"), &body).expect(200);
    }
    assert_eq!(logins(&admin, ""), ["a", "admin", "b", "c"]);
    assert_eq!(logins(&admin, "?search=EXAMPLE.org"), ["b"]);
    assert_eq!(logins(&admin, "?search=c%C3%84"), ["c"]);
    assert_eq!(logins(&admin, "?limit=2&offset=1&sort="), ["admin", "b"]);
    assert_eq!(logins(&admin.with("X-Page-Limit", "1").with("X-Page-Offset", "2"), ""), ["b"]);
    refused(admin.get(&format!("{V2}/users?limit=all")), 400, "ValidationError");
}

#[test]
fn deleting_a_user_leaves_its_organizations_ownerless() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": ann }));
    assert_eq!(admin.delete(&path(ann)).expect(200).text, r#"{"success":true}"#);
    assert_eq!(super::view(&admin, id)["owner"], Value::Null);
    refused(admin.delete(&path(ann)), 404, "NotFound");
    refused(admin.get(&path(ann)), 404, "NotFound");
    refused(admin.json("PUT", &path(ann), &json!({ "name": "x" })), 404, "NotFound");
    refused(admin.get(&format!("{V2}/users/me")), 404, "NotFound");
}
