//! With a ballast to give up: a full disk stops what takes room, in each dialect's words, and nothing else.

use std::{fs, os::unix::fs::MetadataExt, path::Path, process::Command};

use serde_json::json;

use super::{
    disk::{Mount, fill},
    process,
    until::until,
};
use crate::support::{Answer, Client, Server, test_box::ADMIN_PASSWORD};

const BALLAST_BYTES: u64 = 4 << 20;
const SENTENCE: &str = "the box has no room left to store changes; deleting and signing in still work";
const BALLAST: &str = "ballast_bytes = 4194304\n";

/// A box on a disk of its own of 24 MiB, that is then filled to the brim.
struct Full {
    server: Server,
    folder: tempfile::TempDir,
    // Unmounted before its folder goes.
    _mount: Mount,
}

impl Full {
    fn new() -> Option<Self> {
        Self::with("")
    }

    /// With more in the configuration, which may name the file `signing`.
    fn with(more: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mount = Mount::new(&data, &["-t", "tmpfs", "-o", "size=24m", "tmpfs"])?;
        fs::write(folder.path().join("signing"), "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz").unwrap();
        let server = process::start(folder.path(), &format!("{BALLAST}{more}"));
        assert_eq!(taken(&data.join("orgbox.ballast")), BALLAST_BYTES);
        for number in 0..5 {
            create(&server.admin(), &format!("before-{number}")).expect(201);
        }
        fill(&data.join("filler"));
        let full = Self { server, folder, _mount: mount };
        let mut number = 0;
        until("the disk is full", || {
            number += 1;
            create(&full.server.admin(), &format!("while-{number}")).status == 507
        });
        Some(full)
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn is_ready(&self) -> bool {
        self.server.client().get("/readyz").status == 200
    }
}

#[test]
fn on_a_full_disk_what_makes_room_and_who_signs_in_go_on() {
    let Some(full) = Full::new() else { return };
    let (server, admin) = (&full.server, full.server.admin());
    assert_eq!(taken(&full.data().join("orgbox.ballast")), 0);
    let log = server.log();
    assert!(log.contains("disk_full") && log.contains("the ballast is given up"), "{log}");
    let status = admin.get("/orgbox/v1/status").expect(200).json();
    assert_eq!((&status["faults"][0]["name"], &status["database"]["ballast_bytes"]), (&json!("disk_full"), &json!(0)));

    let sign_in = json!({ "login": "admin", "password": ADMIN_PASSWORD });
    let session = server.client().json("POST", "/vsaas/api/v2/auth/login", &sign_in).expect(200).json();
    let session = server.client().with("x-vsaas-session", session["session"].as_str().unwrap());
    let sign_in = json!({ "email": "admin", "password": ADMIN_PASSWORD });
    let token = server.client().json("POST", "/authenticate", &sign_in).expect(200).json();
    let token = token["data"]["token"].as_str().unwrap();
    let bearer = server.client().with("authorization", &format!("Bearer {token}"));

    // Each in its own words.
    let refused = create(&admin, "wotkit").expect(507).json();
    assert_eq!((&refused["error"]["status"], &refused["error"]["message"]), (&json!(507), &json!(SENTENCE)));
    let refused = admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "Native" })).expect(507);
    assert_ne!(refused.header("retry-after"), "");
    let refused = refused.json();
    assert_eq!((&refused["code"], &refused["detail"]), (&json!("disk_full"), &json!(SENTENCE)));
    let form = "parentOrgSpec=1&orgName=Infinity&brandingId=1";
    let refused = admin.form("POST", "/config/v2/organisations", form).expect(507);
    assert!(refused.json().as_str().unwrap().starts_with(SENTENCE), "{}", refused.text);
    let refused =
        session.json("POST", "/vsaas/api/v2/organizations", &json!({ "title": "Watcher" })).expect(500).json();
    assert_eq!(refused["error_code"], "ApplicationError");
    assert!(refused["error_message"].as_str().unwrap().starts_with(SENTENCE), "{refused}");
    let refused = bearer.json("POST", "/organizations", &json!({ "name": "Surfsight" })).expect(500).json();
    assert_eq!(refused["error"], "UnknownError");
    assert!(refused["message"].as_str().unwrap().ends_with(SENTENCE), "{refused}");

    // What makes room is done, by request and by command.
    admin.delete("/api/v1/orgs/before-0").expect(200);
    admin.get("/api/v1/orgs/before-0").expect(404);
    let (code, said) = command(&full, &["org", "create", "by-command"]);
    assert!(code == Some(69) && said.contains("Free space on the disk"), "{code:?} {said}");
    let (code, said) = command(&full, &["org", "delete", "before-1", "--yes"]);
    assert!(code == Some(0), "{code:?} {said}");
    assert!(!full.is_ready());

    fs::remove_file(full.data().join("filler")).unwrap();
    until("it is ready again", || full.is_ready());
    assert_eq!(taken(&full.data().join("orgbox.ballast")), BALLAST_BYTES);
    create(&admin, "afterwards").expect(201);
    assert_eq!(admin.get("/orgbox/v1/status").expect(200).json()["faults"], json!([]));
    let database = rusqlite::Connection::open(full.data().join("orgbox.db")).unwrap();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[test]
