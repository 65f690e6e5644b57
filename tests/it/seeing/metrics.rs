//! `/metrics`: who may read it, and that its numbers are those of what happened.

use std::{fs, path::Path};

use orgbox::api::metrics::catalog;
use serde_json::json;

use super::Exported;
use crate::support::{TestBox, coverage::person};
use orgbox::model::user::Role;

/// The table for people.
fn table() -> String {
    let rows = catalog::ALL.iter().map(|metric| {
        let labels = metric.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        format!("| `{}` | {} | {} | {labels} | {} |\n", metric.name, metric.kind.name(), metric.unit, metric.help)
    });
    format!("| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|\n{}", rows.collect::<String>())
}

#[test]
fn the_table_for_people_is_that_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus/metrics.md");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&table()), "the table in {} must be:\n{}", path.display(), table());
}

#[test]
fn names_and_units_follow_the_conventions() {
    for metric in catalog::ALL {
        let name = metric.name;
        let counts = metric.kind == catalog::Kind::Counter;
        assert_eq!(name.ends_with("_total"), counts, "{name}");
        assert!(name.starts_with("orgbox_") || name.starts_with("process_"), "{name}");
        assert_eq!(metric.unit == "bytes", name.ends_with("_bytes"), "{name}");
        let times = name.trim_end_matches("_total").ends_with("_seconds");
        assert_eq!(metric.unit == "seconds" || metric.unit == "Unix time", times, "{name}");
    }
}

#[test]
fn every_metric_of_the_catalog_is_exported_by_a_box() {
    let test_box = TestBox::with("[organizations.\"default\"]\npurge_days = 9\n");
    test_box.admin().json("POST", "/api/v1/orgs", &json!({ "name": "sewers", "longName": "Sewers" })).expect(201);
    let exported = Exported::read(&test_box.client());
    // Only a receiver that answers, a certificate and a backup make these known.
    let unknown = [
        catalog::UPSTREAM_SUCCESS,
        catalog::UPSTREAM_OFFSET,
        catalog::TLS_BEGINS,
        catalog::TLS_ENDS,
        catalog::BACKUP_AT,
    ];
    for metric in catalog::ALL.iter().filter(|metric| !unknown.contains(metric)) {
        assert!(exported.has(metric.name), "{}", metric.name);
        assert_eq!(exported.kinds[metric.name], metric.kind.name());
    }
    assert!(exported.kinds.keys().all(|name| catalog::ALL.iter().any(|metric| metric.name == name)));
}

#[test]
fn requests_are_counted_by_dialect_route_method_and_status() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    for _ in 0..3 {
        admin.get("/api/v1/orgs/default").expect(200);
    }
    // A slash at the end, another organization and a query are the same route.
    admin.get("/api/v1/orgs/nobody/?x=1").expect(404);
    admin.json("PATCH", "/api/v1/orgs/default", &json!({})).expect(405);
    admin.get("/api/v1/orgs/default/no/such/path").expect(404);
    admin.get("/no-such-path").expect(404);
    admin.send("BREW", "/another", None, b"").expect(404);
    let exported = Exported::read(&test_box.client());
    let requests = |labels: &str| exported.value(&format!("orgbox_http_requests_total{{{labels}}}"));
    let route = "dialect=\"wotkit\",route=\"/api/v1/orgs/{name}\"";
    assert_eq!(requests(&format!("{route},method=\"GET\",status=\"200\"")), 3.0);
    assert_eq!(requests(&format!("{route},method=\"GET\",status=\"404\"")), 1.0);
    assert_eq!(requests(&format!("{route},method=\"PATCH\",status=\"405\"")), 1.0);
    assert_eq!(requests("dialect=\"box\",route=\"unmatched\",method=\"GET\",status=\"404\""), 1.0);
    assert_eq!(requests("dialect=\"box\",route=\"unmatched\",method=\"other\",status=\"404\""), 1.0);
    let took = |suffix: &str, more: &str| {
        exported.value(&format!("orgbox_http_request_duration_seconds{suffix}{{{route},method=\"GET\"{more}}}"))
    };
    assert_eq!(took("_count", ""), 4.0);
    assert_eq!(took("_bucket", ",le=\"+Inf\""), 4.0);
    // The clock stands still.
    assert_eq!((took("_sum", ""), took("_bucket", ",le=\"0.00005\"")), (0.0, 4.0));
    let names = exported.samples.keys().filter(|name| name.contains("no-such") || name.contains("nobody"));
    assert_eq!(names.count(), 0, "what a client sends makes no names");
}

