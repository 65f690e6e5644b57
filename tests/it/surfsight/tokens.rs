//! Signing in, and what a token is good for.

use orgbox::model::{
    OrgId, Patch,
    actor::Who,
    organization::OrganizationPatch,
    user::{Role, UserPatch},
};
use orgbox::ops::{organization as organizations, user};
use serde_json::{Value, json};

use super::{bearer, organization, partner};
use crate::support::{Answer, TestBox, coverage::person};

const DAY_MS: i64 = 24 * 3600 * 1000;

fn sign_in(test_box: &TestBox, email: &str, password: &str) -> Answer {
    test_box.client().json("POST", "/authenticate", &json!({"email": email, "password": password}))
}

#[test]
fn a_token_lasts_24_hours() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    test_box.clock.advance_ms(DAY_MS - 1);
    partner.get("/organizations").expect(200);
    test_box.clock.advance_ms(1);
    partner.get("/organizations").expect(401);
}

#[test]
fn a_token_is_borne_with_the_scheme_in_any_case_or_without_one() {
    let test_box = TestBox::start();
    let token = sign_in(&test_box, "admin", "correct horse").json()["data"]["token"].as_str().unwrap().to_owned();
    for header in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER  {token}"), token.clone()] {
        test_box.client().with("authorization", &header).get("/organizations").expect(200);
    }
    for header in ["Bearer", "Bearer x", "Basic YWRtaW46Y29ycmVjdCBob3JzZQ==", "", &format!("Token {token}")] {
        test_box.client().with("authorization", header).get("/organizations").expect(401);
    }
}

#[test]
fn an_e_mail_address_signs_in_and_the_login_only_where_there_is_none() {
    let test_box = TestBox::start();
    let id = person(&test_box, "beth", Role::User, "beth's password");
    sign_in(&test_box, "beth", "beth's password").expect(200);
    let patch = UserPatch { email: Some("Beth@example.com".to_owned()), ..UserPatch::default() };
    test_box.running().store().write(move |write| user::update(write, &Who::system(), id, patch)).unwrap();
    sign_in(&test_box, "beth@example.com", "beth's password").expect(200);
    sign_in(&test_box, "beth", "beth's password").expect(401);
}

#[test]
fn the_answer_names_the_organization_of_whoever_has_one() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let beth = person(&test_box, "beth", Role::User, "beth's password");
    let data = |answer: Answer| answer.expect(200).json()["data"].clone();
    assert_eq!(data(sign_in(&test_box, "beth", "beth's password")).get("organizationId"), None);
    let (_first, second) = (organization(&partner, "First"), organization(&partner, "Second"));
    let owned = OrganizationPatch { owner_id: Patch::Set(beth), ..OrganizationPatch::default() };
    let own =
        move |write: &orgbox::store::Write<'_>| organizations::update(write, &Who::system(), OrgId(second), owned);
    test_box.running().store().write(own).unwrap();
    assert_eq!(data(sign_in(&test_box, "beth", "beth's password"))["organizationId"], second);
    assert_eq!(data(sign_in(&test_box, "admin", "correct horse")).get("organizationId"), None, "a partner has none");
}

#[test]
fn bad_credentials_are_told_alike() {
    let test_box = TestBox::start();
    let beth = person(&test_box, "beth", Role::User, "beth's password");
    let told = |answer: Answer| {
        let mut body = answer.expect(401).json();
        body["requestId"] = Value::Null;
        body
    };
    let wrong = told(sign_in(&test_box, "beth", "Beth's password"));
    assert_eq!(wrong["error"], "UnauthorizedError");
    assert_eq!(told(sign_in(&test_box, "nobody", "beth's password")), wrong);
    let off = UserPatch { enabled: Some(false), ..UserPatch::default() };
    test_box.running().store().write(move |write| user::update(write, &Who::system(), beth, off)).unwrap();
    assert_eq!(told(sign_in(&test_box, "beth", "beth's password")), wrong);
}

#[test]
fn who_is_disabled_loses_the_token_at_once() {
    let test_box = TestBox::start();
    let beth = person(&test_box, "beth", Role::User, "beth's password");
    let client = bearer(&test_box, "beth", "beth's password");
    client.get("/organizations").expect(200);
    let off = UserPatch { enabled: Some(false), ..UserPatch::default() };
    test_box.running().store().write(move |write| user::update(write, &Who::system(), beth, off)).unwrap();
    client.get("/organizations").expect(401);
}

#[test]
fn who_guesses_is_told_to_wait() {
    let test_box = TestBox::start();
    let answers: Vec<Answer> = (0..8).map(|_| sign_in(&test_box, "admin", "wrong horse")).collect();
    let last = answers.last().unwrap();
    assert_eq!((answers[0].status, last.status), (401, 429), "{}", last.text);
    assert!(last.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(last.json()["error"], "TooManyRequestsError");
}
