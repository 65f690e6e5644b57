//! What cannot be served at all is refused in the dialect's shape, and only with its statuses.

use serde_json::json;

use super::{V2, admin, organization_path, refused};
use crate::support::{TestBox, test_box::ADMIN_PASSWORD};

#[test]
fn everything_under_vsaas_that_is_no_route_is_not_found() {
    let test_box = TestBox::start();
    for client in [test_box.client(), admin(&test_box)] {
        for path in [
            "/vsaas",
            "/vsaas/",
            "/vsaas/api",
            "/vsaas/api/v1/organizations",
            "/vsaas/api/v2",
            "/vsaas/api/v2/",
            "/vsaas/api/v2/cameras",
            "/vsaas/api/v2/organizations/1/users/1/2",
            "/vsaas/api/v2/domains/1/users",
            "/vsaas/api/v3/organizations",
        ] {
            for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
                let message = refused(client.send(method, path, None, b""), 404, "NotFound");
                assert_eq!(message, "nothing is served under this path");
            }
        }
    }
}

#[test]
fn a_wrong_method_is_a_bad_request() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for (method, path) in [
        ("DELETE", format!("{V2}/organizations/")),
        ("PATCH", organization_path(1)),
        ("POST", organization_path(1)),
        ("POST", format!("{V2}/organizations/1/folders")),
        ("PUT", format!("{V2}/organizations/1/users")),
        ("GET", format!("{V2}/auth/login")),
        ("PATCH", format!("{V2}/users/1")),
        ("PUT", format!("{V2}/domains/1")),
        ("PATCH", format!("{V2}/domains/1/organizations")),
    ] {
        let message = refused(admin.send(method, &path, None, b""), 400, "BadRequest");
        assert_eq!(message, "this path does not answer this method");
    }
}

#[test]
fn what_cannot_be_read_is_a_bad_request() {
    let test_box = TestBox::with("[limits]\nmax_body_bytes = 1024\n");
    let admin = admin(&test_box);
    let v2 = |path: &str| format!("{V2}{path}");
    for (method, path) in [
        ("POST", v2("/organizations")),
        ("PUT", v2("/organizations/1")),
        ("POST", v2("/organizations/1/users")),
        ("PUT", v2("/organizations/1/users/1")),
        ("POST", v2("/users")),
        ("PUT", v2("/users/1")),
        ("POST", v2("/auth/login")),
    ] {
        for body in ["{", "not json", "[1]", "\"text\"", "{\"title\": }", "\u{0}"] {
            refused(admin.send(method, &path, Some("application/json"), body.as_bytes()), 400, "BadRequest");
        }
        let large = json!({ "title": "x".repeat(2000) });
        let message = refused(admin.json(method, &path, &large), 400, "BadRequest");
        assert_eq!(message, "the body must be at most 1024 bytes");
        let broken = b"--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nPu";
        refused(admin.send(method, &path, Some("multipart/form-data; boundary=b"), broken), 400, "BadRequest");
        refused(admin.send(method, &path, Some("application/json"), b"\xff\xfe"), 400, "BadRequest");
    }
    assert_eq!(test_box.query("SELECT title FROM organizations"), ["Default"]);
}

#[test]
fn an_empty_body_gives_nothing() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
        refused(admin.send("POST", &format!("{V2}/organizations"), kind, b""), 400, "ValidationError");
        assert_eq!(admin.send("PUT", &organization_path(1), kind, b"").expect(200).json()["title"], "Default");
    }
}

#[test]
fn a_login_and_a_password_are_one_text_each() {
    let test_box = TestBox::start();
    let login = format!("{V2}/auth/login");
    for (body, problem) in [
        (json!({ "login": ["admin"], "password": ADMIN_PASSWORD }), "login must be a text"),
        (json!({ "login": { "a": "admin" }, "password": ADMIN_PASSWORD }), "login must be a text"),
        (json!({ "login": true, "password": [ADMIN_PASSWORD] }), "login must be a text; password must be a text"),
        (json!({ "login": null, "password": null }), "login must be given; password must be given"),
        (json!({}), "login must be given; password must be given"),
    ] {
        assert_eq!(refused(test_box.client().json("POST", &login, &body), 400, "ValidationError"), problem, "{body}");
    }
    let form = format!("login[]=admin&password={}", ADMIN_PASSWORD.replace(' ', "+"));
    refused(test_box.client().form("POST", &login, &form), 400, "ValidationError");
    test_box.client().form("POST", &login, &form.replace("[]", "")).expect(200);
    // A login of digits may come as a number.
    refused(test_box.client().json("POST", &login, &json!({ "login": 77, "password": "no" })), 403, "Forbidden");
}

#[test]
fn a_page_header_that_is_no_text_is_refused() {
    let test_box = TestBox::start();
    let list = format!("{V2}/organizations");
    for header in ["X-Page-Limit", "X-Page-Offset"] {
        let answer = admin(&test_box).with(header, "\u{e9}").get(&list);
        let message = refused(answer, 400, "ValidationError");
        assert_eq!(message, format!("{header} must be a whole number of at least 0"));
    }
}

#[test]
fn whole_numbers_may_be_written_with_a_point() {
    let test_box = TestBox::start();
    let admin = admin(&test_box);
    let body = "{\"title\":\"Org2\",\"camera_limit\":10.0,\"dvr_limit\":1e2,\"user_limit\":0.0,\"owner_id\":1.0}";
    let answer = admin.send("POST", &format!("{V2}/organizations"), Some("application/json"), body.as_bytes());
    let made = answer.expect(200).json();
    assert_eq!((&made["camera_limit"], &made["dvr_limit"], &made["user_limit"]), (&json!(10), &json!(100), &json!(0)));
    assert_eq!(made["owner"]["id"], 1);
    let problem =
        refused(admin.json("PUT", &organization_path(2), &json!({ "dvr_limit": 1e300 })), 400, "ValidationError");
    assert_eq!(problem, "dvr_limit must be a whole number from 0 to 2147483647");
}
