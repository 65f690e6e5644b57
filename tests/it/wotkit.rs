//! The WoTKit dialect.

use crate::support::{TestBox, golden};

#[test]
fn documented_examples() {
    let test_box = TestBox::start();
    golden::play(&test_box.client(), "wotkit/organizations.http", &[]);
}