#[test]
fn the_writer_tells_what_it_did() {
    let test_box = TestBox::start();
    let before = Exported::read(&test_box.client());
    let admin = test_box.admin();
    admin.json("POST", "/api/v1/orgs", &json!({ "name": "sewers", "longName": "Sewers" })).expect(201);
    admin.json("POST", "/api/v1/orgs", &json!({ "name": "sewers", "longName": "Sewers" })).expect(409);
    let after = Exported::read(&test_box.client());
    let risen = |sample: &str| after.value(sample) - before.value(sample);
    assert_eq!(risen("orgbox_writer_commits_total"), 1.0);
    assert_eq!(risen("orgbox_writer_jobs_total{outcome=\"committed\"}"), 1.0);
    assert_eq!(risen("orgbox_writer_jobs_total{outcome=\"undone\"}"), 1.0);
    assert_eq!(risen("orgbox_writer_jobs_total{outcome=\"failed\"}"), 0.0);
    assert_eq!(risen("orgbox_writer_queue_wait_seconds_count"), 2.0);
    assert_eq!(risen("orgbox_writer_batch_jobs_bucket{le=\"1\"}"), 2.0);
    assert_eq!(risen("orgbox_writer_commit_duration_seconds_count"), 1.0);
    assert_eq!(after.value("orgbox_writer_queue_jobs"), 0.0);
}

#[test]
fn the_box_tells_how_its_parts_stand() {
    let test_box = TestBox::with("[organizations.\"default\"]\npurge_days = 9\n");
    let exported = Exported::read(&test_box.client());
    assert_eq!(exported.value("orgbox_ready"), 1.0);
    assert_eq!(exported.value("orgbox_fault{fault=\"disk_full\"}"), 0.0);
    assert_eq!(exported.value("orgbox_fault{fault=\"wal_full\"}"), 0.0);
    assert_eq!(exported.value("orgbox_remark{remark=\"clock\"}"), 0.0);
    assert_eq!(exported.value("orgbox_tls_state{state=\"off\"}"), 1.0);
    assert_eq!(exported.value("orgbox_backup_kept_files"), 0.0);
    assert_eq!(exported.value("orgbox_overrides_state{state=\"in_force\"}"), 1.0);
    assert_eq!(exported.value("orgbox_overrides_state{state=\"rejected\"}"), 0.0);
    assert_eq!(exported.value("orgbox_overrides_last_reload_successful"), 1.0);
    assert_eq!(exported.value("orgbox_overrides_last_reload_timestamp_seconds"), 1_773_480_413.0);
    assert!(exported.value("orgbox_connections{door=\"network\"}") >= 1.0);
    let size = fs::metadata(test_box.database()).unwrap().len();
    assert_eq!(exported.value("orgbox_database_size_bytes"), size as f64);
    let free = exported.value("orgbox_database_disk_free_bytes");
    assert!(free > 0.0 && free < exported.value("orgbox_database_disk_size_bytes"));
    assert!(exported.value("process_resident_memory_bytes") > 1e6);
}

#[test]
fn on_the_box_itself_it_is_open_and_through_a_proxy_it_is_not() {
    let test_box = TestBox::start();
    test_box.client().get("/metrics").expect(200);
    for header in ["forwarded", "via", "x-forwarded-for", "x-real-ip"] {
        let answer = test_box.client().with(header, "127.0.0.1").get("/metrics").expect(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer, Basic realm=\"orgbox\"");
    }
    // Wrong credentials are no better than none because they come from near.
    test_box.client().with("authorization", "Bearer nothing").get("/metrics").expect(401);
    test_box.client().basic("admin", "wrong").get("/metrics").expect(401);
    test_box.client().basic("admin", "").get("/metrics").expect(401);
}

#[test]
fn a_token_an_administrator_and_its_key_may_read_it_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "token-of-the-monitoring\n").unwrap();
    let test_box = TestBox::with(&format!("[metrics]\nloopback = false\ntoken_file = {file:?}\n"));
    let client = test_box.client();
    client.get("/metrics").expect(401);
    client.with("authorization", "Bearer token-of-the-monitorinG").get("/metrics").expect(401);
    let monitoring = client.with("authorization", "Bearer token-of-the-monitoring");
    Exported::read(&monitoring);
    monitoring.get("/orgbox/v1/status").expect(401);
    Exported::read(&test_box.admin());
    person(&test_box, "plain", Role::User, "plain's password");
    client.basic("plain", "plain's password").get("/metrics").expect(403);
    let key = json!({ "user": "admin", "name": "monitoring", "scope": "read" });
    let key = test_box.admin().json("POST", "/orgbox/v1/keys", &key).expect(201).json();
    let secret = key["key"].as_str().unwrap_or_else(|| panic!("{key}"));
    Exported::read(&client.with("authorization", &format!("Bearer {secret}")));
}

#[test]
fn switched_off_there_is_no_such_path() {
    let test_box = TestBox::with("[metrics]\nenabled = false\n");
    test_box.client().get("/metrics").expect(404);
    test_box.admin().get("/metrics").expect(404);
}
