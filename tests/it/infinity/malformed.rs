//! Requests that cannot be read, or that nothing answers: refused in the dialect's shape.

use super::{refuses, start};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json");

#[test]
fn bodies_that_cannot_be_read() {
    let test_box = start();
    let admin = test_box.admin();
    let deep = format!("{{\"orgName\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let bad: &[(Option<&str>, &[u8], &str)] = &[
        (FORM, b"orgName=%FF%FE", "UTF-8"),
        (FORM, b"orgName=\xC3\x28", "UTF-8"),
        (JSON, b"{\"orgName\":", "not JSON"),
        (JSON, b"[1]", "JSON object"),
        (JSON, b"{\"orgName\":\"\xC3\x28\"}", "not JSON"),
        (JSON, deep.as_bytes(), "not JSON"),
        (JSON, b"{\"orgName\":{\"a\":{\"b\":1}}}", "nested"),
        (Some("multipart/form-data; boundary=x"), b"--x\r\nno head", "multipart"),
        (
            Some("multipart/form-data; boundary=x"),
            b"--x\r\ncontent-disposition: form-data; name=\"orgName\"\r\n\r\n\xC3\x28\r\n--x--\r\n",
            "UTF-8",
        ),
    ];
    for (kind, body, part) in bad {
        refuses(admin.send("POST", "/config/v2/organisations/1", *kind, body), 400, &[part]);
    }
    refuses(admin.get("/config/v2/organisations?filter[]=%FF"), 400, &["UTF-8"]);
    assert_eq!(test_box.query("SELECT title FROM organizations"), ["Infinity Tracking"]);
}

#[test]
fn a_body_that_is_too_large() {
    let test_box = start();
    let body = vec![b'a'; 1024 * 1024 + 1];
    let answer = test_box.admin().send("POST", "/config/v2/organisations/1", FORM, &body);
    refuses(answer, 413, &["1048576"]);
}

#[test]
fn paths_and_methods_that_nothing_answers() {
    let test_box = start();
    let admin = test_box.admin();
    for path in
        ["/config", "/config/", "/config/v2", "/config/v2/nothing", "/config/v3/organisations", "/config/v2.1/x"]
    {
        refuses(admin.get(path), 404, &["resource not found"]);
    }
    for (method, path) in [
        ("PATCH", "/config/v2/organisations/1"),
        ("PUT", "/config/v2/organisations/1"),
        ("DELETE", "/config/v2/organisations"),
        ("POST", "/config/v2/organisations/1/children"),
        ("POST", "/config/v2.1/profile"),
    ] {
        refuses(admin.send(method, path, None, b""), 405, &["method"]);
    }
}

#[test]
fn ids_that_are_none() {
    let test_box = start();
    let admin = test_box.admin();
    for id in ["99", "0", "-1", "01", "1x", "abc", "4294967296", "99999999999999999999", "%31%00", "1.0"] {
        for tail in ["", "/branding", "/parents", "/children"] {
            let path = format!("/config/v2/organisations/{id}{tail}");
            refuses(admin.get(&path), 404, &["organisation not found"]);
        }
        let path = format!("/config/v2/organisations/{id}");
        refuses(admin.form("POST", &path, "orgName=x"), 404, &["organisation not found"]);
        refuses(admin.delete(&path), 404, &["organisation not found"]);
        for method in ["PUT", "POST", "DELETE"] {
            let answer = admin.form(method, &format!("{path}/parents"), "parentOrgSpec=1");
            refuses(answer, 404, &["organisation not found"]);
        }
        refuses(admin.get(&format!("/config/v2/igrps/{id}/organisations")), 404, &["igrp not found"]);
        refuses(admin.get(&format!("/config/v2/igrps/{id}/organisationTypes")), 404, &["igrp not found"]);
    }
}

#[test]
fn a_scalar_is_one_value() {
    let test_box = start();
    let admin = test_box.admin();
    let good = "parentOrgSpec=1&brandingId=1&orgName=x";
    for (body, part) in [
        (good.replace("orgName=", "orgName[]="), "orgName must be one value"),
        (good.replace("orgName=", "orgName[a]="), "orgName must be one value"),
        (good.replace("brandingId=", "brandingId%5B%5D="), "brandingId must be one value"),
        (good.replace("parentOrgSpec=", "parentOrgSpec[a][b]="), "parentOrgSpec must not be nested"),
    ] {
        refuses(admin.form("POST", "/config/v2/organisations", &body), 400, &[part]);
        refuses(admin.form("POST", &format!("/config/v2/organisations?{body}"), ""), 400, &[part]);
    }
    for body in ["{\"orgName\":[\"x\"]}", "{\"orgName\":{\"a\":\"x\"}}"] {
        let answer = admin.send("POST", "/config/v2/organisations/1", JSON, body.as_bytes());
        refuses(answer, 400, &["orgName must be one value"]);
    }
    refuses(admin.delete("/config/v2/organisations/1?deleteSubOrgs[]=1"), 400, &["deleteSubOrgs must be one value"]);
    for name in ["limit", "offset", "format", "rootOrgId"] {
        let path = format!("/config/v2/organisations?{name}[]=1");
        refuses(admin.get(&path), 400, &[&format!("{name} must be one value")]);
    }
    // What this API does not know is none of its business.
    admin.get("/config/v2/organisations?foo[a][b]=1").expect(200);
    assert_eq!(test_box.query("SELECT title FROM organizations"), ["Infinity Tracking"]);
}

#[test]
fn numbers_are_digits() {
    let test_box = start();
    let admin = test_box.admin();
    for query in ["limit=%2B1", "limit=1.0", "limit=-1", "limit=", "limit=0", "limit=99999999999999999999"] {
        let answer = admin.get(&format!("/config/v2/organisations?{query}"));
        refuses(answer, 400, &["limit must be a whole number from 1 to 50000"]);
    }
    for query in ["offset=%2B1", "offset=-1", "offset=", "offset=x"] {
        let answer = admin.get(&format!("/config/v2/organisations?{query}"));
        refuses(answer, 400, &["offset must be a whole number of at least 0"]);
    }
    // Past what the box can count nothing is left.
    assert_eq!(admin.get("/config/v2/organisations?offset=18446744073709551616").expect(200).text, "");
}
