//! What a body may be, and how its refusal looks.

use serde_json::json;

use crate::support::{Answer, TestBox};

/// Checks the shape of an error and returns what stands below `error`.
fn error(answer: Answer, status: u16) -> serde_json::Value {
    let body = answer.expect(status).json();
    let error = body["error"].clone();
    assert_eq!(body.as_object().unwrap().len(), 1);
    let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["status", "code", "message", "developerMessage", "moreInfo"]);
    assert_eq!((&error["status"], &error["code"]), (&json!(status), &json!(0)));
    assert!(error["developerMessage"].is_array() && error["moreInfo"].is_object(), "{error}");
    error
}

#[test]
fn what_is_no_json_object_is_refused() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let deep = format!("{{\"longName\": {}{}}}", "[".repeat(200), "]".repeat(200));
    let not_text: &[u8] = b"{\"longName\": \"\xff\xfe\"}";
    for body in [&b"{"[..], b"name=acme", b"[]", b"\"acme\"", b"null", b"5", not_text, deep.as_bytes()] {
        for (method, path) in [
            ("POST", "/api/v1/orgs"),
            ("PUT", "/api/v1/orgs/default"),
            ("POST", "/api/v1/users"),
            ("PUT", "/api/v1/users/admin"),
        ] {
            error(admin.send(method, path, Some("application/json"), body), 400);
        }
    }
}

#[test]
fn members_are_an_array_of_texts() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let bodies: [&[u8]; 9] =
        [b"", b"{", b"{}", b"null", b"\"beth\"", b"[1]", b"[null]", b"[[\"beth\"]]", b"[\"\xff\xfe\"]"];
    for method in ["POST", "DELETE"] {
        for body in bodies {
            error(admin.send(method, "/api/v1/orgs/default/members", Some("application/json"), body), 400);
        }
        admin.json(method, "/api/v1/orgs/default/members", &json!([])).expect(204);
    }
}

#[test]
fn too_large_a_body_is_refused() {
    let test_box = TestBox::with("[limits]\nmax_body_bytes = 1024\n");
    let body = json!({ "x": "y".repeat(1024) });
    let refused = error(test_box.admin().json("PUT", "/api/v1/orgs/default", &body), 413);
    assert_eq!(refused["message"], "the body must be at most 1024 bytes");
}

#[test]
fn unknown_paths_and_methods_are_refused_in_the_same_shape() {
    let test_box = TestBox::start();
    for path in ["/api/v1", "/api/v1/", "/api/v1/x", "/api/orgs/a/b", "/api/v1/orgs/default/members/beth"] {
        assert_eq!(error(test_box.client().get(path), 404)["message"], "Could not locate this resource.");
    }
    for (method, path) in [("PATCH", "/api/v1/orgs"), ("POST", "/api/v1/orgs/default"), ("PUT", "/api/users/")] {
        error(test_box.client().send(method, path, None, b""), 405);
    }
}