fn on_a_full_disk_what_an_operator_decides_of_the_link_is_done() {
    let Some(full) = Full::with("[upstream]\nsigning_secret_file = \"signing\"\n") else { return };
    let admin = full.server.admin();
    let ready = admin.json("POST", "/orgbox/v1/upstream/export", &json!({})).expect(200).json();
    assert!(ready["events"].as_i64().is_some_and(|events| events > 0), "{ready}");
    admin.get("/orgbox/v1/upstream/export").expect(200);
    for verb in ["try", "retry", "resync"] {
        admin.json("POST", &format!("/orgbox/v1/upstream/{verb}"), &json!({})).expect(200);
    }
    create(&admin, "while-full").expect(507);
    assert!(!full.is_ready());
}

#[test]
fn a_box_that_was_killed_on_a_full_disk_starts_there_and_recovers() {
    let Some(Full { server, folder, _mount }) = Full::new() else { return };
    server.kill();
    let server = process::start(folder.path(), BALLAST);
    let admin = server.admin();
    assert_eq!(server.client().get("/readyz").expect(503).json()["reasons"][0]["name"], "disk_full");
    create(&admin, "while-full").expect(507);
    admin.get("/api/v1/orgs/before-3").expect(200);
    admin.delete("/api/v1/orgs/before-2").expect(200);
    fs::remove_file(folder.path().join("data/filler")).unwrap();
    until("it is ready again", || server.client().get("/readyz").status == 200);
    create(&admin, "afterwards").expect(201);
}

#[test]
fn the_room_of_what_is_deleted_goes_back_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(_mount) = Mount::new(&data, &["-t", "tmpfs", "-o", "size=24m", "tmpfs"]) else { return };
    let server = process::start(folder.path(), BALLAST);
    let admin = server.admin();
    // Full of nothing but the box's own.
    let mut number = 0;
    until("the disk is full", || {
        number += 1;
        create(&admin, &format!("much-{number}")).status == 507
    });
    // In the place of what is delivered upstream and then dropped.
    let neighbour = rusqlite::Connection::open(data.join("orgbox.db")).unwrap();
    neighbour.execute("DELETE FROM outbox", []).unwrap();
    drop(neighbour);
    until("it is ready again", || server.client().get("/readyz").status == 200);
    create(&admin, "afterwards").expect(201);
    assert_eq!(taken(&data.join("orgbox.ballast")), BALLAST_BYTES);
}

fn command(full: &Full, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    let output = command.args(arguments).arg("--config").arg(full.folder.path().join("config.toml"));
    let output = output.current_dir(full.folder.path()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn create(admin: &Client, name: &str) -> Answer {
    let body = json!({ "name": name, "longName": "Room", "description": "x".repeat(4000) });
    admin.json("POST", "/api/v1/orgs", &body)
}

fn taken(file: &Path) -> u64 {
    fs::metadata(file).unwrap().blocks() * 512
}
