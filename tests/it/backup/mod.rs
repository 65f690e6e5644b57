//! Backups: made while everything goes on, put back so that a crash leaves the one or the other, and what a box does whose
//! database is damaged or gone.

mod damage;
mod making;
mod replication;
mod restoring;
mod schedule;

use std::{
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use orgbox::{
    backup::make::{self, Refusal, Stop},
    model::backup::Manifest,
};

use crate::support::Bare;

/// Backs a store up into its own folder.
fn back_up(bare: &Bare) -> (PathBuf, Manifest) {
    let file = bare.path().with_file_name("saved.db");
    let manifest = try_back_up(bare, &file).unwrap();
    (file, manifest)
}

fn try_back_up(bare: &Bare, file: &Path) -> Result<Manifest, Refusal> {
    make::write(&bare.path(), file, &bare.clock, &Stop::default())
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// How many organizations a database that nobody writes has with this title.
fn titled(database: &Path, title: &str) -> i64 {
    let connection = rusqlite::Connection::open(database).unwrap();
    let sql = "SELECT count(*) FROM organizations WHERE title = ?1";
    connection.query_row(sql, [title], |row| row.get(0)).unwrap()
}

/// Fills a table's page with what no page holds. The database must be written back, or at rest.
fn damage(database: &Path, table: &str) {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let page: i64 =
        connection.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0)).unwrap();
    drop(connection);
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(database).unwrap();
    file.seek(SeekFrom::Start((page as u64 - 1) * 4096)).unwrap();
    let mut before = [0; 64];
    file.read_exact(&mut before).unwrap();
    file.seek(SeekFrom::Start((page as u64 - 1) * 4096)).unwrap();
    file.write_all(&[0xa5; 64]).unwrap();
    assert_ne!(before, [0xa5; 64]);
}

/// Asks until it is so.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if so() {
            return;
        }
        let (_open, wait) = std::sync::mpsc::channel::<()>();
        wait.recv_timeout(Duration::from_millis(20)).unwrap_err();
    }
    panic!("in vain: {what}");
}
