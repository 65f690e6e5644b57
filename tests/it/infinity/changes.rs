//! Making and changing organisations, in every form in which parameters come.

use serde_json::json;

use super::{column, ids, make, refuses, start};

const LIST: &str = "/config/v2/organisations";

#[test]
fn parameters_in_every_form() {
    let test_box = start();
    let admin = test_box.admin();
    make(&admin, "Two", &["1"]);
    let multipart = "--x\r\ncontent-disposition: form-data; name=\"orgName\"\r\n\r\nÜber\r\n\
                     --x\r\ncontent-disposition: form-data; name=\"parentOrgSpec[]\"\r\n\r\n1\r\n\
                     --x\r\ncontent-disposition: form-data; name=\"parentOrgSpec[]\"\r\n\r\n2\r\n\
                     --x\r\ncontent-disposition: form-data; name=\"brandingId\"\r\n\r\n2\r\n\
                     --x\r\ncontent-disposition: form-data; name=\"orgRefs[19]\"\r\n\r\nFR-01\r\n--x--\r\n";
    let form =
        "orgName=%C3%9Cber&parentOrgSpec[]=1&parentOrgSpec%5B%5D=2&brandingId=1&brandingId=2&orgRefs%5B19%5D=FR-01";
    let object = json!({ "orgName": "Über", "parentOrgSpec": ["1", 2], "brandingId": 2, "orgRefs": { "19": "FR-01" } });
    let json = |object: &serde_json::Value| admin.json("POST", LIST, object);
    for answer in [
        admin.send("POST", LIST, Some("multipart/form-data; boundary=x"), multipart.as_bytes()),
        admin.form("POST", LIST, form),
        admin.send("POST", LIST, None, form.as_bytes()),
        admin.send("POST", &format!("{LIST}?{form}"), None, b""),
        admin.form("POST", &format!("{LIST}?{form}"), ""),
        admin.form("POST", &format!("{LIST}?{form}&orgName=Unter"), "orgName=%C3%9Cber"),
        json(&object),
        admin.send("POST", LIST, None, object.to_string().as_bytes()),
    ] {
        let id = answer.expect(201).json()["orgId"].as_str().unwrap().to_owned();
        let made = admin.get(&format!("{LIST}/{id}?display[]=orgName&display[]=brandingId"));
        assert_eq!(made.text, "{\"orgName\":\"Über\",\"brandingId\":\"2\"}\n");
        assert_eq!(ids(&admin, &format!("{LIST}/{id}/parents")), ["1", "2"]);
        let placed = admin.get("/config/v2/igrps/19/organisations").text;
        assert!(
            placed.contains(&format!("{{\"orgId\":\"{id}\",\"orgTypeCode\":\"\",\"orgRef\":\"FR-01\"}}")),
            "{placed}"
        );
    }
}

#[test]
fn a_body_replaces_the_parents_of_the_query() {
    let test_box = start();
    let admin = test_box.admin();
    for name in ["Two", "Three", "Four"] {
        make(&admin, name, &["1"]);
    }
    let parents = format!("{LIST}/4/parents");
    admin.form("PUT", &format!("{parents}?parentOrgSpec=1"), "parentOrgSpec[]=2&parentOrgSpec[]=3").expect(204);
    assert_eq!(ids(&admin, &parents), ["2", "3"]);
    admin.form("DELETE", &format!("{parents}?parentOrgSpec[]=2"), "").expect(204);
    assert_eq!(ids(&admin, &parents), ["3"]);
    admin.form("PUT", &parents, "parentOrgSpec=3&parentOrgSpec=2").expect(204);
    assert_eq!(ids(&admin, &parents), ["2"], "a scalar given twice is the last one");
    admin.json("POST", &parents, &json!({ "parentOrgSpec": "3" })).expect(204);
    assert_eq!(ids(&admin, &parents), ["2", "3"]);
}

