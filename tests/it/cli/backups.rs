//! `orgbox backup …` and `orgbox restore`, beside a server and without one.

use serde_json::Value;

use super::Folder;

#[test]
fn a_backup_is_made_listed_verified_and_put_back() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.run(&["org", "create", "kept"]).ok();
    let made: Value = serde_json::from_str(&folder.run(&["backup", "create", "--json"]).ok()).unwrap();
    let name = made["name"].as_str().unwrap();
    folder.run(&["org", "create", "later"]).ok();
    assert!(folder.run(&["backup", "list"]).ok().contains(name));
    assert_eq!(folder.run(&["backup", "verify"]).ok(), format!("{name} is sound.\n"));
    assert_eq!(folder.run(&["backup", "prune"]).ok(), "No backup was too many.\n");
    assert!(folder.run(&["status"]).ok().contains(" 1 kept; next "));
    let trail = "SELECT operation || ' ' || subject || ' ' || dialect FROM audit WHERE subject LIKE 'backup%'";
    assert_eq!(folder.query(trail), [format!("create backup/{name} cli")]);
    let in_use = folder.run(&["restore", name, "--yes"]).refused(69);
    assert!(in_use.contains("is served by another orgbox"), "{in_use}");
    server.stop("TERM");
    // Nobody is there to ask: it says what would be lost, and nothing is done.
    let asked = folder.run(&["restore", name]).refused(2);
    assert!(asked.contains("organizations: 3 now, 2 then") && asked.contains("--yes"), "{asked}");
    assert_eq!(folder.query("SELECT count(*) FROM organizations WHERE name = 'later'"), ["1"]);
    let told = folder.run(&["restore", name, "--yes"]).ok();
    assert!(told.contains("is kept as") && told.contains("orgbox.db.replaced-"), "{told}");
    assert_eq!(folder.query("SELECT count(*) FROM organizations WHERE name = 'later'"), ["0"]);
    let server = folder.serve();
    server.admin().get("/api/v1/orgs/kept").expect(200);
    server.admin().get("/api/v1/orgs/later").expect(404);
    folder.run(&["audit", "verify"]).ok();
}

#[test]
fn a_backup_goes_to_a_file_of_choice_and_works_without_a_server() {
    let folder = Folder::set_up();
    let file = folder.path("elsewhere/orgbox.db");
    let file = file.to_str().unwrap();
    let told = folder.run(&["backup", "create", "--to", file]).ok();
    assert!(told.contains("orgbox restore"), "{told}");
    assert!(folder.run(&["backup", "verify", file]).ok().contains("is sound: 1 organizations"));
    let again = folder.run(&["backup", "create", "--to", file]).refused(1);
    assert!(again.contains("is there already"), "{again}");
    folder.run(&["backup", "create"]).ok();
    assert_eq!(folder.run(&["backup", "list", "--json"]).ok().matches("\"name\"").count(), 1);
    let listed = folder.run(&["backup", "list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let name = listed[0]["name"].as_str().unwrap();
    assert!(folder.run(&["backup", "verify", name]).ok().contains("is sound"), "by the name that the list shows");
    // Listing and verifying need no database.
    std::fs::write(folder.path("data/orgbox.db"), "damaged ".repeat(1000)).unwrap();
    folder.run(&["backup", "verify"]).ok();
    let broken = folder.run(&["status"]).refused(69);
    assert!(broken.contains("orgbox restore "), "{broken}");
    folder.run(&["restore", file, "--yes"]).ok();
    assert!(folder.run(&["status"]).out.starts_with("The database is well"));
}

#[test]
fn a_flawed_backup_changes_nothing() {
    let folder = Folder::set_up();
    let file = folder.write("bad.db", "no database at all ".repeat(500));
    let before = std::fs::read(folder.path("data/orgbox.db")).unwrap();
    let refused = folder.run(&["restore", file.to_str().unwrap(), "--yes"]).refused(1);
    assert!(refused.contains("cannot be restored: it is damaged"), "{refused}");
    assert!(folder.run(&["backup", "verify", file.to_str().unwrap()]).refused(1).contains("cannot be restored"));
    // The remedies for the box's own database would be wrong here.
    let missing = folder.run(&["restore", "missing.db", "--yes"]).refused(1);
    assert!(missing.contains("it cannot be read: No such file"), "{missing}");
    assert!(!refused.contains("put the newest backup") && !missing.contains("[database]"), "{refused}{missing}");
    assert!(before == std::fs::read(folder.path("data/orgbox.db")).unwrap());
}

#[test]
fn a_restore_says_when_billing_waits_for_a_decision() {
    let folder = Folder::set_up();
    let made: Value = serde_json::from_str(&folder.run(&["backup", "create", "--json"]).ok()).unwrap();
    let name = made["name"].as_str().unwrap();
    let restored = || folder.run(&["restore", name, "--yes"]).ok();
    assert!(restored().contains("told everything anew"));
    let told = |site: &str| {
        let epoch = "00000000-0000-4000-8000-000000000001";
        format!(r#"{{"site":"{site}","epoch":"{epoch}","acked_seq":1,"bound_seq":1000,"chain":""}}"#)
    };
    folder.write("data/orgbox.hwm", told(made["site"].as_str().unwrap()));
    assert!(restored().contains("told everything anew"));
    folder.write("data/orgbox.hwm", told("00000000-0000-4000-8000-000000000002"));
    assert!(restored().contains("until you decide: orgbox upstream resume"));
}
