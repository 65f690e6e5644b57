//! The native dialect: its documented exchanges, and a module for each subject.

mod audit;
mod changes;
mod idempotency;
mod keys;
mod networks;
mod paging;
mod reach;
mod versions;

use crate::support::{TestBox, coverage, golden};

#[test]
fn documented_site() {
    play("native/site.http");
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
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("native"), Vec::<String>::new());
}

fn play(file: &str) {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), file, &[]);
}
