//! Where secrets come from, and that nothing ever shows them.

use super::{Folder, assert_holds, assert_starts};
use orgbox::config::{self, Config, Environment, Origin};

const KEY: &str = "k3y-of-16-or-more";
const PASSWORD: &str = "pass word é";

fn key(config: &Config) -> Option<&str> {
    config.watcher.system_key.as_ref().map(|key| key.expose())
}

fn password(config: &Config) -> Option<&str> {
    config.admin_password.as_ref().map(|password| password.expose())
}

impl Folder {
    /// An environment whose credentials directory is `credentials` in this folder.
    fn environment(&self, admin_password: Option<&str>) -> Environment {
        Environment {
            credentials_directory: Some(self.path("credentials")),
            admin_password: admin_password.map(str::to_owned),
        }
    }
}

fn with_key_file() -> Folder {
    Folder::with("[dialects.watcher]\nsystem_key_file = \"system.key\"\n")
}

#[test]
fn a_secret_file_loses_one_line_break_and_no_more() {
    let folder = with_key_file();
    for end in ["", "\n", "\r\n"] {
        folder.write("system.key", format!("{KEY}{end}"));
        assert_eq!(key(&folder.load()), Some(KEY));
    }
    folder.write("system.key", format!("{KEY}\n\n"));
    assert_holds(&folder.problem(), "and nothing else");
}

#[test]
fn a_secret_file_that_does_not_do_is_reported_where_it_is_named() {
    let folder = with_key_file();
    let start = "config.toml:3:19: the file that `dialects.watcher.system_key_file` names ";
    assert_starts(&folder.problem(), &format!("{start}cannot be read: No such file"));
    for (content, refusal) in [
        (&b""[..], "is empty"),
        (b"\n", "is empty"),
        (b"short-key-of-15", "must hold one key of 16 or more"),
        (b"a key with some blanks", "must hold one key of 16 or more"),
        (b"\xff\xfe0123456789abcdef", "is not UTF-8 text"),
        (&[b'k'; 4097], "is longer than 4096 bytes"),
    ] {
        folder.write("system.key", content);
        assert_starts(&folder.problem(), &format!("{start}{refusal}"));
    }
    folder.write("system.key", [b'k'; 4096]);
    folder.load();
}

#[test]
fn only_the_secret_file_in_force_is_read() {
    let folder = with_key_file();
    folder.write("keys/system.key", KEY);
    folder.write("config.d/10.toml", "version = 1\ndialects.watcher.system_key_file = \"../keys/system.key\"\n");
    assert_eq!(key(&folder.load()), Some(KEY));
}

#[test]
fn a_credential_stands_in_for_a_file_that_is_not_named() {
    let folder = Folder::with("");
    folder.write("credentials/watcher-system-key", "credential-key-of-the-box\n");
    let environment = folder.environment(None);
    let config = folder.load_in(&environment).unwrap();
    assert_eq!(key(&config), Some("credential-key-of-the-box"));
    assert_eq!(config.origins.get("dialects.watcher.system_key_file"), Origin::Credential("watcher-system-key"));
    assert_eq!(key(&config::load(None, &environment).unwrap()), Some("credential-key-of-the-box"));

    folder.write("system.key", KEY);
    folder.write("config.toml", "version = 1\ndialects.watcher.system_key_file = \"system.key\"\n");
    assert_eq!(key(&folder.load_in(&environment).unwrap()), Some(KEY));
}

#[test]
fn the_password_of_the_credential_comes_before_that_of_the_environment() {
    let folder = Folder::with("");
    let environment = folder.environment(Some(PASSWORD));
    let config = folder.load_in(&environment).unwrap();
    assert_eq!(password(&config), Some(PASSWORD));
    assert_eq!(config.origins.get("admin_password"), Origin::Environment("ORGBOX_ADMIN_PASSWORD"));
    folder.write("credentials/admin-password", "from the credential\n");
    let config = folder.load_in(&environment).unwrap();
    assert_eq!(password(&config), Some("from the credential"));
    assert_eq!(config.origins.get("admin_password"), Origin::Credential("admin-password"));
}

#[test]
fn a_password_has_8_to_1024_bytes() {
    let folder = Folder::with("");
    for good in ["8 bytes.", "ééé é", &"x".repeat(1024)] {
        assert!(folder.load_in(&folder.environment(Some(good))).is_ok(), "{good}");
    }
    for bad in ["", "7 bytes", &"x".repeat(1025), "not UTF-8 \u{fffd}"] {
        let problems = folder.problems_in(&folder.environment(Some(bad)));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_starts(&problems[0], "the environment variable ORGBOX_ADMIN_PASSWORD ");
        assert!(bad.is_empty() || !problems[0].contains(bad), "{problems:?}");
    }
    folder.write("credentials/admin-password", "short\n");
    folder.write("credentials/watcher-system-key", "short\n");
    let problems = folder.problems_in(&folder.environment(Some(PASSWORD)));
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_starts(&problems[0], "credentials/watcher-system-key: the credential must hold one key");
    assert_starts(&problems[1], "credentials/admin-password: the credential must hold a password of 8");
}

#[test]
fn a_credential_that_cannot_be_read_is_not_passed_over() {
    let folder = Folder::with("");
    folder.write("credentials/watcher-system-key/file", "");
    std::os::unix::fs::symlink("nowhere", folder.path("credentials/admin-password")).unwrap();
    let problems = folder.problems_in(&folder.environment(Some(PASSWORD)));
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_holds(&problems[0], "watcher-system-key: the credential is not a regular file");
    assert_holds(&problems[1], "admin-password: the credential cannot be read");
}

#[test]
fn nothing_shows_a_secret() {
    let folder = with_key_file();
    folder.write("system.key", KEY);
    let environment = folder.environment(Some(PASSWORD));
    let config = folder.load_in(&environment).unwrap();
    assert_eq!((key(&config), password(&config)), (Some(KEY), Some(PASSWORD)));
    for shown in [format!("{config:?}"), format!("{config:#?}"), format!("{environment:?}"), config.show()] {
        assert_holds(&shown, "not shown");
        assert!(!shown.contains(KEY) && !shown.contains(PASSWORD), "{shown}");
    }
    let file = folder.path("config.toml");
    let shown = config.show();
    assert_holds(&shown, &format!("\n# system_key_file: set, not shown # {}:3\n", file.display()));
    assert_holds(&shown, "\n# admin_password: set, not shown # environment ORGBOX_ADMIN_PASSWORD\n");
    assert_holds(&Config::default().show(), "\n# system_key_file: not set\n");
}

#[test]
fn a_secret_written_in_place_of_its_file_is_not_repeated() {
    let folder = Folder::with(&format!("[dialects.watcher]\nsystem_key_file = \"{KEY}\"\nsystem_key = \"{KEY}\"\n"));
    let problems = folder.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(!problems.concat().contains(KEY), "{problems:?}");
}
