//! Servers in a folder that a test prepares, with more configuration than the least.

use std::{
    path::Path,
    process::{Command, ExitStatus},
};

use base64::Engine;

use crate::support::{Server, test_box::ADMIN_PASSWORD};

/// Starts on the database in this folder, with more configuration: TOML sections.
pub fn start(folder: &Path, toml: &str) -> Server {
    Server::start(&mut command(folder, toml))
}

/// Runs a server that must not come up. Returns how it ended and what it said.
pub fn refused(folder: &Path, toml: &str) -> (ExitStatus, String) {
    let output = command(folder, toml).output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

/// The value of an Authorization header for the first administrator.
pub fn authorization() -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("admin:{ADMIN_PASSWORD}"));
    format!("Basic {encoded}")
}

/// Runs another verb on the database in this folder, which must do its work. Returns what it printed.
pub fn command_line(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    command.args(arguments).arg("--config").arg(folder.join("config.toml")).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The command that [`start`] runs.
pub fn command(folder: &Path, toml: &str) -> Command {
    let config = folder.join("config.toml");
    let text =
        format!("version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"data/orgbox.db\"\n{toml}");
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    command.arg("serve").arg("--config").arg(config).current_dir(folder).env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD);
    command
}
