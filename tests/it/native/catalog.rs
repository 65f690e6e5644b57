//! Brandings and installation groups: those of the configuration file stay as it says, those in use stay.

use serde_json::json;

use super::organization;
use crate::support::TestBox;

const CONFIGURED: &str = "[[brandings]]\nid = 3\nname = \"File\"\nlogo_filename = \"f.png\"\nlanding_domain = \
                          \"localhost\"\nprimary_color = \"#000000\"\n[[igrps]]\nid = 19\nname = \"Regions\"\n";

#[test]
fn what_the_configuration_file_names_is_changed_there() {
    let test_box = TestBox::with(CONFIGURED);
    let admin = test_box.admin();
    for path in ["/orgbox/v1/brandings/3", "/orgbox/v1/igrps/19"] {
        assert_eq!(admin.get(path).expect(200).json()["managed"], true);
        for answer in [admin.json("PATCH", path, &json!({"name": "Mine"})), admin.delete(path)] {
            let problem = answer.expect(409).json();
            assert_eq!(problem["code"], "managed_by_file");
            assert!(problem["detail"].as_str().unwrap().contains("configuration file"), "{problem}");
        }
    }
    let taken = json!({"id": 19, "name": "Mine"});
    assert_eq!(admin.json("POST", "/orgbox/v1/igrps", &taken).expect(409).json()["code"], "igrp_exists");
    assert_eq!(admin.json("POST", "/orgbox/v1/igrps", &json!({"name": "Next"})).expect(201).json()["id"], 20);
}

#[test]
fn a_branding_in_use_stays_with_those_who_use_it() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let (north, south) = (organization(&test_box, "North", None), organization(&test_box, "South", None));
    let below = organization(&test_box, "Below", Some(north));
    let new = json!({
        "name": "Cold", "logo_filename": "c.png", "landing_domain": "localhost", "primary_color": "#0000ff",
        "organizations": [north, south, north],
    });
    let made = admin.json("POST", "/orgbox/v1/brandings", &new).expect(201).json();
    assert_eq!((made["id"].as_i64(), &made["organizations"]), (Some(2), &json!([north, south])));
    admin.json("PATCH", &format!("/orgbox/v1/organizations/{below}"), &json!({"branding_id": 2})).expect(200);
    let patch = |owners| admin.json("PATCH", "/orgbox/v1/brandings/2", &json!({ "organizations": owners }));
    patch(json!([south])).expect(409);
    patch(json!([])).expect(409);
    patch(json!([99])).expect(422);
    patch(json!([below])).expect(200);
    admin.delete("/orgbox/v1/brandings/2").expect(409);
    admin.json("PATCH", &format!("/orgbox/v1/organizations/{below}"), &json!({"branding_id": 1})).expect(200);
    patch(json!([south])).expect(200);
    admin.delete("/orgbox/v1/brandings/2").expect(204);
    let told = "SELECT operation FROM audit WHERE subject = 'branding/2' ORDER BY id";
    assert_eq!(test_box.query(told), ["create", "update", "update", "delete"]);
}

#[test]
fn a_type_in_use_stays() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let types = json!([{"code": "a", "name": "A", "order": 0}, {"code": "b", "name": "B", "order": 1}]);
    admin.json("POST", "/orgbox/v1/igrps", &json!({"id": 5, "name": "Group", "types": types})).expect(201);
    let placed = "parentOrgSpec=1&orgName=Placed&brandingId=1&orgTypeCodes[5]=a";
    admin.form("POST", "/config/v2/organisations", placed).expect(201);
    let patch = |body| admin.json("PATCH", "/orgbox/v1/igrps/5", &body);
    assert_eq!(patch(json!({"types": [{"code": "b", "name": "B"}]})).expect(409).json()["code"], "type_in_use");
    patch(json!({"types": [{"code": "a", "name": "Renamed"}]})).expect(200);
    assert_eq!(admin.delete("/orgbox/v1/igrps/5").expect(409).json()["code"], "igrp_in_use");
    for wrong in [
        json!({"types": [{"code": "a", "name": "A"}, {"code": "a", "name": "B"}]}),
        json!({"types": [{"code": "", "name": "A"}]}),
        json!({"types": [{"name": "A"}]}),
        json!({"types": [{"code": "a", "name": "A", "order": 1.5}]}),
        json!({"name": ""}),
    ] {
        patch(wrong.clone()).expect(422);
    }
}

#[test]
fn everything_wrong_with_a_branding_is_told_at_once() {
    let test_box = TestBox::start();
    let body = json!({
        "id": 0, "name": "", "logo_filename": "a/b.png", "landing_domain": "http://x", "primary_color": "red",
        "organizations": [77],
    });
    let problem = test_box.admin().json("POST", "/orgbox/v1/brandings", &body).expect(422).json();
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    let wanted = ["id", "name", "logo_filename", "landing_domain", "primary_color", "organizations"];
    assert_eq!(fields, wanted);
    let problem = test_box.admin().json("POST", "/orgbox/v1/brandings", &json!({})).expect(422).json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 4);
}
