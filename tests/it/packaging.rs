//! What an installer gets: the unit, the packages, and both on a real system. Each test that needs a tool which is not there
//! says so and is skipped.

mod boot;
mod metadata;
mod unit;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Runs a tool; `None`, and a line that says so, where it is not there.
fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("skipped: {tool} cannot be run: {error}");
            None
        }
    }
}

/// Fails with what a tool printed unless it ended well.
#[track_caller]
fn well(output: &Output) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        .replace('\t', " ");
    assert!(output.status.success(), "{told}");
    told
}

/// The Debian package of the binary under test; `None` where there is no dpkg-deb or Python.
fn package(folder: &Path, version: &str) -> Option<PathBuf> {
    run("dpkg-deb", &["--version"])?;
    let script = root().join("packaging/package.py");
    let arguments = ["deb", env!("CARGO_BIN_EXE_orgbox"), "--compression", "none", "--version", version, "--to"];
    let arguments: Vec<_> =
        [script.to_str().unwrap()].into_iter().chain(arguments).chain([folder.to_str().unwrap()]).collect();
    let path = well(&run("python3", &arguments)?);
    Some(path.trim().into())
}
