//! Putting a backup back: the state, what is marked in it, and that a crash at any moment leaves the one or the other.

use std::{
    fs,
    path::{Path, PathBuf},
};

use orgbox::{
    backup::{manifest, restore, verify},
    clock::Clock,
    ops::outbox,
    store::{Options, Store, backup::inspect, migrate::STEPS, open, site},
};
use rusqlite::Connection;

use super::{back_up, names, titled};
use crate::support::{Bare, test_box::NOON_MS};

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[test]
fn the_state_comes_back_in_another_epoch_and_the_old_one_is_kept() {
    let bare = Bare::new();
    bare.organization("Before");
    bare.sqlite()
        .execute(
            "INSERT INTO sessions (token_hash, user_id, kind, created_at_ms) VALUES (zeroblob(32), 1, 'watcher', 1)",
            [],
        )
        .unwrap();
    let (file, manifest) = back_up(&bare);
    bare.organization("After");
    bare.store.stop();
    let database = bare.path();
    let kept = restore::restore(&file, &database, &bare.clock).unwrap().unwrap();
    assert_eq!((titled(&kept, "Before"), titled(&kept, "After")), (1, 1));
    assert_eq!((titled(&database, "Before"), titled(&database, "After")), (1, 0));
    let store = Store::open(&database, bare.clock.clone(), Options::default()).unwrap();
    let reader = store.reader().unwrap();
    let found = reader.read(site::get).unwrap().unwrap();
    assert_eq!((Some(found.site_uuid), found.last_seq), (manifest.facts.site, manifest.facts.last_seq));
    assert_ne!(
        Some(found.epoch_uuid),
        manifest.facts.epoch,
        "who follows the changes must see that numbers come again"
    );
    assert_eq!(reader.read(outbox::progress).unwrap().epoch_due.as_deref(), Some("restore"));
    drop((reader, store));
    assert_eq!(bare.column("SELECT count(*) FROM sessions"), ["0"]);
    let told = "SELECT after FROM audit WHERE subject = 'backup' AND actor = 'command line'";
    assert_eq!(bare.column(told), [r#"{"restored_from":"saved.db"}"#]);
    let left = names(database.parent().unwrap());
    assert!(!left.iter().any(|name| name.contains(".restor")), "{left:?}");
}

/// The pieces of a restore: the old database with a log that was not written back, and the new one.
struct Pieces {
    folder: tempfile::TempDir,
}

impl Pieces {
    /// Old: `Before` and `After`, the second only in the log. New: `Before`.
    fn new() -> Self {
        let bare = Bare::new();
        bare.organization("Before");
        bare.sqlite().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        let (file, _) = back_up(&bare);
        bare.organization("After");
        let folder = tempfile::tempdir().unwrap();
        // As a crash leaves them: the log is not written back.
        for suffix in ["", "-wal"] {
            fs::copy(beside(&bare.path(), suffix), beside(&folder.path().join("old.db"), suffix)).unwrap();
        }
        fs::copy(&file, folder.path().join("new.db")).unwrap();
        Self { folder }
    }

    fn lay(&self, piece: &str, database: &Path, suffix: &str) {
        fs::copy(self.folder.path().join(piece), beside(database, suffix)).unwrap();
    }
}

/// What a start would find: the titles that are there, after what a start does first.
fn after_a_start(database: &Path) -> [i64; 2] {
    restore::finish(database).unwrap();
    restore::finish(database).unwrap();
    ["Before", "After"].map(|title| titled(database, title))
}

#[test]
fn a_crash_at_any_moment_leaves_the_old_or_the_new_database_and_the_old_one_whole() {
    let pieces = Pieces::new();
    let lay = |steps: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orgbox.db");
        steps(&database);
        (folder, database)
    };
    let old = |database: &Path| {
        pieces.lay("old.db", database, "");
        pieces.lay("old.db-wal", database, "-wal");
    };
    // Before the turning point the old one counts, with what is only in its log.
    let (_folder, database) = lay(&|database| {
        old(database);
        pieces.lay("new.db", database, ".restoring");
    });
    fs::write(beside(&database, ".restoring-journal"), "of a process that was killed").unwrap();
    assert_eq!(after_a_start(&database), [1, 1]);
    let left = names(database.parent().unwrap());
    assert!(!left.iter().any(|name| name.contains(".restoring")), "{left:?}");
    // From it on the new one does, however far the rest has come.
    let moved = |database: &Path, suffix: &str| {
        let since = fs::metadata(beside(database, ".restored")).unwrap().modified().unwrap();
        let since = since.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        fs::rename(beside(database, suffix), beside(database, &format!(".replaced-{since}{suffix}"))).unwrap();
    };
    let steps: [&dyn Fn(&Path); 3] = [&|_| {}, &|database| moved(database, "-wal"), &|database| {
        ["-wal", ""].iter().for_each(|it| moved(database, it))
    }];
    for (number, step) in steps.iter().enumerate() {
        let (folder, database) = lay(&|database| {
            old(database);
            pieces.lay("new.db", database, ".restored");
            step(database);
        });
        assert_eq!(after_a_start(&database), [1, 0], "step {number}");
        let kept: Vec<_> = names(folder.path()).into_iter().filter(|name| name.contains("replaced")).collect();
        let [kept] =
            &kept.iter().filter(|name| !name.contains("-wal") && !name.contains("-shm")).collect::<Vec<_>>()[..]
        else {
            panic!("{kept:?}")
        };
        let kept = folder.path().join(kept);
        assert_eq!(["Before", "After"].map(|title| titled(&kept, title)), [1, 1], "step {number}: with its log");
    }
}

#[test]
fn an_older_schema_is_brought_up_to_date_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let (old, database) = (folder.path().join("old.db"), folder.path().join("orgbox.db"));
    let connection = Connection::open(&old).unwrap();
    connection.execute_batch(STEPS[0]).unwrap();
    connection.pragma_update(None, "application_id", open::APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
        .execute_batch(
            "INSERT INTO site (id, site_uuid, epoch_uuid, created_at_ms) VALUES (1, randomblob(16), randomblob(16), 1)",
        )
        .unwrap();
    connection.close().unwrap();
    assert_eq!(verify::verify(&old).unwrap().facts.schema, 1);
    assert_eq!(restore::restore(&old, &database, &Clock::manual(NOON_MS)).unwrap(), None);
    assert_eq!(inspect(&database).unwrap().schema, i64::try_from(STEPS.len()).unwrap());
    assert_eq!(names(folder.path()), ["old.db", "orgbox.db"], "no copy of a copy");
    assert_eq!(inspect(&old).unwrap().schema, 1, "the backup stays as it is");
}

#[test]
fn what_was_replaced_can_be_put_back_with_its_log() {
    let pieces = Pieces::new();
    let database = pieces.folder.path().join("orgbox.db");
    let kept = pieces.folder.path().join("old.db");
    assert_eq!(inspect(&kept).unwrap(), verify::verify(&kept).unwrap().facts);
    restore::restore(&kept, &database, &Clock::manual(NOON_MS)).unwrap();
    assert_eq!(["Before", "After"].map(|title| titled(&database, title)), [1, 1]);
}

#[test]
fn what_must_not_be_put_back_is_refused() {
    let bare = Bare::new();
    let (file, _) = back_up(&bare);
    fs::remove_file(manifest::path(&file)).unwrap();
    let refused = |change: &dyn Fn(&Connection)| {
        let copy = file.with_file_name("copy.db");
        fs::copy(&file, &copy).unwrap();
        let connection = Connection::open(&copy).unwrap();
        change(&connection);
        connection.close().unwrap();
        verify::verify(&copy).unwrap_err().to_string()
    };
    let newer = refused(&|connection| connection.pragma_update(None, "user_version", 99).unwrap());
    assert!(newer.contains("schema version 99"), "{newer}");
    let theirs = refused(&|connection| connection.pragma_update(None, "application_id", 7).unwrap());
    assert!(theirs.contains("is not an orgbox database"), "{theirs}");
    let nobody = refused(&|connection| connection.execute_batch("DELETE FROM site").unwrap());
    assert!(nobody.contains("never set up"), "{nobody}");
    assert!(verify::verify(&file.with_file_name("none.db")).is_err());
}
