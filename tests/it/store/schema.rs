//! The schema: the steps lead to `schema.sql`, an upgrade is all or nothing and keeps a backup.

use std::path::Path;

use orgbox::store::{
    OpenError,
    migrate::{self, SCHEMA, STEPS},
    open,
};
use rusqlite::Connection;

use crate::support::test_box::NOON_MS;

const FIRST: &str = "CREATE TABLE parents (id INTEGER PRIMARY KEY); \
                     CREATE TABLE children (id INTEGER PRIMARY KEY, \
                         parent_id INTEGER REFERENCES parents (id) ON DELETE CASCADE); \
                     INSERT INTO parents VALUES (7); INSERT INTO children VALUES (70, 7);";

#[test]
fn the_first_schema_and_all_steps_lead_to_todays_schema() {
    let directory = tempfile::tempdir().unwrap();
    let old = directory.path().join("old.db");
    let mut stepped = Connection::open(&old).unwrap();
    stepped.execute_batch(STEPS[0]).unwrap();
    stepped.pragma_update(None, "application_id", open::APPLICATION_ID).unwrap();
    stepped.pragma_update(None, "user_version", 1).unwrap();
    migrate::bring_up_to_date(&mut stepped, &old, NOON_MS).unwrap();
    let made = open::writer(&directory.path().join("new.db"), NOON_MS).unwrap();
    assert!(objects(&made).len() > 20);
    assert_eq!(objects(&stepped), objects(&made));
    for pragma in ["user_version", "application_id"] {
        let number = |connection: &Connection| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        assert_eq!(number(&stepped).unwrap(), number(&made).unwrap(), "{pragma}");
    }

    let bare = Connection::open_in_memory().unwrap();
    bare.execute_batch(SCHEMA).unwrap();
    assert_eq!(objects(&bare), objects(&made), "schema.sql needs nothing beside itself");
}

#[test]
fn a_new_database_says_what_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let connection = open::writer(&directory.path().join("orgbox.db"), NOON_MS).unwrap();
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("user_version"), i64::try_from(STEPS.len()).unwrap());
    assert_eq!(number("application_id"), i64::from(open::APPLICATION_ID));
    assert_eq!(number("application_id"), i64::from(u32::from_be_bytes(*b"orbx")));
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    open::writer(&path, NOON_MS).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open::writer(&path, NOON_MS).unwrap_err();
    assert!(matches!(error, OpenError::TooNew { found: 99, .. }), "{error:?}");
    let sentence = error.to_string();
    assert!(sentence.contains("schema version 99") && sentence.contains("restore a backup"), "{sentence}");
    assert!(before == std::fs::read(&path).unwrap(), "the file was written");
}

#[test]
fn an_upgrade_takes_what_is_missing_and_keeps_a_complete_backup() {
    let (directory, mut connection) = at_version_one();
    let path = directory.path().join("orgbox.db");
    let second = "ALTER TABLE children ADD COLUMN name TEXT NOT NULL DEFAULT 'new'";
    migrate::take_steps(&mut connection, &path, NOON_MS, "unused", &[FIRST, second]).unwrap();
    let name: String = connection.query_row("SELECT name FROM children", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "new");
    assert_eq!(version(&connection), 2);

    let backup = directory.path().join(format!("orgbox.db.before-v2-{NOON_MS}"));
    assert_eq!(mode(&backup), 0o600);
    let backup = Connection::open(&backup).unwrap();
    assert_eq!(version(&backup), 1);
    assert_eq!(backup.query_row("SELECT sum(id) FROM children", [], |row| row.get::<_, i64>(0)).unwrap(), 70);
    assert_eq!(backup.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");

    let error = migrate::take_steps(&mut connection, &path, NOON_MS, "unused", &[FIRST]).unwrap_err();
    assert!(matches!(error, OpenError::TooNew { found: 2, known: 1, .. }), "{error:?}");
}

#[test]
fn a_step_that_makes_a_table_anew_loses_nothing_that_refers_to_it() {
    let (directory, mut connection) = at_version_one();
    let second = "CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO fresh SELECT id, 'x' FROM parents; \
                  DROP TABLE parents; ALTER TABLE fresh RENAME TO parents";
    let path = directory.path().join("orgbox.db");
    migrate::take_steps(&mut connection, &path, NOON_MS, "unused", &[FIRST, second]).unwrap();
    assert_eq!(connection.query_row("SELECT count(*) FROM children", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    assert!(connection.execute("INSERT INTO children VALUES (71, 8)", []).is_err(), "foreign keys are on again");
}

#[test]
fn a_failing_step_leaves_the_old_schema_and_no_needless_backup() {
    let broken = "CREATE TABLE more (id INTEGER); SELECT no_such_function()";
    let dangling = "DELETE FROM parents";
    for second in [broken, dangling] {
        let (directory, mut connection) = at_version_one();
        let before = objects(&connection);
        let path = directory.path().join("orgbox.db");
        let error = migrate::take_steps(&mut connection, &path, NOON_MS, "unused", &[FIRST, second]).unwrap_err();
        assert!(matches!(error, OpenError::Storage { .. }), "{error:?}");
        assert_eq!(version(&connection), 1);
        assert_eq!(objects(&connection), before);
        assert_eq!(connection.query_row("SELECT count(*) FROM parents", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        let files: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(files.iter().all(|name| !name.to_string_lossy().contains("before")), "{files:?}");
    }
}

fn at_version_one() -> (tempfile::TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    let mut connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    migrate::take_steps(&mut connection, &path, NOON_MS, FIRST, &[FIRST]).unwrap();
    (directory, connection)
}

fn version(connection: &Connection) -> i64 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every object of the schema with its SQL, without comments and with white space made even.
fn objects(connection: &Connection) -> Vec<(String, String, String)> {
    let sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))).unwrap();
    rows.map(|row| {
        let (kind, name, sql): (String, String, String) = row.unwrap();
        let bare: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
        let words = bare.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        // SQLite writes an added column behind the space that stood before the closing bracket.
        (kind, name, words.replace(" ,", ",").replace(" )", ")"))
    })
    .collect()
}
