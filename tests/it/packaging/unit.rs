//! The unit: what systemd itself says of it, and that it knows every secret of the configuration.

use super::{read, root, run, well};

/// Ten times the exposure that is allowed.
const EXPOSURE_MAX: &str = "--threshold=12";

#[test]
fn the_unit_is_as_closed_as_it_can_be() {
    let unit = root().join("packaging/orgbox.service");
    let analyzed =
        run("systemd-analyze", &["security", "--offline=true", "--no-pager", EXPOSURE_MAX, unit.to_str().unwrap()]);
    let Some(analyzed) = analyzed else { return };
    assert!(well(&analyzed).contains("Overall exposure level"));
}

#[test]
fn systemd_understands_every_line() {
    let folder = tempfile::tempdir().unwrap();
    // It wants the program to be there.
    for name in ["orgbox.service", "orgbox.socket"] {
        let text = read(&format!("packaging/{name}")).replace("/usr/bin/orgbox", "/bin/true");
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (service, socket) = (path("orgbox.service"), path("orgbox.socket"));
    let verified = run("systemd-analyze", &["verify", "--man=no", "--recursive-errors=no", &service, &socket]);
    let Some(verified) = verified else { return };
    let told = well(&verified);
    assert!(!told.contains("orgbox."), "{told}");
}

#[test]
fn every_secret_can_be_a_credential_of_the_unit() {
    let unit = read("packaging/orgbox.service");
    for name in orgbox::config::credentials() {
        let line = format!("LoadCredential={name}:orgbox.{name}");
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn the_unit_runs_the_box_with_arguments_it_knows() {
    let unit = read("packaging/orgbox.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/orgbox ")).unwrap();
    let arguments: Vec<_> = start.split(' ').chain(["--help"]).collect();
    well(&run(env!("CARGO_BIN_EXE_orgbox"), &arguments).unwrap());
}
