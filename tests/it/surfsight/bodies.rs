//! What a body may be, for the calls that have one.

use serde_json::{Value, json};

use super::{organization, partner};
use crate::support::{Answer, TestBox};

fn refused(answer: Answer) -> String {
    let body = answer.expect(400).json();
    assert_eq!(body["error"], "BadRequestError");
    body["message"].as_str().unwrap().strip_prefix("bad request error: ").unwrap().to_owned()
}

#[test]
fn what_is_no_json_object_is_refused() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let deep = "[".repeat(200) + &"]".repeat(200);
    let deep_member = format!("{{\"name\": {deep}}}");
    let bodies: [&[u8]; 9] = [
        b"{",
        b"name=x",
        b"[]",
        b"[{\"name\": \"x\"}]",
        b"\"name\"",
        b"null",
        b"{\"name\": \"\xff\xfe\"}",
        b"{\"purgeDays\": 1e999}",
        deep_member.as_bytes(),
    ];
    for (method, path) in [("PATCH", "/organizations/1"), ("POST", "/organizations"), ("POST", "/authenticate")] {
        for body in bodies {
            refused(partner.send(method, path, Some("application/json"), body));
        }
    }
    assert_eq!(test_box.query("SELECT count(*) FROM organizations"), ["1"]);
}

#[test]
fn too_large_a_body_is_refused() {
    let test_box = TestBox::with("[limits]\nmax_body_bytes = 1024\n");
    let partner = partner(&test_box);
    let fits = format!("{{\"x\": \"{}\"}}", "y".repeat(1024 - 9));
    assert_eq!(fits.len(), 1024);
    partner.send("PATCH", "/organizations/1", Some("application/json"), fits.as_bytes()).expect(200);
    let message = refused(partner.send("PATCH", "/organizations/1", None, (fits + " ").as_bytes()));
    assert_eq!(message, "the body must be at most 1024 bytes");
}

#[test]
fn nothing_to_change_is_fine() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let before = test_box.query("SELECT version FROM organizations");
    for body in [&b""[..], b" \n", b"{}", b"{\"colour\": null, \"id\": \"x\"}", b"{\"name\": \"Default\"}"] {
        let answer = partner.send("PATCH", "/organizations/1", Some("application/json"), body).expect(200);
        let body = answer.json();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["requestId"]);
        assert_eq!(body["requestId"], answer.header("x-request-id"));
    }
    assert_eq!(test_box.query("SELECT version FROM organizations"), before);
}

#[test]
fn a_name_has_1_to_255_characters_and_need_not_be_unique() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let id = organization(&partner, "Company Name");
    organization(&partner, "Company Name");
    let path = format!("/organizations/{id}");
    let name = |name: Value| partner.json("PATCH", &path, &json!({ "name": name }));
    for fits in ["C".repeat(255), "\u{e9}".repeat(255), "C".to_owned(), "Default".to_owned()] {
        name(json!(fits)).expect(200);
        assert_eq!(partner.get(&path).json()["data"]["name"], fits);
    }
    for wrong in [json!("C".repeat(256)), json!(""), json!(" "), json!("a\nb"), json!(5), json!(null), json!(["C"])] {
        assert!(refused(name(wrong)).starts_with("name must be "));
    }
    for wrong in [json!({"name": ""}), json!({"name": null}), json!({"name": 1}), json!({"Name": "Company"})] {
        assert!(refused(partner.json("POST", "/organizations", &wrong)).starts_with("name "));
    }
}

#[test]
fn a_new_organization_may_be_exclusive_and_starts_with_the_defaults() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    for (given, wanted) in [(None, false), (Some(false), false), (Some(true), true)] {
        let mut body = json!({"name": "Company Name"});
        if let Some(given) = given {
            body["exclusivePartnerOnly"] = given.into();
        }
        let made = partner.json("POST", "/organizations", &body).expect(200).json();
        assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["organizationId", "ssoSecret"]);
        let data = partner.get(&format!("/organizations/{}", made["organizationId"])).json()["data"].clone();
        assert_eq!(data["exclusivePartnerOnly"], wanted);
        assert_eq!(data["ssoSecret"], made["ssoSecret"]);
    }
    for wrong in [json!("true"), json!(1), json!(null)] {
        let body = json!({"name": "Company Name", "exclusivePartnerOnly": wrong});
        assert_eq!(
            refused(partner.json("POST", "/organizations", &body)),
            "exclusivePartnerOnly must be true or false"
        );
    }
}
