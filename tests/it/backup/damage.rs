//! A database that is damaged or gone: never an empty box in its place, reads where they are possible, and one line that
//! says how to have a good one again.

use std::{fs, path::Path};

use orgbox::model::{Fault, Kind};
use serde_json::json;

use super::{damage, until};
use crate::{robust::process, support::Bare};

/// A folder with a database in which there is the organization `kept`, and a backup of it.
fn with_a_backup() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), "");
    server.admin().json("POST", "/api/v1/orgs", &json!({ "name": "kept", "longName": "Kept" })).expect(201);
    let key = process::command_line(folder.path(), &["backup", "create", "--json"]);
    let name = serde_json::from_str::<serde_json::Value>(&key).unwrap()["name"].as_str().unwrap().to_owned();
    assert!(server.stop("TERM").success());
    (folder, name)
}

#[track_caller]
fn assert_names_the_way_out(said: &str, name: &str) {
    let way_out = |line: &str| line.contains("orgbox restore /") && line.contains(&format!("/data/backups/{name}"));
    assert!(said.lines().any(way_out), "no way out: {said}");
}

#[test]
fn a_database_that_is_gone_is_never_begun_anew() {
    let (folder, name) = with_a_backup();
    let (data, database) = (folder.path().join("data"), folder.path().join("data/orgbox.db"));
    fs::remove_file(&database).unwrap();
    for empty in [false, true] {
        if empty {
            fs::write(&database, "").unwrap();
        }
        let (status, said) = process::refused(folder.path(), "");
        assert_eq!(status.code(), Some(69), "{said}");
        assert!(said.contains("database_missing"), "{said}");
        assert_names_the_way_out(&said, &name);
        assert_eq!(database.exists(), empty);
    }
    // Each sign alone is enough: the lock file here, the backups then.
    fs::rename(data.join("backups"), data.join("elsewhere")).unwrap();
    let (_, said) = process::refused(folder.path(), "");
    assert!(said.contains("orgbox.db.lock") && said.contains("There is no good backup in"), "{said}");
    fs::remove_file(data.join("orgbox.db.lock")).unwrap();
    fs::rename(data.join("elsewhere"), data.join("backups")).unwrap();
    let (_, said) = process::refused(folder.path(), "");
    assert!(said.contains("its backups in"), "{said}");
    // What it says is what helps.
    let restored = data.join("backups").join(&name);
    process::command_line(folder.path(), &["restore", restored.to_str().unwrap(), "--yes"]);
    let server = process::start(folder.path(), "");
    server.admin().get("/api/v1/orgs/kept").expect(200);
}

#[test]
fn a_start_that_failed_before_there_was_a_database_is_no_sign_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/orgbox.db.lock"), "").unwrap();
    drop(taken);
    process::start(folder.path(), "").client().get("/readyz").expect(200);
}

#[test]
fn a_database_that_was_cut_short_is_refused_with_the_way_out() {
    let (folder, name) = with_a_backup();
    let database = folder.path().join("data/orgbox.db");
    let whole = fs::read(&database).unwrap();
    let garbage = b"not a database at all ".repeat(300);
    for content in [&whole[..whole.len() / 2 / 4096 * 4096], &garbage[..]] {
        fs::write(&database, content).unwrap();
        let (status, said) = process::refused(folder.path(), "");
        assert_eq!(status.code(), Some(69), "{said}");
        assert!(said.contains("database_corrupt"), "{said}");
        assert_names_the_way_out(&said, &name);
        assert_eq!(fs::read(&database).unwrap(), content, "nothing was written");
    }
    // The newest backup is damaged as well: it is not named.
    let backup = folder.path().join("data/backups").join(&name);
    fs::write(&backup, &garbage).unwrap();
    let (_, said) = process::refused(folder.path(), "");
    assert!(said.contains("There is no good backup in"), "{said}");
}

#[test]
fn a_damaged_page_stops_writing_and_nothing_else() {
    let (folder, name) = with_a_backup();
    let database = folder.path().join("data/orgbox.db");
    damage(&database, "cameras");
    let before = fs::read(&database).unwrap();
    let server = process::start(folder.path(), "");
    assert_names_the_way_out(&server.log(), &name);
    let admin = server.admin();
    admin.get("/api/v1/orgs/kept").expect(200);
    let ready = server.client().get("/readyz").expect(503).json();
    assert_eq!(ready["reasons"][0]["name"], "database_corrupt");
    assert!(ready["reasons"][0]["remedy"].as_str().unwrap().contains("orgbox restore"), "{ready}");
    let refused = admin.json("POST", "/api/v1/orgs", &json!({ "name": "more", "longName": "More" }));
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(server.stop("TERM").success());
    assert!(before == fs::read(&database).unwrap(), "a damaged database was written");
}

#[test]
fn damage_is_found_while_the_box_serves() {
    let bare = Bare::new();
    bare.organization("One");
    assert!(bare.store.check());
    assert_eq!(bare.store.health(), None);
    damage(&bare.path(), "cameras");
    assert!(!bare.store.check());
    assert_eq!(bare.store.health().unwrap().fault, Fault::Corrupt);
    let refused = bare.write(|_, _| Ok(())).unwrap_err();
    assert_eq!(refused.kind, Kind::Unavailable(Fault::Corrupt));
}

#[test]
fn a_check_that_is_broken_off_tells_of_no_damage() {
    let bare = Bare::new();
    bare.store.end_check();
    damage(&bare.path(), "cameras");
    assert!(bare.store.check());
    until("nothing is told", || bare.store.health().is_none());
    assert!(Path::new(&bare.path()).exists());
}
