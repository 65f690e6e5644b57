//! Who sees and changes what: members, owners, administrators, and organizations that nobody owns.

use serde_json::{Value, json};

use super::{PASSWORD, V2, admin, organization, organization_path, refused, sign_in, titles, user, view};
use crate::support::TestBox;

/// `can_view_stats`, `can_edit_users`, `can_edit_cameras`, `is_member`.
fn flags(organization: &Value) -> [bool; 4] {
    ["can_view_stats", "can_edit_users", "can_edit_cameras", "is_member"]
        .map(|key| organization[key].as_bool().unwrap())
}

#[test]
fn members_and_owners_see_theirs_and_administrators_see_all() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    let owned = organization(&admin, &json!({ "title": "Owned", "owner_id": ann }));
    let joined = organization(&admin, &json!({ "title": "Joined", "owner_id": bob }));
    let foreign = organization(&admin, &json!({ "title": "Foreign", "owner_id": bob }));
    admin.json("POST", &format!("{}/users", organization_path(joined)), &json!({ "user_id": ann })).expect(200);
    let list = format!("{V2}/organizations/");
    let ann = sign_in(&test_box, "Ann", PASSWORD);
    for query in ["", "?limit=10", "?limit=1000000"] {
        assert_eq!(titles(ann.get(&format!("{list}{query}"))), ["Default", "Joined", "Owned"]);
        assert_eq!(titles(admin.get(&format!("{list}{query}"))), ["Default", "Foreign", "Joined", "Owned"]);
    }
    assert_eq!(titles(ann.get(&format!("{list}?search=o&offset=1"))), ["Owned"]);
    assert_eq!(flags(&view(&ann, owned)), [true; 4]);
    assert_eq!(flags(&view(&ann, joined)), [false, false, false, true]);
    assert_eq!(flags(&view(&admin, foreign)), [true; 4]);
    // Every new user is a member of the default organization, above all others, and sees none of them for that.
    let path = organization_path(foreign);
    for answer in [
        ann.get(&path),
        ann.get(&format!("{path}/folders")),
        ann.get(&format!("{path}/users")),
        ann.json("PUT", &path, &json!({ "title": "Mine" })),
        ann.with("force", "1").delete(&path),
        ann.delete(&path),
        ann.json("POST", &format!("{path}/users"), &json!({ "user_id": 1 })),
        ann.json("PUT", &format!("{path}/users/1"), &json!({})),
        ann.delete(&format!("{path}/users/1")),
    ] {
        refused(answer, 403, "Forbidden");
    }
    for path in [organization_path(99), organization_path(0), format!("{V2}/organizations/x")] {
        refused(ann.get(&path), 404, "NotFound");
        refused(admin.get(&path), 404, "NotFound");
    }
}

#[test]
fn the_owner_of_the_default_organization_does_not_own_all() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    admin.json("PUT", &organization_path(1), &json!({ "owner_id": ann })).expect(200);
    let foreign = organization(&admin, &json!({ "title": "Foreign", "owner_id": 1 }));
    let ann = sign_in(&test_box, "Ann", PASSWORD);
    assert_eq!(titles(ann.get(&format!("{V2}/organizations/"))), ["Default"]);
    refused(ann.json("PUT", &organization_path(foreign), &json!({ "title": "Mine" })), 403, "Forbidden");
    refused(ann.with("force", "1").delete(&organization_path(foreign)), 403, "Forbidden");
    refused(ann.json("POST", &format!("{V2}/organizations"), &json!({ "title": "Mine" })), 403, "Forbidden");
    assert_eq!(view(&admin, foreign)["title"], "Foreign");
}

#[test]
fn flags_are_the_members_own() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": 1 }));
    let path = format!("{}/users/{ann}", organization_path(id));
    admin.json("POST", &format!("{}/users", organization_path(id)), &json!({ "user_id": ann })).expect(200);
    let client = sign_in(&test_box, "Ann", PASSWORD);
    for (key, wanted) in [
        ("can_view_organization_stats", [true, false, false, true]),
        ("can_edit_organization_users", [false, true, false, true]),
        ("can_edit_organization_cameras", [false, false, true, true]),
    ] {
        admin.json("PUT", &path, &json!({ key: true })).expect(200);
        assert_eq!(flags(&view(&client, id)), wanted, "{key}");
        admin.json("PUT", &path, &json!({ key: "0" })).expect(200);
    }
    assert_eq!(flags(&view(&client, id)), [false, false, false, true]);
}

