//! Somebody keeps reading the file: the WAL cannot be written back and grows. That is told, and it has an end.

use orgbox::{
    model::{Fault, Kind, Remark},
    store::{
        Options,
        last_good::{self, LastGood},
    },
};

use super::until::until;
use crate::support::Bare;

/// Changes of about this size, until told otherwise.
const CHANGE_BYTES: usize = 1 << 20;

#[test]
fn a_wal_that_a_reader_keeps_from_being_written_back_is_told_of_bounded_and_cut_back() {
    let bare = Bare::with(Options { wal_max_bytes: 80 << 20, ..Options::default() });
    let change = || {
        let files = vec![("file".to_owned(), "x".repeat(CHANGE_BYTES))];
        let kept = LastGood { main: uuid::Uuid::new_v4().to_string(), files };
        bare.store.write(move |write| last_good::put(write, &kept))
    };
    let reader = bare.sqlite();
    reader.execute_batch("BEGIN; SELECT count(*) FROM users").unwrap();
    let mut told = false;
    let refused = (0..200).find_map(|_| {
        told |= bare.store.remarks().contains(&Remark::WalGrows);
        change().err()
    });
    assert!(told, "a WAL of {} bytes is nothing to remark on", bare.store.footprint().wal_bytes);
    assert_eq!(refused.expect("there is a bound").kind, Kind::Unavailable(Fault::WalFull));
    assert!(bare.store.footprint().wal_bytes < 90 << 20, "{:?}", bare.store.footprint());
    assert_eq!(bare.store.health().map(|health| health.fault), Some(Fault::WalFull));
    bare.store.housekeeping(last_good::forget).unwrap();

    reader.execute_batch("COMMIT").unwrap();
    until("it can be written back", || bare.store.health().is_none());
    change().unwrap();
    assert!(bare.store.footprint().wal_bytes < 32 << 20, "{:?}", bare.store.footprint());
    assert_eq!(bare.store.remarks(), []);
}

#[test]
fn a_large_wal_is_cut_back_without_another_change() {
    let bare = Bare::new();
    let reader = bare.sqlite();
    reader.execute_batch("BEGIN; SELECT count(*) FROM users").unwrap();
    for _ in 0..40 {
        let kept = LastGood { main: String::new(), files: vec![(String::new(), "x".repeat(CHANGE_BYTES))] };
        bare.store.write(move |write| last_good::put(write, &kept)).unwrap();
    }
    assert!(bare.store.footprint().wal_bytes > 32 << 20);
    reader.execute_batch("COMMIT").unwrap();
    until("it is cut back", || bare.store.footprint().wal_bytes == 0);
}
