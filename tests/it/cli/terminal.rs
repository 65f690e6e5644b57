//! Verbs at a terminal, where passwords are asked for. The terminal is that of `script` (util-linux).

use std::process::Command;

use orgbox::ops::password::verify;

use super::{Folder, ran};

/// Runs a verb at a terminal at which this is typed: its exit code and what the screen showed. `None` without `script`.
fn at_terminal(folder: &Folder, arguments: &str, typed: &str) -> Option<(Option<i32>, String)> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: there is no `script` that gives a terminal");
        return None;
    }
    let verb =
        format!("{} --config {} {arguments}", env!("CARGO_BIN_EXE_orgbox"), folder.path("config.toml").display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &verb, "/dev/null"]).current_dir(folder.path("."));
    script.env_remove("ORGBOX_ADMIN_PASSWORD").env_remove("CREDENTIALS_DIRECTORY").env_remove("ORGBOX_LOG");
    let shown = ran(&mut script, typed.as_bytes());
    Some((shown.code, shown.out))
}

#[test]
fn a_new_password_is_asked_for_twice() {
    let folder = Folder::set_up();
    let typed = "typed by hand\ntyped by hand\n";
    let Some((code, screen)) = at_terminal(&folder, "user passwd admin", typed) else { return };
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("New password for `admin`: ") && screen.contains("The same again: "), "{screen}");
    assert!(verify("typed by hand", &folder.query("SELECT password_hash FROM users")[0]));
}

#[test]
fn two_different_passwords_change_nothing() {
    let folder = Folder::set_up();
    let before = folder.query("SELECT password_hash FROM users");
    let Some((code, screen)) = at_terminal(&folder, "user passwd admin", "typed by hand\ntyped by foot\n") else {
        return;
    };
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("orgbox: the two passwords differ; nothing was changed"), "{screen}");
    assert_eq!(folder.query("SELECT password_hash FROM users"), before);
}

#[test]
fn what_goes_wrong_underneath_is_logged_without_colours() {
    let folder = Folder::set_up();
    folder.write("data/orgbox.db", "no database".repeat(1000));
    let Some((code, screen)) = at_terminal(&folder, "user list", "") else { return };
    assert_eq!(code, Some(69), "{screen}");
    assert!(!screen.contains('\u{1b}'), "{screen}");
}
