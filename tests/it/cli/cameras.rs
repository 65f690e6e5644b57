//! `orgbox camera …` without a server.

use super::Folder;

#[test]
fn cameras_are_registered_listed_and_removed() {
    let folder = Folder::set_up();
    assert_eq!(
        folder.run(&["camera", "list", "default"]).ok(),
        "`default` has no cameras. Register one with: orgbox camera add default NAME --type 1\n"
    );
    assert_eq!(folder.run(&["camera", "list", "1", "--json"]).ok(), "[]\n");
    assert_eq!(
        folder.run(&["camera", "add", "default", "Gate", "--type", "1"]).ok(),
        "Registered the camera `Gate` (id 1) in `default`.\nRemove it with: orgbox camera remove 1\n"
    );
    folder.run(&["camera", "add", "1", "Back door", "--type", "2"]).ok();
    folder.run(&["camera", "add", "1", "Yard", "--type", "50", "--partner", "admin"]).ok();
    assert_eq!(
        folder.run(&["camera", "list", "1"]).ok(),
        "ID  NAME       TYPE          KEPT     BY       PARTNER  HOLD\n\
         1   Gate       1 front       31 days  default  -\n\
         2   Back door  2 rear        31 days  default  -\n\
         3   Yard       50 auxiliary  31 days  default  admin\n"
    );
    let listed: serde_json::Value =
        serde_json::from_str(&folder.run(&["camera", "list", "default", "--json"]).ok()).unwrap();
    let yard = serde_json::json!({"id": 3, "organization_id": 1, "name": "Yard", "type": 50, "partner": "admin"});
    for (key, value) in yard.as_object().unwrap() {
        assert_eq!(listed[2][key], *value, "{key}");
    }
    assert_eq!(
        folder.run(&["camera", "remove", "2", "--yes"]).ok(),
        "Removed the camera `Back door` (id 2).\nIts place in the camera limit is free again.\n"
    );
    assert_eq!(folder.query("SELECT name FROM cameras ORDER BY id"), ["Gate", "Yard"]);
    assert_eq!(folder.query("SELECT camera_count FROM organizations WHERE id = 1"), ["2"]);
}

#[test]
fn a_camera_past_the_limit_is_refused() {
    let folder = Folder::set_up();
    folder.database().execute("UPDATE organizations SET camera_limit = 1", []).unwrap();
    folder.run(&["camera", "add", "default", "Gate", "--type", "1"]).ok();
    assert_eq!(
        folder.run(&["camera", "add", "default", "Yard", "--type", "50"]).refused(1),
        "orgbox: the organization may have 1 cameras and has 1; raise camera_limit or remove cameras first\n"
    );
}

#[test]
fn what_is_wrong_or_unknown_is_named() {
    let folder = Folder::set_up();
    let add = |arguments: &[&str]| folder.run(&[&["camera", "add"], arguments].concat());
    assert_eq!(
        add(&["default", "Gate", "--type", "3"]).refused(1),
        "orgbox: --type must be 1 (front), 2 (rear) or 50 to 999 (auxiliary)\n"
    );
    assert_eq!(
        add(&["default", "", "--type", "1"]).refused(1),
        "orgbox: NAME must be 1 to 255 characters on one line\n"
    );
    assert_eq!(
        add(&["nowhere", "Gate", "--type", "1"]).refused(1),
        "orgbox: no organization has the name or the id `nowhere`; see `orgbox org list`\n"
    );
    assert_eq!(
        add(&["default", "Gate", "--type", "1", "--partner", "bob"]).refused(1),
        "orgbox: no user has the login `bob`; see `orgbox user list`\n"
    );
    add(&["default", "Gate"]).refused(2);
    add(&["default", "Gate", "--type", "front"]).refused(2);
    assert_eq!(
        folder.run(&["camera", "remove", "7"]).refused(1),
        "orgbox: there is no camera 7; see `orgbox camera list ORG`\n"
    );
    folder.run(&["camera", "remove", "Gate"]).refused(2);
    assert_eq!(
        folder.run(&["camera", "list", "2"]).refused(1),
        "orgbox: no organization has the name or the id `2`; see `orgbox org list`\n"
    );
}

