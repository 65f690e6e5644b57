//! Previews: they tell what the verb does, and leave no trace.

use serde_json::{Value, json};

use super::{camera, editor, organization};
use crate::support::{Client, TestBox};

/// Every row of every table that a change could touch, and the counters.
fn everything(test_box: &TestBox) -> Vec<Vec<String>> {
    let tables =
        ["organizations", "organization_parents", "members", "cameras", "holds", "outbox", "audit", "api_keys"];
    let all = "SELECT last_seq FROM site UNION ALL SELECT seq FROM sqlite_sequence";
    let mut found = vec![test_box.query(all)];
    for table in tables {
        let columns = test_box.query(&format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"));
        found.push(test_box.query(&format!("SELECT {} FROM {table}", columns.join(" || ',' || "))));
    }
    found
}

fn preview(client: &Client, path: &str, body: &Value) -> Value {
    client.json("POST", &format!("/orgbox/v1/{path}/preview"), body).expect(200).json()
}

fn subjects(list: &Value) -> Vec<String> {
    let row = |row: &Value| format!("{} {}", row["kind"].as_str().unwrap(), row["id"].as_str().unwrap());
    list["items"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_cascade_is_told_whole_and_leaves_no_trace() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let top = organization(&test_box, "Top", None);
    let below = organization(&test_box, "Below", Some(top));
    let shared = organization(&test_box, "Shared", Some(below));
    admin.form("POST", &format!("/config/v2/organisations/{shared}/parents"), "parentOrgSpec=1").expect(204);
    let (one, two) = (camera(&test_box, below, 1), camera(&test_box, below, 50));
    let before = everything(&test_box);
    let told = preview(&admin, &format!("organizations/{top}"), &json!({"delete": {"children": "cascade"}}));
    assert_eq!(told["refused"], Value::Null);
    let wanted = [
        format!("camera {one}"),
        format!("camera {two}"),
        format!("organization {below}"),
        format!("organization {top}"),
    ];
    assert_eq!(subjects(&told["deleted"]), wanted);
    assert_eq!(told["deleted"]["total"], 4);
    let footage = |id: i64| json!({"camera": id, "name": "Camera of Below", "organization_id": below, "from_days": 31, "to_days": 0});
    assert_eq!(told["footage"], json!({"items": [footage(one), footage(two)], "total": 2}));
    // The one that stays loses a parent.
    let lost = json!({"subject": format!("organization/{shared}"), "field": "parents", "from": [1, below], "to": [1]});
    assert!(told["changes"]["items"].as_array().unwrap().contains(&lost), "{told}");
    assert_eq!(everything(&test_box), before);
    // The hierarchy in memory is as it was too: for readers, and for the writer, whose own copy the verb goes by.
    let subtree = admin.get(&format!("/orgbox/v1/cameras?below={top}")).expect(200).json();
    assert_eq!(subtree["items"].as_array().unwrap().len(), 2);
    assert_eq!(preview(&admin, &format!("organizations/{top}"), &json!({"delete": {"children": "cascade"}})), told);
    // And it is what the verb does.
    admin.delete(&format!("/orgbox/v1/organizations/{top}?children=cascade")).expect(204);
    assert_eq!(test_box.query("SELECT id FROM organizations ORDER BY id"), ["1".to_owned(), shared.to_string()]);
}

#[test]
fn a_shorter_time_names_the_cameras_that_go_by_it() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let (front, rear) = (camera(&test_box, org, 1), camera(&test_box, org, 2));
    let path = format!("organizations/{org}");
    admin.json("PATCH", &format!("/orgbox/v1/{path}"), &json!({"purge_days_front": 90})).expect(200);
    let before = everything(&test_box);
    let spans = |patch: Value| {
        let told = preview(&admin, &path, &json!({ "patch": patch }));
        assert_eq!(told["refused"], Value::Null, "{told}");
        let footage = told["footage"]["items"].as_array().unwrap().iter();
        footage
            .map(|row| ["camera", "from_days", "to_days"].map(|name| row[name].as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(spans(json!({"purge_days": 7})), [[rear, 31, 7]]);
    assert_eq!(spans(json!({"purge_days_front": null})), [[front, 90, 31]]);
    assert_eq!(spans(json!({"purge_days": 366, "purge_days_front": 366})), [[0; 3]; 0]);
    assert_eq!(spans(json!({"purge_days": 60, "purge_days_front": null})), [[front, 90, 60]]);
    assert_eq!(everything(&test_box), before);
    // A camera that is moved or changes its type goes by another time.
    let of_camera = |id: i64, body: Value| preview(&admin, &format!("cameras/{id}"), &body)["footage"]["items"].clone();
    let row = |to: i64| json!([{"camera": front, "name": "Camera of Acme", "organization_id": org, "from_days": 90, "to_days": to}]);
    assert_eq!(of_camera(front, json!({"patch": {"type": 2}})), row(31));
    assert_eq!(of_camera(front, json!({"patch": {"organization_id": 1}})), row(31));
    assert_eq!(of_camera(front, json!({"delete": {}})), row(0));
    assert_eq!(of_camera(rear, json!({"patch": {"type": 1}})), json!([]));
    assert_eq!(everything(&test_box), before);
}

#[test]
fn what_would_be_refused_is_told_and_what_is_not_allowed_is_refused() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let below = organization(&test_box, "Below", Some(org));
    let path = format!("organizations/{org}");
    let refused = |body: Value| preview(&admin, &path, &body)["refused"]["code"].clone();
    assert_eq!(refused(json!({"delete": {"children": "refuse"}})), "has_children");
    assert_eq!(refused(json!({"delete": {}})), "has_children");
    assert_eq!(refused(json!({"patch": {"owner_id": 99}})), "invalid");
    admin.json("PUT", &format!("/orgbox/v1/organizations/{below}/hold"), &json!({"reason": "Case"})).expect(200);
    let before = everything(&test_box);
    assert_eq!(refused(json!({"delete": {"children": "cascade"}})), "under_hold");
    assert_eq!(refused(json!({"patch": {"purge_days": 7}})), Value::Null);
    let post = |client: &Client, body: Value| client.json("POST", &format!("/orgbox/v1/{path}/preview"), &body).status;
    for wrong in [
        json!({}),
        json!({"patch": 1}),
        json!({"patch": {}, "delete": {}}),
        json!({"move": {}}),
        json!({"delete": {"children": "eat"}}),
        json!({"delete": {"force": true}}),
    ] {
        assert_eq!(post(&admin, wrong.clone()), 422, "{wrong}");
    }
    let editor = editor(&test_box, below);
    assert_eq!(post(&editor, json!({"patch": {"purge_days": 7}})), 403);
    assert_eq!(post(&editor, json!({"delete": {}})), 403);
    assert_eq!(admin.json("POST", "/orgbox/v1/organizations/nobody/preview", &json!({"delete": {}})).status, 404);
    let sql = "SELECT count(*) FROM members";
    assert_eq!((test_box.query(sql), before.len()), (vec!["1".to_owned()], 9));
}
