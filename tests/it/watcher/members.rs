//! Members of organizations, and the limit of users.

use serde_json::{Value, json};

use super::{PASSWORD, V2, admin, organization, organization_path, refused, sign_in, user, view};
use crate::support::{Client, TestBox};

struct Scene {
    admin: Client,
    id: i64,
    users: String,
}

fn scene(test_box: &TestBox, user_limit: i64) -> Scene {
    let admin = admin(test_box);
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": 1, "user_limit": user_limit }));
    Scene { admin, id, users: format!("{}/users", organization_path(id)) }
}

/// `can_edit_organization_users`, `can_edit_organization_cameras`, `can_view_organization_stats`.
fn rights(member: &Value) -> [bool; 3] {
    ["users", "cameras"]
        .map(|what| member[format!("can_edit_organization_{what}")].as_bool().unwrap())
        .into_iter()
        .chain([member["can_view_organization_stats"].as_bool().unwrap()])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

#[test]
fn billing_posts_only_the_user() {
    let test_box = TestBox::start();
    let Scene { admin, id, users } = scene(&test_box, 10);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    let added = admin.json("POST", &users, &json!({ "user_id": ann.to_string() })).expect(200).json();
    assert_eq!((added["user_id"].as_i64(), rights(&added)), (Some(ann), [false; 3]));
    let added = admin.form("POST", &format!("{users}/"), &format!("user_id={bob}&can_edit_organization_users=1"));
    assert_eq!(rights(&added.expect(200).json()), [true, false, false]);
    assert_eq!(view(&admin, id)["user_count"], 2);
    // Once more is no second member, and rights that are not mentioned stay.
    let again = admin.json("POST", &users, &json!({ "user_id": bob, "can_view_organization_stats": true }));
    assert_eq!(rights(&again.expect(200).json()), [true, false, true]);
    assert_eq!(view(&admin, id)["user_count"], 2);
    let list = admin.get(&users).expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let of_ann = admin.get(&format!("{V2}/users/{ann}")).expect(200).json();
    assert_eq!(of_ann["organizations"], json!([1, id]));
}

#[test]
fn truths_come_in_many_forms() {
    let test_box = TestBox::start();
    let Scene { admin, users, .. } = scene(&test_box, 10);
    let ann = user(&admin, "Ann");
    admin.json("POST", &users, &json!({ "user_id": ann })).expect(200);
    let path = format!("{users}/{ann}");
    let put = |value: &Value| {
        let body = json!({ "can_edit_organization_users": value });
        rights(&admin.json("PUT", &path, &body).expect(200).json())[0]
    };
    for (given, wanted) in [
        (json!(true), true),
        (json!(""), true),
        (json!(null), true),
        (json!(false), false),
        (json!(1), true),
        (json!(0), false),
        (json!("1"), true),
        (json!("0"), false),
        (json!("true"), true),
        (json!("False"), false),
        (json!("on"), true),
    ] {
        assert_eq!(put(&given), wanted, "{given}");
    }
    let body = json!({ "can_edit_organization_users": "perhaps", "can_view_organization_stats": [], "user_id": "x" });
    let message = refused(admin.json("PUT", &path, &body), 400, "ValidationError");
    assert_eq!(
        message,
        "can_view_organization_stats must be true or false; can_edit_organization_users must be true or false"
    );
    assert!(put(&json!(null)), "what was refused changed nothing");
}

#[test]
fn the_limit_of_users_holds() {
    let test_box = TestBox::start();
    let Scene { admin, id, users } = scene(&test_box, 1);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    admin.json("POST", &users, &json!({ "user_id": ann })).expect(200);
    let message = refused(admin.json("POST", &users, &json!({ "user_id": bob })), 400, "BadRequest");
    assert!(message.contains("user_limit"), "{message}");
    assert_eq!(view(&admin, id)["user_count"], 1);
    // A limit under the present count is allowed: nobody leaves, and nobody comes.
    let path = organization_path(id);
    let changed = admin.json("PUT", &path, &json!({ "user_limit": 0 })).expect(200).json();
    assert_eq!((&changed["user_limit"], &changed["user_count"]), (&json!(0), &json!(1)));
    admin.json("PUT", &format!("{users}/{ann}"), &json!({ "can_edit_organization_users": 1 })).expect(200);
    admin.delete(&format!("{users}/{ann}")).expect(200);
    refused(admin.json("POST", &users, &json!({ "user_id": bob })), 400, "BadRequest");
    admin.json("PUT", &path, &json!({ "user_limit": "2" })).expect(200);
    admin.json("POST", &users, &json!({ "user_id": bob })).expect(200);
}

#[test]
fn unknown_users_and_members_are_refused() {
    let test_box = TestBox::start();
    let Scene { admin, users, .. } = scene(&test_box, 10);
    let ann = user(&admin, "Ann");
    for body in [
        json!({}),
        json!({ "user_id": "" }),
        json!({ "user_id": null }),
        json!({ "user_id": 99 }),
        json!({ "user_id": "Ann" }),
    ] {
        let message = refused(admin.json("POST", &users, &body), 400, "ValidationError");
        assert!(message.starts_with("user_id must be the id of a user"), "{message}");
    }
    for member in [ann.to_string(), "99".to_owned(), "Ann".to_owned()] {
        let path = format!("{users}/{member}");
        refused(admin.json("PUT", &path, &json!({ "can_edit_organization_users": true })), 404, "NotFound");
        refused(admin.delete(&path), 404, "NotFound");
    }
}

#[test]
fn members_who_may_edit_users_do() {
    let test_box = TestBox::start();
    let Scene { admin, users, .. } = scene(&test_box, 10);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    admin.json("POST", &users, &json!({ "user_id": ann })).expect(200);
    let client = sign_in(&test_box, "Ann", PASSWORD);
    refused(client.get(&users), 403, "Forbidden");
    refused(client.json("POST", &users, &json!({ "user_id": bob })), 403, "Forbidden");
    admin.json("PUT", &format!("{users}/{ann}"), &json!({ "can_edit_organization_users": true })).expect(200);
    client.json("POST", &users, &json!({ "user_id": bob })).expect(200);
    assert_eq!(client.get(&users).expect(200).json().as_array().unwrap().len(), 2);
    client.delete(&format!("{users}/{bob}")).expect(200);
}

#[test]
fn who_belongs_to_somebody_else_is_not_drawn_in() {
    let test_box = TestBox::start();
    let Scene { admin, users, .. } = scene(&test_box, 10);
    let (ann, bob, carl) = (user(&admin, "Ann"), user(&admin, "Bob"), user(&admin, "Carl"));
    admin.json("POST", &users, &json!({ "user_id": ann, "can_edit_organization_users": true })).expect(200);
    let other = organization(&admin, &json!({ "title": "Other", "owner_id": bob }));
    admin.json("POST", &format!("{V2}/organizations/{other}/users"), &json!({ "user_id": carl })).expect(200);
    let client = sign_in(&test_box, "Ann", PASSWORD);
    let message = |id: i64| refused(client.json("POST", &users, &json!({ "user_id": id })), 400, "ValidationError");
    for stranger in [1, bob, carl, 99] {
        assert_eq!(message(stranger), format!("user_id must be the id of a user; there is no user {stranger}"));
        refused(client.get(&format!("{V2}/users/{stranger}")), 404, "NotFound");
    }
    // Whom an administrator has put there is no stranger.
    admin.json("POST", &users, &json!({ "user_id": carl })).expect(200);
    client.json("POST", &users, &json!({ "user_id": carl, "can_view_organization_stats": true })).expect(200);
}
