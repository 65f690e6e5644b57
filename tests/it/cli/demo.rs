//! `orgbox demo`: every API works, every line that it prints can be run, and nothing of it stays.

use std::{
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Demo {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(["demo", "--port", "0", "--billing-port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        for name in ["ORGBOX_LOG", "CREDENTIALS_DIRECTORY", "ORGBOX_ADMIN_PASSWORD"] {
            command.env_remove(name);
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The lines up to one that holds this.
    fn until(&mut self, part: &str) -> Vec<String> {
        let mut read = Vec::new();
        while read.last().is_none_or(|line: &String| !line.contains(part)) {
            read.push(self.lines.next().unwrap_or_else(|| panic!("it ended before {part}: {read:#?}")).unwrap());
        }
        read
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_api_is_shown_and_every_line_can_be_run() {
    let mut demo = Demo::start();
    let told = demo.until("Waiting for changes");
    let api = |name: &str| told.iter().filter(|line| line.starts_with(&format!("{name}: "))).count();
    for name in ["Flussonic Watcher", "WoTKit", "Infinity Config API v2", "Surfsight", "orgbox"] {
        assert!(api(name) > 0, "{name}: {told:#?}");
    }
    for event in
        ["organization/2     created    Harbour Logistics", "organization/4     updated    purge_days", "camera/1"]
    {
        assert!(
            told.iter().any(|line| line.starts_with("  -> billing  ") && line.contains(event)),
            "{event}: {told:#?}"
        );
    }
    let curls: Vec<_> = told.iter().filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(curls.len(), 7, "{told:#?}");
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: the lines that the demo prints need curl, which is not installed");
        return;
    }
    for line in curls {
        let output = Command::new("sh").arg("-c").arg(line.replacen("curl ", "curl -f ", 1)).output().unwrap();
        assert!(output.status.success() && output.stdout.len() > 2, "{line}: {output:?}");
    }
    demo.until("-> billing  organization/2     updated    purge_days");
    let folder = told[0].split(" in ").nth(1).and_then(|rest| rest.split(" until").next()).unwrap();
    assert!(Path::new(folder).is_dir(), "{folder}");
    let id = demo.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert!(demo.child.wait().unwrap().success());
    assert!(!Path::new(folder).exists(), "{folder}");
}
