//! The native dialect: its documented exchanges, and a module for each subject.

mod audit;
mod cameras;
mod catalog;
mod changes;
mod holds;
mod idempotency;
mod keys;
mod networks;
mod paging;
mod previews;
mod reach;
mod transfer;
pub mod upstream;
mod usage;
mod versions;

use orgbox::{
    model::{
        OrgId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        member::RightsPatch,
        organization::{NewOrganization, NewOwner},
        user::Role,
    },
    ops,
};

use crate::support::{Client, TestBox, coverage, golden, test_box};

#[test]
fn documented_site() {
    play("native/site.http");
}

#[test]
fn documented_status() {
    play("native/status.http");
}

#[test]
fn documented_backups() {
    play("native/backups.http");
}

#[test]
fn documented_cameras() {
    play("native/cameras.http");
}

#[test]
fn documented_holds() {
    play("native/holds.http");
}

#[test]
fn documented_previews() {
    play("native/previews.http");
}

#[test]
fn documented_catalog() {
    play("native/catalog.http");
}

#[test]
fn documented_usage() {
    play("native/usage.http");
}

#[test]
fn documented_organizations() {
    play("native/organizations.http");
}

#[test]
fn documented_hierarchy() {
    play("native/hierarchy.http");
}

#[test]
fn documented_members() {
    play("native/members.http");
}

#[test]
fn documented_users() {
    play("native/users.http");
}

#[test]
fn documented_keys() {
    play("native/keys.http");
}

#[test]
fn documented_audit() {
    play("native/audit.http");
}

#[test]
fn documented_changes() {
    play("native/changes.http");
}

#[test]
fn documented_transfer() {
    play("native/transfer.http");
}

#[test]
fn documented_overrides() {
    let test_box = TestBox::with(
        "[organizations.\"*\"]\npurge_days = 14\n[organizations.nowhere]\ntitle = \"Nobody\"\n\
         expires = 2026-03-15T09:00:00Z\n",
    );
    golden::play(&test_box.client(), "native/overrides.http", &[]);
}

#[test]
fn documented_certificate() {
    let test_box = TestBox::with("[server.tls]\nmode = \"self-signed\"\nplain_listen = [\"127.0.0.1:0\"]\n");
    golden::play(&Client::new(test_box.running().plain_addresses[0]), "native/certificate.http", &[]);
}

#[test]
fn documented_upstream() {
    let test_box = TestBox::start();
    upstream::set_aside_first_two(&test_box);
    golden::play(&test_box.client(), "native/upstream.http", &[]);
}

#[test]
fn documented_carrying() {
    let secret = upstream::secret();
    let test_box = TestBox::with(&format!("[upstream]\nsigning_secret_file = {:?}\n", secret.path()));
    upstream::wait_for_epoch(&test_box.admin());
    golden::play(&test_box.client(), "native/carrying.http", &[]);
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("native"), Vec::<String>::new());
}

fn play(file: &str) {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), file, &[]);
}

/// Makes an organization that the first administrator owns, below another one or the default one.
fn organization(test_box: &TestBox, title: &str, parent: Option<i64>) -> i64 {
    let new = NewOrganization {
        title: title.to_owned(),
        owner: NewOwner::Given(Some(orgbox::model::UserId(1))),
        parents: parent.map(OrgId).into_iter().collect(),
        ..NewOrganization::default()
    };
    let made = test_box.running().store().write(move |write| ops::organization::create(write, &Who::system(), new));
    made.unwrap().id.0
}

/// Registers a camera.
fn camera(test_box: &TestBox, organization: i64, kind: i64) -> i64 {
    let made = test_box.running().store().write(move |write| {
        let who = Who::system();
        let organization = ops::organization::view(write, &who.actor, OrgId(organization))?;
        let name = format!("Camera of {}", organization.title);
        let kind = CameraKind::from_number(kind)?;
        ops::camera::register(
            write,
            &who,
            &NewCamera { organization_id: organization.id, name, kind, partner_id: None },
        )
    });
    made.unwrap().id.0
}

/// A client of somebody who has every right in one organization.
fn editor(test_box: &TestBox, organization: i64) -> Client {
    let user = coverage::person(test_box, "editor", Role::User, "long enough");
    let rights = RightsPatch { can_view_stats: Some(true), can_edit_users: Some(true), can_edit_cameras: Some(true) };
    let added = test_box
        .running()
        .store()
        .write(move |write| ops::member::add(write, &Who::system(), OrgId(organization), user, rights));
    added.unwrap();
    test_box.client().basic("editor", "long enough")
}

/// The first administrator as a client of the Surfsight dialect.
fn partner(test_box: &TestBox) -> Client {
    let body = serde_json::json!({"email": "admin", "password": test_box::ADMIN_PASSWORD});
    let answer = test_box.client().json("POST", "/authenticate", &body).expect(200).json();
    test_box.client().with("authorization", &format!("Bearer {}", answer["data"]["token"].as_str().unwrap()))
}
