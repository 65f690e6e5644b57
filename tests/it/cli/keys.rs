//! `orgbox key …` without a server.

use sha2::{Digest, Sha256};

use super::Folder;

/// Makes a key and returns its halves as they were shown, and everything that was shown.
fn create(folder: &Folder, name: &str, more: &[&str]) -> (String, String, String) {
    let told = folder.run(&[&["key", "create", "--user", "admin", "--name", name], more].concat()).ok();
    let whole = told.lines().find_map(|line| line.strip_prefix("key         obk_")).unwrap_or_else(|| panic!("{told}"));
    assert!(whole.len() == 32 && whole.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{told}");
    let (public_id, secret) = whole.split_at(16);
    (public_id.to_owned(), secret.to_owned(), told)
}

#[test]
fn a_key_is_shown_once_whole_and_in_halves_and_kept_as_a_hash() {
    let folder = Folder::set_up();
    let (public_id, secret, told) = create(&folder, "billing", &["--expires", "2999-01-31"]);
    assert_eq!(
        told,
        format!(
            "Made the key `billing` with the rights of `admin`, until 2999-01-31T00:00:00Z.\n\n\
             key         obk_{public_id}{secret}\n\
             HTTP Basic  user name {public_id}, password {secret}\n\n\
             It is not shown again. End it with: orgbox key revoke {public_id}\n"
        )
    );
    let kept: Vec<u8> = folder.database().query_row("SELECT secret_hash FROM api_keys", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, Sha256::digest(&secret).as_slice());
    let (other, other_secret, _) = create(&folder, "other", &[]);
    assert!(other != public_id && other_secret != secret);
}

#[test]
fn keys_are_listed_as_an_aligned_table_and_as_json() {
    let folder = Folder::set_up();
    assert_eq!(
        folder.run(&["key", "list"]).ok(),
        "There are no keys. Make one with: orgbox key create --user LOGIN --name NAME\n"
    );
    assert_eq!(folder.run(&["key", "list", "--json"]).ok(), "[]\n");
    let (first, ..) = create(&folder, "a", &["--expires", "2999-01-31T18:00:00+01:00"]);
    let (second, ..) = create(&folder, "billing", &[]);
    let narrow = ["--organization", "default", "--read-only", "--network", "10.0.0.0/8"];
    let (third, ..) = create(&folder, "narrow", &narrow);
    folder.database().execute("UPDATE api_keys SET last_used_at_ms = 1773480413999 WHERE id = 2", []).unwrap();
    assert_eq!(
        folder.run(&["key", "list"]).ok(),
        format!(
            "PUBLIC ID         NAME     USER   MAY        FROM        LAST USED             EXPIRES\n\
             {first}  a        admin  all        anywhere    never                 2999-01-31T17:00:00Z\n\
             {second}  billing  admin  all        anywhere    2026-03-14T09:26:53Z  never\n\
             {third}  narrow   admin  look in 1  10.0.0.0/8  never                 never\n"
        )
    );
    let listed: serde_json::Value = serde_json::from_str(&folder.run(&["key", "list", "--json"]).ok()).unwrap();
    for (key, value) in [("public_id", second.as_str()), ("name", "billing"), ("user", "admin"), ("scope", "full")] {
        assert_eq!(listed[1][key], value);
    }
    assert!(listed[1]["expires"].is_null());
    assert_eq!(listed[0]["expires"], "2999-01-31T17:00:00Z");
}

#[test]
fn a_key_that_cannot_be_made_is_refused() {
    let folder = Folder::set_up();
    let create = |more: &[&str]| folder.run(&[&["key", "create"], more].concat());
    let past = ["--user", "admin", "--name", "x", "--expires", "2020-01-31"];
    assert_eq!(create(&past).refused(1), "orgbox: --expires must be in the future\n");
    assert_eq!(
        create(&["--user", "admin", "--name", " "]).refused(1),
        "orgbox: --name must be 1 to 100 characters on one line\n"
    );
    assert_eq!(
        create(&["--user", "bob", "--name", "x"]).refused(1),
        "orgbox: no user has the login `bob`; see `orgbox user list`\n"
    );
    // Without an offset nobody knows which moment is meant.
    for when in ["2999-02-30", "2999-01-31T18:00:00", "31.1.2999", "soon"] {
        let told = create(&["--user", "admin", "--name", "x", "--expires", when]).refused(2);
        assert!(told.contains("write a date such as 2027-01-31"), "{told}");
    }
    assert_eq!(create(&["--name", "x"]).refused(2).lines().next(), Some(MISSING));
    assert!(folder.query("SELECT name FROM api_keys").is_empty());
}

const MISSING: &str = "error: the following required arguments were not provided:";

#[test]
fn a_key_is_revoked_by_its_public_id_or_by_a_name_that_is_its_alone() {
    let folder = Folder::set_up();
    let (first, ..) = create(&folder, "twice", &[]);
    let (second, ..) = create(&folder, "twice", &[]);
    let (third, ..) = create(&folder, "once", &[]);
    // A key that took the public id of another for its name must not shield that one.
    create(&folder, &first, &[]);
    let revoke = |wanted: &str| folder.run(&["key", "revoke", wanted]);
    assert_eq!(revoke("twice").refused(1), "orgbox: 2 keys have the name `twice`; say which by its public id\n");
    let told = revoke("once").ok();
    assert!(told.starts_with(&format!("Revoked the key `once` of `admin` ({third}).\n")), "{told}");
    assert!(revoke(&first).ok().contains(&first));
    assert_eq!(folder.query("SELECT name FROM api_keys ORDER BY id"), ["twice", first.as_str()]);
    assert!(revoke("twice").ok().contains(&second));
    assert_eq!(
        revoke("twice").refused(1),
        "orgbox: no key has the public id or the name `twice`; see `orgbox key list`\n"
    );
}

#[test]
fn a_key_of_a_disabled_user_says_that_it_is_of_no_use_yet() {
    let folder = Folder::set_up();
    folder.add_user("bob", "long enough", &[]);
    folder.run(&["user", "disable", "bob"]).ok();
    let told = folder.run(&["key", "create", "--user", "bob", "--name", "x"]).ok();
    assert!(told.contains("The user is disabled: the key is refused until it is enabled.\n"), "{told}");
}
