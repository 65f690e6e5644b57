//! Organizations: what bodies may hold, what lists can be asked for, how they are deleted.

use serde_json::{Value, json};

use super::{PASSWORD, V2, admin, organization, organization_path, refused, sign_in, titles, user, view};
use crate::support::TestBox;

fn limits(organization: &Value) -> [i64; 3] {
    ["camera_limit", "dvr_limit", "user_limit"].map(|key| organization[key].as_i64().unwrap())
}

#[test]
fn paths_answer_with_and_without_a_slash() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for slash in ["", "/"] {
        for path in ["organizations", "organizations/1", "organizations/1/users", "organizations/1/folders", "users"] {
            admin.get(&format!("{V2}/{path}{slash}")).expect(200);
            if path.starts_with("organizations") {
                admin.get(&format!("{V2}/domains/1/{path}{slash}")).expect(200);
            }
        }
        let made = admin.json("POST", &format!("{V2}/organizations{slash}"), &json!({ "title": "Org2" }));
        let path = organization_path(made.expect(200).json()["id"].as_i64().unwrap()) + slash;
        admin.json("PUT", &path, &json!({ "title": "Org3" })).expect(200);
        admin.with("force", "1").delete(&path).expect(200);
    }
}

#[test]
fn what_is_unknown_or_empty_is_ignored() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let list = format!("{V2}/organizations/?sort=&limit=&offset=&search=&filter=x&_=1");
    assert_eq!(titles(admin.with("X-PAGE-LIMIT", "").get(&list)), ["Default"]);
    let id = organization(&admin, &json!({ "title": "Org2", "colour": ["red"], "id": 77, "mosaic_count": 5 }));
    assert_ne!(id, 77);
    let body = json!({ "title": "Org3", "can_edit_users": true, "domain": { "id": 4 } });
    let changed = admin.json("PUT", &organization_path(id), &body).expect(200).json();
    assert_eq!((&changed["title"], &changed["can_edit_users"]), (&json!("Org3"), &json!(false)));
}

#[test]
fn limits_have_defaults_and_may_be_zero_but_for_cameras() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for (body, wanted) in [
        (json!({}), [1000, 100, 1000]),
        (json!({ "camera_limit": 0, "dvr_limit": 0, "user_limit": 0 }), [1000, 0, 0]),
        (json!({ "camera_limit": "0", "dvr_limit": "0", "user_limit": "0" }), [1000, 0, 0]),
        (json!({ "camera_limit": "10", "dvr_limit": " 20 ", "user_limit": "30" }), [10, 20, 30]),
        (json!({ "camera_limit": "", "dvr_limit": "", "user_limit": "" }), [1000, 100, 1000]),
        (json!({ "camera_limit": 2147483647, "dvr_limit": null }), [2147483647, 100, 1000]),
    ] {
        let mut body = body;
        body["title"] = json!("Org2");
        let made = admin.json("POST", &format!("{V2}/organizations"), &body).expect(200).json();
        assert_eq!(limits(&made), wanted, "{body}");
    }
    let id = organization(&admin, &json!({ "title": "Org3", "camera_limit": 7, "dvr_limit": 8, "user_limit": 9 }));
    for (body, wanted) in [
        (json!({ "title": "Org4" }), [7, 8, 9]),
        (json!({ "dvr_limit": "", "user_limit": "" }), [7, 8, 9]),
        (json!({ "dvr_limit": 0, "user_limit": "0" }), [7, 0, 0]),
        (json!({ "camera_limit": 0 }), [1000, 0, 0]),
        (json!({ "camera_limit": "6", "dvr_limit": 5 }), [6, 5, 0]),
    ] {
        let changed = admin.json("PUT", &organization_path(id), &body).expect(200).json();
        assert_eq!(limits(&changed), wanted, "{body}");
    }
}

