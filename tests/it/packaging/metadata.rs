//! The packages: both kinds hold the same, the configuration in them is one, and Debian's own checker has nothing to say.

use std::collections::BTreeSet;

use super::{package, read, root, run, well};

fn manifest() -> toml::Table {
    read("Cargo.toml").parse().unwrap()
}

/// Where a file comes from, and the folder it goes to.
type Asset = (String, String);

/// What the folders of one system are called on the other.
fn folder_of(target: &str) -> String {
    let folder = target.trim_start_matches('/').rsplit_once('/').unwrap().0;
    folder.replace("zsh/site-functions", "zsh/vendor-completions")
}

#[test]
fn both_kinds_of_package_hold_the_same() {
    let manifest = manifest();
    let tables = &manifest["package"]["metadata"];
    let deb = tables["deb"]["assets"].as_array().unwrap().iter().map(|asset| {
        (asset[0].as_str().unwrap().to_owned(), folder_of(asset[1].as_str().unwrap()), asset[2].as_str().unwrap())
    });
    let rpm = tables["generate-rpm"]["assets"].as_array().unwrap().iter().map(|asset| {
        let text = |key: &str| asset[key].as_str().unwrap();
        (text("source").to_owned(), folder_of(text("dest")), text("mode"))
    });
    let (deb, rpm): (BTreeSet<_>, BTreeSet<_>) = (deb.collect(), rpm.collect());
    assert_eq!(deb, rpm);
    let of: BTreeSet<Asset> = deb.into_iter().map(|(source, folder, _)| (source, folder)).collect();
    for (source, _) in of.iter().filter(|(source, _)| !source.starts_with("target/")) {
        assert!(root().join(source).is_file(), "{source}");
    }
}

#[test]
fn the_packaged_configuration_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::copy(root().join("packaging/config.toml"), &file).unwrap();
    let told = run(env!("CARGO_BIN_EXE_orgbox"), &["config", "check", "--config", file.to_str().unwrap()]).unwrap();
    well(&told);
    let config = orgbox::config::load(Some(&file), &orgbox::config::Environment::default()).unwrap();
    assert_eq!(config.database.path.to_str(), Some("/var/lib/orgbox/orgbox.db"));
    assert!(config.server.listen.iter().all(|address| address.ip().is_loopback()));
}

#[test]
fn debians_own_checker_has_no_complaint() {
    let folder = tempfile::tempdir().unwrap();
    if run("lintian", &["--version"]).is_none() {
        return;
    }
    let Some(package) = package(folder.path(), "0.1.0") else { return };
    // Of a test only: what it packs is neither stripped nor compressed, to be quick.
    let of_a_test =
        "unstripped-binary-or-object,uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball";
    let checked = run(
        "lintian",
        &["--allow-root", "--fail-on", "error,warning", "--suppress-tags", of_a_test, package.to_str().unwrap()],
    );
    well(&checked.unwrap());
}
