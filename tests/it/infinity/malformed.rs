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