#[test]
fn forms_say_the_same_as_json() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let form = "title=Caf%C3%A9+1&camera_limit=10&owner_id=1&user_limit=";
    let made = admin.form("POST", &format!("{V2}/organizations/"), form).expect(200).json();
    assert_eq!((&made["title"], limits(&made), &made["owner"]["id"]), (&json!("Café 1"), [10, 100, 1000], &json!(1)));
    let path = organization_path(made["id"].as_i64().unwrap());
    let changed = admin.form("PUT", &path, "dvr_limit=5&owner_id=").expect(200).json();
    assert_eq!(
        (&changed["title"], limits(&changed), &changed["owner"]["id"]),
        (&json!("Café 1"), [10, 5, 1000], &json!(1))
    );
    // curl sends JSON as a form unless it is told otherwise.
    let changed = admin.form("PUT", &path, " {\"title\": \"Bar\"}").expect(200).json();
    assert_eq!(changed["title"], "Bar");
    let multipart = "--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nPub\r\n--b--\r\n";
    let changed = admin.send("PUT", &path, Some("multipart/form-data; boundary=b"), multipart.as_bytes());
    assert_eq!(changed.expect(200).json()["title"], "Pub");
}

#[test]
fn every_wrong_value_is_told_by_its_own_name_and_nothing_is_applied() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let list = format!("{V2}/organizations/");
    for body in [
        json!({}),
        json!({ "title": "" }),
        json!({ "title": "  " }),
        json!({ "title": null }),
        json!({ "title": 5 }),
        json!({ "title": ["Org2"] }),
        json!({ "title": "x".repeat(256) }),
    ] {
        let message = refused(admin.json("POST", &list, &body), 400, "ValidationError");
        assert!(message.starts_with("title must be ") && !message.contains(';'), "{message}");
    }
    refused(admin.form("POST", &list, "title="), 400, "ValidationError");
    let wrong = [
        json!(-1),
        json!("-1"),
        json!("ten"),
        json!(1.5),
        json!("1e3"),
        json!(true),
        json!([1]),
        json!(2147483648_u64),
    ];
    for key in ["camera_limit", "dvr_limit", "user_limit"] {
        for value in &wrong {
            let body = json!({ "title": "Org2", key: value });
            let message = refused(admin.json("POST", &list, &body), 400, "ValidationError");
            assert_eq!(message, format!("{key} must be a whole number from 0 to 2147483647"));
        }
    }
    for owner in [json!(99), json!("99"), json!(0), json!(-1), json!("ann"), json!(true)] {
        let message =
            refused(admin.json("POST", &list, &json!({ "title": "Org2", "owner_id": owner })), 400, "ValidationError");
        assert!(message.starts_with("owner_id must be the id of a user"), "{message}");
    }
    assert_eq!(titles(admin.get(&list)), ["Default"]);

    let id = organization(&admin, &json!({ "title": "Org2" }));
    let body = json!({ "title": "", "dvr_limit": -5, "camera_limit": "many", "user_limit": 4, "owner_id": {} });
    let message = refused(admin.json("PUT", &organization_path(id), &body), 400, "ValidationError");
    assert_eq!(
        message,
        "owner_id must be the id of a user; camera_limit must be a whole number from 0 to 2147483647; \
         title must be 1 to 255 characters on one line; dvr_limit must be a whole number from 0 to 2147483647"
    );
    let message = refused(
        admin.json("PUT", &organization_path(id), &json!({ "user_limit": 4, "owner_id": 99 })),
        400,
        "ValidationError",
    );
    assert_eq!(message, "owner_id must be the id of a user; there is no user 99");
    let unchanged = view(&admin, id);
    assert_eq!((limits(&unchanged), &unchanged["title"]), ([1000, 100, 1000], &json!("Org2")));
}

#[test]
fn titles_may_be_shared() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ids = [(); 3].map(|()| organization(&admin, &json!({ "title": "Org2" })));
    assert_eq!(titles(admin.get(&format!("{V2}/organizations?search=org2"))).len(), 3);
    assert!(ids[0] < ids[1] && ids[1] < ids[2]);
}

#[test]
fn the_owner_is_given_kept_and_cleared() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let ann = user(&admin, "Ann");
    let id = organization(&admin, &json!({ "title": "Org2", "owner_id": "" }));
    assert_eq!(view(&admin, id)["owner"], Value::Null);
    let path = organization_path(id);
    let owner = |body: Value| admin.json("PUT", &path, &body).expect(200).json()["owner"].clone();
    assert_eq!(owner(json!({ "owner_id": ann.to_string() })), json!({ "id": ann, "login": "Ann" }));
    assert_eq!(owner(json!({ "title": "Org3" })), json!({ "id": ann, "login": "Ann" }));
    assert_eq!(owner(json!({ "owner_id": "" })), json!({ "id": ann, "login": "Ann" }));
    assert_eq!(owner(json!({ "owner_id": null })), Value::Null);
    let made = admin.json("POST", &format!("{V2}/organizations"), &json!({ "title": "Org4", "owner_id": null }));
    assert_eq!(made.expect(200).json()["owner"], Value::Null);
}

