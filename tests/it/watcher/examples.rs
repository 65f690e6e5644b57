//! The documented requests and answers, and one of each for every route.

use orgbox::{
    api::server,
    model::{
        OrgId,
        actor::Who,
        camera::{CameraKind, NewCamera},
    },
    ops::camera,
};
use serde_json::json;

use super::{PASSWORD, V2, admin, organization, organization_path, sign_in, user};
use crate::support::{Client, TestBox, golden, test_box::ADMIN_PASSWORD};

/// Registers cameras, which no dialect can.
pub fn register_cameras(test_box: &TestBox, organization: i64, count: usize) {
    for number in 0..count {
        let new = NewCamera {
            organization_id: OrgId(organization),
            name: format!("Camera {number}"),
            kind: CameraKind::Front,
            partner_id: None,
        };
        let store = test_box.running().store();
        store.write(move |write| camera::register(write, &Who::system(), &new)).unwrap();
    }
}

fn join(admin: &Client, organization: i64, user: i64, can_view_stats: bool) {
    let body = json!({
        "user_id": user,
        "can_edit_organization_users": true,
        "can_edit_organization_cameras": true,
        "can_view_organization_stats": can_view_stats,
    });
    admin.json("POST", &format!("{}/users", organization_path(organization)), &body).expect(200);
}

/// The state that the documentation's examples speak of: three organizations and an ordinary member of each.
fn documented_state(test_box: &TestBox) {
    let admin = admin(test_box);
    let (first, second) = (user(&admin, "Subscriber 1"), user(&admin, "Subscriber 2"));
    let (viewer, other) = (user(&admin, "viewer"), user(&admin, "other"));
    for user in [first, second] {
        admin.delete(&format!("{}/users/{user}", organization_path(1))).expect(200);
    }
    let limits = |title: &str, owner: i64| json!({ "title": title, "owner_id": owner, "user_limit": 2000, "dvr_limit": 1000, "camera_limit": 5000 });
    let home = organization(&admin, &limits("HOME", second));
    let cafe = organization(&admin, &limits("Cafe", first));
    join(&admin, 1, viewer, true);
    join(&admin, cafe, viewer, true);
    join(&admin, cafe, other, false);
    join(&admin, home, viewer, false);
    join(&admin, home, other, false);
    join(&admin, home, second, false);
    register_cameras(test_box, cafe, 3);
    register_cameras(test_box, 1, 1);
    register_cameras(test_box, home, 1);
    // Mosaics are what the VMS reports; nothing of the box sets them.
    let database = rusqlite::Connection::open(test_box.database()).unwrap();
    database.execute("UPDATE organizations SET mosaic_count = 4 WHERE id = ?1", [cafe]).unwrap();
}

fn session_of(test_box: &TestBox, login: &str, password: &str) -> String {
    let body = json!({ "login": login, "password": password });
    let answer = test_box.client().json("POST", &format!("{V2}/auth/login"), &body).expect(200).json();
    answer["session"].as_str().unwrap().to_owned()
}

#[test]
fn documented_examples() {
    let test_box = TestBox::start();
    documented_state(&test_box);
    let viewer = session_of(&test_box, "viewer", PASSWORD);
    let admin = session_of(&test_box, "admin", ADMIN_PASSWORD);
    golden::play(&test_box.client(), "watcher/organizations.http", &[("viewer", &viewer), ("vsaas_session", &admin)]);
}

#[test]
fn examples_of_the_neighbours() {
    for file in ["domains.http", "members.http", "sessions.http", "users.http"] {
        let test_box = TestBox::start();
        let admin = session_of(&test_box, "admin", ADMIN_PASSWORD);
        golden::play(&test_box.client(), &format!("watcher/{file}"), &[("vsaas_session", &admin)]);
    }
}

#[test]
fn every_route_has_an_example() {
    let played: Vec<String> = golden::requests("watcher").iter().map(|request| shape(request)).collect();
    for (dialect, method, path) in server::listing() {
        let wanted = shape(&format!("{method} {path}"));
        assert!(dialect != "watcher" || played.contains(&wanted), "no example of {wanted}");
    }
}

/// A request with every parameter as `*`: an example's numbers and variables, a route's braces.
fn shape(request: &str) -> String {
    let (method, path) = request.split_once(' ').unwrap();
    let path = path.split('?').next().unwrap().trim_end_matches('/');
    let is_parameter = |segment: &&str| segment.starts_with('{') || segment.parse::<u32>().is_ok();
    let segments: Vec<_> = path.split('/').map(|segment| if is_parameter(&segment) { "*" } else { segment }).collect();
    format!("{method} {}", segments.join("/"))
}

#[test]
fn a_signed_in_member_sees_what_the_example_shows() {
    // The golden file compares values; this one makes sure that ids are numbers, which placeholders do not.
    let test_box = TestBox::start();
    documented_state(&test_box);
    let list = sign_in(&test_box, "viewer", PASSWORD).get(&format!("{V2}/organizations/")).expect(200).json();
    for organization in list.as_array().unwrap() {
        assert!(organization["id"].is_i64() && organization["owner"]["id"].is_i64(), "{organization}");
    }
}
