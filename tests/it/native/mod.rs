//! The native dialect: its documented exchanges, and a module for each subject.

mod audit;
mod changes;

use crate::support::{TestBox, coverage, golden};

#[test]
fn documented_site() {
    play("native/site.http");
}

#[test]
fn documented_status() {
    play("native/status.http");
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
fn documented_overrides() {
    let test_box = TestBox::with(
        "[organizations.\"*\"]\npurge_days = 14\n[organizations.nowhere]\ntitle = \"Nobody\"\n\
         expires = 2026-03-15T09:00:00Z\n",
    );
    golden::play(&test_box.client(), "native/overrides.http", &[]);
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("native"), Vec::<String>::new());
}

fn play(file: &str) {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), file, &[]);
}
