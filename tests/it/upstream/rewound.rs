//! The real box and the real receiver, and between them a database that goes back in time, is copied, or is emptied.

use std::fs;

use orgbox::collector::Refusal;
use serde_json::Value;

use super::place::{Billing, Place, create, rename};

/// A box that has sent something, and a copy of its folder from the time before it sent more.
struct Scene {
    billing: Billing,
    place: Place,
    old: tempfile::TempDir,
}

/// `signal` ends the box before the copy is taken, and after it has sent what the copy does not know.
fn scene(signal: &str) -> Scene {
    let billing = Billing::start();
    let place = Place::new(&billing);
    let server = place.serve();
    let north = create(&server.admin(), "North");
    billing.until_equal(&place);
    server.stop(signal);
    let old = tempfile::tempdir().unwrap();
    place.copy_into(old.path());
    let server = place.serve();
    let admin = server.admin();
    create(&admin, "Lost by going back");
    rename(&admin, north, "Renamed and lost");
    billing.until_equal(&place);
    server.stop(signal);
    assert_eq!(billing.epochs(), 1, "a restart opens no epoch");
    Scene { billing, place, old }
}

impl Scene {
    /// Serves what is there now, and changes something under numbers that were used before.
    fn goes_on_right(self, epochs: usize) {
        let Self { billing, place, old: _ } = self;
        let server = place.serve();
        create(&server.admin(), "After going back");
        billing.until_equal(&place);
        server.stop("TERM");
        assert_eq!(billing.epochs(), epochs);
        assert_eq!(place.quarantine(), None);
        // And once more, to see that it has settled.
        let server = place.serve();
        create(&server.admin(), "Later");
        billing.until_equal(&place);
        server.stop("TERM");
        assert_eq!(billing.epochs(), epochs, "once is enough");
    }
}

#[test]
fn an_old_file_copied_back_over_the_new_one_ends_right() {
    for signal in ["TERM", "KILL"] {
        let scene = scene(signal);
        let high_water = fs::read(scene.place.path().join("data/orgbox.hwm")).unwrap();
        scene.place.roll_back(scene.old.path());
        fs::write(scene.place.path().join("data/orgbox.hwm"), high_water).unwrap();
        scene.goes_on_right(2);
    }
}

#[test]
fn a_restored_file_in_the_place_of_the_old_one_ends_right() {
    let scene = scene("KILL");
    let database = scene.place.database();
    // As a restore does it: whole beside it, then renamed over it, and without the log of the one before.
    let whole = rusqlite::Connection::open(scene.old.path().join("data/orgbox.db")).unwrap();
    let restored = database.with_extension("restored");
    whole.execute("VACUUM INTO ?1", [restored.to_str().unwrap()]).unwrap();
    fs::rename(restored, &database).unwrap();
    for end in ["-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{end}", database.display())));
    }
    scene.goes_on_right(2);
}

#[test]
fn a_machine_rolled_back_ends_right() {
    for signal in ["TERM", "KILL"] {
        let scene = scene(signal);
        // The high-water file goes back with it: only the receiver can tell.
        scene.place.roll_back(scene.old.path());
        scene.goes_on_right(2);
    }
}

#[test]
fn of_a_folder_and_its_copy_one_is_refused_and_their_states_never_mix() {
    let Scene { billing, place, old: _old } = scene("TERM");
    let copy = Place::copy_of(&place);
    let (original, copied) = (place.serve(), copy.serve());
    create(&copied.admin(), "Only in the copy");
    billing.until("the copy", |upstream| upstream.running().sites().unwrap()[0].epochs.len() == 2);
    create(&original.admin(), "Only in the original");
    billing.until_refused(&Refusal::DuplicateSite);
    billing.until_equal(&copy);
    original.stop("TERM");
    copied.stop("TERM");
    assert_eq!(copy.quarantine(), None);
    let why = place.quarantine().unwrap();
    assert_eq!(why, "another box sends under this one's name: one of them is a copy");
    // The original goes on locally, and waits for a decision also after a restart.
    let original = place.serve();
    create(&original.admin(), "Never refused");
    original.stop("TERM");
    assert!(place.quarantine().is_some());
    billing.until_equal(&copy);
    assert_eq!(billing.epochs(), 2);
}

#[test]
fn of_a_folder_and_its_copy_each_goes_on_once_an_operator_has_decided() {
    let Scene { billing, place, old: _old } = scene("TERM");
    let copy = Place::copy_of(&place);
    let (original, copied) = (place.serve(), copy.serve());
    let known = place.site();
    billing.until("the copy", |upstream| upstream.running().sites().unwrap()[0].epochs.len() == 2);
    create(&original.admin(), "Only in the original");
    billing.until_refused(&Refusal::DuplicateSite);
    let stands =
        |place: &Place| -> Value { serde_json::from_str(&place.run(&["upstream", "status", "--json"])).unwrap() };
    until(|| stands(&place)["state"] == "quarantined");
    assert!(place.run(&["upstream", "status"]).contains("orgbox upstream resume"));

    // The original is what billing knows, and the copy is told so in its turn ...
    place.run(&["upstream", "resume", "--yes"]);
    billing.until_equal(&place);
    create(&copied.admin(), "Only in the copy");
    billing.until_refused(&Refusal::DuplicateSite);
    until(|| stands(&copy)["state"] == "quarantined");
    // ... and becomes a site of its own.
    copy.run(&["upstream", "new-site", "--yes"]);
    billing.until("a second site", |upstream| upstream.running().sites().unwrap().len() == 2);
    assert_ne!(copy.site(), known);
    billing.until_equal(&copy);
    create(&original.admin(), "Later in the original");
    billing.until_equal(&place);
    for place in [&place, &copy] {
        until(|| stands(place)["state"] == "up");
    }
    original.stop("TERM");
    copied.stop("TERM");
    // Nothing is left to be decided after a restart.
    let copied = copy.serve();
    create(&copied.admin(), "After a restart");
    billing.until_equal(&copy);
    copied.stop("TERM");
    assert_eq!((place.quarantine(), copy.quarantine()), (None, None));
}

/// Looks until it is so.
#[track_caller]
fn until(so: impl Fn() -> bool) {
    assert!((0..2000).any(|_| so()), "in vain");
}

#[test]
fn an_emptied_database_beside_its_high_water_file_reports_nothing_as_deleted() {
    let Scene { billing, place, old: _old } = scene("KILL");
    let before = place.site();
    let held = billing.upstream.shown(before);
    assert!(held.len() > 2);
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{end}", place.database().display())));
    }
    let refused = place.command().output().unwrap();
    assert_eq!(refused.status.code(), Some(69), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("database_missing"), "{refused:?}");
    // Somebody puts a new one there.
    let elsewhere = Place::new(&Billing::start());
    elsewhere.serve().stop("TERM");
    fs::copy(elsewhere.database(), place.database()).unwrap();
    let server = place.serve();
    create(&server.admin(), "In the new database");
    while !server.log().contains("quarantined") {
        server.client().get("/healthz").expect(200);
    }
    server.stop("TERM");
    assert!(place.quarantine().unwrap().contains("the high-water file is that of another database"));
    assert_ne!(place.site(), before);
    assert_eq!(billing.upstream.running().sites().unwrap().len(), 1, "the new one has not been heard of");
    assert_eq!(billing.upstream.shown(before), held);
}
