//! Files that cannot be used, while the box runs and when it starts: what was in force stays so, or the box says that it
//! does not start and why.

use std::{fs, path::Path, process::Command};

use super::{Folder, SETTINGS, drop_in, main, title, titled, told, until_standing, until_titled};

/// A way to make a drop-in useless.
type Break = fn(&Path);

/// Mistakes after which it is not known what else the file said.
const BREAKS: [(&str, Break); 8] = [
    ("empty", |path| fs::write(path, "").unwrap()),
    ("without a version", |path| fs::write(path, titled("no version")).unwrap()),
    ("no TOML", |path| fs::write(path, "not at all").unwrap()),
    ("not UTF-8", |path| fs::write(path, b"version = 1\n# \xff\n").unwrap()),
    ("too long", |path| fs::write(path, format!("version = 1\n#{}\n", "x".repeat(4 << 20))).unwrap()),
    ("a pipe", |path| {
        fs::remove_file(path).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
    ("a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("a link to nowhere", |path| {
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("nowhere", path).unwrap();
    }),
];

/// Mistakes in override tables alone: the box starts with what was in force.
const MISTAKES: [(&str, &str); 3] = [
    ("cut off in a table", "version = 1\n[organizations.default]\ntitle = \"cut o"),
    ("half valid", "version = 1\n[organizations.default]\ntitle = \"half\"\ncamera_limit = -1\n"),
    ("an unknown key", "version = 1\n[organizations.default]\ntitle = \"unknown\"\nlimit = 1\n"),
];

/// Writes the drop-in anew, whatever is in its place.
fn mend(path: &Path, text: &str) {
    if path.is_dir() {
        fs::remove_dir(path).unwrap();
    } else if path.symlink_metadata().is_ok() {
        fs::remove_file(path).unwrap();
    }
    fs::write(path, text).unwrap();
}

#[test]
fn a_broken_file_changes_nothing_while_the_box_runs() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("good"));
    let path = folder.path("config.d/10.toml");
    let server = folder.serve();
    assert_eq!(title(&server), "good", "it is so from the first answer on");
    let mistakes = MISTAKES
        .map(|(what, text)| (what, Box::new(move |path: &Path| fs::write(path, text).unwrap()) as Box<dyn Fn(&Path)>));
    let breaks = BREAKS.map(|(what, way)| (what, Box::new(way) as Box<dyn Fn(&Path)>));
    for (what, way) in breaks.into_iter().chain(mistakes) {
        way(&path);
        until_standing(&server, "rejected");
        let standing = told(&server);
        let problem = standing["problems"][0].as_str().unwrap();
        assert!(problem.contains("config.d/10.toml"), "{what}: {problem}");
        assert!(server.log().contains(problem), "{what}: {problem}");
        assert!(standing["last_good_since"].is_string(), "{what}");
        assert_eq!(title(&server), "good", "{what}");
        mend(&path, &drop_in("good"));
        until_standing(&server, "in_force");
    }
    mend(&path, &drop_in("better"));
    until_titled(&server, "better");
    assert!(server.stop("TERM").success());
}

#[test]
fn a_mistake_in_a_table_keeps_no_box_from_starting_with_what_was_in_force() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("good"));
    folder.serve().stop("TERM");
    for (what, text) in MISTAKES {
        folder.write("config.d/10.toml", text);
        let server = folder.serve();
        assert_eq!((title(&server).as_str(), &told(&server)["standing"]), ("good", &"rejected".into()), "{what}");
        assert!(told(&server)["last_good_since"].is_string());
        server.stop("TERM");
    }
    // A drop-in that is gone altogether.
    fs::remove_file(folder.path("config.d/10.toml")).unwrap();
    let server = folder.serve();
    assert_eq!((title(&server).as_str(), &told(&server)["standing"]), ("good", &"missing".into()));
    folder.write("config.d/10.toml", drop_in("better"));
    until_titled(&server, "better");
}

#[test]
fn a_start_on_broken_files_runs_as_the_last_good_ones_said() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("good"));
    folder.serve().stop("TERM");
    let path = folder.path("config.d/10.toml");
    for (what, way) in BREAKS {
        way(&path);
        let server = folder.serve();
        let standing = told(&server);
        assert_eq!((title(&server).as_str(), &standing["standing"]), ("good", &"rejected".into()), "{what}");
        let problem = standing["problems"][0].as_str().unwrap();
        assert!(problem.contains("config.d/10.toml") && server.log().contains(problem), "{what}: {problem}");
        let status = folder.run(&["status"]);
        assert_eq!(status.status.code(), Some(0), "{what}");
        assert!(String::from_utf8(status.stdout).unwrap().contains(problem), "{what}: every verb works meanwhile");
        server.stop("TERM");
        mend(&path, &drop_in("good"));
    }
    // Cut off in the settings, behind the words that lead to the database.
    folder.write("config.toml", format!("version = 1\n{SETTINGS}[limits]\nmax_body_b"));
    let server = folder.serve();
    assert_eq!((title(&server).as_str(), &told(&server)["standing"]), ("good", &"rejected".into()));
    folder.write("config.toml", main(""));
    until_standing(&server, "in_force");
}

