//! Members of organizations.

use orgbox::model::{OrgId, Patch, actor::Who, limits::LimitsPatch, organization::OrganizationPatch};
use orgbox::ops::organization as organizations;
use serde_json::json;

use super::{organization, people};
use crate::support::{Client, TestBox};

const MEMBERS: &str = "/api/v1/orgs/electric-inc/members";

fn usernames(client: &Client) -> Vec<String> {
    let list = client.get(MEMBERS).expect(200).json();
    list.as_array().unwrap().iter().map(|member| member["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn members_past_the_limit_add_nothing() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "electric-inc");
    people(&admin, &["abel", "beth", "cecilia", "dylan"]);
    let limits = LimitsPatch { user_limit: Patch::Set(3), ..LimitsPatch::default() };
    let patch = OrganizationPatch { limits, ..OrganizationPatch::default() };
    let limit = move |write: &orgbox::store::Write<'_>| organizations::update(write, &Who::system(), OrgId(2), patch);
    test_box.running().store().write(limit).unwrap();
    admin.json("POST", MEMBERS, &json!(["dylan", "abel"])).expect(204);
    let answer = admin.json("POST", MEMBERS, &json!(["beth", "cecilia"])).expect(400).json();
    assert!(answer["error"]["message"].as_str().unwrap().contains("3 users"), "{answer}");
    assert!(answer["error"]["moreInfo"]["members"].is_string(), "{answer}");
    assert_eq!(usernames(&admin), ["abel", "dylan"]);
    // Who is a member already, is there twice or does not exist takes no place.
    admin.json("POST", MEMBERS, &json!(["beth", "abel", "beth", "nobody"])).expect(204);
    assert_eq!(usernames(&admin), ["abel", "beth", "dylan"]);
    admin.json("POST", MEMBERS, &json!(["abel", "nobody"])).expect(204);
    admin.json("POST", MEMBERS, &json!(["cecilia"])).expect(400);
}

#[test]
fn changes_answer_204_without_a_body() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "electric-inc");
    people(&admin, &["beth"]);
    for _ in 0..2 {
        for (method, members) in [("POST", &["beth"][..]), ("DELETE", &["beth"])] {
            let answer = admin.json(method, MEMBERS, &json!(["beth"])).expect(204);
            assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", ""));
            assert_eq!(usernames(&admin), if method == "POST" { members } else { &[] });
        }
    }
}

#[test]
fn members_of_an_unknown_organization_are_not_found() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    for method in ["GET", "POST", "DELETE"] {
        admin.json(method, "/api/v1/orgs/nowhere/members", &json!([])).expect(404);
    }
}

#[test]
fn deleting_an_organization_removes_its_memberships() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    organization(&admin, "electric-inc");
    people(&admin, &["beth"]);
    admin.json("POST", MEMBERS, &json!(["beth"])).expect(204);
    admin.delete("/api/v1/orgs/electric-inc").expect(200);
    assert_eq!(test_box.query("SELECT count(*) FROM members"), ["0"]);
    admin.get("/api/v1/users/beth").expect(200);
}
