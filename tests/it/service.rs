//! The box under a service manager: what it is told and when, sockets that were opened for it, the journal, the end. The
//! manager here is the test; `packaging` has the real one.

mod journal;
mod manager;
mod sockets;
mod stop;

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::support::{Server, server::PATIENCE, test_box::ADMIN_PASSWORD};

/// A folder with a configuration, and the socket on which a manager listens.
struct Managed {
    folder: TempDir,
    socket: UnixDatagram,
}

impl Managed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        let managed = Self { folder, socket };
        managed.write("listen = \"127.0.0.1:0\"", "");
        managed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, server: &str, more: &str) {
        let text = format!("version = 1\n[server]\n{server}\n[database]\npath = \"orgbox.db\"\n{more}");
        std::fs::write(self.path("config.toml"), text).unwrap();
    }

    /// The command that serves, told where the manager listens.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        self.prepare(&mut command);
        command.arg("serve").arg("--config").arg(self.path("config.toml"));
        command
    }

    /// Another program in its place.
    fn prepare(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env("NOTIFY_SOCKET", self.path("notify"));
        command.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD).env_remove("ORGBOX_LOG");
    }

    /// What the manager is told next.
    fn told(&self) -> String {
        self.told_within(PATIENCE).expect("the manager is told something")
    }

    /// What the manager is told next; `None` where it is told nothing for so long.
    fn told_within(&self, wait: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(wait)).unwrap();
        let mut text = vec![0; 4096];
        let length = self.socket.recv(&mut text).ok()?;
        text.truncate(length);
        Some(String::from_utf8(text).unwrap())
    }

    /// Waits until the manager is told a line that begins so. Returns it.
    fn until(&self, line: &str) -> String {
        loop {
            let told = self.told();
            if let Some(found) = told.lines().find(|told| told.starts_with(line)) {
                return found.to_owned();
            }
        }
    }
}

/// Holds one thread of a process as a debugger would, while all others go on; lets it go when dropped.
struct Held(Child);

impl Held {
    /// Holds the first thread whose name begins so; `None`, and a line that says why, where this machine does not let us.
    fn hold(process: u32, thread: &str) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd/hold_thread.py");
        let mut command = Command::new("python3");
        command.arg(script).args([OsStr::new(&process.to_string()), OsStr::new(thread)]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: python3 is missing");
            return None;
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.trim() == "held" {
            return Some(Self(child));
        }
        let output = child.wait_with_output().unwrap();
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(why.contains("ptrace"), "{why}");
        eprintln!("skipped: no thread can be held: {why}");
        None
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The kernel lets a thread go whose tracer has ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Sets a limit, so that something of a file is in force.
fn limit(server: &Server) -> i64 {
    let told = server.admin().get("/orgbox/v1/organizations/1").expect(200).json();
    told["camera_limit"].as_i64().unwrap_or_default()
}
