//! Carrying organizations from box to box: nothing is lost, nothing is done twice, and a mistake changes nothing.

use serde_json::{Value, json};

use crate::support::{Answer, TestBox};

const JSON_LINES: &str = "application/x-ndjson";
const HEAD: &str = "{\"orgbox_export\":1}\n";

/// A box with something of each kind.
fn estate(toml: &str) -> TestBox {
    let test_box = TestBox::with(toml);
    let admin = test_box.admin();
    let put = |method: &str, path: &str, body: Value| {
        let answer = admin.json(method, &format!("/orgbox/v1{path}"), &body);
        assert!(answer.status < 300, "{path}: {}", answer.text);
        answer
    };
    put("POST", "/igrps", json!({"id": 7, "name": "Regions", "types": [{"code": "n", "name": "North", "order": 1}]}));
    put(
        "POST",
        "/users",
        json!({"login": "beth", "password": "long enough", "email": "beth@example.net", "role": "admin"}),
    );
    put("POST", "/users", json!({"login": "carl", "password": "long enough", "note": "two\nlines"}));
    put("POST", "/keys", json!({"name": "billing"}));
    put("POST", "/organizations", json!({"name": "south", "title": "South", "owner": "beth", "camera_limit": 9}));
    put(
        "POST",
        "/organizations",
        json!({"name": "north", "title": "=1+1", "owner": "carl", "purge_days": 40, "purge_days_rear": 20,
            "description": "'=x, \"quoted\"\nand more", "status": 300, "parents": ["south", "default"]}),
    );
    put("POST", "/organizations", json!({"name": "nobody's", "title": "Nobody's", "owner": "carl"}));
    put("PUT", "/organizations/south/parents", json!({"parents": ["nobody's"]}));
    put(
        "POST",
        "/brandings",
        json!({"id": 3, "name": "Blue", "logo_filename": "a.png", "landing_domain": "a.example", "primary_color": "#0000ff",
            "organizations": [1]}),
    );
    put("PATCH", "/organizations/north", json!({"branding_id": 3}));
    put("PUT", "/organizations/north/members/beth", json!({"can_edit_cameras": true}));
    put("PUT", "/organizations/nobody's/members/beth", json!({}));
    for name in ["Gate", "Gate", "Yard"] {
        put("POST", "/cameras", json!({"organization_id": 3, "name": name, "type": 2}));
    }
    put("PATCH", "/organizations/nobody's", json!({"owner": null}));
    put("PUT", "/organizations/south/hold", json!({"reason": "Case 17"}));
    put("PUT", "/cameras/2/hold", json!({"reason": "Case 18"}));
    test_box
}

fn export(test_box: &TestBox, query: &str) -> String {
    test_box.admin().get(&format!("/orgbox/v1/export{query}")).expect(200).text
}

fn import(test_box: &TestBox, query: &str, text: &str) -> Answer {
    test_box.admin().send("POST", &format!("/orgbox/v1/import{query}"), Some(JSON_LINES), text.as_bytes())
}

fn count(answer: &Answer, what: &str) -> u64 {
    answer.json()["tallies"].as_array().unwrap().iter().map(|row| row[what].as_u64().unwrap()).sum()
}

/// Everything that a change would leave behind.
fn traces(test_box: &TestBox) -> Vec<String> {
    test_box.query("SELECT (SELECT count(*) FROM audit) || '/' || (SELECT last_seq FROM site)")
}

/// The lines of an export without what is each box's own.
fn comparable(text: &str) -> Vec<Value> {
    let mut lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        for own in ["author", "since", "managed", "partner"] {
            line.remove(own);
        }
        if line["kind"] != "branding" && line["kind"] != "igrp" {
            line.remove("id");
        }
        line.remove("camera");
    }
    lines.sort_by_key(|line| line.to_string());
    lines
}

