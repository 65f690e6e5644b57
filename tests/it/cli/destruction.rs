//! What destroys: it is foreseen, asked for, and refused under legal hold.

use super::{Folder, terminal::at_terminal};

/// `acme` with a camera, and `below` under it.
fn scene() -> Folder {
    let folder = Folder::set_up();
    folder.run(&["org", "create", "acme", "owner=admin"]).ok();
    folder.run(&["org", "create", "below", "--parent", "acme", "owner=admin"]).ok();
    folder.run(&["camera", "add", "acme", "Gate", "--type", "1"]).ok();
    folder
}

#[test]
fn footage_is_not_shortened_by_the_way() {
    let folder = scene();
    let days = || folder.query("SELECT coalesce(purge_days, 0) FROM organizations WHERE name = 'acme'");
    let days_of_all = |from: u8, to: u8| {
        let fields = ["purge_days", "purge_days_front", "purge_days_rear", "purge_days_auxiliary"];
        fields.map(|field| format!("  {field}: {from} → {to}\n")).concat()
    };
    let all = days_of_all(31, 7);
    let lost = format!("{all}Footage kept shorter than now is deleted:\n  camera 1 Gate: 31 days → 7 days\n");
    assert_eq!(
        folder.run(&["org", "set", "acme", "purge_days=7", "--dry-run"]).ok(),
        format!("Would change `acme`:\n{lost}Nothing was changed.\n")
    );
    assert_eq!(
        folder.run(&["org", "set", "acme", "purge_days=7"]).refused(2),
        format!("orgbox: `acme` changes:\n{lost}Nothing was changed. Add --yes to have it done.\n")
    );
    assert_eq!(days(), ["0"]);
    folder.run(&["org", "set", "acme", "purge_days=7", "--yes"]).ok();
    assert_eq!(days(), ["7"]);
    // More than now loses nothing.
    let told = folder.run(&["org", "set", "acme", "purge_days=8", "title=Acme GmbH"]).ok();
    assert_eq!(
        told,
        format!(
            "Changed `acme`:\n  title: acme → Acme GmbH\n{}See where its values come from with: orgbox explain acme\n",
            days_of_all(7, 8)
        )
    );
    let told = folder.run(&["org", "set", "acme", "purge_days=8"]).ok();
    assert_eq!(told, "`acme` is like that already; nothing was changed.\n");
    folder.run(&["org", "set", "acme", "purge_days=default"]).ok();
    assert_eq!(days(), ["0"]);
}

#[test]
fn a_deletion_names_what_goes_and_waits_for_a_yes() {
    let folder = scene();
    let names = || folder.query("SELECT name FROM organizations ORDER BY id");
    let told = folder.run(&["org", "delete", "acme"]).refused(1);
    assert!(told.contains("with --children reattach what hangs below `acme` hangs below its parents then"), "{told}");
    let told = folder.run(&["org", "delete", "acme", "--children", "cascade", "--dry-run"]).ok();
    assert!(told.starts_with("The organization `acme` (id 2) goes for ever. Deleted are:\n"), "{told}");
    for line in ["  organization below\n", "  camera Gate\n", "  camera 1 Gate: 31 days → 0 days\n"] {
        assert!(told.contains(line), "{told}");
    }
    let told = folder.run(&["org", "delete", "acme", "--children", "reattach"]).refused(2);
    assert!(told.ends_with("Nothing was changed. Add --yes to have it done.\n"), "{told}");
    assert_eq!(names(), ["default", "acme", "below"]);
    folder.run(&["org", "delete", "acme", "--children", "reattach", "--yes"]).ok();
    assert_eq!(names(), ["default", "below"]);
}

#[test]
fn at_a_terminal_the_name_is_typed() {
    let folder = scene();
    let names = || folder.query("SELECT name FROM organizations ORDER BY id");
    let Some((code, screen)) = at_terminal(&folder, "org delete below", "yes\n") else { return };
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("Type `below` to go on: ") && screen.contains("orgbox: nothing was changed"), "{screen}");
    assert_eq!(names(), ["default", "acme", "below"]);
    let Some((code, screen)) = at_terminal(&folder, "org delete below", "below\n") else { return };
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(names(), ["default", "acme"]);
}

#[test]
fn what_is_held_is_neither_deleted_nor_kept_shorter() {
    let folder = scene();
    let told = folder.run(&["hold", "place", "acme", "--reason", "Case 17"]).ok();
    assert_eq!(told, "Put `acme` under legal hold.\nSee every hold with: orgbox hold list\n");
    let listed = folder.run(&["hold", "list"]).ok();
    let lines: Vec<&str> = listed.lines().collect();
    assert!(
        lines.len() == 2 && lines[1].starts_with("acme  ") && lines[1].ends_with("  command line  Case 17"),
        "{listed}"
    );
    assert!(folder.run(&["org", "list"]).ok().lines().nth(2).unwrap().ends_with("  held"));
    for arguments in [
        &["org", "delete", "acme", "--children", "cascade", "--yes"][..],
        &["org", "delete", "below", "--yes"],
        &["org", "set", "acme", "purge_days=7", "--yes"],
        &["camera", "remove", "1", "--yes"],
    ] {
        let told = folder.run(arguments).refused(1);
        assert!(told.contains("legal hold"), "{arguments:?}: {told}");
    }
    assert_eq!(
        folder.run(&["hold", "lift", "below", "--yes"]).refused(1),
        "orgbox: `below` is held only because of what it belongs to, acme: lift that hold\n"
    );
    let told = folder.run(&["hold", "lift", "acme"]).refused(2);
    assert!(told.contains("for this reason: Case 17\n"), "{told}");
    folder.run(&["hold", "lift", "acme", "--yes"]).ok();
    assert_eq!(folder.run(&["hold", "list"]).ok(), "Nothing is under legal hold.\n");
    folder.run(&["camera", "remove", "1", "--yes"]).ok();
}

#[test]
fn a_user_is_removed_for_ever() {
    let folder = scene();
    folder.add_user("bob", "long enough", &[]);
    assert!(folder.run(&["user", "remove", "bob", "--dry-run"]).ok().ends_with("Nothing was changed.\n"));
    folder.run(&["user", "remove", "bob"]).refused(2);
    folder.run(&["user", "remove", "bob", "--yes"]).ok();
    assert_eq!(folder.query("SELECT login FROM users"), ["admin"]);
}
