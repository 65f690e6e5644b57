//! Opening the file: whose it is, who may read it, and the pragmas in force.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use orgbox::{
    clock::Clock,
    model::{Error, Fault},
    store::{OpenError, Options, Store, open, site},
};
use rusqlite::{Connection, StatementStatus};

use crate::support::{Bare, test_box::NOON_MS};

#[test]
fn sqlite_is_new_enough() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[test]
fn a_database_of_something_else_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (id)").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open::writer(&path, NOON_MS).unwrap_err();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
    assert!(error.to_string().contains("is not an orgbox database"), "{error}");
    assert!(before == std::fs::read(&path).unwrap(), "the file was written");
    assert_eq!(mode(&path), 0o644);
}

#[test]
fn what_has_taken_the_database_s_place_is_not_filled_when_it_is_opened_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    assert!(open::reopen(&path).is_err(), "a file that is gone is not made");
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    assert!(matches!(open::reopen(&path).unwrap_err(), OpenError::NotOurs { .. }));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn only_the_box_s_user_reads_the_files() {
    let bare = Bare::new();
    bare.organization("One");
    assert_eq!(mode(bare.path().parent().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(&bare.path(), suffix)), 0o600, "{suffix}");
    }
}

#[test]
fn files_that_others_could_read_are_made_private() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    drop(open::writer(&path, NOON_MS).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _connection = open::writer(&path, NOON_MS).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(&path, suffix)), 0o600, "{suffix}");
    }
}

#[test]
fn the_pragmas_are_in_force() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    let writer = open::writer(&path, NOON_MS).unwrap();
    let reader = open::reader(&path).unwrap();
    let mode: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    for (pragma, value) in
        [("synchronous", 2), ("auto_vacuum", 2), ("journal_size_limit", 16 << 20), ("wal_autocheckpoint", 4000)]
    {
        assert_eq!(number(&writer, pragma), value, "{pragma}");
    }
    for connection in [&writer, &reader] {
        for (pragma, value) in [
            ("busy_timeout", 5000),
            ("foreign_keys", 1),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("cache_size", -32_768),
            ("temp_store", 2),
        ] {
            assert_eq!(number(connection, pragma), value, "{pragma}");
        }
    }
    assert_eq!(number(&reader, "query_only"), 1);
}

#[test]
fn a_reader_cannot_write() {
    let bare = Bare::new();
    let reader = open::reader(&bare.path()).unwrap();
    let refused = reader.execute("UPDATE organizations SET title = 'Mine'", []).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
    reader.pragma_update(None, "query_only", false).unwrap();
    let refused = reader.execute("UPDATE organizations SET title = 'Mine'", []).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "the file is open for reading only");
}

#[test]
fn a_statement_is_prepared_once_whatever_is_bound_to_its_limit() {
    let bare = Bare::new();
    let reader = open::reader(&bare.path()).unwrap();
    let mut list = reader.prepare("SELECT id FROM organizations_in_force ORDER BY title_key, id LIMIT ?1").unwrap();
    for limit in [1, 100, 7] {
        list.query_map([limit], |row| row.get::<_, i64>(0)).unwrap().for_each(|id| assert!(id.is_ok()));
    }
    assert_eq!(list.get_status(StatementStatus::RePrepare), 0);
}

#[test]
fn garbage_is_refused_with_a_sentence_and_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orgbox.db");
    let garbage = b"this was a database once ".repeat(400);
    std::fs::write(&path, &garbage).unwrap();
    let error = Store::open(&path, Clock::manual(NOON_MS), Options::default()).err().unwrap();
    assert!(error.to_string().contains("database_corrupt") && error.to_string().contains("backup"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), garbage);
}

/// POSIX drops every lock that a process has on a file when it closes any descriptor of it. A box without its locks would
/// have its WAL deleted by the next neighbour that takes itself for the last user.
#[test]
fn opening_anew_after_a_fault_keeps_the_locks() {
    let bare = Bare::new();
    let _reader = bare.store.reader().unwrap().read(site::get).unwrap();
    let before = locks(&bare.path());
    if before == 0 {
        return println!("skipped: /proc/locks shows nothing here");
    }
    bare.store.write(|_| Err::<(), _>(Error::unavailable(Fault::IoError))).unwrap_err();
    bare.organization("One");
    assert!(locks(&bare.path()) > 0);
}

/// POSIX locks of this process on the file.
fn locks(path: &Path) -> usize {
    let inode = format!(":{} ", std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap()));
    let process = format!(" {} ", std::process::id());
    let table = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    table.lines().filter(|line| line.contains(&inode) && line.contains(&process)).count()
}

fn number(connection: &Connection, pragma: &str) -> i64 {
    connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
