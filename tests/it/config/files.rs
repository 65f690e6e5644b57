//! Which files are read, in what order, and which are refused.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{Folder, assert_holds, assert_starts};
use orgbox::config::Origin;

#[test]
fn a_later_drop_in_wins_key_by_key() {
    let folder = Folder::with("[limits]\nkeep_alive_seconds = 1\nwrite_batch_jobs = 1\n[site]\ntitle = \"a\"\n");
    folder
        .write("config.d/20.toml", "version = 1\n[limits]\nkeep_alive_seconds = 20\n")
        .write("config.d/10.toml", "version = 1\nlimits = { keep_alive_seconds = 10, write_batch_jobs = 10 }\n")
        .write("config.d/.30.toml", "not read")
        .write("config.d/40.toml~", "not read")
        .write("config.d/50/60.toml", "not read");
    let config = folder.load();
    assert_eq!(config.limits.keep_alive_seconds, 20);
    assert_eq!(config.limits.write_batch_jobs, 10);
    assert_eq!(config.site.title, "a");
    let Origin::File(place) = config.origins.get("limits.keep_alive_seconds") else { panic!("{:?}", config.origins) };
    assert_eq!((place.file, place.line), (folder.path("config.d/20.toml"), 3));
}

#[test]
fn a_value_that_a_later_file_replaces_is_checked_all_the_same() {
    let folder = Folder::with("[limits]\nkeep_alive_seconds = 0\n");
    folder.write("config.d/10.toml", "version = 1\n[limits]\nkeep_alive_seconds = 20\n");
    assert_starts(&folder.problem(), "config.toml:3:22: ");
}

#[test]
fn relative_paths_are_seen_from_their_file() {
    let folder = Folder::with("[database]\npath = \"data/box.db\"\n");
    assert_eq!(folder.load().database.path, folder.path("data/box.db"));
    folder.write("config.d/10.toml", "version = 1\ndatabase.path = \"../box.db\"\n");
    assert_eq!(folder.load().database.path, folder.path("config.d/../box.db"));
    folder.write("config.d/20.toml", "version = 1\ndatabase.path = \"/srv/box.db\"\n");
    assert_eq!(folder.load().database.path.to_str(), Some("/srv/box.db"));
}

#[test]
fn each_file_needs_its_version() {
    for (text, problem) in [
        ("", "config.toml:1:1: the file is empty"),
        (" \n\n", "config.toml:1:1: the file is empty"),
        ("# nothing\n", "config.toml:1:1: `version = 1` is missing, the file may be cut short"),
        ("[site]\ntitle = \"a\"\n", "config.toml:1:1: `version = 1` is missing"),
        ("version = 2\n", "config.toml:1:11: `version` must be 1, not 2"),
        ("version = 0x1\n", "config.toml:1:11: `version` must be 1"),
        ("version = \"1\"\n", "config.toml:1:11: `version` must be 1, not \"1\"; write it without quotes"),
        ("version = 1\n[site]\ntitle = \"a", "config.toml:3:11: this is not valid TOML"),
        ("version = 1\nversion = 1\n", "config.toml:2:1: this is not valid TOML: duplicate key"),
    ] {
        let folder = Folder::new();
        folder.write("config.toml", text);
        assert_starts(&folder.problem(), problem);
    }
    let folder = Folder::with("");
    folder.write("config.d/10-site.toml", "[site]\ntitle = \"a\"\n");
    assert_starts(&folder.problem(), "config.d/10-site.toml:1:1: `version = 1` is missing");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    let folder = Folder::new();
    folder.write("config.toml", "\u{feff}version = 2\r\n[site]\r\ntitle = 5\r\n");
    let problems = folder.problems();
    assert_starts(&problems[0], "config.toml:1:11: ");
    assert_starts(&problems[1], "config.toml:3:9: ");
}

#[test]
fn what_is_no_readable_text_file_is_refused_and_the_others_are_checked() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", b"version = 1\n[site]\ntitle = \"\xff\"\n");
    fs::create_dir(folder.path("config.d/20.toml")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.path("config.d/30.toml")).status().unwrap();
    assert!(pipe.success());
    symlink("40.toml", folder.path("config.d/40.toml")).unwrap();
    symlink("/dev/zero", folder.path("config.d/50.toml")).unwrap();
    let long = format!("version = 1\n#{}", "x".repeat(4 << 20));
    folder.write("config.d/60.toml", &long);
    folder.write("config.d/70.toml", &long[..4 << 20]);
    folder.write("config.d/80.toml", "version = 3\n");
    let problems = folder.problems();
    let starts = [
        "config.toml: cannot be read: No such file",
        "config.d/10.toml: line 3 is not UTF-8",
        "config.d/20.toml: is not a regular file",
        "config.d/30.toml: is not a regular file",
        "config.d/40.toml: cannot be read: ",
        "config.d/50.toml: is not a regular file",
        "config.d/60.toml: is longer than 4194304 bytes",
        "config.d/80.toml:1:11: ",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert_starts(problem, start);
    }
}

#[test]
fn a_drop_in_may_be_a_link_to_a_file() {
    let folder = Folder::with("");
    folder.write("..data/10.toml", "version = 1\n[site]\ntitle = \"linked\"\n");
    fs::create_dir(folder.path("config.d")).unwrap();
    symlink("../..data/10.toml", folder.path("config.d/10.toml")).unwrap();
    assert_eq!(folder.load().site.title, "linked");
}

#[test]
fn the_folder_of_drop_ins_must_be_one() {
    let folder = Folder::with("");
    folder.write("config.d", "");
    assert_starts(&folder.problem(), "config.d: the folder of drop-ins cannot be read");
    let folder = Folder::with("");
    for name in 0..257 {
        folder.write(&format!("config.d/{name}.toml"), "version = 1\n");
    }
    assert_holds(&folder.problem(), "holds 257 drop-ins, but at most 256");
}
