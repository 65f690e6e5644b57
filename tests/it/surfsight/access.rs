//! Who sees and changes what, and in which order it is checked.

use orgbox::model::{
    OrgId, Patch, UserId, actor::Who, member::RightsPatch, organization::OrganizationPatch, user::Role,
};
use orgbox::ops::{member, organization as organizations};
use serde_json::{Value, json};

use super::{bearer, organization, partner};
use crate::support::{Answer, Client, TestBox, coverage::person};

/// An organization with an owner, a member, a member who may edit cameras, and somebody who has nothing to do with it.
struct Cast {
    test_box: TestBox,
    path: String,
    partner: Client,
    owner: Client,
    editor: Client,
    member: Client,
    stranger: Client,
}

fn cast() -> Cast {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let id = OrgId(organization(&partner, "Company Name"));
    let enter = |login: &str| {
        let user = person(&test_box, login, Role::User, "a password");
        (user, bearer(&test_box, login, "a password"))
    };
    let ((owner_id, owner), (editor_id, editor)) = (enter("owner"), enter("editor"));
    let ((member_id, member), (_, stranger)) = (enter("member"), enter("stranger"));
    set_owner(&test_box, id, owner_id);
    join(&test_box, id, editor_id, true);
    join(&test_box, id, member_id, false);
    Cast { path: format!("/organizations/{}", id.0), test_box, partner, owner, editor, member, stranger }
}

fn set_owner(test_box: &TestBox, id: OrgId, owner: UserId) {
    let owned = OrganizationPatch { owner_id: Patch::Set(owner), ..OrganizationPatch::default() };
    test_box.running().store().write(move |write| organizations::update(write, &Who::system(), id, owned)).unwrap();
}

fn join(test_box: &TestBox, id: OrgId, user: UserId, can_edit_cameras: bool) {
    let rights = RightsPatch { can_edit_cameras: Some(can_edit_cameras), ..RightsPatch::default() };
    test_box.running().store().write(move |write| member::add(write, &Who::system(), id, user, rights)).unwrap();
}

fn ids(answer: Answer) -> Vec<i64> {
    let list = answer.expect(200).json()["data"].as_array().unwrap().clone();
    list.iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn a_list_holds_what_the_caller_sees() {
    let cast = cast();
    let below = organization(&cast.partner, "Below");
    let hang = move |write: &orgbox::store::Write<'_>| {
        orgbox::ops::hierarchy::set_parents(write, &Who::system(), OrgId(below), &[OrgId(2)])
    };
    cast.test_box.running().store().write(hang).unwrap();
    assert_eq!(ids(cast.partner.get("/organizations")), [1, 2, 3]);
    for client in [&cast.owner, &cast.editor, &cast.member] {
        assert_eq!(ids(client.get("/organizations")), [2, 3]);
        client.get("/organizations/3").expect(200);
    }
    assert_eq!(ids(cast.stranger.get("/organizations")), [] as [i64; 0]);
    cast.test_box.client().get("/organizations").expect(401);
}

#[test]
fn one_organization_is_shown_to_whoever_sees_it_and_its_secret_to_partners() {
    let cast = cast();
    let seen = cast.partner.get(&cast.path).expect(200).json()["data"].clone();
    assert_eq!(seen["ssoSecret"].as_str().unwrap().len(), 64);
    assert_eq!(seen["usersCount"], 2);
    for client in [&cast.owner, &cast.editor, &cast.member] {
        let mut wanted = seen.clone();
        wanted.as_object_mut().unwrap().shift_remove("ssoSecret");
        assert_eq!(client.get(&cast.path).expect(200).json()["data"], wanted);
    }
    cast.stranger.get(&cast.path).expect(403);
    cast.stranger.get("/organizations/4711").expect(404);
}

