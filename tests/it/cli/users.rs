//! `orgbox user …` without a server.

use super::Folder;

#[test]
fn users_are_listed_as_an_aligned_table_and_as_json() {
    let folder = Folder::set_up();
    let added = folder.pipe(
        &["user", "add", "bob", "--name", "Bob Ünlü", "--email", "bob@example.com", "--organization", "default"],
        "bob's password\n",
    );
    assert_eq!(added.ok(), "Added the user `bob` (id 2, user).\nIt is a member of `default` and can sign in now.\n");
    folder.pipe(&["user", "add", "eve", "--role", "admin"], "eve's password").ok();
    folder.run(&["user", "disable", "eve"]).ok();
    assert_eq!(
        folder.run(&["user", "list"]).ok(),
        "ID  LOGIN  ROLE         STATE     NAME      EMAIL\n\
         1   admin  super_admin  enabled   -         -\n\
         2   bob    user         enabled   Bob Ünlü  bob@example.com\n\
         3   eve    admin        disabled  -         -\n"
    );
    let listed: serde_json::Value = serde_json::from_str(&folder.run(&["user", "list", "--json"]).ok()).unwrap();
    let bob = serde_json::json!({
        "id": 2, "login": "bob", "role": "user", "enabled": true, "name": "Bob Ünlü", "email": "bob@example.com",
    });
    for (key, value) in bob.as_object().unwrap() {
        assert_eq!(listed[1][key], *value, "{key}");
    }
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(folder.query("SELECT user_id FROM members WHERE organization_id = 1 AND user_id = 2"), ["2"]);
}

#[test]
fn a_user_that_cannot_be_added_says_which_flag_is_wrong_and_adds_nothing() {
    let folder = Folder::set_up();
    let refused = |arguments: &[&str]| folder.pipe(&[&["user", "add"], arguments].concat(), "long enough").refused(1);
    assert_eq!(
        refused(&["b:b", "--email", "nowhere"]),
        "orgbox: LOGIN must be 1 to 100 characters on one line, without a colon and without spaces at its ends; \
         --email must be an e-mail address\n"
    );
    assert_eq!(
        refused(&["bob", "--name", "two\nlines"]),
        "orgbox: --name must be at most 255 characters on one line\n"
    );
    assert_eq!(refused(&["admin"]), "orgbox: a user with the login admin already exists\n");
    assert_eq!(
        refused(&["bob", "--organization", "nowhere"]),
        "orgbox: no organization has the name or the id `nowhere`; see `orgbox org list`\n"
    );
    assert_eq!(folder.query("SELECT login FROM users"), ["admin"]);
}

#[test]
fn a_user_who_cannot_join_the_organization_is_not_added_either() {
    let folder = Folder::set_up();
    folder.database().execute("UPDATE organizations SET user_limit = 1", []).unwrap();
    folder.pipe(&["user", "add", "bob", "--organization", "1"], "long enough").ok();
    let refusal = folder.pipe(&["user", "add", "eve", "--organization", "1"], "long enough").refused(1);
    assert!(refusal.contains("may have 1 "), "{refusal}");
    assert_eq!(folder.query("SELECT login FROM users ORDER BY id"), ["admin", "bob"]);
}

#[test]
fn usage_is_told_with_exit_code_2() {
    let folder = Folder::new();
    for arguments in [
        &["user", "add"][..],
        &["user", "add", "bob", "--role", "emperor"],
        // A password is never an argument.
        &["user", "add", "bob", "--password", "long enough"],
        &["user", "add", "bob", "long enough"],
        &["user", "passwd", "bob", "long enough"],
        &["sing"],
    ] {
        let told = folder.run(arguments).refused(2);
        assert!(told.contains("--help"), "{arguments:?}: {told}");
    }
}

#[test]
fn a_user_is_disabled_and_enabled_once() {
    let folder = Folder::set_up();
    folder.add_user("bob", "long enough", &[]);
    let enabled = || folder.query("SELECT enabled FROM users WHERE login = 'bob'");
    let disabled = folder.run(&["user", "disable", "bob"]).ok();
    assert!(disabled.starts_with("Disabled `bob` and ended its sessions.\n"), "{disabled}");
    assert!(disabled.ends_with("Undo it with: orgbox user enable bob\n"), "{disabled}");
    assert_eq!(enabled(), ["0"]);
    let again = folder.run(&["user", "disable", "bob"]).ok();
    assert_eq!(again, "`bob` is disabled already; nothing was changed.\n");
    assert!(folder.run(&["user", "enable", "bob"]).ok().starts_with("Enabled `bob`.\n"));
    assert_eq!(enabled(), ["1"]);
    let again = folder.run(&["user", "enable", "bob"]).ok();
    assert_eq!(again, "`bob` is enabled already; nothing was changed.\n");
}

#[test]
fn the_last_super_administrator_stays() {
    let folder = Folder::set_up();
    let refusal = folder.run(&["user", "disable", "admin"]).refused(1);
    assert_eq!(refusal, "orgbox: this is the last super administrator; make another one first\n");
    folder.add_user("root", "long enough", &["--role", "super_admin"]);
    folder.run(&["user", "disable", "admin"]).ok();
}

#[test]
fn unknown_users_are_not_found() {
    let folder = Folder::set_up();
    for verb in ["disable", "enable", "passwd"] {
        let told = folder.pipe(&["user", verb, "bob"], "long enough").refused(1);
        assert_eq!(told, "orgbox: no user has the login `bob`; see `orgbox user list`\n", "{verb}");
    }
}

#[test]
fn what_is_done_is_in_the_audit_trail_as_the_command_lines() {
    let folder = Folder::set_up();
    folder.add_user("bob", "long enough", &[]);
    let trail = folder.query(
        "SELECT actor || '|' || dialect || '|' || operation || '|' || subject FROM audit ORDER BY id DESC LIMIT 1",
    );
    assert_eq!(trail, ["command line|cli|create|user/2"]);
}
