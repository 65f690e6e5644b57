//! Verbs that find no database, or one that cannot be written.

use super::Folder;

#[test]
fn without_a_database_no_verb_makes_one() {
    let folder = Folder::new();
    let path = folder.path("data/orgbox.db");
    let sentence = format!(
        "orgbox: no database at {}: start the box once with `orgbox serve`, or name its configuration with --config\n",
        path.display()
    );
    let verbs = [&["user", "add", "bob"][..], &["user", "list"], &["key", "list"], &["camera", "list", "default"]];
    for arguments in verbs {
        assert_eq!(folder.pipe(arguments, "long enough").refused(69), sentence);
    }
    assert!(!folder.path("data").exists());
    // Neither an empty file nor one that was never set up is a box.
    folder.write("data/orgbox.db", "");
    for arguments in verbs {
        assert_eq!(folder.pipe(arguments, "long enough").refused(69), sentence);
    }
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn a_database_that_another_process_holds_is_unavailable() {
    let folder = Folder::set_up();
    let holder = folder.database();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = folder.pipe(&["user", "add", "bob"], "long enough").refused(69);
    assert!(
        told.ends_with(
            "orgbox: the box cannot store or read data at present (database_locked); nothing was changed. \
             Another process holds the database; stop it or wait for it to finish.\n"
        ),
        "{told}"
    );
    // Reading goes on meanwhile.
    assert!(folder.run(&["user", "list"]).out.contains("admin"));
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(folder.query("SELECT login FROM users"), ["admin"]);
}

#[test]
fn a_file_that_is_no_database_is_reported_and_left_alone() {
    let folder = Folder::new();
    let text = "to whom it may concern, this is a letter and no database at all\n".repeat(100);
    folder.write("data/orgbox.db", &text);
    let told = folder.run(&["user", "list"]).refused(69);
    assert!(told.contains("database_corrupt"), "{told}");
    assert_eq!(std::fs::read_to_string(folder.path("data/orgbox.db")).unwrap(), text);
}