#[test]
fn administrators_the_owner_and_members_who_may_edit_cameras_change_it() {
    let cast = cast();
    let changing = json!({"purgeDays": 90});
    for client in [&cast.partner, &cast.owner, &cast.editor] {
        client.json("PATCH", &cast.path, &changing).expect(200);
    }
    for client in [&cast.member, &cast.stranger] {
        client.json("PATCH", &cast.path, &changing).expect(403);
    }
    cast.test_box.client().json("PATCH", &cast.path, &changing).expect(401);
}

#[test]
fn exclusivity_is_the_partners() {
    let cast = cast();
    let body = json!({"exclusivePartnerOnly": true, "purgeDays": 90});
    for client in [&cast.owner, &cast.editor] {
        client.json("PATCH", &cast.path, &body).expect(403);
        // What is in force already is no change, so that who gets, modifies and sends back is not refused.
        client.json("PATCH", &cast.path, &json!({"exclusivePartnerOnly": false})).expect(200);
    }
    assert_eq!(cast.partner.get(&cast.path).json()["data"]["purgeDays"], 31);
    cast.partner.json("PATCH", &cast.path, &body).expect(200);
    assert_eq!(cast.partner.get(&cast.path).json()["data"]["exclusivePartnerOnly"], true);
}

#[test]
fn only_partners_create() {
    let cast = cast();
    for client in [&cast.owner, &cast.editor, &cast.stranger] {
        // Forbidden before the body is looked at.
        client.send("POST", "/organizations", None, b"{").expect(403);
        client.json("POST", "/organizations", &json!({"name": "Mine"})).expect(403);
    }
    person(&cast.test_box, "second", Role::Admin, "a password");
    let second = bearer(&cast.test_box, "second", "a password");
    let made = second.json("POST", "/organizations", &json!({"name": "Mine"})).expect(200).json();
    let path = format!("/organizations/{}", made["organizationId"]);
    let partner_id = cast.partner.get(&path).json()["data"]["partnerId"].clone();
    assert_ne!(partner_id, 1);
    assert!(partner_id.is_i64());
}

#[test]
fn unknown_and_not_yours_are_told_alike() {
    let cast = cast();
    let told = |answer: Answer| {
        let mut body = answer.expect(403).json();
        body["requestId"] = Value::Null;
        body
    };
    let changing = json!({"purgeDays": 90});
    let wanted = json!({"error": "ForbiddenError", "message": "forbidden error", "requestId": null});
    for path in [&cast.path, "/organizations/4711", "/organizations/4294967296", "/organizations/99999999999999999999"]
    {
        assert_eq!(told(cast.stranger.json("PATCH", path, &changing)), wanted);
        assert_eq!(told(cast.stranger.send("PATCH", path, None, b"{")), wanted);
    }
}

#[test]
fn deleting_is_for_administrators_and_owners_of_one_above() {
    let cast = cast();
    for client in [&cast.owner, &cast.editor, &cast.member, &cast.stranger] {
        client.delete(&cast.path).expect(403);
    }
    cast.test_box.client().delete(&cast.path).expect(401);
    cast.partner.delete(&cast.path).expect(200);
}

#[test]
fn the_caller_is_checked_before_the_id_the_id_before_the_right_the_right_before_the_body() {
    let cast = cast();
    let nobody = cast.test_box.client();
    for method in ["GET", "PATCH", "DELETE"] {
        nobody.send(method, "/organizations/first", None, b"{").expect(401);
        for id in ["first", "0", "01", "-1", "+1", "1.0", "1e3", "%31x", "1%20", "\u{661}"] {
            let path = format!("/organizations/{}", id.replace('\u{661}', "%D9%A1"));
            let answer = cast.stranger.send(method, &path, None, b"{").expect(400).json();
            assert_eq!(answer["message"], "bad request error: orgId must be a whole number of at least 1");
        }
    }
    cast.member.send("PATCH", &cast.path, None, b"{").expect(403);
    cast.editor.send("PATCH", &cast.path, None, b"{").expect(400);
}
