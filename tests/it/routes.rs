//! Every mounted route: a golden example, and an answer for every role.

use std::collections::BTreeSet;

use orgbox::{
    api::server,
    model::{
        CameraId, KeyId, OrgId, Patch, UserId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        credential::{NewKey, Scope},
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        user::{Contact, Join, NewUser, Role},
    },
    ops,
};

use crate::support::{Client, TestBox, golden};

const PASSWORD: &str = "one for all of them";

/// Who asks, in the order of the columns below.
const ROLES: [&str; 6] = ["anonymous", "stranger", "member", "editor", "owner", "admin"];

/// Method, path, body, and the status for each of [`ROLES`]. `{org}` hangs below `{top}` and `{extra}`; the owner owns all
/// three and `{other}`; member and editor are members of `{org}`, the editor with every right; `{user}` is one without.
const TABLE: &[(&str, &str, &str, [u16; 6])] = &[
    // Watcher: a missing credential is 403; unseen users are 404.
    ("POST", "/vsaas/api/v2/auth/login", r#"{"login":"owner","password":"one for all of them"}"#, [200; 6]),
    ("GET", "/vsaas/api/v2/auth/whoami", "", [403, 200, 200, 200, 200, 200]),
    ("POST", "/vsaas/api/v2/auth/logout", "", [403, 200, 200, 200, 200, 200]),
    ("GET", "/vsaas/api/v2/domains", "", [403, 200, 200, 200, 200, 200]),
    ("GET", "/vsaas/api/v2/domains/{domain_id}", "", [403, 200, 200, 200, 200, 200]),
    ("GET", "/vsaas/api/v2/organizations", "", [403, 200, 200, 200, 200, 200]),
    ("POST", "/vsaas/api/v2/organizations", r#"{"title":"New"}"#, [403, 403, 403, 403, 403, 200]),
    ("GET", "/vsaas/api/v2/organizations/{id}", "", [403, 403, 200, 200, 200, 200]),
    ("PUT", "/vsaas/api/v2/organizations/{id}", r#"{"title":"Other"}"#, [403, 403, 403, 200, 200, 200]),
    ("DELETE", "/vsaas/api/v2/organizations/{id}", "", [403, 403, 403, 403, 200, 200]),
    ("GET", "/vsaas/api/v2/organizations/{id}/folders", "", [403, 403, 200, 200, 200, 200]),
    ("GET", "/vsaas/api/v2/organizations/{id}/users", "", [403, 403, 403, 200, 200, 200]),
    ("POST", "/vsaas/api/v2/organizations/{id}/users", r#"{"user_id":"{newcomer}"}"#, [403, 403, 403, 200, 200, 200]),
    (
        "PUT",
        "/vsaas/api/v2/organizations/{id}/users/{user_id}",
        r#"{"can_view_organization_stats":1}"#,
        [403, 403, 403, 200, 200, 200],
    ),
    ("DELETE", "/vsaas/api/v2/organizations/{id}/users/{user_id}", "", [403, 403, 403, 200, 200, 200]),
    ("GET", "/vsaas/api/v2/users", "", [403, 200, 200, 200, 200, 200]),
    ("POST", "/vsaas/api/v2/users", r#"{"login":"new {n}","password":"long enough"}"#, [403, 403, 403, 403, 403, 200]),
    ("GET", "/vsaas/api/v2/users/{id}", "", [403, 404, 404, 200, 200, 200]),
    ("PUT", "/vsaas/api/v2/users/{id}", r#"{"name":"Other"}"#, [403, 403, 403, 403, 403, 200]),
    ("DELETE", "/vsaas/api/v2/users/{id}", "", [403, 403, 403, 403, 403, 200]),
    // WoTKit: the directory is public, the rest is the administrators'.
    ("GET", "/api/v1/orgs", "", [200; 6]),
    ("GET", "/api/v1/orgs/{name}", "", [200; 6]),
    ("POST", "/api/v1/orgs", r#"{"name":"new-{n}","longName":"New one"}"#, [403, 403, 403, 403, 403, 201]),
    ("PUT", "/api/v1/orgs/{name}", r#"{"longName":"Other"}"#, [403, 403, 403, 403, 403, 200]),
    ("DELETE", "/api/v1/orgs/{name}", "", [403, 403, 403, 403, 403, 200]),
    ("GET", "/api/v1/orgs/{name}/members", "", [403, 403, 403, 403, 403, 200]),
    ("POST", "/api/v1/orgs/{name}/members", r#"["admin"]"#, [403, 403, 403, 403, 403, 204]),
    ("DELETE", "/api/v1/orgs/{name}/members", r#"["member"]"#, [403, 403, 403, 403, 403, 204]),
    ("GET", "/api/v1/users", "", [403, 403, 403, 403, 403, 200]),
    ("POST", "/api/v1/users", r#"{"username":"new-{n}","password":"long enough"}"#, [403, 403, 403, 403, 403, 201]),
    ("GET", "/api/v1/users/{user}", "", [403, 403, 403, 403, 403, 200]),
    ("PUT", "/api/v1/users/{user}", r#"{"firstname":"Other"}"#, [403, 403, 403, 403, 403, 204]),
    ("DELETE", "/api/v1/users/{user}", "", [403, 403, 403, 403, 403, 204]),
    // Infinity: links need the right on every organization they touch.
    ("GET", "/config/v2/organisations", "", [401, 200, 200, 200, 200, 200]),
    (
        "POST",
        "/config/v2/organisations",
        "parentOrgSpec={org}&orgName=New&brandingId=1",
        [401, 403, 403, 403, 201, 201],
    ),
    ("GET", "/config/v2/organisations/{id}", "", [401, 403, 200, 200, 200, 200]),
    ("POST", "/config/v2/organisations/{id}", "orgName=Other", [401, 403, 403, 204, 204, 204]),
    ("DELETE", "/config/v2/organisations/{id}", "", [401, 403, 403, 403, 204, 204]),
    ("GET", "/config/v2/organisations/{id}/branding", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/config/v2/organisations/{id}/parents", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/config/v2/organisations/{id}/children", "", [401, 403, 200, 200, 200, 200]),
    ("PUT", "/config/v2/organisations/{id}/parents", "parentOrgSpec={other}", [401, 403, 403, 403, 204, 204]),
    ("POST", "/config/v2/organisations/{id}/parents", "parentOrgSpec={other}", [401, 403, 403, 403, 204, 204]),
    ("DELETE", "/config/v2/organisations/{id}/parents", "parentOrgSpec={extra}", [401, 403, 403, 403, 204, 204]),
    ("GET", "/config/v2/igrps", "", [401, 200, 200, 200, 200, 200]),
    ("GET", "/config/v2/igrps/{id}/organisationTypes", "", [401, 200, 200, 200, 200, 200]),
    ("GET", "/config/v2/igrps/{id}/organisations", "", [401, 200, 200, 200, 200, 200]),
    ("GET", "/config/v2/profile", "", [401, 200, 200, 200, 200, 200]),
    // Surfsight: partners are administrators.
    ("POST", "/authenticate", r#"{"email":"owner","password":"one for all of them"}"#, [200; 6]),
    ("GET", "/organizations", "", [401, 200, 200, 200, 200, 200]),
    ("POST", "/organizations", r#"{"name":"New"}"#, [401, 403, 403, 403, 403, 200]),
    ("GET", "/organizations/{orgId}", "", [401, 403, 200, 200, 200, 200]),
    ("PATCH", "/organizations/{orgId}", r#"{"purgeDays":30}"#, [401, 403, 403, 200, 200, 200]),
    ("DELETE", "/organizations/{orgId}", "", [401, 403, 403, 403, 200, 200]),
    // Native: a missing credential is 401.
    ("GET", "/orgbox/v1/site", "", [401, 200, 200, 200, 200, 200]),
    // Super administrators only.
    ("GET", "/orgbox/v1/overrides", "", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/overrides/plan", "{}", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/overrides/clear", "{}", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/overrides/reload", "{}", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/backups", "", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/backups", "", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/backups/prune", "", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/export", "", [401, 403, 403, 403, 403, 403]),
    ("POST", "/orgbox/v1/import", "{}", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/status", "", [401, 403, 403, 403, 403, 200]),
    ("GET", "/orgbox/v1/certificate", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/certificate/renew", "", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/cameras", "", [401, 200, 200, 200, 200, 200]),
    (
        "POST",
        "/orgbox/v1/cameras",
        r#"{"organization_id":{org},"name":"New","type":1}"#,
        [401, 403, 403, 201, 201, 201],
    ),
    ("GET", "/orgbox/v1/cameras/{id}", "", [401, 403, 200, 200, 200, 200]),
    ("PATCH", "/orgbox/v1/cameras/{id}", r#"{"name":"Other"}"#, [401, 403, 403, 200, 200, 200]),
    ("DELETE", "/orgbox/v1/cameras/{id}", "", [401, 403, 403, 204, 204, 204]),
    ("POST", "/orgbox/v1/cameras/{id}/preview", r#"{"delete":{}}"#, [401, 403, 403, 200, 200, 200]),
    ("POST", "/orgbox/v1/organizations/{org}/preview", r#"{"patch":{"purge_days":1}}"#, [401, 403, 403, 200, 200, 200]),
    ("GET", "/orgbox/v1/retention", "", [401, 200, 200, 200, 200, 200]),
    // Legal holds are the super administrators' to set.
    ("GET", "/orgbox/v1/holds", "", [401, 200, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/hold", "", [401, 403, 404, 404, 404, 404]),
    ("PUT", "/orgbox/v1/organizations/{org}/hold", r#"{"reason":"Case"}"#, [401, 403, 403, 403, 403, 403]),
    ("DELETE", "/orgbox/v1/organizations/{org}/hold", "", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/cameras/{id}/hold", "", [401, 403, 404, 404, 404, 404]),
    ("PUT", "/orgbox/v1/cameras/{id}/hold", r#"{"reason":"Case"}"#, [401, 403, 403, 403, 403, 403]),
    ("DELETE", "/orgbox/v1/cameras/{id}/hold", "", [401, 403, 403, 403, 403, 403]),
    ("GET", "/orgbox/v1/whoami", "", [401, 200, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations", "", [401, 200, 200, 200, 200, 200]),
    ("POST", "/orgbox/v1/organizations", r#"{"title":"New","parents":[{org}]}"#, [401, 403, 403, 403, 201, 201]),
    ("GET", "/orgbox/v1/organizations/{org}", "", [401, 403, 200, 200, 200, 200]),
    ("PATCH", "/orgbox/v1/organizations/{org}", r#"{"title":"Other"}"#, [401, 403, 403, 200, 200, 200]),
    ("DELETE", "/orgbox/v1/organizations/{org}", "", [401, 403, 403, 403, 204, 204]),
    ("GET", "/orgbox/v1/organizations/{org}/parents", "", [401, 403, 200, 200, 200, 200]),
    ("PUT", "/orgbox/v1/organizations/{org}/parents", r#"{"parents":[{other}]}"#, [401, 403, 403, 403, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/children", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/ancestors", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/subtree", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/path", "", [401, 403, 200, 200, 200, 200]),
    ("GET", "/orgbox/v1/organizations/{org}/members", "", [401, 403, 403, 200, 200, 200]),
    ("PUT", "/orgbox/v1/organizations/{org}/members/{login}", "{}", [401, 403, 403, 200, 200, 200]),
    ("DELETE", "/orgbox/v1/organizations/{org}/members/{login}", "", [401, 403, 403, 204, 204, 204]),
    ("GET", "/orgbox/v1/users", "", [401, 200, 200, 200, 200, 200]),
    ("POST", "/orgbox/v1/users", r#"{"login":"native {n}","password":"long enough"}"#, [401, 403, 403, 403, 403, 201]),
    ("GET", "/orgbox/v1/users/{user}", "", [401, 404, 404, 200, 200, 200]),
    ("PATCH", "/orgbox/v1/users/{user}", r#"{"name":"Other"}"#, [401, 404, 404, 403, 403, 200]),
    ("DELETE", "/orgbox/v1/users/{user}", "", [401, 403, 403, 403, 403, 204]),
    ("GET", "/orgbox/v1/keys", "", [401, 200, 200, 200, 200, 200]),
    ("POST", "/orgbox/v1/keys", r#"{"name":"billing","user":"owner"}"#, [401, 422, 422, 422, 201, 201]),
    ("GET", "/orgbox/v1/keys/{id}", "", [401, 404, 404, 404, 200, 200]),
    ("DELETE", "/orgbox/v1/keys/{id}", "", [401, 404, 404, 404, 204, 204]),
    // Native: what concerns the box is the administrators'.
    ("PUT", "/orgbox/v1/organizations/{org}/usage", r#"{"mosaic_count":1}"#, [401, 403, 403, 403, 403, 200]),
    (
        "PUT",
        "/orgbox/v1/usage",
        r#"{"organizations":[{"organization":{org},"mosaic_count":1}]}"#,
        [401, 403, 403, 403, 403, 204],
    ),
    ("GET", "/orgbox/v1/brandings", "", [401, 403, 403, 403, 403, 200]),
    (
        "POST",
        "/orgbox/v1/brandings",
        r##"{"name":"New","logo_filename":"a.png","landing_domain":"localhost","primary_color":"#000000"}"##,
        [401, 403, 403, 403, 403, 201],
    ),
    ("GET", "/orgbox/v1/brandings/{id}", "", [401, 403, 403, 403, 403, 200]),
    ("PATCH", "/orgbox/v1/brandings/{id}", r#"{"name":"Other"}"#, [401, 403, 403, 403, 403, 200]),
    ("DELETE", "/orgbox/v1/brandings/{id}", "", [401, 403, 403, 403, 403, 409]),
    // The group of this box comes from its configuration file.
    ("GET", "/orgbox/v1/igrps", "", [401, 200, 200, 200, 200, 200]),
    ("POST", "/orgbox/v1/igrps", r#"{"name":"New"}"#, [401, 403, 403, 403, 403, 201]),
    ("GET", "/orgbox/v1/igrps/{id}", "", [401, 200, 200, 200, 200, 200]),
    ("PATCH", "/orgbox/v1/igrps/{id}", r#"{"name":"Other"}"#, [401, 403, 403, 403, 403, 409]),
    ("DELETE", "/orgbox/v1/igrps/{id}", "", [401, 403, 403, 403, 403, 409]),
    ("GET", "/orgbox/v1/audit", "", [401, 403, 403, 403, 403, 200]),
    ("GET", "/orgbox/v1/audit/export", "", [401, 403, 403, 403, 403, 200]),
    ("GET", "/orgbox/v1/audit/verify", "", [401, 403, 403, 403, 403, 200]),
    ("GET", "/orgbox/v1/changes", "", [401, 403, 403, 403, 403, 200]),
    // No event is set aside here, and no billing system configured.
    ("GET", "/orgbox/v1/upstream", "", [401, 403, 403, 403, 403, 200]),
    ("GET", "/orgbox/v1/upstream/parked", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/upstream/parked/{event}/retry", "", [401, 403, 403, 403, 403, 404]),
    ("POST", "/orgbox/v1/upstream/parked/{event}/drop", r#"{"reason":"Why"}"#, [401, 403, 403, 403, 403, 404]),
    ("POST", "/orgbox/v1/upstream/retry", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/upstream/resume", "", [401, 403, 403, 403, 403, 409]),
    ("POST", "/orgbox/v1/upstream/new-site", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/upstream/resync", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/upstream/try", "", [401, 403, 403, 403, 403, 200]),
    ("POST", "/orgbox/v1/upstream/export", "", [401, 403, 403, 403, 403, 409]),
    ("GET", "/orgbox/v1/upstream/export", "", [401, 403, 403, 403, 403, 409]),
    ("POST", "/orgbox/v1/upstream/ack", r#"{"receipt":"Text"}"#, [401, 403, 403, 403, 403, 409]),
];

#[test]
fn the_table_has_every_route_once() {
    let mounted: BTreeSet<_> = server::listing()
        .into_iter()
        // The domain's organizations are the same handlers under another path.
        .filter(|(_, _, path)| !path.contains("{domain_id}/"))
        .map(|(_, method, path)| (method.to_string(), path))
        .collect();
    let tabled: BTreeSet<_> =
        TABLE.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(mounted, tabled);
    assert_eq!(tabled.len(), TABLE.len(), "a route stands twice");
}

#[test]
fn every_route_answers_every_role_as_the_table_says() {
    let test_box = TestBox::with("[[igrps]]\nid = 19\nname = \"Regions\"\ntypes = []");
    make_users(&test_box);
    let mut wrong = Vec::new();
    for (number, (method, path, body, expected)) in TABLE.iter().enumerate() {
        for (column, role) in ROLES.iter().enumerate() {
            let ids = scene(&test_box, path.contains("/cameras/"));
            let path = fill(path, &ids).replace("{domain_id}", "1");
            let body = fill(body, &ids).replace("{n}", &format!("{number}-{column}"));
            let client = signed_in(&test_box, role, &path).with("force", "1");
            let kind =
                if body.starts_with(['{', '[']) { "application/json" } else { "application/x-www-form-urlencoded" };
            let answer = client.send(method, &path, (!body.is_empty()).then_some(kind), body.as_bytes());
            if answer.status != expected[column] {
                wrong.push(format!(
                    "{method} {path} as {role}: {} instead of {}: {}",
                    answer.status, expected[column], answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_route_has_a_golden_example() {
    let mut missing = Vec::new();
    for (dialect, method, template) in server::listing() {
        let found = golden::requests(dialect).iter().any(|request| {
            let (asked, path) = request.split_once(' ').unwrap();
            asked == method.as_str() && matches(&template, path)
        });
        if !found {
            missing.push(format!("{dialect}: {method} {template}"));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// What one request is about; `{id}` is what the path names.
struct Scene {
    top: OrgId,
    extra: OrgId,
    other: OrgId,
    org: OrgId,
    user: UserId,
    newcomer: UserId,
    camera: CameraId,
    key: KeyId,
}

fn make_users(test_box: &TestBox) {
    let hash = ops::password::hash(PASSWORD).unwrap();
    let made = test_box.running().store().write(move |write| {
        for login in ROLES.iter().skip(1).copied().filter(|login| *login != "admin") {
            ops::user::create(write, &Who::system(), &user(login, Role::User, &hash))?;
        }
        ops::user::create(write, &Who::system(), &user("administrator", Role::Admin, &hash))
    });
    made.unwrap();
}

/// `camera`: whether there is one, which stands in the way of some deletions.
fn scene(test_box: &TestBox, camera: bool) -> Scene {
    let made = test_box.running().store().write(move |write| {
        let who = Who::system();
        let id = |login: &str| ops::user::id_of_login(write, &who.actor, login);
        let owner = id("owner")?;
        // What earlier scenes left would soon be more than one user may own.
        for owned in ops::user::organizations(write, owner)? {
            let ownerless = OrganizationPatch { owner_id: Patch::Clear, ..OrganizationPatch::default() };
            ops::organization::update(write, &who, owned, ownerless)?;
        }
        let make = |parents: Vec<OrgId>| {
            let new = NewOrganization {
                title: "Scene".to_owned(),
                owner: NewOwner::Given(Some(owner)),
                parents,
                ..NewOrganization::default()
            };
            ops::organization::create(write, &who, new).map(|made| made.id)
        };
        let (top, extra, other) = (make(vec![])?, make(vec![])?, make(vec![])?);
        let org = make(vec![top, extra])?;
        let all = RightsPatch { can_view_stats: Some(true), can_edit_users: Some(true), can_edit_cameras: Some(true) };
        ops::member::add(write, &who, org, id("member")?, RightsPatch::default())?;
        ops::member::add(write, &who, org, id("editor")?, all)?;
        let user = ops::user::create(write, &who, &self::user(&format!("user of {org}"), Role::User, ""))?.id;
        ops::member::add(write, &who, org, user, RightsPatch::default())?;
        let newcomer = ops::user::create(write, &who, &self::user(&format!("newcomer to {org}"), Role::User, ""))?.id;
        let new =
            NewCamera { organization_id: org, name: "Camera".to_owned(), kind: CameraKind::Front, partner_id: None };
        let camera = camera.then(|| ops::camera::register(write, &who, &new)).transpose()?;
        let camera = camera.map_or(CameraId(0), |camera| camera.id);
        let new = NewKey {
            user_id: owner,
            name: "a key".to_owned(),
            public_id: format!("{:016x}", org.0),
            secret_hash: [7; 32],
            expires_at_ms: None,
            scope: Scope::Full,
            organization_id: None,
            network: None,
        };
        let key = ops::credential::create_key(write, &who, &new)?.id;
        Ok(Scene { top, extra, other, org, user, newcomer, camera, key })
    });
    made.unwrap()
}

fn user(login: &str, role: Role, hash: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        password_hash: Some(hash.to_owned()).filter(|hash| !hash.is_empty()),
        role,
        enabled: true,
        contact: Contact::default(),
        max_sessions: None,
        join: Join::None,
    }
}

fn fill(template: &str, scene: &Scene) -> String {
    let Scene { top, extra, other, org, user, newcomer, camera, key } = scene;
    let id = if template.contains("/users/{id}") {
        user.to_string()
    } else if template.contains("/cameras/") {
        camera.to_string()
    } else if template.contains("/keys/") {
        key.to_string()
    } else if template.contains("/brandings/") {
        "1".to_owned()
    } else if template.contains("/igrps/") {
        "19".to_owned()
    } else {
        org.to_string()
    };
    [
        ("{id}", id),
        ("{orgId}", org.to_string()),
        ("{user_id}", user.to_string()),
        ("{newcomer}", newcomer.to_string()),
        ("{login}", format!("user%20of%20{org}")),
        ("{user}", user.to_string()),
        ("{name}", org.to_string()),
        ("{org}", org.to_string()),
        ("{top}", top.to_string()),
        ("{extra}", extra.to_string()),
        ("{other}", other.to_string()),
        ("{event}", "00000000-0000-4000-8000-000000000000".to_owned()),
    ]
    .into_iter()
    .fold(template.to_owned(), |text, (name, value)| text.replace(name, &value))
}

/// A client with a credential of its own for every request, so that a logout ends nobody else's session.
fn signed_in(test_box: &TestBox, role: &str, path: &str) -> Client {
    let client = test_box.client();
    let login = if role == "admin" { "administrator" } else { role };
    if role == "anonymous" {
        return client;
    }
    if path.starts_with("/vsaas/") {
        let body = serde_json::json!({ "login": login, "password": PASSWORD });
        let answer = client.json("POST", "/vsaas/api/v2/auth/login", &body).expect(200);
        return client.with("x-vsaas-session", answer.json()["session"].as_str().unwrap());
    }
    if path.starts_with("/organizations") || path == "/authenticate" {
        let body = serde_json::json!({ "email": login, "password": PASSWORD });
        let answer = client.json("POST", "/authenticate", &body).expect(200);
        let token = answer.json()["data"]["token"].as_str().unwrap().to_owned();
        return client.with("authorization", &format!("Bearer {token}"));
    }
    client.basic(login, PASSWORD)
}

fn matches(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap().trim_end_matches('/');
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(wanted, got)| wanted == got || (wanted.starts_with('{') && !got.is_empty()))
}
