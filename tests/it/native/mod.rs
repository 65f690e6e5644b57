//! The native dialect: its documented exchanges, and a module for each subject.

use crate::support::{TestBox, coverage, golden};

#[test]
fn documented_site() {
    play("native/site.http");
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("native"), Vec::<String>::new());
}

fn play(file: &str) {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), file, &[]);
}
