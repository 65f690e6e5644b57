//! The Surfsight dialect.

use crate::support::{TestBox, coverage, golden};

#[test]
fn documented_examples() {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), "surfsight/organizations.http", &[]);
}

#[test]
fn documented_errors() {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), "surfsight/errors.http", &[]);
}

#[test]
fn every_route_has_an_example() {
    assert_eq!(coverage::routes_without_golden("surfsight"), Vec::<String>::new());
}
