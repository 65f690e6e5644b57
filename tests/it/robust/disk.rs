//! Without room, on a file system that has become read-only, and on a file that is no database.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{
    kill::assert_sound,
    process,
    until::{TRIES, breathe, until},
};
use crate::support::{Answer, Client};

#[test]
fn a_full_disk_stops_writes_and_nothing_else_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(_mount) = Mount::new(&data, &["-t", "tmpfs", "-o", "size=3m", "tmpfs"]) else { return };
    let server = process::start(folder.path(), "");
    let admin = server.admin();
    let mut made = vec![create(&admin, "before").expect(201).json()["name"].clone()];
    let filler = data.join("filler");
    fill(&filler);
    let refused = (0..TRIES).find_map(|number| {
        let answer = create(&admin, &format!("during-{number}"));
        if answer.status == 201 {
            made.push(answer.json()["name"].clone());
            return None;
        }
        Some(answer)
    });
    assert_refused(&refused.expect("the disk is full in the end"), 507);
    for _ in 0..5 {
        assert_refused(&create(&admin, "while-full"), 507);
        admin.get("/api/v1/orgs/before").expect(200);
        let ready = server.client().get("/readyz").expect(503).json();
        assert_eq!(ready["status"], "not_ready");
        assert_eq!(ready["reasons"][0]["name"], "disk_full");
        assert!(ready["reasons"][0]["remedy"].as_str().unwrap().contains("Free space"), "{ready}");
        server.client().get("/healthz").expect(200);
    }
    std::fs::remove_file(&filler).unwrap();
    until("writing works again", || create(&admin, "after").status == 201);
    made.push(json!("after"));
    until("it is ready again", || server.client().get("/readyz").status == 200);
    for name in &made {
        admin.get(&format!("/api/v1/orgs/{}", name.as_str().unwrap())).expect(200);
    }
    assert_sound(folder.path());
}

#[test]
fn a_full_disk_is_found_usable_again_without_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(_mount) = Mount::new(&data, &["-t", "tmpfs", "-o", "size=3m", "tmpfs"]) else { return };
    let server = process::start(folder.path(), "");
    let admin = server.admin();
    let filler = data.join("filler");
    fill(&filler);
    // Some pages of room: enough for what the box tries by itself, and not for a client's change.
    let filled = std::fs::OpenOptions::new().write(true).open(&filler).unwrap();
    filled.set_len(filled.metadata().unwrap().len() - (4 << 12)).unwrap();
    drop(filled);
    until("the disk is full", || create(&admin, &format!("org-{}", uuid::Uuid::new_v4())).status == 507);
    // Long enough for the box to try by itself.
    for _ in 0..200 {
        server.client().get("/readyz").expect(503);
        breathe();
    }
    std::fs::remove_file(&filler).unwrap();
    until("it is ready again", || server.client().get("/readyz").status == 200);
}

#[test]
fn a_file_system_that_turns_read_only_stops_writes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (data, image) = (folder.path().join("data"), folder.path().join("image"));
    std::fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
    let made = run(Command::new("mkfs.ext4").args(["-q", "-m0"]).arg(&image));
    let image = image.to_str().unwrap();
    let mount = made.then(|| Mount::new(&data, &["-t", "ext4", "-o", "loop", image])).flatten();
    let Some(mount) = mount else { return println!("skipped: needs root, mkfs.ext4 and loop devices") };
    let server = process::start(folder.path(), "");
    let admin = server.admin();
    create(&admin, "before").expect(201);
    // A file system that is in use cannot be remounted read-only; one that has met an error is.
    if !run(Command::new("mount").args(["-o", "remount,abort"]).arg(&mount.0)) {
        return println!("skipped: the file system cannot be made to fail");
    }
    until("writing fails", || create(&admin, &format!("org-{}", uuid::Uuid::new_v4())).status == 503);
    assert_refused(&create(&admin, "during"), 503);
    admin.get("/api/v1/orgs/before").expect(200);
    let ready = server.client().get("/readyz").expect(503).json();
    let name = ready["reasons"][0]["name"].as_str().unwrap();
    assert!(["read_only", "io_error"].contains(&name), "{ready}");
    // A file system that has aborted comes back only by a new mount, and so does the box.
    server.kill();
    drop(mount);
    std::fs::remove_dir(&data).unwrap();
    let _mount = Mount::new(&data, &["-t", "ext4", "-o", "loop", image]).unwrap();
    let server = process::start(folder.path(), "");
    server.admin().get("/api/v1/orgs/before").expect(200);
    server.admin().get("/api/v1/orgs/during").expect(404);
    create(&server.admin(), "afterwards").expect(201);
    server.client().get("/readyz").expect(200);
    server.kill();
    assert_sound(folder.path());
}

