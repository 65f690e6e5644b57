//! `orgbox config …` and `orgbox version`: they need no database.

use std::process::Command;

use super::{Folder, ran};

#[test]
fn a_configuration_in_order_is_said_to_be() {
    let folder = Folder::new();
    let file = folder.path("config.toml");
    assert_eq!(
        folder.run(&["config", "check"]).ok(),
        format!("{} is in order. It has effect when the box is started again.\n", file.display())
    );
    let without = Command::new(env!("CARGO_BIN_EXE_orgbox"))
        .args(["config", "check"])
        .current_dir(folder.path("."))
        .env_remove("ORGBOX_ADMIN_PASSWORD")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(without.stdout).unwrap(),
        "The defaults are in order; name a file with --config to have it checked.\n"
    );
    assert!(!folder.path("data").exists());
}

#[test]
fn every_problem_has_a_line_and_no_verb_does_anything() {
    let folder = Folder::set_up();
    folder.write("config.toml", "version = 1\n[site]\nttle = \"x\"\n[limits]\nmax_connections = 1\n");
    let file = folder.path("config.toml").display().to_string();
    for arguments in [
        &["config", "check"][..],
        &["config", "show"],
        &["serve"],
        &["user", "list"],
        &["key", "list"],
        &["camera", "list", "default"],
    ] {
        let told = folder.run(arguments).refused(78);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 3, "{told}");
        assert_eq!(lines[0], "orgbox: the configuration cannot be used:");
        assert!(lines[1].starts_with(&format!("{file}:3:1: unknown key `site.ttle`; did you mean `title`?")), "{told}");
        assert!(lines[2].starts_with(&format!("{file}:5:")), "{told}");
    }
    let told = folder.command(&["user", "list"]).env("ORGBOX_ADMIN_PASSWORD", "short").output().unwrap();
    assert_eq!(told.status.code(), Some(78));
}

#[test]
fn what_is_in_force_is_shown_without_secrets() {
    let folder = Folder::new();
    let shown = ran(folder.command(&["config", "show"]).env("ORGBOX_ADMIN_PASSWORD", "not to be seen"), b"").ok();
    let file = folder.path("config.toml").display().to_string();
    assert!(shown.contains(&format!("listen = \"127.0.0.1:0\" # {file}:3\n")), "{shown}");
    assert!(shown.ends_with("# admin_password: set, not shown # environment ORGBOX_ADMIN_PASSWORD\n"), "{shown}");
    assert!(!shown.contains("not to be seen"));
}

#[test]
fn the_versions_are_those_of_the_box_of_sqlite_and_of_the_schema() {
    let folder = Folder::set_up();
    let schema = folder.query("PRAGMA user_version").remove(0);
    let sqlite = folder.query("SELECT sqlite_version()").remove(0);
    let expected = format!("orgbox {}\nSQLite {sqlite}\nschema {schema}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(folder.run(&["version"]).ok(), expected);
}
