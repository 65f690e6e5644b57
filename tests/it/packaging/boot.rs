//! The package on a booted system, as `tests/systemd/package.sh` tells step by step.

use super::{package, root};
use std::process::Command;

/// What `boot.sh` ends with where it cannot boot anything.
const SKIPPED: i32 = 77;

#[test]
fn the_package_lives_a_whole_life_under_systemd() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name);
    for (file, version) in [("old.deb", "0.0.9"), ("new.deb", env!("CARGO_PKG_VERSION"))] {
        let Some(package) = package(folder.path(), version) else { return };
        std::fs::rename(package, name(file)).unwrap();
    }
    let tests = root().join("tests/systemd");
    let mut boot = Command::new("bash");
    boot.arg(tests.join("boot.sh")).arg(tests.join("package.sh")).arg(tests.join("hold_thread.py"));
    let output = boot.args([name("old.deb"), name("new.deb")]).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(SKIPPED) {
        eprintln!("{told}");
        return;
    }
    assert!(output.status.success() && told.ends_with("all well\n"), "{told}");
}
