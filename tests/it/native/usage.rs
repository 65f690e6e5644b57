//! Usage reports: what they change, and that they change nothing twice.

use serde_json::json;

use super::organization;
use crate::support::TestBox;

const COUNTS: &str = "SELECT mosaic_count || '-' || dvr_used_gb FROM organizations ORDER BY id";

#[test]
fn a_report_is_seen_by_the_other_dialects_and_recorded_once() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let path = format!("/orgbox/v1/organizations/{org}/usage");
    let events = || test_box.query("SELECT count(*) FROM outbox");
    let before = events();
    let shown = admin.json("PUT", &path, &json!({"mosaic_count": 3, "dvr_used_gb": 12})).expect(200).json();
    assert_eq!((shown["mosaic_count"].as_i64(), shown["dvr_used_gb"].as_i64()), (Some(3), Some(12)));
    let after = events();
    assert_ne!(after, before);
    let told =
        "SELECT type || ' ' || subject || ' ' || (data ->> '$.state.title') FROM outbox ORDER BY seq DESC LIMIT 1";
    assert_eq!(test_box.query(told), [format!("io.orgbox.usage.reported.v1 organization/{org} Acme")]);
    admin.json("PUT", &path, &json!({"mosaic_count": 3, "dvr_used_gb": 12})).expect(200);
    admin.json("PUT", &path, &json!({"mosaic_count": 3})).expect(200);
    admin.json("PUT", &path, &json!({})).expect(200);
    assert_eq!(events(), after);
    admin.json("PUT", &path, &json!({"dvr_used_gb": 13})).expect(200);
    assert_eq!(test_box.query(COUNTS), ["0-0", "3-13"]);
    for wrong in
        [json!({"mosaic_count": null}), json!({"mosaic_count": 1.5}), json!({"dvr_used_gb": 2_147_483_648_i64})]
    {
        admin.json("PUT", &path, &wrong).expect(422);
    }
    admin.json("PUT", "/orgbox/v1/organizations/nobody/usage", &json!({})).expect(404);
}

#[test]
fn a_report_of_many_is_taken_whole_or_not_at_all() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let org = organization(&test_box, "Acme", None);
    let put = |items: serde_json::Value| admin.json("PUT", "/orgbox/v1/usage", &json!({ "organizations": items }));
    put(json!([{"organization": "acme", "mosaic_count": 1}, {"organization": 1, "dvr_used_gb": 2}])).expect(204);
    assert_eq!(test_box.query(COUNTS), ["0-2", "1-0"]);
    for wrong in [
        json!([{"organization": org, "mosaic_count": 9}, {"organization": 99}]),
        json!([{"organization": org, "mosaic_count": 9}, {"organization": 1, "mosaic_count": -1}]),
        json!([{"organization": org, "mosaic_count": 9}, {"mosaic_count": 9}]),
        json!([{"organization": org, "mosaic_count": 9, "colour": "red"}]),
        json!([7]),
        json!([null]),
        json!({}),
        json!(vec![json!({"organization": org, "mosaic_count": 9}); 1001]),
    ] {
        put(wrong.clone()).expect(422);
    }
    assert_eq!(test_box.query(COUNTS), ["0-2", "1-0"]);
    put(json!(vec![json!({"organization": org, "mosaic_count": 9}); 1000])).expect(204);
    assert_eq!(test_box.query(COUNTS), ["0-2", "9-0"]);
}
