//! What goes to the journal: every line with its priority and without a time, secrets not at all.

use std::{os::unix::fs::PermissionsExt, process::Command};

use super::Managed;
use crate::support::Server;

/// The box with standard error connected with the journal, or with something else that `JOURNAL_STREAM` does not name.
fn command(managed: &Managed, is_journal: bool, verb: &str) -> Command {
    let mut command = Command::new("sh");
    managed.prepare(&mut command);
    let stream = if is_journal { "$(stat --dereference --format %d:%i /dev/stderr)" } else { "1:1" };
    let script = format!("JOURNAL_STREAM={stream} exec \"$0\" {verb} --config config.toml");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_orgbox")]);
    command
}

#[test]
fn lines_for_the_journal_carry_their_priority() {
    let managed = Managed::new();
    let server = Server::start(&mut command(&managed, true, "serve"));
    server.client().basic("admin", "a wrong secret").get("/api/v1/orgs").expect(401);
    let log = server.log();
    assert!(log.starts_with("<6>started version="), "{log}");
    assert!(log.lines().any(|line| line.starts_with("<4>sign-in failed ")), "{log}");
}

#[test]
fn what_is_redirected_from_the_journal_is_like_any_file() {
    let managed = Managed::new();
    let server = Server::start(&mut command(&managed, false, "serve"));
    let log = server.log();
    assert!(log.contains("Z  INFO started version="), "{log}");
}

#[test]
fn what_ends_it_is_an_error_in_every_line() {
    let managed = Managed::new();
    managed.write("listen = 5\nlisten_on = 6", "");
    let output = command(&managed, true, "serve").output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.lines().count() >= 3, "{told}");
    assert!(told.lines().all(|line| line.starts_with("<3>")), "{told}");
}

#[test]
fn the_first_password_goes_into_a_file_of_its_own() {
    let managed = Managed::new();
    let mut command = managed.command();
    let file = managed.path("first-password");
    // One that was there, for everybody to read.
    std::fs::write(&file, "of an earlier box, and longer than what follows").unwrap();
    command.env_remove("ORGBOX_ADMIN_PASSWORD").arg("--first-password-file").arg(&file);
    let server = Server::start(&mut command);
    let password = std::fs::read_to_string(&file).unwrap();
    let password = password.strip_suffix('\n').unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    server.client().basic("admin", password).get("/orgbox/v1/status").expect(200);
    let told = format!("{}{}", server.told.join("\n"), server.log());
    assert!(told.contains("the password in ") && !told.contains(password), "{told}");
    assert!(server.stop("TERM").success());
    std::fs::remove_file(&file).unwrap();
    Server::start(&mut command);
    assert!(!file.exists(), "a later start makes no password");
}
