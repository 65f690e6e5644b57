//! The audit trail over HTTP: filters, pages that stay right while it grows, exports, and what a check answers.

use orgbox::{
    model::{
        OrgId,
        actor::Who,
        camera::{CameraKind, NewCamera},
        organization::NewOrganization,
        user::Role,
    },
    ops::{camera, organization},
    store::Write,
};
use serde_json::{Value, json};

use crate::support::{Client, TestBox, coverage};

const PASSWORD: &str = "a long password";

#[test]
fn filters_find_who_what_where_and_when() {
    let test_box = TestBox::start();
    coverage::person(&test_box, "ann", Role::Admin, PASSWORD);
    let ann = test_box.client().basic("ann", PASSWORD);
    let admin = test_box.admin();
    let at_noon = newest(&admin);
    test_box.clock.advance_ms(60_000);
    let north = json!({ "name": "north", "longName": "North" });
    ann.json("POST", "/api/v1/orgs", &north).expect(201);
    ann.json("POST", "/api/v1/orgs/north/members", &json!(["ann"])).expect(204);
    test_box.clock.advance_ms(60_000);
    admin.form("POST", "/config/v2/organisations/2", "orgName=Norden").expect(204);
    admin.delete("/api/v1/orgs/north").expect(200);
    admin.json("POST", "/orgbox/v1/audit", &Value::Null).expect(405);

    let told = |query: &str| {
        let answer = admin.get(&format!("/orgbox/v1/audit?order=oldest&{query}")).expect(200).json();
        let rows = answer["items"].as_array().unwrap().clone();
        rows.iter().map(|row| format!("{} {}", row["operation"], row["subject"]).replace('"', "")).collect::<Vec<_>>()
    };
    let anns = ["create organization/2", "create member/2-2", "update organization/2"];
    let admins = ["update organization/2", "delete member/2-2", "delete organization/2"];
    assert_eq!(told("actor=ann"), anns);
    assert_eq!(told("organization=2"), [anns, admins].concat());
    assert_eq!(told("organization=2&actor=admin"), admins);
    assert_eq!(told("subject=member"), ["create member/2-2", "delete member/2-2"]);
    assert_eq!(told("subject=organization/2&operation=delete"), ["delete organization/2"]);
    assert_eq!(told("subject=organization/"), [""; 0]);
    assert_eq!(told("dialect=infinity"), ["update organization/2"]);
    assert_eq!(told("since=2026-03-14T09:27:53Z&until=2026-03-14T09:28:53Z"), anns);
    assert_eq!(told("since=2026-03-14T10:28:53%2B01:00"), admins);
    assert_eq!(told("until=2026-03-14T09:27:53Z&limit=1000").len(), at_noon as usize);
    assert_eq!(told("key=none"), [""; 0]);
    assert_eq!(told("user=2"), anns);
    assert_eq!(told("user=3"), [""; 0]);

    let row = &admin.get("/orgbox/v1/audit?actor=ann&limit=1").expect(200).json()["items"][0];
    assert_eq!(
        (&row["actor_user_id"], &row["dialect"], &row["address"]),
        (&2.into(), &"wotkit".into(), &"127.0.0.1".into())
    );
    assert_eq!(row["after"]["members"], json!(["ann"]));
    assert!(uuid::Uuid::parse_str(row["request_id"].as_str().unwrap()).is_ok());
    admin.get("/orgbox/v1/audit?organization=south").expect(404);
}

#[test]
fn an_organizations_rows_are_also_those_of_its_cameras() {
    let test_box = TestBox::start();
    let work = |write: &Write<'_>| {
        let new = NewCamera {
            organization_id: OrgId::DEFAULT,
            name: "Door".to_owned(),
            kind: CameraKind::Front,
            partner_id: None,
        };
        let camera = camera::register(write, &Who::system(), &new)?;
        camera::remove(write, &Who::system(), camera.id)
    };
    test_box.running().store().write(work).unwrap();
    let cameras = "SELECT organization_id FROM audit WHERE subject = 'camera/1' ORDER BY id";
    assert_eq!(test_box.query(cameras), ["1", "1"]);
    let found = test_box.admin().get("/orgbox/v1/audit?organization=default&subject=camera").expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[test]
fn what_the_system_key_does_in_a_name_is_found_by_that_name() {
    let test_box = TestBox::start();
    let create = |write: &Write<'_>| {
        let mut who = Who::system();
        who.actor.name = "admin (system key)".to_owned();
        organization::create(write, &who, NewOrganization { title: "Made".to_owned(), ..NewOrganization::default() })
    };
    test_box.running().store().write(create).unwrap();
    let found = test_box.admin().get("/orgbox/v1/audit?actor=admin").expect(200).json();
    assert_eq!(found["items"][0]["actor"], "admin (system key)");
    let none = test_box.admin().get("/orgbox/v1/audit?actor=adm").expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[test]
