//! `orgbox overrides …` beside a server and without one.

use std::{fs, process::Output};

use serde_json::Value;

use super::{Folder, drop_in, main, title, titled, until_titled};

/// Exit code, standard output, standard error.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_check_says_all_that_is_wrong_and_does_nothing() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("fine"));
    let (code, out, _) = said(&folder.run(&["overrides", "check"]));
    assert_eq!(code, 0);
    assert!(out.contains("is in order: 1 tables with 1 settings.\n"), "{out}");
    assert!(!folder.0.path().join("data").exists());
    folder.write("other.toml", "version = 1\n[organizations.\"*\"]\npurge_days = 0\n[limit]\n");
    let other = folder.path("other.toml");
    let (code, out, err) = said(&folder.run(&["overrides", "check", other.to_str().unwrap()]));
    assert_eq!((code, out.as_str()), (78, ""));
    assert!(
        err.contains("other.toml:3:14: `organizations.\"*\".purge_days` must be a whole number from 1 to 366"),
        "{err}"
    );
    assert!(err.contains("other.toml:4:2: unknown key `limit`; did you mean `limits`?"), "{err}");
    // What keeps no box from starting is a mistake for `config check` all the same.
    folder.write("config.d/10.toml", "version = 1\n[organizations.\"*\"]\npurge_days = 0\n");
    assert_eq!(said(&folder.run(&["config", "check"])).0, 78);
    assert_eq!(said(&folder.run(&["overrides", "check"])).0, 78);
}

#[test]
fn a_check_beside_a_server_says_what_only_the_database_knows() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.write("other.toml", "version = 1\n[organizations.default]\nbranding_id = 77\n");
    let other = folder.path("other.toml");
    let (code, _, err) = said(&folder.run(&["overrides", "check", other.to_str().unwrap()]));
    assert_eq!(code, 78);
    assert!(err.contains("other.toml:3: branding_id must be the id of a branding; there is no branding 77"), "{err}");
    server.stop("TERM");
}

#[test]
fn a_plan_shows_what_would_change_and_changes_nothing() {
    let folder = Folder::new();
    let server = folder.serve();
    let (code, out, err) = said(&folder.run(&["overrides", "plan"]));
    assert_eq!((code, out.as_str(), err.as_str()), (0, "Nothing would change.\n", ""));
    let table = "[organizations.default]\ncreate = false\ncamera_limit = 5\npurge_days = 7\n\
                 [organizations.north]\ncreate = true\nuser_limit = 3\n";
    // The key lies beside the files of the box and not beside these.
    folder.write("next/config.toml", main(table) + "[dialects.watcher]\nsystem_key_file = \"the.key\"\n");
    let next = folder.path("next/config.toml");
    let (code, out, err) = said(&folder.run(&["overrides", "plan", next.to_str().unwrap()]));
    assert_eq!((code, err.as_str()), (2, ""), "{out}");
    for line in [
        "~ default (1)",
        "    camera_limit 1000 → 5  (default → config.toml:8)",
        "    purge_days 31 → 7  (default → config.toml:9)",
        "+ north, which is made",
        "    user_limit 1000 → 3  (default → config.toml:12)",
        "1 organizations would change, 1 would be made.",
    ] {
        assert!(out.lines().any(|found| found == line), "{line}\n{out}");
    }
    let (code, out, _) = said(&folder.run(&["overrides", "plan", next.to_str().unwrap(), "--json"]));
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &plan["changes"]), (2, &true.into()));
    assert_eq!(server.admin().get("/api/v1/orgs/north").status, 404);
    assert!(server.stop("TERM").success());
    // The same without a server.
    let (code, out, _) = said(&folder.run(&["overrides", "plan", next.to_str().unwrap()]));
    assert_eq!(code, 2);
    assert!(out.contains("+ north, which is made"), "{out}");
    // And what a file would give up.
    folder.write("next/config.toml", "version = 1\n[organizations.default]\npurge_days = 0\n");
    let (code, _, err) = said(&folder.run(&["overrides", "plan", next.to_str().unwrap()]));
    assert_eq!(code, 78);
    assert!(err.contains("config.toml:3:14: "), "{err}");
}

