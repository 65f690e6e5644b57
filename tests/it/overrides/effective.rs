//! What files say is what reads, lists, filters, sorting and limits go by, and a restart keeps it.

use orgbox::{
    model::{
        Kind, OrgId, Patch, UserId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        limits::Limits,
        organization::OrganizationPatch,
        overrides::{FIELDS, default_value, value},
        retention::Retention,
    },
    ops::{
        camera, member,
        organization::{self, view},
        overrides::{in_force, replace},
    },
};
use serde_json::json;

use super::{applied, document, number, text};
use crate::support::{Bare, TestBox, bare::new_user};

#[test]
fn lists_filters_and_sorting_see_what_is_in_force() {
    let mut test_box = TestBox::start();
    for name in ["alpha", "beta", "gamma"] {
        let body = json!({ "name": name, "longName": name.to_uppercase() });
        test_box.admin().json("POST", "/api/v1/orgs", &body).expect(201);
    }
    let said = document(&[
        ("alpha", &[("title", text("Ω last")), ("status", number(404)), ("description", text("needle"))]),
        ("*", &[("purge_days", number(14))]),
    ]);
    applied(test_box.running().store().write(move |write| replace(write, &said)).unwrap());
    for _ in 0..2 {
        let admin = test_box.admin();
        let lines = |query: &str| {
            let text = admin.get(&format!("/config/v2/organisations?{query}&display[]=orgName")).expect(200).text;
            let name = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["orgName"].to_string();
            text.lines().map(name).collect::<Vec<_>>()
        };
        assert_eq!(lines("filter[]=orgStatus-eq-value-404"), ["\"Ω last\""]);
        assert_eq!(lines("filter[]=orgName-eq-value-ALPHA"), Vec::<String>::new());
        assert_eq!(lines("sort[]=orgName-asc"), ["\"BETA\"", "\"Default\"", "\"GAMMA\"", "\"Ω last\""]);
        let found = admin.get("/api/v1/orgs?text=needle").expect(200).json();
        assert_eq!(found[0]["name"], "alpha");
        let purge = "SELECT count(*) FROM organizations_in_force WHERE purge_days = 14";
        assert_eq!(test_box.query(purge), ["4"]);
        let reader = test_box.running().store().reader().unwrap();
        assert_eq!(reader.read(in_force).unwrap().unwrap().entries, 4);
        // The same again after a restart: nothing of it is in memory alone.
        test_box.restart();
    }
}

#[test]
fn limits_in_force_bound_cameras() {
    let bare = Bare::new();
    let id = bare.organization("Two").id;
    let said = document(&[("two", &[("user_limit", number(1)), ("camera_limit", number(1))])]);
    applied(bare.store.write(move |write| replace(write, &said)).unwrap());
    let owned = OrganizationPatch { owner_id: Patch::Set(UserId(1)), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, id, owned)).unwrap();
    let register = move || {
        let new = NewCamera { organization_id: id, name: "c".to_owned(), kind: CameraKind::Front, partner_id: None };
        bare.write(move |write, who| camera::register(write, who, &new)).map(drop).map_err(|error| error.kind)
    };
    assert_eq!([register(), register()], [Ok(()), Err(Kind::LimitReached)]);
}

#[test]
fn limits_in_force_bound_members() {
    let bare = Bare::new();
    let id = bare.organization("Two").id;
    let said = document(&[("two", &[("user_limit", number(1))])]);
    applied(bare.store.write(move |write| replace(write, &said)).unwrap());
    let join = |login: &str| {
        let new = new_user(login);
        let joined = bare.write(move |write, who| {
            orgbox::ops::user::create(write, who, &new)?;
            let owned = OrganizationPatch { owner_id: Patch::Set(UserId(1)), ..OrganizationPatch::default() };
            organization::update(write, who, id, owned)?;
            member::add_logins(write, who, id, &[new.login])
        });
        joined.map_err(|error| error.kind)
    };
    assert_eq!([join("ann"), join("bob")], [Ok(()), Err(Kind::LimitReached)]);
}

#[test]
fn the_defaults_of_the_model_are_those_of_the_schema() {
    let bare = Bare::new();
    let fresh = bare.organization("Two");
    assert_eq!((fresh.limits, fresh.retention), (Limits::default(), Retention::default()));
    for (field, _) in FIELDS {
        let default = default_value(field);
        if field.core_name() != "title" && field.core_name() != "branding_id" {
            assert_eq!(value(&fresh, field), default, "{}", field.core_name());
        }
    }
    let reader = bare.store.reader().unwrap();
    let seen = reader.read(|read| view(read, &Who::system().actor, OrgId(2))).unwrap();
    assert_eq!(seen, fresh);
}