#[test]
fn lists_are_sorted_searched_and_paged() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for title in ["beta", "Alpha", "ALPHA", "Кафе", "gamma 100%"] {
        organization(&admin, &json!({ "title": title }));
    }
    let list = |query: &str| titles(admin.get(&format!("{V2}/organizations/{query}")));
    let all = ["Alpha", "ALPHA", "beta", "Default", "gamma 100%", "Кафе"];
    assert_eq!(list(""), all);
    assert_eq!(list("?limit=1000000"), all);
    assert_eq!(list("?limit=99999999999999999999999"), all);
    assert_eq!(list("?limit=2"), all[..2]);
    assert_eq!(list("?limit=2&offset=3"), all[3..5]);
    assert_eq!(list("?offset=4"), all[4..]);
    assert_eq!(list("?offset=2000"), [] as [&str; 0]);
    assert_eq!(list("?search=alpha"), all[..2]);
    assert_eq!(list("?search=alpha&limit=1&offset=1"), all[1..2]);
    assert_eq!(list("?search=%D0%BA%D0%90%D0%A4"), all[5..]);
    assert_eq!(list("?search=0%25"), all[4..5]);
    assert_eq!(list("?search=default-"), [] as [&str; 0], "names are not searched");
    let paged = admin.with("x-page-limit", "2").with("X-Page-Offset", "1");
    assert_eq!(titles(paged.get(&format!("{V2}/organizations"))), all[1..3]);
    assert_eq!(titles(paged.get(&format!("{V2}/organizations?limit=1"))), all[1..2], "the query comes first");
    for query in ["limit=-1", "limit=x", "offset=-1", "offset=1.5", "limit=x&offset=y"] {
        let message = refused(admin.get(&format!("{V2}/organizations?{query}")), 400, "ValidationError");
        assert!(message.contains("must be a whole number of at least 0"), "{message}");
        assert_eq!(message.matches("must be").count(), query.split('&').count(), "{message}");
    }
    refused(admin.with("x-page-limit", "two").get(&format!("{V2}/organizations")), 400, "ValidationError");
}

#[test]
fn deleting_takes_force() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let id = organization(&admin, &json!({ "title": "Org2" }));
    let path = organization_path(id);
    let without = refused(admin.delete(&path), 400, "BadRequest");
    assert!(without.contains("force: 1"), "{without}");
    for force in ["", "0", "false", "FALSE", "no", "perhaps"] {
        refused(admin.with("force", force).delete(&path), 400, "BadRequest");
    }
    view(&admin, id);
    for force in ["1", "true", "True", "yes"] {
        let id = organization(&admin, &json!({ "title": "Org3" }));
        let answer = admin.with("Force", force).delete(&organization_path(id)).expect(200);
        assert_eq!(answer.text, r#"{"success":true}"#);
        refused(admin.get(&organization_path(id)), 404, "NotFound");
        refused(admin.with("force", force).delete(&organization_path(id)), 404, "NotFound");
    }
}

#[test]
fn the_box_works_on_without_a_default_organization() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let before = user(&admin, "before");
    let below = organization(&admin, &json!({ "title": "Below", "owner_id": before }));
    super::examples::register_cameras(&test_box, 1, 2);
    admin.with("force", "1").delete(&organization_path(1)).expect(200);
    assert_eq!(titles(admin.get(&format!("{V2}/organizations/"))), ["Below"]);
    assert_eq!(titles(sign_in(&test_box, "before", PASSWORD).get(&format!("{V2}/organizations/"))), ["Below"]);
    let after = user(&admin, "after");
    assert_eq!(admin.get(&format!("{V2}/users/{after}")).expect(200).json()["organizations"], json!([]));
    let made = organization(&admin, &json!({ "title": "Org2" }));
    assert!(made > below, "ids are never used again");
    assert_eq!(view(&admin, made)["is_default"], false);
}
