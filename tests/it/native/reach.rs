//! Why a user reaches an organization: every reason, the nearest first, by a shortest way; and who may ask.

use orgbox::{
    model::{
        OrgId, UserId,
        actor::Who,
        member::RightsPatch,
        organization::{NewOrganization, NewOwner},
        user::Role,
    },
    ops::{member, organization},
};
use serde_json::{Value, json};

use crate::support::{Client, TestBox, coverage::person};

const PASSWORD: &str = "correct battery";

fn make(test_box: &TestBox, title: &str, owner: Option<UserId>, parents: &[OrgId]) -> OrgId {
    let new = NewOrganization {
        title: title.to_owned(),
        owner: NewOwner::Given(Some(owner.unwrap_or(UserId(1)))),
        parents: parents.to_vec(),
        ..NewOrganization::default()
    };
    test_box.running().store().write(move |write| organization::create(write, &Who::system(), new)).unwrap().id
}

fn join(test_box: &TestBox, organization: OrgId, user: UserId, can_edit_users: bool) {
    let rights = RightsPatch { can_edit_users: Some(can_edit_users), ..RightsPatch::default() };
    let store = test_box.running().store();
    store.write(move |write| member::add(write, &Who::system(), organization, user, rights)).unwrap();
}

/// `as name: step/step` for each reason.
fn reasons(client: &Client, name: &str, login: &str) -> (bool, Vec<String>) {
    let answer = client.get(&format!("/orgbox/v1/organizations/{name}/path?user={login}")).expect(200).json();
    let names = |way: &Value| {
        let steps = way["steps"].as_array().unwrap();
        steps.iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("/")
    };
    let text = |way: &Value| {
        let (kind, organization) = (way["as"].as_str().unwrap(), way["organization"]["name"].as_str().unwrap());
        format!("{kind} of {organization}: {}", names(way))
    };
    let because = answer["because"].as_array().unwrap().iter().map(text).collect();
    (answer["reaches"].as_bool().unwrap(), because)
}

#[test]
fn every_reason_is_told_the_nearest_first() {
    let test_box = TestBox::start();
    let ann = person(&test_box, "ann", Role::User, PASSWORD);
    // A long and a short way from the top down, and a side from which nothing leads here.
    let top = make(&test_box, "Top", Some(ann), &[]);
    let middle = make(&test_box, "Middle", None, &[top]);
    let left = make(&test_box, "Left", None, &[top]);
    let bottom = make(&test_box, "Bottom", None, &[middle, left]);
    let below = make(&test_box, "Below", None, &[bottom, top]);
    make(&test_box, "Side", Some(ann), &[top]);
    join(&test_box, middle, ann, true);
    join(&test_box, below, ann, false);
    join(&test_box, OrgId::DEFAULT, ann, false);
    let admin = test_box.admin();
    let told = (
        true,
        vec![
            "member of below: below".to_owned(),
            "owner of top: top/below".to_owned(),
            "member of middle: middle/bottom/below".to_owned(),
        ],
    );
    assert_eq!(reasons(&admin, "below", "ann"), told, "membership of default without rights leads nowhere");
    let itself = test_box.client().basic("ann", PASSWORD);
    assert_eq!(reasons(&itself, "below", "ann"), told, "everybody may ask for itself");
    assert_eq!(reasons(&admin, "side", "ann").1, ["owner of side: side", "owner of top: top/side"]);
    let both = ["member of middle: middle/bottom", "owner of top: top/middle/bottom"];
    assert_eq!(reasons(&admin, "bottom", "ann").1, both);
    assert_eq!(reasons(&admin, "default", "ann").1, ["member of default: default"]);
    let both = ["administrator of top: top", "owner of default: default/top"];
    assert_eq!(reasons(&admin, "top", "admin").1, both);
}

#[test]
fn it_says_reached_where_the_user_is_let_in() {
    let test_box = TestBox::start();
    let ann = person(&test_box, "ann", Role::User, PASSWORD);
    let top = make(&test_box, "Top", None, &[]);
    let middle = make(&test_box, "Middle", None, &[top]);
    make(&test_box, "Bottom", None, &[middle]);
    make(&test_box, "Side", None, &[top]);
    join(&test_box, middle, ann, false);
    join(&test_box, OrgId::DEFAULT, ann, false);
    let client = test_box.client().basic("ann", PASSWORD);
    for (name, reached) in [("default", true), ("top", false), ("middle", true), ("bottom", true), ("side", false)] {
        let (told, because) = reasons(&test_box.admin(), name, "ann");
        assert_eq!((told, !because.is_empty()), (reached, reached), "{name}");
        let let_in = client.get(&format!("/orgbox/v1/organizations/{name}")).status == 200;
        assert_eq!(let_in, reached, "{name}");
    }
}

#[test]
fn who_may_not_see_the_members_may_not_ask_for_them() {
    let test_box = TestBox::start();
    let users = ["ann", "bea", "cat", "dan"].map(|login| person(&test_box, login, Role::User, PASSWORD));
    let [ann, bea, cat, _] = users;
    let top = make(&test_box, "Top", Some(cat), &[]);
    let south = make(&test_box, "South", None, &[top]);
    join(&test_box, south, ann, false);
    join(&test_box, south, bea, true);
    join(&test_box, south, cat, false);
    let client = |login| test_box.client().basic(login, PASSWORD);
    client("ann").get("/orgbox/v1/organizations/south/path?user=bea").expect(403);
    client("dan").get("/orgbox/v1/organizations/south/path?user=dan").expect(403);
    assert_eq!(reasons(&client("bea"), "south", "ann").1, ["member of south: south"]);
    // What is above south is none of bea's business.
    assert_eq!(reasons(&client("bea"), "south", "cat"), (true, vec!["member of south: south".to_owned()]));
    let both = ["member of south: south", "owner of top: top/south"];
    assert_eq!(reasons(&client("cat"), "south", "cat").1, both);
    client("bea").get("/orgbox/v1/organizations/south/path?user=dan").expect(404);
    client("bea").get("/orgbox/v1/organizations/south/path?user=nobody").expect(404);
    assert_eq!(reasons(&test_box.admin(), "south", "dan"), (false, vec![]));
    let own = client("ann").get("/orgbox/v1/organizations/south/path").expect(200).json();
    assert_eq!(
        own["because"][0]["rights"],
        json!({
            "can_view_stats": false, "can_edit_users": false, "can_edit_cameras": false
        })
    );
}

#[test]
fn an_id_is_nobody_elses_name() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = super::organization(&test_box, "Acme", None);
    let named = admin.json("POST", "/orgbox/v1/organizations", &json!({"name": org.to_string(), "title": "Not Acme"}));
    let id = named.expect(201).json()["id"].as_i64().unwrap();
    let title = |path: &str| admin.get(path).expect(200).json()["title"].clone();
    assert_eq!(title(&format!("/orgbox/v1/organizations/{org}")), "Acme");
    assert_eq!(title(&format!("/orgbox/v1/organizations/{id}")), "Not Acme");
    let below = json!({"name": "below", "title": "Below", "parents": [org]});
    assert_eq!(admin.json("POST", "/orgbox/v1/organizations", &below).expect(201).json()["parents"], json!([org]));
    let usage = json!({"organizations": [{"organization": org, "mosaic_count": 3}]});
    admin.json("PUT", "/orgbox/v1/usage", &usage).expect(204);
    assert_eq!(admin.get("/orgbox/v1/organizations/acme").expect(200).json()["mosaic_count"], 3);
}