#[test]
fn another_box_gets_everything_but_secrets_and_a_second_import_changes_nothing() {
    let from = estate("");
    // Boxes of tests are copies, and so have one name; the file of a stranger names another.
    let text =
        export(&from, "").replacen("\"site\":\"", "\"site\":\"00000000-0000-4000-8000-000000000000\",\"was\":\"", 1);
    for secret in ["argon2", "password", "hash", "billing", "obk_"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let to = TestBox::start();
    let before = traces(&to);
    let planned = import(&to, "?dry_run=true", &text).expect(200);
    assert_eq!(planned.json()["mistakes"], json!([]), "{}", planned.text);
    assert_eq!(planned.json()["applied"], false);
    assert_eq!(before, traces(&to), "a plan changes nothing");
    let taken = import(&to, "", &text).expect(200);
    assert_eq!(planned.json()["tallies"], taken.json()["tallies"]);
    assert_eq!(comparable(&text), comparable(&export(&to, "")));
    assert_eq!(to.query("SELECT name FROM cameras ORDER BY id"), ["Gate", "Gate", "Yard"]);
    assert_eq!(to.query("SELECT camera_id FROM holds WHERE camera_id IS NOT NULL"), ["2"]);
    let after = traces(&to);
    let again = import(&to, "", &text).expect(200);
    assert_eq!([count(&again, "created"), count(&again, "changed")], [0, 0], "{}", again.text);
    assert_eq!(after, traces(&to), "nothing is recorded either");
    // Nobody signs in with a password that was never carried.
    assert_eq!(to.client().basic("carl", "long enough").get("/orgbox/v1/whoami").status, 401);
    assert_eq!(to.query("SELECT count(*) FROM audit WHERE dialect = 'native' AND subject LIKE 'camera/%'"), ["4"]);
}

#[test]
fn a_box_that_went_back_in_time_gets_back_what_it_had() {
    let text = export(&estate(""), "");
    let restored = TestBox::start();
    import(&restored, "", &text).expect(200);
    assert_eq!(comparable(&text), comparable(&export(&restored, "")));
    // Its ids are given anew, so the file's are now those of others.
    let again = import(&restored, "", &text).expect(422).json();
    assert_eq!(again["errors"][0]["field"], "id", "{again}");
}

#[test]
fn an_export_is_nothing_new_to_its_own_box_though_files_manage_it() {
    let test_box = estate("[organizations.south]\ndvr_limit_gb = 5\n");
    let text = export(&test_box, "");
    let south = text.lines().find(|line| line.contains("\"name\":\"south\"")).unwrap();
    let south: Value = serde_json::from_str(south).unwrap();
    assert_eq!(south["dvr_limit_gb"], Value::Null, "what is stored below the file");
    assert_eq!(south["managed"][0]["value"], 5);
    let before = traces(&test_box);
    let again = import(&test_box, "", &text).expect(200);
    assert_eq!([count(&again, "created"), count(&again, "changed")], [0, 0], "{}", again.text);
    assert_eq!(before, traces(&test_box));
    assert_eq!(text, export(&test_box, ""), "an export stays the same");
    let other = text.replace("\"dvr_limit_gb\":null", "\"dvr_limit_gb\":8");
    let refused = import(&test_box, "", &other).expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "dvr_limit_gb", "{refused}");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("is managed by"), "{refused}");
}

#[test]
fn cameras_move_and_are_renamed_on_the_box_that_they_come_from() {
    let test_box = estate("");
    let text = export(&test_box, "");
    let moved =
        text.replace("\"organization\":\"north\",\"name\":\"Yard\"", "\"organization\":\"north\",\"name\":\"Court\"");
    let taken = import(&test_box, "", &moved).expect(200);
    assert_eq!([count(&taken, "created"), count(&taken, "changed")], [0, 1], "{}", taken.text);
    assert_eq!(test_box.query("SELECT name FROM cameras WHERE id = 3"), ["Court"]);
}

#[test]
fn every_mistake_is_told_with_its_line_and_nothing_is_changed() {
    let test_box = estate("");
    let before = traces(&test_box);
    let text = format!(
        "{HEAD}{}",
        r#"{"kind": "organization", "name": "east", "title": "East", "owner": "nobody"}
{"kind": "member", "organization": "east", "login": "beth"}
{"kind": "organization", "name": "west", "title": "West", "parents": ["nowhere"]}
{"kind": "organization", "name": "south", "purge_days": 3}
{"kind": "camera", "organization": "north", "name": "", "type": 1}
{"kind": "organization", "name": "a", "title": "A", "parents": ["b"]}
{"kind": "organization", "name": "b", "title": "B", "parents": ["a"]}
{"kind": "user", "login": "dora", "role": "user"}
{"kind": "user", "login": "dora", "role": "admin"}"#
    );
    let refused = import(&test_box, "", &text).expect(422).json();
    let told: Vec<(u64, &str)> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["line"].as_u64().unwrap(), error["field"].as_str().unwrap()))
        .collect();
    let wanted = [
        (2, "owner"),
        (4, "parents"),
        (5, "purge_days"),
        (5, "purge_days_front"),
        (5, "purge_days_rear"),
        (5, "purge_days_auxiliary"),
        (6, "name"),
        (7, "parents"),
        (8, "parents"),
        (10, "login"),
    ];
    assert_eq!(told, wanted, "{refused}");
    let tried = import(&test_box, "?dry_run=true", &text).expect(200).json();
    assert_eq!(tried["mistakes"], refused["errors"]);
    assert_eq!(before, traces(&test_box));
    // What cannot even be read is told in the same way, all at once.
    let text = format!(
        "{HEAD}not json\n\n[]\n{{\"kind\": \"hold\", \"reasn\": 1}}\n{{\"kind\": \"organization\", \"name\": \"x\", \"purge_days\": 400}}\n"
    );
    let refused = import(&test_box, "", &text).expect(422).json();
    let lines: Vec<u64> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 4, 5, 5, 6], "{refused}");
    let newer = import(&test_box, "", "{\"orgbox_export\": 2}\n").expect(422).json();
    assert_eq!(newer["errors"][0]["line"], 1, "{newer}");
}

