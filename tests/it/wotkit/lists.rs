//! Listing organizations: order, search, paging.

use serde_json::json;

use super::organization;
use crate::support::{Answer, TestBox};

fn names(answer: Answer) -> Vec<String> {
    let list = answer.expect(200).json();
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn newest_first_and_paged() {
    let test_box = TestBox::start();
    for name in ["first", "second", "third"] {
        organization(&test_box.admin(), name);
    }
    let list = |query: &str| names(test_box.client().get(&format!("/api/v1/orgs{query}")));
    assert_eq!(list(""), ["third", "second", "first", "default"]);
    assert_eq!(list("?limit=2"), ["third", "second"]);
    assert_eq!(list("?offset=3"), ["default"]);
    assert_eq!(list("/?offset=1&limit=2"), ["second", "first"]);
    assert_eq!(list("?limit=0"), [] as [&str; 0]);
    assert_eq!(list("?offset=4"), [] as [&str; 0]);
    // Empty is absent, unknown parameters are nobody's, what is too great is clamped.
    assert_eq!(list("?limit=&offset=&text=&hardDelete=1&order=x").len(), 4);
    assert_eq!(list("?limit=1001").len(), 4);
    assert_eq!(list("?limit=99999999999999999999999").len(), 4);
    assert_eq!(list("?offset=99999999999999999999999").len(), 0);
}

#[test]
fn at_most_1000() {
    let test_box = TestBox::start();
    let fill = |write: &orgbox::store::Write<'_>| {
        for number in 0..1001 {
            let new = orgbox::model::organization::NewOrganization {
                title: format!("Number {number}"),
                ..Default::default()
            };
            orgbox::ops::organization::create(write, &orgbox::model::actor::Who::system(), new)?;
        }
        Ok(())
    };
    test_box.running().store().write(fill).unwrap();
    let list = |query: &str| names(test_box.client().get(&format!("/api/v1/orgs{query}"))).len();
    assert_eq!(list(""), 1000);
    assert_eq!(list("?limit=5000"), 1000);
    assert_eq!(list("?text=number&limit=5000"), 1000);
    assert_eq!(list("?offset=1000&limit=5000"), 2);
    assert_eq!(list("?offset=1001"), 1);
}

#[test]
fn limit_and_offset_are_whole_numbers() {
    let test_box = TestBox::start();
    for name in ["limit", "offset"] {
        for wrong in ["-1", "1.5", "ten", "1e2", "%2B1", "0x1", "%201", "1%00"] {
            let answer = test_box.client().get(&format!("/api/v1/orgs?{name}={wrong}")).expect(400).json();
            assert_eq!(answer["error"]["message"], "Object has validation errors");
            assert_eq!(answer["error"]["moreInfo"][name], "must be a whole number of at least 0");
        }
    }
}

#[test]
fn text_is_found_in_name_long_name_and_description_whatever_its_case() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    for body in [
        json!({"name": "electric-inc", "longName": "Sparks", "description": "since 1970"}),
        json!({"name": "water", "longName": "Electric-Inc Water", "description": "pipes"}),
        json!({"name": "air-co", "longName": "Luft & \u{d6}l", "description": "was ELECTRIC-INC once"}),
        json!({"name": "earth", "longName": "Earth", "description": "100% _soil_"}),
    ] {
        admin.json("POST", "/api/v1/orgs", &body).expect(201);
    }
    let find = |text: &str| names(test_box.client().get(&format!("/api/v1/orgs?text={text}")));
    assert_eq!(find("electric-inc"), ["air-co", "water", "electric-inc"]);
    assert_eq!(find("Electric-INC"), ["air-co", "water", "electric-inc"]);
    assert_eq!(find("C-I"), ["air-co", "water", "electric-inc"]);
    assert_eq!(find("1970"), ["electric-inc"]);
    assert_eq!(find("%26%20%C3%B6L"), ["air-co"]);
    // No character is a wildcard.
    assert_eq!(find("%25"), ["earth"]);
    assert_eq!(find("_"), ["earth"]);
    assert_eq!(find("nowhere"), [] as [&str; 0]);
    assert_eq!(names(test_box.client().get("/api/v1/orgs?text=electric-inc&limit=1&offset=1")), ["water"]);
}
