//! The hierarchy: an acyclic graph whose changes happen whole or not at all.

use super::{CONFIGURATION, column, ids, make, refuses, start};
use crate::support::{Client, TestBox};

const LIST: &str = "/config/v2/organisations";

/// 2 below 1; 3 below 2; 4 below 2 and 3; 5 below 4 and 1.
fn populated() -> (TestBox, Client) {
    let test_box = start();
    let admin = test_box.admin();
    for (name, parents) in [("Two", &["1"][..]), ("Three", &["2"]), ("Four", &["2", "3"]), ("Five", &["4", "1"])] {
        make(&admin, name, parents);
    }
    (test_box, admin)
}

fn parents(admin: &Client, id: &str) -> Vec<String> {
    ids(admin, &format!("{LIST}/{id}/parents"))
}

#[test]
fn links_never_form_a_cycle() {
    let (_box, admin) = populated();
    for (id, parent) in [("2", "2"), ("2", "3"), ("2", "4"), ("2", "5"), ("1", "5"), ("3", "4")] {
        for method in ["POST", "PUT"] {
            let answer = admin.form(method, &format!("{LIST}/{id}/parents"), &format!("parentOrgSpec={parent}"));
            refuses(answer, 400, &["parentOrgSpec", "cycle"]);
        }
    }
    assert_eq!(parents(&admin, "1"), Vec::<String>::new());
    assert_eq!(parents(&admin, "2"), ["1"]);
    assert_eq!(parents(&admin, "3"), ["2"]);
}

#[test]
fn several_parents_change_together_or_not_at_all() {
    let (_box, admin) = populated();
    let path = format!("{LIST}/3/parents");
    for (method, body, part) in [
        ("POST", "parentOrgSpec[]=1&parentOrgSpec[]=4", "cycle"),
        ("PUT", "parentOrgSpec[]=1&parentOrgSpec[]=99", "no organization 99"),
        ("PUT", "parentOrgSpec[]=1&parentOrgSpec[]=x", "must be the ID"),
        ("DELETE", "parentOrgSpec[]=2&parentOrgSpec[]=1", "not a parent"),
        ("DELETE", "parentOrgSpec=99", "not a parent"),
        ("DELETE", "parentOrgSpec=2", "at least one parent"),
        ("PUT", "", "is required"),
        ("POST", "", "is required"),
        ("DELETE", "", "is required"),
    ] {
        refuses(admin.form(method, &path, body), 400, &["parentOrgSpec", part]);
        assert_eq!(parents(&admin, "3"), ["2"], "{method} {body}");
    }
    let many: String = (1..=65).map(|id| format!("parentOrgSpec[]={id}&")).collect();
    refuses(admin.form("PUT", &path, &many), 400, &["parentOrgSpec", "64"]);
    admin.form("POST", &path, "parentOrgSpec=2").expect(204);
    admin.form("POST", &path, "parentOrgSpec[]=2&parentOrgSpec[]=1").expect(204);
    assert_eq!(parents(&admin, "3"), ["1", "2"]);
    refuses(admin.form("DELETE", &path, "parentOrgSpec[]=1&parentOrgSpec[]=2"), 400, &["at least one parent"]);
    admin.form("DELETE", &path, "parentOrgSpec=2").expect(204);
    assert_eq!(parents(&admin, "3"), ["1"]);
    assert_eq!(ids(&admin, &format!("{LIST}/2/children")), ["4"]);
}

#[test]
fn children_stand_in_the_way_of_a_deletion() {
    let (test_box, admin) = populated();
    for answer in [
        admin.delete(&format!("{LIST}/2")),
        admin.delete(&format!("{LIST}/2?deleteSubOrgs=0")),
        admin.form("DELETE", &format!("{LIST}/2?deleteSubOrgs=1"), "deleteSubOrgs=0"),
    ] {
        refuses(answer, 400, &["deleteSubOrgs must be 1"]);
    }
    for flag in ["2", "true", "", "-1"] {
        let answer = admin.delete(&format!("{LIST}/2?deleteSubOrgs={flag}"));
        refuses(answer, 400, &["deleteSubOrgs must be 0 or 1"]);
    }
    assert_eq!(test_box.query("SELECT count(*) FROM organizations"), ["5"]);
}

