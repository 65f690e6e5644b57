//! Databases that go back in time, are copied or emptied: each is noticed, and the receiver ends with what is true.

use std::{fs, path::Path, sync::Arc};

use orgbox::{
    clock::Clock,
    model::actor::Who,
    ops::upstream,
    store::{Options, Store},
    upstream::{link::State, sender::Pass, settings::Settings},
};

use super::{
    receiver::{Fate, Receiver, Site, settings},
    sending::Home,
};
use crate::support::test_box::NOON_MS;

/// Copies a database as it is, with what stands in its log.
fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let name = |path: &Path| format!("{}{end}", path.display());
        if Path::new(&name(from)).exists() {
            fs::copy(name(from), name(to)).unwrap();
        }
    }
}

/// A store on a database that is there already.
fn open(database: &Path) -> Arc<Store> {
    Arc::new(Store::open(database, Clock::manual(NOON_MS + 60_000), Options::default()).unwrap())
}

fn reopened(database: &Path, receiver: &Receiver) -> (Arc<Store>, Site) {
    let store = open(database);
    let site = Site::new(&store, database.to_owned(), Clock::manual(NOON_MS + 60_000), receiver.clone(), settings());
    (store, site)
}

#[test]
fn a_restart_goes_on_in_the_same_epoch() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site(&receiver);
    home.create("North");
    site.drain();
    site.sender.stop();
    let mut again = home.site(&receiver);
    home.create("South");
    again.drain();
    assert_eq!(receiver.epochs(), 1);
    assert_eq!(Home::titles(&receiver), ["Default", "North", "South"]);
}

#[test]
fn the_first_send_after_a_start_waits_a_random_time_whatever_it_is() {
    for asked in [false, true] {
        let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
        if asked {
            home.store.write(|write| upstream::resync(write, &Who::command_line())).unwrap();
        }
        let mut site = home.site_with(&receiver, Settings { start_jitter_ms: 60_000, ..settings() });
        let half_ms = home.clock.monotonic_ms() + 30_000;
        assert_eq!(site.drain(), Pass::Wait(half_ms));
        assert_eq!((site.link().state, site.link().next_try_ms), (State::Starting, Some(NOON_MS + 30_000)));
        assert!(receiver.states().is_empty());
        home.clock.advance_ms(30_000);
        assert!(matches!(site.drain(), Pass::Idle(_)));
        assert_eq!(Home::titles(&receiver), ["Default"]);
        // From here on an operator need not wait.
        home.store.write(|write| upstream::resync(write, &Who::command_line())).unwrap();
        assert!(matches!(site.drain(), Pass::Idle(_)));
        assert_eq!(receiver.epochs(), 2);
    }
}

#[test]
fn an_old_file_copied_back_opens_an_epoch_whose_full_state_replaces() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let database = home.folder.path().join("orgbox.db");
    let old = home.folder.path().join("old.db");
    let mut site = home.site(&receiver);
    let north = home.create("North");
    site.drain();
    site.sender.stop();
    copy(&database, &old);
    home.create("Lost by the restore");
    home.rename(north, "Renamed and lost");
    let mut later = home.site(&receiver);
    later.drain();
    later.sender.stop();
    drop((site, later));
    assert_eq!(Home::titles(&receiver), ["Default", "Renamed and lost", "Lost by the restore"]);
    let folder = home.into_folder();

    fs::remove_file(&database).unwrap();
    drop(fs::remove_file(format!("{}-wal", database.display())));
    drop(fs::remove_file(format!("{}-shm", database.display())));
    copy(&old, &database);
    let (_store, mut site) = reopened(&database, &receiver);
    site.drain();
    assert_eq!(receiver.epochs(), 2);
    assert_eq!(Home::titles(&receiver), ["Default", "North"], "what the restore took back is gone upstream as well");
    drop(folder);
}

#[test]
fn a_copied_folder_opens_an_epoch_of_its_own() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site(&receiver);
    home.create("North");
    site.drain();
    site.sender.stop();
    let clone = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(home.folder.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), clone.path().join(entry.file_name())).unwrap();
    }
    let (_store, mut copied) = reopened(&clone.path().join("orgbox.db"), &receiver);
    copied.drain();
    assert_eq!(receiver.epochs(), 2, "a copy never sends under the epoch of its original");
}

#[test]
fn another_database_beside_the_high_water_file_sends_nothing_until_somebody_decides() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site(&receiver);
    home.create("North");
    site.drain();
    site.sender.stop();
    let empty = Home::new();
    fs::copy(home.folder.path().join("orgbox.hwm"), empty.folder.path().join("orgbox.hwm")).unwrap();
    let before = receiver.requests();
    let mut site = empty.site(&receiver);
    site.drain();
    assert_eq!(site.link().state, State::Quarantined);
    assert_eq!(receiver.requests(), before, "nothing is reported as deleted");
    assert_eq!(Home::titles(&receiver), ["Default", "North"]);
}

#[test]
fn a_receiver_that_is_ahead_has_a_new_epoch_opened() {
    let home = Home::new();
    let receiver = Receiver::new(|number, _| {
        if number == 1 {
            let body = br#"{"code":"behind"}"#.to_vec();
            return Fate::Answer(orgbox::upstream::reply::Reply { status: 409, body, ..Default::default() });
        }
        Fate::Take
    });
    let mut site = home.site(&receiver);
    home.create("North");
    site.settle(5);
    assert_eq!(receiver.epochs(), 2);
    assert_eq!(Home::titles(&receiver), ["Default", "North"]);
}