#[test]
fn a_box_on_a_read_only_file_system_says_so_and_starts_once_it_can_write() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(mount) = Mount::new(&data, &["-t", "tmpfs", "-o", "size=64m", "tmpfs"]) else { return };
    let server = process::start(folder.path(), "");
    create(&server.admin(), "before").expect(201);
    assert_eq!(server.stop("TERM").code(), Some(0));
    let remount = |how: &str| run(Command::new("mount").args(["-o", how]).arg(&mount.0));
    assert!(remount("remount,ro"));
    let (status, said) = process::refused(folder.path(), "");
    assert_eq!(status.code(), Some(69), "{said}");
    assert!(said.contains("read_only") && said.contains("writable again"), "{said}");
    assert!(remount("remount,rw"));
    let server = process::start(folder.path(), "");
    server.admin().get("/api/v1/orgs/before").expect(200);
    create(&server.admin(), "afterwards").expect(201);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_kept() {
    for (content, code) in [(&b"not a database at all ".repeat(300)[..], 69), (b"short", 69)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/orgbox.db");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        let (status, said) = process::refused(folder.path(), "");
        assert_eq!(status.code(), Some(code), "{said}");
        assert!(said.contains("orgbox.db") && said.contains("backup"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(std::fs::read(&file).unwrap(), content);
    }
}

#[test]
fn somebody_else_s_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/orgbox.db");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (id)").unwrap();
    let (status, said) = process::refused(folder.path(), "");
    assert_eq!(status.code(), Some(78), "{said}");
    assert!(said.contains("is not an orgbox database"), "{said}");
}

/// A mounted file system; goes with the value.
pub struct Mount(pub PathBuf);

impl Mount {
    pub fn new(target: &Path, arguments: &[&str]) -> Option<Self> {
        std::fs::create_dir(target).unwrap();
        if run(Command::new("mount").args(arguments).arg(target)) {
            return Some(Self(target.to_owned()));
        }
        println!("skipped: mounting needs root");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: the server may be on its way out, and a failed assertion must not leave it mounted.
        run(Command::new("umount").arg("-l").arg(&self.0));
    }
}

pub fn run(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Takes all the room there is.
pub fn fill(filler: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(filler).unwrap();
    for block in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![b'x'; block]).is_ok() {}
    }
}

fn create(admin: &Client, name: &str) -> Answer {
    let body = json!({ "name": name, "longName": "Room", "description": "x".repeat(4000) });
    admin.json("POST", "/api/v1/orgs", &body)
}

/// In the dialect's shape, with when to try again, and without what SQLite said.
fn assert_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_ne!(answer.header("retry-after"), "");
    let error = &answer.json()["error"];
    assert_eq!(error["status"], status);
    let message = match status {
        507 => "the box has no room left to store changes; deleting and signing in still work",
        _ => "the box cannot store or read data at present",
    };
    assert_eq!(error["message"], message);
    assert!(matches!(&error["developerMessage"], Value::Array(lines) if lines.len() == 1), "{error}");
}
