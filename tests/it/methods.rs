//! Methods beside those that a route is for: HEAD is GET without the body, and a 405 names what is answered.

use orgbox::{
    api::server,
    model::{
        OrgId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        hold::Held,
    },
    ops,
};

use crate::support::{Client, TestBox, test_box::ADMIN_PASSWORD};

#[test]
fn head_answers_as_get_without_the_body() {
    let test_box = TestBox::with("[[igrps]]\nid = 1\nname = \"Regions\"\ntypes = []");
    let made = test_box.running().store().write(|write| {
        let who = Who::system();
        let name = "Camera".to_owned();
        let new = NewCamera { organization_id: OrgId::DEFAULT, name, kind: CameraKind::Front, partner_id: None };
        ops::camera::register(write, &who, &new)?;
        ops::hold::set(write, &who, Held::Organization(OrgId::DEFAULT), "Case")
    });
    made.unwrap();
    let mut paths: Vec<String> = server::listing()
        .into_iter()
        .filter(|(_, method, path)| method == "GET" && !path.ends_with("/upstream/export"))
        .map(|(_, _, path)| path.replace("{name}", "default").replace("{user}", "admin"))
        .map(|path| ["{id}", "{org}", "{orgId}", "{domain_id}"].iter().fold(path, |path, name| path.replace(name, "1")))
        .collect();
    assert!(paths.len() > 25, "{paths:?}");
    paths.extend(["/healthz", "/readyz"].map(str::to_owned));
    test_box.admin().json("POST", "/orgbox/v1/keys", &serde_json::json!({ "name": "billing" })).expect(201);
    for path in paths {
        let client = administrator(&test_box, &path);
        let got = client.get(&path).expect(200);
        for path in [path.clone(), format!("{path}/")] {
            let head = client.send("HEAD", &path, None, b"");
            assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
            for header in ["content-type", "content-length"] {
                assert_eq!(head.header(header), got.header(header), "{path}: {header}");
            }
        }
    }
}

#[test]
fn head_is_refused_where_get_is() {
    let test_box = TestBox::start();
    for (path, status) in [
        ("/vsaas/api/v2/organizations", 403),
        ("/api/v1/orgs/nobody", 404),
        ("/config/v2/organisations", 401),
        ("/organizations", 401),
        ("/vsaas/api/v2/auth/login", 400),
        ("/authenticate", 404),
    ] {
        assert_eq!(test_box.client().send("HEAD", path, None, b"").status, status, "{path}");
    }
}

#[test]
fn a_405_names_the_methods_that_are_answered() {
    let test_box = TestBox::start();
    for (method, path, allow) in [
        ("PATCH", "/api/v1/orgs", "GET, HEAD, POST"),
        ("OPTIONS", "/api/orgs/default/", "GET, HEAD, PUT, DELETE"),
        ("PUT", "/api/v1/orgs/default/members", "GET, HEAD, POST, DELETE"),
        ("DELETE", "/config/v2/organisations", "GET, HEAD, POST"),
        ("HEAD", "/config/v2.1/nothing", ""),
        ("POST", "/config/v2/profile", "GET, HEAD"),
        ("POST", "/readyz", "GET, HEAD"),
        // These dialects have no 405, and nothing else has that header.
        ("PATCH", "/vsaas/api/v2/organizations", ""),
        ("PUT", "/organizations", ""),
    ] {
        let answer = test_box.client().send(method, path, None, b"");
        assert_eq!(answer.status == 405, !allow.is_empty(), "{method} {path}: {}", answer.text);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

/// A client that is the first administrator in the dialect that answers the path.
fn administrator(test_box: &TestBox, path: &str) -> Client {
    let client = test_box.client();
    if path.starts_with("/vsaas/") {
        let body = serde_json::json!({ "login": "admin", "password": ADMIN_PASSWORD });
        let answer = client.json("POST", "/vsaas/api/v2/auth/login", &body).expect(200).json();
        return client.with("x-vsaas-session", answer["session"].as_str().unwrap());
    }
    if path.starts_with("/organizations") {
        let body = serde_json::json!({ "email": "admin", "password": ADMIN_PASSWORD });
        let answer = client.json("POST", "/authenticate", &body).expect(200).json();
        return client.with("authorization", answer["data"]["token"].as_str().unwrap());
    }
    test_box.admin()
}