#[test]
fn a_camera_is_shown_changed_and_moved() {
    let folder = Folder::set_up();
    folder.run(&["org", "create", "north", "title=North", "purge_days=7", "owner=admin"]).ok();
    folder.run(&["camera", "add", "default", "Gate", "--type", "1"]).ok();
    assert_eq!(
        folder.run(&["camera", "set", "1", "--name", "North gate", "--type", "2"]).ok(),
        "Changed the camera `Gate` (id 1):\n  name: Gate → North gate\n  type: 1 → 2\n\
         Look at it with: orgbox camera show 1\n"
    );
    let moved = ["camera", "set", "1", "--organization", "north"];
    let loss = "Footage kept shorter than now is deleted:\n  camera 1 North gate: 31 days → 7 days\n";
    let rehearsed = folder.run(&[&moved[..], &["--dry-run"]].concat()).ok();
    assert!(rehearsed.contains(loss) && rehearsed.ends_with("Nothing was changed.\n"), "{rehearsed}");
    assert!(folder.run(&moved).refused(2).contains("Add --yes to have it done."));
    assert_eq!(folder.query("SELECT organization_id FROM cameras"), ["1"]);
    folder.run(&[&moved[..], &["--yes"]].concat()).ok();
    folder.run(&["hold", "place", "--camera", "1", "--reason", "Case 7"]).ok();
    assert_eq!(
        folder.run(&["camera", "show", "1"]).ok(),
        "North gate (id 1)\n  organization  north\n  type          2 rear\n  kept          7 days\n\
         \u{20} by            purge_days\n  partner       -\nUnder legal hold: Case 7 (by command line)\n"
    );
    assert!(folder.run(&["camera", "set", "1"]).refused(2).contains("--organization"));
    assert_eq!(
        folder.run(&["camera", "show", "9"]).refused(1),
        "orgbox: there is no camera 9; see `orgbox camera list ORG`\n"
    );
}

#[test]
fn every_verb_that_changes_can_be_rehearsed() {
    let folder = Folder::set_up();
    folder.add_user("bob", "bob's password", &[]);
    folder.run(&["key", "create", "--user", "bob", "--name", "vms"]).ok();
    let state = || folder.query("SELECT count(*) FROM audit UNION ALL SELECT count(*) FROM sessions");
    let before = state();
    let rehearsals = [
        (
            &["user", "add", "eve", "--organization", "default"][..],
            "Would add the user `eve` (user), a member of `default`.",
        ),
        (&["user", "passwd", "bob"], "Would change the password of `bob` and end its sessions."),
        (&["user", "disable", "bob"], "Would end the sessions of and disable `bob`."),
        (&["key", "create", "--user", "bob", "--name", "two"], "Would make the key `two`, to do what `bob` may."),
        (
            &["camera", "add", "1", "Gate", "--type", "1"],
            "Would register the camera `Gate` in `1`, which has 0 of 1000.",
        ),
    ];
    for (arguments, told) in rehearsals {
        let ran = folder.run(&[arguments, &["--dry-run"]].concat()).ok();
        assert_eq!(ran, format!("{told}\nNothing was changed.\n"));
    }
    let revoked = folder.run(&["key", "revoke", "vms", "--dry-run"]).ok();
    assert!(revoked.starts_with("Would revoke the key `vms` of `bob`"), "{revoked}");
    assert_eq!(folder.run(&["user", "add", "bob", "--dry-run"]).refused(1), "orgbox: there is a user `bob` already\n");
    assert_eq!(state(), before);
}

#[test]
fn what_a_hold_keeps_against_a_file_is_told_until_it_is_lifted() {
    let folder = Folder::new();
    let keep = |days: u32| {
        let head = "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"data/orgbox.db\"\n";
        folder.write("config.toml", format!("{head}[organizations.default]\npurge_days = {days}\n"));
        folder.serve().stop("TERM");
    };
    keep(90);
    folder.run(&["camera", "add", "default", "Gate", "--type", "1"]).ok();
    folder.run(&["hold", "place", "default", "--reason", "Case 7"]).ok();
    keep(7);
    let listed = || folder.run(&["camera", "list", "default"]).ok();
    let explained = || folder.run(&["explain", "default", "purge_days"]).ok();
    assert!(listed().contains("90 days  purge_days, legal hold"), "{}", listed());
    let told = explained();
    assert!(
        told.contains("is 90 days.\nSource: a legal hold, against") && told.contains("Under legal hold: Case 7"),
        "{told}"
    );
    folder.run(&["hold", "lift", "default", "--yes"]).ok();
    assert!(listed().contains("7 days  purge_days, config.toml:7"), "{}", listed());
    assert!(explained().contains("is 7 days.\nSource: the file config.toml:7\n"), "{}", explained());
}
