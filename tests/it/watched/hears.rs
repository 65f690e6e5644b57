//! What the watch hears, without anything that polls: a deaf one would go unnoticed wherever polling finds the change too.

use std::{fs, sync::Arc, time::Duration};

use orgbox::overrides::{
    bell::{Bell, Rung},
    watch::Watch,
};

use super::{Folder, drop_in, main, saves::SAVES, titled};
use crate::support::server::PATIENCE;

/// Long enough for what has happened already to have been heard.
const STILL: Duration = Duration::from_millis(50);

/// Waits until everything that has happened is heard.
fn settle(bell: &Bell) {
    while bell.wait(STILL).changed {}
}

#[test]
fn every_way_to_save_is_heard_again_and_again() {
    for (name, text) in [("config.toml", main(&titled("a"))), ("config.d/10.toml", drop_in("a"))] {
        let folder = Folder::new();
        folder.write(name, &text);
        let bell = Arc::new(Bell::default());
        let mut watch = Watch::new(&folder.path("config.toml"), Arc::clone(&bell));
        for _ in 0..3 {
            for (way, save) in SAVES {
                watch.arm();
                assert_eq!(watch.failure(), None);
                settle(&bell);
                save(&folder.path(name), &text);
                assert!(bell.wait(PATIENCE).changed, "{way}");
                // What is there now is watched now, whatever was watched before.
                settle(&bell);
                watch.arm();
                settle(&bell);
                fs::write(folder.path(name), &text).unwrap();
                assert!(bell.wait(PATIENCE).changed, "after {way}");
            }
        }
    }
}

#[test]
fn a_folder_of_drop_ins_is_heard_to_come() {
    let folder = Folder::new();
    let bell = Arc::new(Bell::default());
    let mut watch = Watch::new(&folder.path("config.toml"), Arc::clone(&bell));
    for _ in 0..3 {
        watch.arm();
        settle(&bell);
        fs::create_dir(folder.path("config.d")).unwrap();
        assert!(bell.wait(PATIENCE).changed, "made");
        settle(&bell);
        watch.arm();
        fs::write(folder.path("config.d/10.toml"), "").unwrap();
        assert!(bell.wait(PATIENCE).changed, "written in");
        settle(&bell);
        fs::remove_dir_all(folder.path("config.d")).unwrap();
        assert!(bell.wait(PATIENCE).changed, "gone");
    }
}

#[test]
fn reading_and_the_neighbours_are_not_heard() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("a"));
    let bell = Arc::new(Bell::default());
    let mut watch = Watch::new(&folder.path("config.toml"), Arc::clone(&bell));
    watch.arm();
    settle(&bell);
    fs::read(folder.path("config.toml")).unwrap();
    fs::read(folder.path("config.d/10.toml")).unwrap();
    fs::read_dir(folder.path("config.d")).unwrap().for_each(drop);
    folder.write("another.toml", "x");
    fs::write(folder.0.path().join("beside"), "x").unwrap();
    assert_eq!(bell.wait(STILL), Rung::default());
    // It hears at all.
    folder.write("config.toml", "x");
    assert!(bell.wait(PATIENCE).changed);
}

#[test]
fn a_folder_that_cannot_be_watched_is_said_to_be_polled() {
    let bell = Arc::new(Bell::default());
    let folder = Folder::new();
    let mut watch = Watch::new(&folder.path("nowhere/config.toml"), Arc::clone(&bell));
    watch.arm();
    // What is not there yet is waited for one folder above.
    assert_eq!(watch.failure(), None);
    settle(&bell);
    folder.write("nowhere/config.toml", "x");
    assert!(bell.wait(PATIENCE).changed);
}

#[test]
fn a_bell_keeps_what_was_rung_until_it_is_taken() {
    let bell = Bell::default();
    bell.changed();
    bell.reload();
    bell.pause(Duration::from_millis(1));
    assert_eq!(bell.wait(PATIENCE), Rung { changed: true, reload: true, stop: false });
    assert_eq!(bell.wait(Duration::from_millis(1)), Rung::default());
    bell.stop();
    // Neither waits any more.
    bell.pause(PATIENCE);
    assert!(bell.wait(PATIENCE).stop && bell.wait(PATIENCE).stop);
}
