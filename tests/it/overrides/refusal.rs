//! A write past a file is refused in every dialect, names field, file and line, and stores nothing; one that carries the
//! value in force is fine.

use orgbox::{
    model::{
        Kind, Patch,
        actor::{Actor, Who},
        organization::{NewOrganization, OrganizationPatch},
        user::Role,
    },
    ops::{organization, overrides::replace},
};
use serde_json::json;

use super::{applied, document, number, text};
use crate::support::{Answer, Bare, Client, TestBox};

/// Organization 2, named `acme`, of which a file manages a field that each dialect can write.
fn managed() -> TestBox {
    let test_box = TestBox::start();
    test_box.admin().json("POST", "/api/v1/orgs", &json!({ "name": "acme", "longName": "Acme" })).expect(201);
    let said = document(&[
        ("acme", &[("title", text("Acme Limited")), ("camera_limit", number(5)), ("purge_days", number(90))]),
        ("newly", &[("title", text("Newly made")), ("description", text("said"))]),
    ]);
    applied(test_box.running().store().write(move |write| replace(write, &said)).unwrap());
    test_box
}

/// All that a write could leave behind.
fn traces(test_box: &TestBox) -> Vec<String> {
    let rows = "SELECT json_array(title, camera_limit, purge_days, version) FROM organizations";
    let told = "SELECT (SELECT count(*) FROM outbox) || ' ' || (SELECT count(*) FROM audit)";
    let stored = "SELECT field || coalesce(stored, '') FROM managed_fields ORDER BY organization_id, field";
    [rows, told, stored].iter().flat_map(|sql| test_box.query(sql)).collect()
}

fn watcher(test_box: &TestBox) -> Client {
    let login = json!({ "login": "admin", "password": "correct horse" });
    let session = test_box.client().json("POST", "/vsaas/api/v2/auth/login", &login).expect(200).json();
    test_box.client().with("x-vsaas-session", session["session"].as_str().unwrap())
}

fn surfsight(test_box: &TestBox) -> Client {
    let login = json!({ "email": "admin", "password": "correct horse" });
    let token = test_box.client().json("POST", "/authenticate", &login).expect(200).json();
    test_box.client().with("authorization", &format!("Bearer {}", token["data"]["token"].as_str().unwrap()))
}

/// Refused as it should be: nothing stored, and what it says.
#[track_caller]
fn refused(test_box: &TestBox, status: u16, write: impl Fn() -> Answer) -> Answer {
    let before = traces(test_box);
    let answer = write().expect(status);
    assert_eq!(traces(test_box), before, "a refused write leaves nothing behind");
    answer
}

#[test]
fn watcher_answers_400_in_its_shape() {
    let test_box = managed();
    let client = watcher(&test_box);
    let put = |body| client.json("PUT", "/vsaas/api/v2/organizations/2", &body);
    let answer = refused(&test_box, 400, || put(json!({ "camera_limit": 6, "user_limit": 7 })));
    assert_eq!(
        answer.json(),
        json!({
            "success": false,
            "error_code": "BadRequest",
            "error_message": "camera_limit is managed by config.toml, line 4; change it there",
        })
    );
    assert_eq!(put(json!({ "camera_limit": 5, "user_limit": 7 })).expect(200).json()["user_limit"], 7);
    let making =
        || client.json("POST", "/vsaas/api/v2/organizations/", &json!({ "title": "newly", "camera_limit": 1 }));
    let message = refused(&test_box, 400, making).json()["error_message"].as_str().unwrap().to_owned();
    assert_eq!(message, "title is managed by config.toml, line 7; change it there");
}

#[test]
fn wotkit_answers_409_in_its_shape() {
    let test_box = managed();
    let admin = test_box.admin();
    let put = |body| admin.json("PUT", "/api/v1/orgs/acme", &body);
    let answer = refused(&test_box, 409, || put(json!({ "longName": "Else", "description": "x" })));
    let error = answer.json()["error"].clone();
    let sentence = "longName is managed by config.toml, line 3; change it there";
    assert_eq!((&error["status"], &error["message"]), (&json!(409), &json!(sentence)));
    assert_eq!(error["developerMessage"], json!([sentence]));
    put(json!({ "longName": "Acme Limited", "description": "x" })).expect(200);
    assert_eq!(test_box.query("SELECT description FROM organizations WHERE id = 2"), ["x"]);
    let make = |description: &str| {
        let body = json!({ "name": "newly", "longName": "Newly made", "description": description });
        admin.json("POST", "/api/v1/orgs", &body)
    };
    refused(&test_box, 409, || make("mine"));
    make("said").expect(201);
}

