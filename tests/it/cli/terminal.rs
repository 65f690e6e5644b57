//! Verbs at a terminal, where passwords are asked for. The terminal is that of `script` (util-linux).

use std::process::Command;

use orgbox::ops::password::verify;

use super::{Folder, ran};

/// Runs a verb at a terminal at which this is typed: its exit code and what the screen showed. `None` without `script`.
pub fn at_terminal(folder: &Folder, arguments: &str, typed: &str) -> Option<(Option<i32>, String)> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: there is no `script` that gives a terminal");
        return None;
    }
    at_terminal_after(folder, "", arguments, typed)
}

/// What a verb shows at a terminal that a shell has set up. `None` without `script`.
pub fn at_terminal_in(folder: &Folder, before: &str, arguments: &str) -> Option<String> {
    at_terminal(folder, "version", "")?;
    Some(at_terminal_after(folder, before, arguments, "")?.1)
}

/// The same after a shell has done something: it may end in settings of the environment.
fn at_terminal_after(folder: &Folder, before: &str, arguments: &str, typed: &str) -> Option<(Option<i32>, String)> {
    let verb = format!(
        "{before} {} --config {} {arguments}",
        env!("CARGO_BIN_EXE_orgbox"),
        folder.path("config.toml").display()
    );
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &verb, "/dev/null"]).current_dir(folder.path("."));
    script.env("TERM", "xterm").env_remove("NO_COLOR");
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

#[test]
fn colours_and_width_are_the_terminals_and_no_color_takes_them_away() {
    let folder = Folder::set_up();
    let title = "title=A very long title that no narrow screen has room for, whatever else it shows";
    folder.run(&["org", "create", "acme", title]).ok();
    let Some((_, screen)) = at_terminal(&folder, "org list", "") else { return };
    assert!(screen.contains("\u{1b}[1mNAME\u{1b}[0m"), "{screen:?}");
    let narrow = |before: &str| at_terminal_after(&folder, before, "org list", "").unwrap().1;
    let screen = narrow("stty cols 60;");
    assert!(screen.lines().all(|line| width(line) <= 60) && screen.contains('…'), "{screen:?}");
    let screen = narrow("stty cols 200; NO_COLOR=1");
    assert!(!screen.contains('\u{1b}') && screen.contains("whatever else it shows"), "{screen:?}");
    let screen = narrow("stty cols 60; TERM=dumb");
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
}

/// The columns of a line without what colours it.
pub fn width(line: &str) -> usize {
    let mut plain = String::new();
    let mut rest = line.trim_end();
    while let Some((before, code)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = code.split_once('m').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.chars().count()
}
