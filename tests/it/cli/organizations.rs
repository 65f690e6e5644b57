//! `orgbox org …`, `orgbox member …` and `orgbox explain …`, without a server.

use serde_json::{Value, json};

use super::Folder;

/// `acme` with two below it, one of which hangs below `partner` as well.
fn scene() -> Folder {
    let folder = Folder::set_up();
    let create = |name: &str, more: &[&str]| folder.run(&[&["org", "create", name], more].concat()).ok();
    create("acme", &["title=Acme GmbH", "owner=admin", "camera_limit=3", "purge_days=30"]);
    create("acme-berlin", &["--parent", "acme", "owner=admin"]);
    create("partner", &["title=Partner"]);
    create("acme-koeln", &["--parent", "acme", "--parent", "partner"]);
    folder
}

fn json_of(folder: &Folder, arguments: &[&str]) -> Value {
    serde_json::from_str(&folder.run(&[arguments, &["--json"]].concat()).ok()).unwrap()
}

#[test]
fn an_organization_is_made_listed_and_shown() {
    let folder = Folder::set_up();
    assert_eq!(
        folder.run(&["org", "create", "acme", "title=Acme GmbH", "camera_limit=3", "purge_days="]).ok(),
        "Made the organization `acme` (id 2) below the default organization.\n\
         It has no owner, and so no members yet. Give it one with: orgbox org set acme owner=LOGIN\n"
    );
    assert_eq!(
        folder.run(&["org", "list", "--search", "acme"]).ok(),
        "ID  NAME  TITLE      STATUS  CAMERAS  USERS      OWNER  HOLD\n\
         2   acme  Acme GmbH  200     0 of 3   0 of 1000  -\n"
    );
    let shown = folder.run(&["org", "show", "2"]).ok();
    assert!(shown.starts_with("Acme GmbH (acme, id 2)\n"), "{shown}");
    for line in
        ["  Cameras           0 of 3\n", "  All cameras       31 days  default\n", "  Below             default\n"]
    {
        assert!(shown.contains(line), "{line}{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let whole = json_of(&folder, &["org", "show", "acme"]);
    assert_eq!((&whole["camera_limit"], &whole["parents"]), (&json!(3), &json!([1])));
    assert_eq!(folder.run(&["org", "list", "--search", "nothing like it"]).ok(), "No organization is like that.\n");
}

#[test]
fn a_rehearsal_makes_nothing() {
    let folder = scene();
    let told = folder.run(&["org", "create", "new", "--parent", "acme", "--dry-run"]).ok();
    assert_eq!(told, "Would make the organization `new` below `acme`.\nNothing was changed.\n");
    let told = folder.run(&["org", "create", "acme", "--dry-run"]).refused(1);
    assert_eq!(told, "orgbox: an organization has the name or the id `acme` already\n");
    let told = folder.run(&["org", "move", "acme-berlin", "--parent", "partner", "--dry-run"]).ok();
    assert_eq!(told, "Would hang `acme-berlin` below `partner`.\nNothing was changed.\n");
    folder.run(&["member", "add", "acme", "admin", "--dry-run"]).ok();
    assert_eq!(folder.query("SELECT count(*) FROM organizations"), ["5"]);
    assert_eq!(folder.query("SELECT count(*) FROM members"), ["0"]);
}

#[test]
fn slips_of_the_finger_are_answered_with_what_was_meant() {
    let folder = scene();
    let refused = |arguments: &[&str]| folder.run(arguments).refused(1);
    for (wanted, meant) in [("acm", "`acme`"), ("Acme GmbH", "`acme` (Acme GmbH)"), ("partnre", "`partner`")] {
        assert_eq!(
            refused(&["org", "show", wanted]),
            format!("orgbox: no organization has the name or the id `{wanted}`; did you mean {meant}?\n")
        );
    }
    assert_eq!(
        refused(&["member", "add", "acme", "amdin"]),
        "orgbox: no user has the login `amdin`; did you mean `admin`?\n"
    );
    assert_eq!(
        refused(&["explain", "acme", "purg_days"]),
        "orgbox: an organization has no field `purg_days`; did you mean `purge_days`?\n"
    );
    assert_eq!(
        refused(&["org", "set", "acme", "camera_limits=3"]),
        "orgbox: an organization has no field `camera_limits`; did you mean `camera_limit`?\n"
    );
    assert_eq!(
        refused(&["org", "set", "acme", "camera_limit=many"]),
        "orgbox: camera_limit must be a whole number, not `many`\n"
    );
    assert_eq!(
        refused(&["org", "set", "acme", "3"]),
        "orgbox: `3` is no assignment; write field=value, such as camera_limit=20\n"
    );
    let told = folder.run(&["org", "lst"]).refused(2);
    assert!(told.contains("list"), "{told}");
}

#[test]
fn what_hangs_where_is_drawn_with_lines() {
    let folder = scene();
    assert_eq!(
        folder.run(&["org", "tree"]).ok(),
        "default\n\
         ├─ acme  Acme GmbH\n\
         │  ├─ acme-berlin\n\
         │  └─ acme-koeln\n\
         └─ partner\n   └─ acme-koeln\n"
    );
    assert_eq!(
        folder.run(&["org", "tree", "--depth", "1"]).ok(),
        "default\n├─ acme  Acme GmbH  (2 directly below)\n└─ partner  (1 directly below)\n"
    );
    folder.run(&["org", "create", "deep", "--parent", "acme-koeln"]).ok();
    assert_eq!(folder.run(&["org", "tree", "partner"]).ok(), "partner\n└─ acme-koeln\n   └─ deep\n");
    let told = folder.run(&["org", "tree"]).ok();
    assert!(told.ends_with("└─ partner\n   └─ acme-koeln  (shown above)\n"), "{told}");
    let nested = json_of(&folder, &["org", "tree", "acme"]);
    assert_eq!(nested[0]["children"][1]["children"][0]["name"], "deep");
}

#[test]
fn an_organization_hangs_below_others_than_before() {
    let folder = scene();
    let told = folder.run(&["org", "move", "acme-berlin", "--parent", "partner"]).ok();
    assert_eq!(told, "`acme-berlin` hangs below `partner` now.\nLook at it with: orgbox org tree\n");
    assert_eq!(json_of(&folder, &["org", "show", "acme-berlin"])["parents"], json!([4]));
    let told = folder.run(&["org", "move", "partner", "--parent", "acme-berlin"]).refused(1);
    assert!(told.contains("cycle") || told.contains("below"), "{told}");
}

#[test]
fn values_are_explained_with_their_source_and_the_way_from_the_top() {
    let folder = scene();
    let told = folder.run(&["explain", "acme-koeln"]).ok();
    assert!(told.starts_with("FIELD                         VALUE         SOURCE\n"), "{told}");
    for line in [
        "purge_days                    31 days       default\n",
        "purge_days_front              31 days       as purge_days\n",
        "title                         acme-koeln    stored\n",
        "description                   -             default\n",
    ] {
        assert!(told.contains(line), "{line}{told}");
    }
    assert!(
        told.ends_with(
            "\n\nPath through the hierarchy\n  default › acme › acme-koeln\n  default › partner › acme-koeln\n"
        ),
        "{told}"
    );
    assert_eq!(
        folder.run(&["explain", "acme", "purge_days"]).ok(),
        "purge_days of `acme` is 30 days.\nSource: stored\n\nPath through the hierarchy\n  default › acme\n"
    );
    let whole = json_of(&folder, &["explain", "acme", "purge_days"]);
    assert_eq!(whole["values"]["purge_days"]["source"], "stored");
    assert_eq!(whole["paths"], json!([["default", "acme"]]));
}

#[test]
fn why_a_user_reaches_an_organization_is_explained() {
    let folder = scene();
    folder.add_user("bob", "long enough", &[]);
    let told = folder.run(&["explain", "acme-koeln", "--user", "bob"]).ok();
    assert!(told.starts_with("`bob` does not reach `acme-koeln`: "), "{told}");
    folder.run(&["member", "add", "acme", "bob", "--edit-cameras"]).ok();
    assert_eq!(
        folder.run(&["explain", "acme-koeln", "--user", "bob"]).ok(),
        "`bob` reaches `acme-koeln`:\n  member of `acme` who may edit cameras: acme › acme-koeln\n"
    );
    assert_eq!(
        folder.run(&["explain", "partner", "--user", "admin"]).ok().lines().nth(1),
        Some("  administrator of the box")
    );
}

#[test]
fn members_come_and_go() {
    let folder = scene();
    folder.add_user("bob", "long enough", &[]);
    assert_eq!(
        folder.run(&["member", "list", "acme"]).ok(),
        "`acme` has no members. Add one with: orgbox member add acme LOGIN\n"
    );
    let told = folder.run(&["member", "add", "acme", "bob", "--view-stats", "--edit-users"]).ok();
    assert!(told.starts_with("`bob` is a member of `acme`: may view stats, edit users.\n"), "{told}");
    assert_eq!(
        folder.run(&["member", "list", "acme"]).ok(),
        "LOGIN  VIEW STATS  EDIT USERS  EDIT CAMERAS\nbob    yes         yes         -\n"
    );
    // The rights are those that were named last, and no others.
    folder.run(&["member", "add", "acme", "bob"]).ok();
    assert_eq!(json_of(&folder, &["member", "list", "acme"])[0]["can_edit_users"], false);
    folder.run(&["member", "remove", "acme", "bob"]).ok();
    assert_eq!(
        folder.run(&["member", "remove", "acme", "bob"]).refused(1),
        "orgbox: `bob` is no member of `acme`; see `orgbox member list acme`\n"
    );
}

#[test]
fn everything_is_audited_as_the_command_lines_and_the_trail_is_whole() {
    let folder = scene();
    let told = folder.run(&["audit", "list", "--organization", "acme", "--limit", "1"]).ok();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("THROUGH  DID     TO              WHAT"), "{told}");
    assert!(lines[1].ends_with("command line  cli      create  organization/2"), "{told}");
    folder.run(&["org", "set", "acme", "camera_limit=7", "title=Acme B"]).ok();
    let told = folder.run(&["audit", "list", "--operation", "update", "--through", "cli", "--limit", "1"]).ok();
    assert!(told.ends_with("title: Acme GmbH → Acme B, camera_limit: 3 → 7\n"), "{told}");
    assert!(folder.run(&["audit", "verify"]).ok().starts_with("The audit trail is whole: "));
    let exported = folder.path("trail.csv");
    let arguments = ["audit", "export", "--output", exported.to_str().unwrap()];
    folder.run(&arguments).ok();
    let lines = std::fs::read_to_string(&exported).unwrap().lines().count();
    assert_eq!(vec![(lines - 1).to_string()], folder.query("SELECT count(*) FROM audit"));
    // What was exported before is not written over.
    assert!(folder.run(&arguments).refused(1).contains("cannot be written"));
    let rows = folder.run(&["audit", "export", "--format", "ndjson"]).ok();
    assert_eq!(rows.lines().count(), lines - 1);
    // Somebody who can write to the file can get past the triggers.
    for trigger in folder.query("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'") {
        folder.database().execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    folder.database().execute_batch("UPDATE audit SET actor = 'nobody' WHERE id = 2").unwrap();
    let told = folder.run(&["audit", "verify"]).refused(1);
    assert!(told.starts_with("orgbox: the audit trail is not whole from entry 2 on"), "{told}");
}
