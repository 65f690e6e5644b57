//! Where new passwords come from, and what a new one ends.

use orgbox::ops::password::verify;

use super::Folder;

/// Whether this is the password of `bob`.
fn fits(folder: &Folder, password: &str) -> bool {
    verify(password, &folder.query("SELECT password_hash FROM users WHERE login = 'bob'")[0])
}

fn with_bob() -> Folder {
    let folder = Folder::set_up();
    folder.add_user("bob", "the first one", &[]);
    folder
}

#[test]
fn one_line_break_at_the_end_is_no_part_of_a_password() {
    let folder = with_bob();
    assert!(fits(&folder, "the first one"));
    for (input, password) in
        [("piped in\n", "piped in"), ("piped in 2\r\n", "piped in 2"), (" with spaces ", " with spaces ")]
    {
        let told = folder.pipe(&["user", "passwd", "bob"], input).ok();
        assert!(told.starts_with("Changed the password of `bob` and ended its sessions.\n"), "{told}");
        assert!(fits(&folder, password), "{input:?}");
        let file = folder.write("secret", format!("in file {input}"));
        folder.run(&["user", "passwd", "bob", "--password-file", file.to_str().unwrap()]).ok();
        assert!(fits(&folder, &format!("in file {password}")), "{input:?}");
    }
}

#[test]
fn a_password_that_cannot_be_taken_changes_nothing() {
    let folder = with_bob();
    let long = "x".repeat(1025);
    let length = "orgbox: the password must be 8 to 1024 bytes long\n";
    let alone = "orgbox: standard input must hold the password alone, on one line\n";
    for (input, sentence) in [
        (&b"short\n"[..], length),
        (long.as_bytes(), length),
        (b"\n", length),
        (b"", "orgbox: standard input holds no password: pipe one in, or name a --password-file\n"),
        (b"the second one\nand more\n", alone),
        (b"the second one\n\n", alone),
        (b"\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc", "orgbox: standard input is not UTF-8 text\n"),
    ] {
        assert_eq!(folder.pipe(&["user", "passwd", "bob"], input).refused(1), sentence);
    }
    let told = folder.run(&["user", "passwd", "bob", "--password-file", "absent"]).refused(1);
    assert!(told.starts_with("orgbox: --password-file absent cannot be read: No such file"), "{told}");
    assert!(fits(&folder, "the first one"));
    assert!(fits(&folder, "the first one") && !fits(&folder, "the second one"));
}

#[test]
fn the_longest_password_is_taken_whole() {
    let folder = with_bob();
    let longest = "x".repeat(1024);
    folder.pipe(&["user", "passwd", "bob"], format!("{longest}\r\n")).ok();
    assert!(fits(&folder, &longest));
}

#[test]
fn a_new_password_ends_the_users_sessions_and_no_others() {
    let folder = with_bob();
    for user in [1, 2] {
        let sql =
            "INSERT INTO sessions (token_hash, user_id, kind, created_at_ms) VALUES (randomblob(32), ?1, 'watcher', 1)";
        folder.database().execute(sql, [user]).unwrap();
    }
    folder.pipe(&["user", "passwd", "bob"], "the second one").ok();
    assert_eq!(folder.query("SELECT user_id FROM sessions"), ["1"]);
}

#[test]
fn a_new_password_of_a_disabled_user_says_that_it_is_of_no_use_yet() {
    let folder = with_bob();
    folder.run(&["user", "disable", "bob"]).ok();
    let told = folder.pipe(&["user", "passwd", "bob"], "the second one").ok();
    assert!(told.ends_with("The user is disabled; let it in with: orgbox user enable bob\n"), "{told}");
}