#[test]
fn a_shared_organisation_is_only_unlinked_and_no_id_is_used_again() {
    let (_box, admin) = populated();
    let below = make(&admin, "Below five", &["5"]);
    admin.form("DELETE", &format!("{LIST}/2"), "deleteSubOrgs=1").expect(204);
    assert_eq!(ids(&admin, LIST), ["1", "5", &below], "5 hangs below 1 too, and keeps what is below it");
    assert_eq!(parents(&admin, "5"), ["1"]);
    assert_eq!(parents(&admin, &below), ["5"]);
    refuses(admin.delete(&format!("{LIST}/2?deleteSubOrgs=1")), 404, &["organisation not found"]);
    admin.delete(&format!("{LIST}/{below}")).expect(204);
    assert_eq!(make(&admin, "Next", &["1"]), "7");
}

#[test]
fn a_branding_in_use_is_not_lost_with_a_parent() {
    let test_box = TestBox::with(
        r##"
[[brandings]]
id = 1
name = "All"
logo_filename = "all.png"
landing_domain = "example.com"
primary_color = "#000000"

[[brandings]]
id = 2
name = "Two only"
logo_filename = "two.png"
landing_domain = "two.example.com"
primary_color = "#000000"
organizations = ["two"]
"##,
    );
    let mut test_box = test_box;
    make(&test_box.admin(), "two", &["1"]);
    make(&test_box.admin(), "three", &["1"]);
    // The configuration names an organization that exists only now.
    test_box.restart();
    let admin = test_box.admin();
    let refused = admin.form("POST", LIST, "orgName=x&brandingId=2&parentOrgSpec=3");
    refuses(refused, 400, &["brandingId 2 is not available", "must be one of 1"]);
    let made = admin.form("POST", LIST, "orgName=four&brandingId=2&parentOrgSpec[]=2&parentOrgSpec[]=3");
    assert_eq!(made.expect(201).json()["orgId"], "4");
    let made = admin.form("POST", LIST, "orgName=five&brandingId=2&parentOrgSpec=4");
    assert_eq!(made.expect(201).json()["orgId"], "5");
    let path = format!("{LIST}/4/parents");
    refuses(admin.form("DELETE", &path, "parentOrgSpec=2"), 400, &["brandingId", "branding 2"]);
    refuses(admin.form("PUT", &path, "parentOrgSpec=3"), 400, &["brandingId", "branding 2"]);
    admin.form("POST", &format!("{LIST}/4"), "brandingId=1").expect(204);
    refuses(admin.form("PUT", &path, "parentOrgSpec=3"), 400, &["organization 5 uses branding 2"]);
    admin.form("POST", &format!("{LIST}/5"), "brandingId=1").expect(204);
    admin.form("PUT", &path, "parentOrgSpec=3").expect(204);
    assert_eq!(ids(&admin, &path), ["3"]);
    assert_eq!(admin.get(&format!("{LIST}/4/branding")).text.lines().count(), 1);
    assert_eq!(admin.get(&format!("{LIST}/2/branding")).text.lines().count(), 2);
}

#[test]
fn brandings_of_the_default_organization_outlive_it() {
    let test_box = start();
    let admin = test_box.admin();
    let (first, second) = (make(&admin, "First", &["1"]), make(&admin, "Second", &["1"]));
    admin.delete("/config/v2/organisations/1").expect(400);
    let body = serde_json::json!({ "login": "admin", "password": crate::support::test_box::ADMIN_PASSWORD });
    let session = test_box.client().json("POST", "/vsaas/api/v2/auth/login", &body).expect(200).json();
    let watcher = test_box.client().with("x-vsaas-session", session["session"].as_str().unwrap()).with("force", "1");
    watcher.delete("/vsaas/api/v2/organizations/1").expect(200);
    let options = admin.get(&format!("/config/v2/organisations/{first}/branding"));
    assert_eq!(column(&options, "brandingId"), ["1", "2"]);
    let below = make(&admin, "Below", &[&first]);
    let path = format!("/config/v2/organisations/{below}");
    admin.form("POST", &path, "brandingId=2").expect(204);
    admin.form("PUT", &format!("{path}/parents"), &format!("parentOrgSpec={second}")).expect(204);
}

#[test]
fn a_branding_that_belongs_to_nobody_is_nobodys_beside_a_default_organization() {
    let test_box = TestBox::with(&format!(
        "{CONFIGURATION}\n[[brandings]]\nid = 3\nname = \"Own\"\nlogo_filename = \"own.png\"\n\
         landing_domain = \"own.example\"\nprimary_color = \"#123456\"\norganizations = [\"nobody-yet\"]\n"
    ));
    let admin = test_box.admin();
    let first = make(&admin, "First", &["1"]);
    let options = admin.get(&format!("/config/v2/organisations/{first}/branding"));
    assert_eq!(column(&options, "brandingId"), ["1", "2"]);
}