fn pages_stay_right_while_rows_are_added() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    grow(&test_box, 20);
    let before = newest(&admin);
    for (order, first) in [("newest", before), ("oldest", 1)] {
        let mut ids: Vec<i64> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin.get(&format!("/orgbox/v1/audit?order={order}&limit=7&cursor={cursor}")).expect(200).json();
            ids.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
            if ids.len() < 15 {
                grow(&test_box, 1);
            }
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(ids[0], first);
        if order == "newest" {
            assert_eq!(ids, (1..=before).rev().collect::<Vec<_>>());
        } else {
            assert_eq!(ids, (1..=newest(&admin)).collect::<Vec<_>>());
        }
    }
    for wrong in ["limit=0", "limit=1001", "cursor=%21", "order=up", "operation=undo", "until=1"] {
        admin.get(&format!("/orgbox/v1/audit?{wrong}")).expect(422);
    }
}

#[test]
fn exports_hold_every_row_and_no_formula() {
    let test_box = TestBox::start();
    coverage::person(&test_box, "=2+5", Role::Admin, PASSWORD);
    let admin = test_box.admin();
    grow(&test_box, 2600);
    let body = json!({ "name": "north", "longName": "=HYPERLINK(\"x\")" });
    test_box.client().basic("=2+5", PASSWORD).json("POST", "/api/v1/orgs", &body).expect(201);
    let last = newest(&admin);
    assert!(last > 2600);

    let lines = admin.get("/orgbox/v1/audit/export").expect(200);
    let rows: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=last).collect::<Vec<_>>());

    let table = admin.get("/orgbox/v1/audit/export?format=csv&order=newest").expect(200);
    assert_eq!(table.text.lines().count(), rows.len() + 1);
    assert!(table.text.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().rev().zip(&rows) {
        for (title, cell) in titles.iter().zip(record) {
            let wanted = match &row[title] {
                Value::Null => String::new(),
                Value::String(text) if text.starts_with('=') => format!("'{text}"),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, wanted, "{title} of {}", row["id"]);
        }
    }
    assert_eq!(&records[0][2], "'=2+5");
    let formulas = ['=', '+', '-', '@', '\t'];
    assert!(!records.iter().flat_map(|record| record.iter()).any(|cell| cell.starts_with(formulas)));
    admin.get("/orgbox/v1/audit/export?format=xml").expect(422);
    assert_eq!(admin.send("HEAD", "/orgbox/v1/audit/export?format=csv", None, b"").expect(200).text, "");
}

#[test]
fn a_check_says_where_the_trail_breaks() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    grow(&test_box, 3);
    let whole = admin.get("/orgbox/v1/audit/verify").expect(200).json();
    let last = newest(&admin);
    let hash = test_box.query("SELECT lower(hex(audit_hash)) FROM site").remove(0);
    let head = json!({ "id": last, "hash": hash });
    assert_eq!(whole, json!({ "ok": true, "rows": last, "head": head, "first_broken": null }));

    let connection = rusqlite::Connection::open(test_box.database()).unwrap();
    let sql = "DROP TRIGGER audit_is_append_only_update; UPDATE audit SET actor = 'nobody' WHERE id = 3";
    connection.execute_batch(sql).unwrap();
    let broken = admin.get("/orgbox/v1/audit/verify").expect(200).json();
    let link = json!({ "id": 3, "why": "changed" });
    assert_eq!(broken, json!({ "ok": false, "rows": 2, "head": head, "first_broken": link }));
    // What fails is answered as the check it is, and the box goes on.
    grow(&test_box, 1);
    assert_eq!(admin.get("/orgbox/v1/audit/verify").expect(200).json()["first_broken"], link);
}

#[test]
fn the_chain_goes_on_over_a_restart() {
    let mut test_box = TestBox::start();
    let make = |test_box: &TestBox, title: &str| {
        test_box.admin().json("POST", "/orgbox/v1/organizations", &json!({ "title": title })).expect(201);
    };
    let check = |test_box: &TestBox| test_box.admin().get("/orgbox/v1/audit/verify").expect(200).json();
    make(&test_box, "Before");
    let before = check(&test_box);
    test_box.restart();
    assert_eq!(check(&test_box), before);
    make(&test_box, "After");
    let after = check(&test_box);
    assert_eq!((&before["ok"], &after["ok"]), (&json!(true), &json!(true)));
    assert_eq!(after["rows"].as_i64(), before["rows"].as_i64().map(|rows| rows + 1));
    assert_ne!(after["head"]["hash"], before["head"]["hash"]);
}

/// Adds so many rows.
fn grow(test_box: &TestBox, rows: usize) {
    let create = move |write: &Write<'_>| {
        for _ in 0..rows {
            let new = NewOrganization { title: "Grown".to_owned(), ..NewOrganization::default() };
            organization::create(write, &Who::system(), new)?;
        }
        Ok(())
    };
    test_box.running().store().write(create).unwrap();
}

/// The number of the newest row.
fn newest(admin: &Client) -> i64 {
    admin.get("/orgbox/v1/audit?limit=1").expect(200).json()["items"][0]["id"].as_i64().unwrap()
}