#[test]
fn a_box_that_cannot_know_how_to_run_does_not_start_and_forgets_nothing() {
    let folder = Folder::new();
    folder.write("config.d/10.toml", drop_in("good"));
    folder.serve().stop("TERM");
    fs::rename(folder.path("config.toml"), folder.path("kept")).unwrap();
    assert_eq!(folder.run(&["serve"]).status.code(), Some(78), "nothing leads to the database");
    let others = format!("version = 1\n{SETTINGS}[nobody]\n");
    folder.write("other.toml", &others);
    let ended = folder.command_with("other.toml", &["serve"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(78), "the last good words of another file");
    assert!(String::from_utf8(ended.stderr).unwrap().contains("other.toml"));
    fs::rename(folder.path("kept"), folder.path("config.toml")).unwrap();
    fs::write(folder.path("config.d/10.toml"), MISTAKES[1].1).unwrap();
    assert_eq!(title(&folder.serve()), "good");
}

#[test]
fn a_box_on_the_default_database_starts_without_its_file_until_it_is_cleared() {
    let folder = Folder::new();
    let text = format!("version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n{}", titled("good"));
    for (standing, vanish) in [("rejected", false), ("missing", true)] {
        folder.write("config.toml", &text);
        folder.serve().stop("TERM");
        if vanish {
            fs::remove_file(folder.path("config.toml")).unwrap();
        } else {
            folder.write("config.toml", "");
        }
        let server = folder.serve();
        assert_eq!((title(&server).as_str(), &told(&server)["standing"]), ("good", &standing.into()));
        if vanish {
            assert_eq!(folder.run(&["overrides", "clear", "--yes"]).status.code(), Some(0));
            until_standing(&server, "no_file");
            assert_eq!(title(&server), "Default");
        }
        server.stop("TERM");
    }
    assert_eq!(folder.run(&["serve"]).status.code(), Some(78), "a file that was named is not there, and not missed");
}

#[test]
fn a_main_file_that_vanished_is_missed_until_it_is_cleared() {
    let folder = Folder::new();
    folder.write("config.toml", main(&titled("good")));
    let server = folder.serve();
    fs::remove_file(folder.path("config.toml")).unwrap();
    until_standing(&server, "missing");
    assert_eq!(title(&server), "good");
    assert!(server.log().contains("config.toml is not there; what was in force stays so"), "{}", server.log());
    server.admin().json("POST", "/orgbox/v1/overrides/clear", &serde_json::json!({})).expect(200);
    until_standing(&server, "no_file");
    assert_eq!(title(&server), "Default");
    folder.write("config.toml", main(&titled("again")));
    until_titled(&server, "again");
}

#[test]
fn what_takes_effect_at_a_restart_is_told_and_not_done_by_halves() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.write(
        "config.toml",
        main("[site]\ntitle = \"Other\"\n[limits]\nmax_body_bytes = 2048\n[log]\nlevel = \"debug\"\n"),
    );
    super::until("it is told", || {
        told(&server)["takes_effect_at_restart"] == serde_json::json!(["limits.max_body_bytes", "site.title"])
    });
    assert!(server.log().contains("takes effect at restart: site.title"));
    let site = server.admin().get("/orgbox/v1/site").expect(200);
    assert_ne!(site.json()["title"], "Other");
    // The level has effect at once: what goes well is told at that level only.
    super::until("requests are told", || {
        let request_id = server.client().get("/healthz").header("x-request-id").to_owned();
        server.log().contains(&request_id)
    });
    assert!(server.stop("TERM").success());
}

#[test]
fn the_environment_sets_the_level_before_the_file_does() {
    let folder = Folder::new();
    let mut command = folder.command(&["serve"]);
    let server = crate::support::Server::start(command.env("ORGBOX_LOG", "info"));
    folder.write("config.toml", main("[log]\nlevel = \"debug\"\n[organizations.default]\ntitle = \"seen\"\n"));
    until_titled(&server, "seen");
    let request_id = server.client().get("/healthz").header("x-request-id").to_owned();
    assert!(!server.log().contains(&request_id));
}