#[test]
fn infinity_answers_400_in_its_shape() {
    let test_box = managed();
    let admin = test_box.admin();
    let put = |body| admin.form("POST", "/config/v2/organisations/2", body);
    let answer = refused(&test_box, 400, || put("orgName=Else"));
    assert_eq!(answer.json(), json!("orgName is managed by config.toml, line 3; change it there"));
    put("orgName=Acme+Limited&brandingId=1").expect(204);
    assert_eq!(test_box.query("SELECT title FROM organizations WHERE id = 2"), ["Acme Limited"]);
}

#[test]
fn surfsight_answers_400_in_its_shape() {
    let test_box = managed();
    let client = surfsight(&test_box);
    let patch = |body| client.json("PATCH", "/organizations/2", &body);
    let answer = refused(&test_box, 400, || patch(json!({ "purgeDays": 14, "purgeDaysFrontCamera": 7 }))).json();
    assert_eq!(answer["error"], "BadRequestError");
    let message = answer["message"].as_str().unwrap();
    assert!(message.ends_with("purgeDays is managed by config.toml, line 5; change it there"), "{message}");
    patch(json!({ "purgeDays": 90, "purgeDaysFrontCamera": 7 })).expect(200);
    assert_eq!(test_box.query("SELECT purge_days_front FROM organizations WHERE id = 2"), ["7"]);
    assert_eq!(client.get("/organizations/2").expect(200).json()["data"]["purgeDays"], 90);
}

#[test]
fn native_answers_409_as_a_problem() {
    let test_box = managed();
    let admin = test_box.admin();
    let patch = |body| admin.json("PATCH", "/orgbox/v1/organizations/2", &body);
    let answer =
        refused(&test_box, 409, || patch(json!({ "camera_limit": 6, "title": "Else", "user_limit": 7 }))).json();
    let [title, limit] = [3, 4].map(|line| format!("is managed by config.toml, line {line}; change it there"));
    assert_eq!((&answer["status"], &answer["code"]), (&json!(409), &json!("managed_by_file")));
    assert_eq!(answer["detail"], json!(format!("title {title}; camera_limit {limit}")));
    let errors = json!([{ "field": "title", "message": title }, { "field": "camera_limit", "message": limit }]);
    assert_eq!(answer["errors"], errors);
    refused(&test_box, 409, || patch(json!({ "purge_days": null })));
    let same = json!({ "camera_limit": 5, "title": "Acme Limited", "user_limit": 7 });
    assert_eq!(patch(same).expect(200).json()["user_limit"], 7);
    let make = |title: &str| {
        admin.json(
            "POST",
            "/orgbox/v1/organizations",
            &json!({ "name": "newly", "title": title, "description": "said" }),
        )
    };
    refused(&test_box, 409, || make("Else"));
    make("Newly made").expect(201);
}

#[test]
fn to_give_back_a_default_that_a_file_says_is_no_change() {
    let bare = Bare::new();
    let id = bare.organization("Two").id;
    let said = document(&[("*", &[("purge_days", number(31)), ("camera_limit", number(5))])]);
    applied(bare.store.write(move |write| replace(write, &said)).unwrap());
    let mut patch = OrganizationPatch::default();
    patch.retention.purge_days = Patch::Clear;
    let same = patch.clone();
    bare.write(move |write, who| organization::update(write, who, id, same)).unwrap();
    patch.limits.camera_limit = Patch::Clear;
    let refused = bare.write(move |write, who| organization::update(write, who, id, patch)).unwrap_err();
    assert_eq!((refused.kind, refused.code, refused.problems.len()), (Kind::Managed, "managed_by_file", 1));
}

#[test]
fn whoever_may_not_is_told_so_first_and_limits_that_the_box_gives_are_no_writes() {
    let bare = Bare::new();
    let ann = bare.user("ann").id;
    let owned = OrganizationPatch { owner_id: Patch::Set(ann), ..OrganizationPatch::default() };
    let above = bare.organization("Above").id;
    bare.write(move |write, who| organization::update(write, who, above, owned)).unwrap();
    let said = document(&[("*", &[("user_limit", number(7))]), ("above", &[("user_limit", number(9))])]);
    applied(bare.store.write(move |write| replace(write, &said)).unwrap());
    let who = Who { actor: Actor::user(ann, "ann".to_owned(), Role::User), ..Who::system() };
    let owner = who.clone();
    let mut patch = OrganizationPatch::default();
    patch.limits.user_limit = Patch::Set(10);
    let refused = bare.store.write(move |write| organization::update(write, &owner, above, patch)).unwrap_err();
    assert_eq!(refused.kind, Kind::Forbidden);
    let new = NewOrganization { title: "Below".to_owned(), parents: vec![above], ..NewOrganization::default() };
    let made = bare.store.write(move |write| organization::create(write, &who, new)).unwrap();
    assert_eq!(made.limits.user_limit, 7);
    let stored = format!("SELECT stored FROM managed_fields WHERE organization_id = {}", made.id);
    assert_eq!(bare.column(&stored), ["9"], "what the one above it has, once the file lets go");
}