#[test]
fn nobody_edits_what_nobody_owns() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": 1 }));
    let (path, users) = (organization_path(id), format!("{}/users", organization_path(id)));
    let all = json!({
        "user_id": ann,
        "can_edit_organization_users": true,
        "can_edit_organization_cameras": true,
        "can_view_organization_stats": true,
    });
    admin.json("POST", &users, &all).expect(200);
    let client = sign_in(&test_box, "Ann", PASSWORD);
    assert_eq!(flags(&view(&client, id)), [true; 4]);
    admin.json("PUT", &path, &json!({ "owner_id": null })).expect(200);
    for client in [&client, &admin] {
        assert_eq!(flags(&view(client, id)), [true, false, false, true]);
        let list = client.get(&format!("{V2}/organizations/?search=org2")).expect(200).json();
        assert_eq!(flags(&list[0]), [true, false, false, true]);
        for answer in [
            client.json("POST", &users, &json!({ "user_id": 1 })),
            client.json("PUT", &format!("{users}/{ann}"), &json!({ "can_edit_organization_users": false })),
            client.delete(&format!("{users}/{ann}")),
        ] {
            let message = refused(answer, 403, "Forbidden");
            assert!(message.contains("give it an owner first"), "{message}");
        }
    }
    let changed = admin.json("PUT", &path, &json!({ "title": "Org3", "dvr_limit": 7 })).expect(200).json();
    assert_eq!((&changed["title"], &changed["dvr_limit"]), (&json!("Org3"), &json!(7)));
    refused(client.json("PUT", &path, &json!({ "owner_id": ann })), 403, "Forbidden");
    admin.json("PUT", &path, &json!({ "owner_id": ann })).expect(200);
    assert_eq!(flags(&view(&client, id)), [true; 4]);
    admin.delete(&format!("{users}/{ann}")).expect(200);
}

#[test]
fn limits_and_owner_are_the_administrators() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let (ann, bob) = (user(&admin, "Ann"), user(&admin, "Bob"));
    let limits = json!({ "title": "Org2", "owner_id": ann, "camera_limit": 5, "user_limit": 6, "dvr_limit": 7 });
    let id = organization(&admin, &limits);
    let path = organization_path(id);
    let owner = sign_in(&test_box, "Ann", PASSWORD);
    for body in [
        json!({ "camera_limit": 6, "title": "Org3" }),
        json!({ "user_limit": 7 }),
        json!({ "dvr_limit": 8 }),
        json!({ "dvr_limit": 6 }),
        json!({ "camera_limit": 0 }),
        json!({ "owner_id": bob }),
        json!({ "owner_id": null }),
    ] {
        refused(owner.json("PUT", &path, &body), 403, "Forbidden");
    }
    // Getting, changing the title and putting everything back is no change of a limit.
    let mut all = limits.clone();
    all["title"] = json!("Org4");
    let changed = owner.json("PUT", &path, &all).expect(200).json();
    assert_eq!(
        [&changed["title"], &changed["camera_limit"], &changed["owner"]["id"]],
        [&json!("Org4"), &json!(5), &json!(ann)]
    );
    refused(owner.json("POST", &format!("{V2}/organizations"), &json!({ "title": "Org5" })), 403, "Forbidden");
    refused(owner.with("force", "1").delete(&path), 403, "Forbidden");
    refused(owner.delete(&path), 403, "Forbidden");
    let bob = sign_in(&test_box, "Bob", PASSWORD);
    refused(bob.json("PUT", &organization_path(1), &json!({ "title": "Bob's" })), 403, "Forbidden");
}

#[test]
fn what_is_in_force_already_may_be_sent_back() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    let owner = sign_in(&test_box, "Ann", PASSWORD);
    for limits in [json!({}), json!({ "camera_limit": 1000, "user_limit": 1000, "dvr_limit": 100 })] {
        let id = organization(&admin, &json!({ "title": "Org2", "owner_id": ann }));
        let path = organization_path(id);
        admin.json("PUT", &path, &limits).expect(200);
        for body in [
            json!({ "title": "Org3", "camera_limit": 0 }),
            json!({ "camera_limit": "0", "user_limit": null, "dvr_limit": null }),
            json!({ "camera_limit": 1000, "user_limit": 1000, "dvr_limit": 100, "owner_id": ann }),
        ] {
            owner.json("PUT", &path, &body).expect(200);
        }
        admin.json("PUT", &path, &json!({ "user_limit": 5 })).expect(200);
        refused(owner.json("PUT", &path, &json!({ "camera_limit": 0, "user_limit": null })), 403, "Forbidden");
    }
    let own = format!("{V2}/users/{ann}");
    let all = owner.get(&own).expect(200).json();
    owner.json("PUT", &own, &all).expect(200);
    admin.json("PUT", &own, &json!({ "max_sessions": 3 })).expect(200);
    let all = owner.get(&own).expect(200).json();
    owner.json("PUT", &own, &all).expect(200);
    for sessions in [json!(4), json!(null)] {
        refused(owner.json("PUT", &own, &json!({ "max_sessions": sessions })), 403, "Forbidden");
    }
}

#[test]
fn administrators_of_the_lower_degree_do_all_of_it() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let body = json!({ "login": "second", "password": PASSWORD, "is_admin": 1 });
    admin.json("POST", &format!("{V2}/users"), &body).expect(200);
    let second = sign_in(&test_box, "second", PASSWORD);
    let id = organization(&second, &json!({ "title": "Org2", "owner_id": 1, "camera_limit": 3 }));
    assert_eq!(flags(&view(&second, id)), [true; 4]);
    second.json("PUT", &organization_path(id), &json!({ "camera_limit": 4, "owner_id": null })).expect(200);
    second.with("force", "1").delete(&organization_path(id)).expect(200);
}
