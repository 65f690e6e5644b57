//! One backup: of one moment though the box is written all the time, checked, private, and whole or not there.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use orgbox::{
    backup::{
        folder::surplus,
        make::{self, Refusal, Stop},
        manifest, verify,
    },
    model::{actor::Who, backup::Backup, organization::NewOrganization},
    ops::organization,
};

use super::{back_up, damage, names, titled, try_back_up};
use crate::support::Bare;

/// Organizations that make the database larger than what is copied in one step.
fn fill(bare: &Bare, count: usize) {
    let made = bare.write(move |write, who| {
        for number in 0..count {
            let new = NewOrganization {
                title: format!("Room {number}"),
                description: Some("x".repeat(4000)),
                ..NewOrganization::default()
            };
            organization::create(write, who, new)?;
        }
        Ok(())
    });
    made.unwrap();
}

/// Without the read transaction around it SQLite begins the copy anew after every commit of another connection, and the
/// counts are of another moment than the pages.
#[test]
fn a_copy_comes_to_an_end_while_others_write_all_the_time_and_is_of_one_moment() {
    let bare = Bare::new();
    fill(&bare, 400);
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let file = bare.path().with_file_name("saved.db");
    let manifest = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let new = NewOrganization { title: "More".to_owned(), ..NewOrganization::default() };
                bare.store.write(|write| organization::create(write, &Who::command_line(), new)).unwrap();
                written.fetch_add(1, Ordering::SeqCst);
            }
        });
        while written.load(Ordering::SeqCst) < 3 {
            std::thread::yield_now();
        }
        let before = written.load(Ordering::SeqCst);
        let manifest = try_back_up(&bare, &file);
        let during = written.load(Ordering::SeqCst) - before;
        stop.store(true, Ordering::SeqCst);
        assert!(during > 0, "the writer stood still while the copy was made");
        manifest.unwrap()
    });
    let found = verify::verify(&file).unwrap();
    assert_eq!(found.manifest.as_ref(), Some(&manifest));
    let organizations = manifest.facts.rows.iter().find(|(table, _)| table == "organizations").unwrap().1;
    assert_eq!(titled(&file, "More"), organizations - 401);
    assert!(bare.column("SELECT count(*) FROM organizations")[0].parse::<i64>().unwrap() >= organizations);
}

#[test]
fn a_backup_is_private_one_file_and_tells_what_is_in_it() {
    let bare = Bare::new();
    bare.organization("One");
    let (file, manifest) = back_up(&bare);
    for path in [&file, &manifest::path(&file)] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let folder = file.parent().unwrap();
    let made: Vec<_> = names(folder).into_iter().filter(|name| name.contains("saved")).collect();
    assert_eq!(made, ["saved.db", "saved.db.json"]);
    assert_eq!(manifest.facts.last_seq.to_string(), bare.column("SELECT last_seq FROM site")[0]);
    assert_eq!(manifest.sha256, manifest::hash(&file).unwrap());
    assert_eq!(manifest::read(&file).unwrap(), manifest);
    // The header says rollback journal: nothing need be written beside it to read it.
    assert_eq!(std::fs::read(&file).unwrap()[18..20], [1, 1]);
    verify::verify(&file).unwrap();
    assert!(matches!(try_back_up(&bare, &file).unwrap_err(), Refusal::Exists(_)));
}

#[test]
fn what_was_changed_afterwards_does_not_pass() {
    let bare = Bare::new();
    let (file, _) = back_up(&bare);
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert!(verify::verify(&file).unwrap_err().to_string().contains("SHA-256"));
    std::fs::write(&file, &bytes[..bytes.len() - 4096]).unwrap();
    assert!(verify::verify(&file).unwrap_err().to_string().contains("another size"));
    // Without a manifest the database itself is looked at.
    std::fs::remove_file(manifest::path(&file)).unwrap();
    assert!(verify::verify(&file).unwrap_err().to_string().contains("database_corrupt"));
}

#[test]
fn a_damaged_database_gives_no_backup_and_leaves_nothing() {
    let bare = Bare::new();
    bare.store.stop();
    damage(&bare.path(), "cameras");
    let folder = bare.path().parent().unwrap().join("backups");
    let error = try_back_up(&bare, &folder.join("saved.db")).unwrap_err();
    assert!(["backup_unsound", "database_corrupt"].contains(&error.code()), "{error:?}");
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
}

#[test]
fn one_that_is_told_to_stop_leaves_nothing() {
    let bare = Bare::new();
    fill(&bare, 600);
    let (stop, folder) = (Stop::default(), bare.path().parent().unwrap().join("backups"));
    stop.ask();
    let error = make::write(&bare.path(), &folder.join("saved.db"), &bare.clock, &stop).unwrap_err();
    assert!(matches!(error, Refusal::Stopping), "{error:?}");
    assert!(names(&folder).is_empty());
}

#[test]
fn a_disk_that_would_be_full_is_refused_by_name_before_anything_is_written() {
    let bare = Bare::new();
    let folder = bare.path().parent().unwrap().join("small");
    std::fs::create_dir(&folder).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"]).arg(&folder).status();
    if !mounted.is_ok_and(|status| status.success()) {
        return println!("skipped: mounting needs root");
    }
    let error = try_back_up(&bare, &folder.join("saved.db"));
    let left = names(&folder);
    assert!(Command::new("umount").arg("-l").arg(&folder).status().unwrap().success());
    let error = error.unwrap_err();
    assert_eq!(error.code(), "backup_no_room");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn too_many_go_from_the_oldest_on_and_never_the_newest() {
    let backups: Vec<_> = [5, 4, 3, 2, 1].map(|age| backup(age, 10)).to_vec();
    assert_eq!(surplus(&backups, 3, 1000, None), ["2", "1"]);
    assert_eq!(surplus(&backups, 7, 1000, None), Vec::<String>::new());
    assert_eq!(surplus(&backups, 7, 25, None), ["3", "2", "1"]);
    assert_eq!(surplus(&backups, 7, 5, None), ["4", "3", "2", "1"], "the newest stays whatever it takes");
    // A clock that was wrong has dated the others later.
    assert_eq!(surplus(&backups, 1, 1000, Some("2")), ["5", "4", "3", "1"]);
}

fn backup(at_ms: i64, bytes: u64) -> Backup {
    Backup { name: at_ms.to_string(), bytes, taken_at_ms: at_ms, manifest: None }
}

#[test]
fn what_is_no_backup_of_this_database_is_not_listed() {
    let bare = Bare::new();
    let folder = bare.path().parent().unwrap().join("backups");
    std::fs::create_dir(&folder).unwrap();
    for name in ["orgbox-20260314T092653Z.db", "orgbox-20260314T092653Z-1.db", "orgbox-20260313T000000Z.db"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    for name in ["other-20260314T092653Z.db", "orgbox-2026.db", ".orgbox-20260314T092653Z.db.unfinished", "orgbox.db"] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let listed = orgbox::backup::folder::Folder::new(&folder, Path::new("orgbox.db")).list().unwrap();
    let listed: Vec<_> = listed.into_iter().map(|backup| backup.name).collect();
    assert_eq!(listed, ["orgbox-20260314T092653Z.db", "orgbox-20260314T092653Z-1.db", "orgbox-20260313T000000Z.db"]);
}
