//! `[database] external_replication`: the log is left to Litestream, the real one, and what it has replicated is the box.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use orgbox::store::{Options, backup::inspect};
use serde_json::json;

use super::until;
use crate::support::{Bare, TestBox};

struct Litestream(Child);

impl Drop for Litestream {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The program: what the environment variable names, or what `.ci/run` has installed.
fn program() -> Option<PathBuf> {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/litestream/bin/litestream");
    let program = env::var_os("ORGBOX_LITESTREAM").map_or_else(installed, PathBuf::from);
    Command::new(&program)
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
        .then_some(program)
}

#[test]
fn the_log_is_left_alone_where_another_program_replicates() {
    for external_replication in [false, true] {
        let bare = Bare::with(Options { external_replication, ..Options::default() });
        bare.organization("One");
        bare.store.stop();
        let left = fs::metadata(bare.path().with_file_name("orgbox.db-wal")).map_or(0, |log| log.len());
        assert_eq!(left > 0, external_replication, "{left}");
    }
}

#[test]
fn what_litestream_has_replicated_is_the_box() {
    let Some(program) = program() else {
        let hint = "skipped: litestream is not there; .ci/run installs it, or set ORGBOX_LITESTREAM to the program";
        writeln!(std::io::stderr(), "{hint}").unwrap();
        return;
    };
    let test_box = TestBox::with("[database]\nexternal_replication = true\n");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("litestream.yml");
    let replica = folder.path().join("replica");
    let text = format!(
        "dbs:\n  - path: {}\n    replicas:\n      - type: file\n        path: {}\n        sync-interval: 100ms\n",
        test_box.database().display(),
        replica.display()
    );
    fs::write(&config, text).unwrap();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let child = Command::new(&program)
        .args(["replicate", "-config"])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let litestream = Litestream(child);
    let admin = test_box.admin();
    for number in 0..20 {
        let body = json!({ "name": format!("org-{number}"), "longName": "Replicated" });
        admin.json("POST", "/api/v1/orgs", &body).expect(201);
    }
    let wanted: i64 = test_box.query("SELECT last_seq FROM site")[0].parse().unwrap();
    let restored = folder.path().join("restored.db");
    until("everything is replicated", || {
        drop(fs::remove_file(&restored));
        let mut restore = Command::new(&program);
        restore.args(["restore", "-config"]).arg(&config).arg("-o").arg(&restored).arg(test_box.database());
        let done = restore.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success();
        done && inspect(&restored).is_ok_and(|facts| facts.last_seq == wanted)
    });
    drop(litestream);
    let organizations = rusqlite::Connection::open(&restored).unwrap().query_row(
        "SELECT count(*) FROM organizations WHERE title = 'Replicated'",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert_eq!(organizations.unwrap(), 20);
}