#[test]
fn what_is_in_force_is_shown_with_its_places() {
    let folder = Folder::new();
    folder.write(
        "config.d/10.toml",
        "version = 1\n[organizations.\"default/**\"]\ncreate = false\nexpires = 2999-01-31T00:00:00Z\npurge_days = 9\n",
    );
    let mut server = Some(folder.serve());
    for served in [true, false] {
        let (code, out, _) = said(&folder.run(&["overrides", "show"]));
        assert_eq!(code, 0);
        let table = "\n[organizations.\"default/**\"]  # config.d/10.toml:2\nexpires = 2999-01-31T00:00:00Z\npurge_days = 9  # line 5\n";
        assert!(out.ends_with(table), "{out}");
        assert_eq!(out.starts_with("in force since "), served, "{out}");
        let shown: Value = serde_json::from_str(&said(&folder.run(&["overrides", "show", "--json"])).1).unwrap();
        assert_eq!(shown["tables"][0]["settings"][0]["value"], 9);
        if served {
            let (_, status, _) = said(&folder.run(&["status"]));
            assert!(status.contains("Overrides      in force since "), "{status}");
            server.take().unwrap().stop("TERM");
        }
    }
}

#[test]
fn clearing_asks_first_and_lets_go_of_what_vanished() {
    let folder = Folder::new();
    folder.write("config.toml", main(&titled("main")));
    folder.write("config.d/10.toml", drop_in("drop-in"));
    let server = folder.serve();
    assert_eq!(title(&server), "drop-in");
    fs::remove_dir_all(folder.path("config.d")).unwrap();
    super::until_standing(&server, "missing");
    let (code, _, err) = said(&folder.run(&["overrides", "clear"]));
    assert_eq!(code, 2);
    assert!(err.contains("2 entries of files are let go") && err.contains("Add --yes"), "{err}");
    assert_eq!(title(&server), "drop-in");
    let (code, out, _) = said(&folder.run(&["overrides", "clear", "--yes"]));
    assert_eq!(code, 0);
    assert!(out.starts_with("Let go of 2 entries; 1 organizations changed.\n"), "{out}");
    // The file that is there is read anew.
    until_titled(&server, "main");
    super::until_standing(&server, "in_force");
}

#[test]
fn a_verb_that_would_change_what_a_file_manages_is_refused_with_its_line() {
    let folder = Folder::new();
    folder.write("config.d/10-site.toml", "version = 1\n\n[organizations.default]\npurge_days = 90\n");
    let mut server = Some(folder.serve());
    for served in [true, false] {
        let before = (days(&folder), folder.run(&["audit", "list", "--json"]).stdout);
        for wanted in ["purge_days=14", "purge_days="] {
            let (code, out, err) = said(&folder.run(&["org", "set", "default", wanted, "user_limit=7", "--yes"]));
            let told = "orgbox: purge_days is managed by config.d/10-site.toml, line 4; change it there\n";
            assert_eq!((code, out.as_str(), err.as_str()), (1, "", told), "served: {served}, {wanted}");
        }
        let after = (days(&folder), folder.run(&["audit", "list", "--json"]).stdout);
        assert_eq!(after, before, "nothing is stored");
        let limit = format!("user_limit={}", 70 + i32::from(served));
        let (code, out, err) = said(&folder.run(&["org", "set", "default", "purge_days=90", &limit]));
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("user_limit") && !out.contains("purge_days"), "{out}");
        server.take().map(|server| server.stop("TERM"));
    }
    folder.write("config.d/10-site.toml", "version = 1\n");
    let server = folder.serve();
    super::until_standing(&server, "in_force");
    assert_eq!(days(&folder)["value"], 31, "the line taken out brings back what was stored");
}

/// Where the purge time of the default organization comes from.
fn days(folder: &Folder) -> Value {
    let explained = folder.run(&["explain", "default", "purge_days", "--json"]);
    let told: Value = serde_json::from_slice(&explained.stdout).unwrap();
    told["values"]["purge_days"].clone()
}

#[test]
fn what_only_a_legal_hold_keeps_is_said_to_be() {
    let folder = Folder::new();
    let said_days = |days: i64| main(&format!("[organizations.default]\npurge_days = {days}\n"));
    folder.write("config.toml", said_days(90));
    folder.serve().stop("TERM");
    assert_eq!(folder.run(&["hold", "place", "default", "--reason", "Case 17"]).status.code(), Some(0));
    folder.write("config.toml", said_days(14));
    folder.serve().stop("TERM");
    let kept = days(&folder);
    assert_eq!((&kept["value"], &kept["source"], &kept["stored"]), (&90.into(), &"legal_hold".into(), &31.into()));
    let (_, out, _) = said(&folder.run(&["explain", "default", "purge_days"]));
    assert!(out.contains("is 90 days.\nSource: a legal hold, against what files say by now\n"), "{out}");
}
