//! `orgbox collector`: what it prints, and what it does not start with.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{Letter, Site};
use crate::support::Server;

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    command.args(["collector", "--listen", "127.0.0.1:0"]).args(arguments).current_dir(folder).env_clear();
    command
}

fn refused(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(folder, arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A first batch, what follows it with a gap, and one that is refused.
fn three(site: &mut Site) -> [Letter; 3] {
    let events = vec![site.epoch_event(None, "first start"), site.updated("organization/1", 1, "A")];
    let first = site.letter(&events);
    site.link(&first);
    site.seq = 9;
    let events = vec![site.updated("organization/1", 2, "B")];
    let second = site.letter(&events);
    let third = site.letter(&events);
    [first, second, third]
}

#[test]
fn every_batch_is_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&mut command(folder.path(), &[]));
    let mut site = Site::new(7);
    let statuses = three(&mut site).map(|letter| letter.post(&server.client()).status);
    assert_eq!(statuses, [200, 200, 409]);
    let lines = server.stop_and_read("TERM");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let rest: Vec<_> = lines.iter().map(|line| line.split_once("Z  ").unwrap().1).collect();
    assert!(rest[0].starts_with("00000000-0000-0000-0000-000000000007  epoch …00000001  "), "{rest:?}");
    assert!(rest[0].ends_with("  1-2  2 events: 1 applied, 1 noted, new epoch (first start)"), "{rest:?}");
    assert!(rest[1].ends_with("  10-10  1 event: 1 applied, GAP 3-9, full state asked for"), "{rest:?}");
    assert!(rest[2].contains("  10-10  1 event: REFUSED 409 behind: "), "{rest:?}");
    assert!(folder.path().join("collector.db").exists());
}

#[test]
fn lines_are_for_machines_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "0123456789abcdef\n").unwrap();
    let arguments = ["--json", "--database", "data/c.db", "--token-file", token.to_str().unwrap()];
    let server = Server::start(&mut command(folder.path(), &arguments));
    let client = server.client().with("authorization", "Bearer 0123456789abcdef");
    let mut site = Site::new(7);
    let letters = three(&mut site);
    letters[0].post(&server.client()).expect(401);
    letters.iter().for_each(|letter| drop(letter.post(&client)));
    let lines = server.stop_and_read("INT");
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!((&lines[0]["opened"], &lines[0]["status"]), (&"first start".into(), &200.into()));
    assert_eq!((&lines[1]["gap"], &lines[1]["resync"]), (&serde_json::json!(["3", "9"]), &true.into()));
    assert_eq!((&lines[2]["code"], &lines[2]["site"]), (&"behind".into(), &site.uuid.to_string().into()));
    assert!(folder.path().join("data/c.db").exists());
}

#[test]
fn it_does_not_start_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (short, broken) = (file("short", b"0123456789"), file("broken", b"whsec_AAAA\n"));
    let other = file("other.db", &[b'x'; 4096]);
    let foreign = folder.path().join("foreign.db");
    let sqlite = rusqlite::Connection::open(&foreign).unwrap();
    sqlite.execute_batch("CREATE TABLE t (x)").unwrap();
    let foreign = foreign.to_str().unwrap().to_owned();
    for (arguments, code, words) in [
        (vec!["--listen", "0.0.0.0:0"], 2, "--listen"),
        (vec!["--token-file", &short], 78, "16 or more"),
        (vec!["--token-file", "/nowhere"], 1, "cannot be read"),
        (vec!["--signing-secret-file", &broken], 78, "24 to 64 bytes"),
        (vec!["--database", &other], 78, "is not a database of this collector"),
        (vec!["--database", &foreign], 78, "is not a database of this collector"),
    ] {
        let (found, err) = refused(folder.path(), &arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {err}");
        assert!(err.contains(words) && !err.contains("0123456789") && !err.contains("AAAA"), "{err}");
    }
    let mut open = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    let open =
        open.args(["collector", "--listen", "0.0.0.0:0"]).current_dir(folder.path()).env_clear().output().unwrap();
    assert_eq!(open.status.code(), Some(78));
    assert!(String::from_utf8(open.stderr).unwrap().contains("not a loopback address"));
    let running = Server::start(&mut command(folder.path(), &[]));
    let (code, err) = refused(folder.path(), &[]);
    assert_eq!(code, Some(69), "{err}");
    assert!(err.contains("used by another collector"), "{err}");
    drop(running);
}