#[test]
fn everything_that_is_missing_or_wrong_is_told_at_once() {
    let test_box = start();
    let admin = test_box.admin();
    refuses(
        admin.form("POST", LIST, ""),
        400,
        &["parentOrgSpec is required", "orgName is required", "brandingId is required"],
    );
    let wrong = "parentOrgSpec=x&orgName=+&brandingId=y&orgTypeCodes[z]=country&orgRefs=1";
    refuses(
        admin.form("POST", LIST, wrong),
        400,
        &[
            "parentOrgSpec must be the ID",
            "orgName must be 1 to 255",
            "brandingId must be the ID",
            "orgTypeCodes[19]",
            "orgRefs[19]",
        ],
    );
    let new = |more: &str| admin.form("POST", LIST, &format!("parentOrgSpec=1&orgName=x&brandingId=1&{more}"));
    refuses(new("parentOrgSpec[]=1&parentOrgSpec[]=99"), 400, &["parentOrgSpec", "no organization 99"]);
    refuses(new("brandingId=99"), 400, &["brandingId 99 is not available", "1, 2"]);
    refuses(new("orgTypeCodes[20]=country"), 400, &["orgTypeCodes names igrp 20", "19"]);
    refuses(new("orgTypeCodes[19]=town"), 400, &["orgTypeCodes has no type town", "country, city"]);
    refuses(new("orgRefs[20]=x"), 400, &["orgRefs names igrp 20"]);
    refuses(new(&format!("orgName={}", "x".repeat(256))), 400, &["orgName must be 1 to 255 characters"]);
    refuses(new("orgName=a%0Ab"), 400, &["orgName"]);
    refuses(new(&format!("orgRefs[19]={}", "x".repeat(256))), 400, &["orgRefs", "255"]);
    let many: String = (1..=65).map(|id| format!("parentOrgSpec[]={id}&")).collect();
    refuses(new(&many), 400, &["parentOrgSpec must be at most 64"]);
    assert_eq!(test_box.query("SELECT count(*) FROM organizations"), ["1"]);
}

#[test]
fn an_update_changes_what_it_names() {
    let test_box = start();
    let admin = test_box.admin();
    let id = make(&admin, "Two", &["1"]);
    let path = format!("{LIST}/{id}");
    let look = || {
        let answer = admin.get(&path);
        (column(&answer, "orgName").remove(0), column(&answer, "brandingId").remove(0))
    };
    admin.form("POST", &path, "orgName=Deux").expect(204);
    assert_eq!(look(), ("Deux".to_owned(), "1".to_owned()));
    admin.json("POST", &path, &json!({ "brandingId": 2 })).expect(204);
    assert_eq!(look(), ("Deux".to_owned(), "2".to_owned()));
    let answer = admin.send("POST", &format!("{path}/?orgName=Zwei&brandingId=1"), None, b"").expect(204);
    assert_eq!(answer.text, "");
    assert_eq!(look(), ("Zwei".to_owned(), "1".to_owned()));
    refuses(admin.form("POST", &path, ""), 400, &["orgName or brandingId is required"]);
    refuses(admin.form("POST", &path, "orgName="), 400, &["orgName must be 1 to 255"]);
    refuses(admin.form("POST", &path, "orgName=Drei&brandingId=7"), 400, &["brandingId 7", "1, 2"]);
    refuses(admin.form("POST", &path, "brandingId="), 400, &["brandingId must be the ID"]);
    assert_eq!(look(), ("Zwei".to_owned(), "1".to_owned()), "all or nothing");
    let recorded = format!("SELECT DISTINCT dialect FROM audit WHERE subject = 'organization/{id}'");
    assert_eq!(test_box.query(&recorded), ["infinity"]);
}

#[test]
fn two_organisations_may_share_a_name() {
    let test_box = start();
    let admin = test_box.admin();
    assert_eq!([make(&admin, "Twin", &["1"]), make(&admin, "Twin", &["1"])], ["2", "3"]);
}