#[test]
fn a_plan_names_footage_that_would_be_lost() {
    let test_box = estate("");
    let text = format!("{HEAD}{{\"kind\": \"organization\", \"name\": \"nobody's\", \"purge_days\": 3}}\n");
    test_box
        .admin()
        .json("POST", "/orgbox/v1/organizations", &json!({"name": "depot", "title": "Depot", "owner": "beth"}))
        .expect(201);
    test_box
        .admin()
        .json("POST", "/orgbox/v1/cameras", &json!({"organization_id": 5, "name": "Door", "type": 1}))
        .expect(201);
    let plan = import(&test_box, "?dry_run=true", &text.replace("nobody's", "depot")).expect(200).json();
    assert_eq!(plan["preview"]["footage"]["items"][0]["to_days"], 3, "{plan}");
    assert_eq!(plan["tallies"], json!([{"kind": "organization", "created": 0, "changed": 1, "unchanged": 0}]));
}

#[test]
fn tables_hold_no_formulas_and_come_back_as_they_were() {
    let test_box = estate("");
    let table = export(&test_box, "?format=csv&kind=organizations");
    assert!(table.starts_with("id,name,title,"), "{table}");
    assert!(table.contains(",'=1+1,\"''=x, \"\"quoted\"\"\nand more\","), "{table}");
    assert!(table.contains(",default/south,"), "{table}");
    let before = traces(&test_box);
    for table in [&table, &export(&test_box, "?format=csv&kind=members")] {
        let taken = import(&test_box, "", table).expect(200);
        assert_eq!([count(&taken, "created"), count(&taken, "changed")], [0, 0], "{}", taken.text);
    }
    assert_eq!(before, traces(&test_box));
    let changed = "name,title,camera_limit\r\nsouth,South,\r\neast,\"East, new\",4\r\n";
    let taken = import(&test_box, "", changed).expect(200);
    assert_eq!([count(&taken, "created"), count(&taken, "changed")], [1, 1], "{}", taken.text);
    let rows = "SELECT name || '|' || title || '|' || coalesce(camera_limit, 'default') FROM organizations \
                WHERE name IN ('south', 'east') ORDER BY name";
    assert_eq!(test_box.query(rows), ["east|East, new|4", "south|South|default"]);
    let members = import(&test_box, "", "organization,login,can_view_stats\nsouth,carl,true\nsouth,beth,maybe\n")
        .expect(422)
        .json();
    assert_eq!(members["errors"][0]["line"], 3, "{members}");
    assert_eq!(members["errors"][0]["field"], "can_view_stats");
    let strange = import(&test_box, "", "name,colour\nsouth,red\n").expect(422).json();
    assert_eq!(strange["errors"][0]["field"], "colour");
}

#[test]
fn a_body_past_its_bound_is_not_read() {
    let test_box = TestBox::start();
    let text = format!("{HEAD}{}", " ".repeat(1 << 20));
    assert_eq!(import(&test_box, "", &text).status, 413);
}

#[test]
fn an_empty_file_is_a_mistake() {
    let test_box = TestBox::start();
    for body in ["", " \n\n"] {
        let answer = test_box.admin().send("POST", "/orgbox/v1/import", None, body.as_bytes());
        assert!(answer.status >= 400 && answer.text.contains("the file is empty"), "{}", answer.text);
    }
}
