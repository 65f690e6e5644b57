//! The real binary as a child process on a port of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use base64::Engine;

use crate::support::{Client, test_box::ADMIN_PASSWORD};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server. Dropping it kills it.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    /// Reads what the server prints until it ends, so that its pipe never fills.
    _lines: Receiver<String>,
}

impl Process {
    /// Starts on the database in this folder, with more configuration: TOML sections.
    pub fn start(folder: &Path, toml: &str) -> Self {
        let mut child = command(folder, toml).stderr(Stdio::null()).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let address = loop {
            let line = lines.recv_timeout(PATIENCE).expect("the server prints where it serves");
            if let Some(address) = line.strip_prefix("Serving on http://") {
                break address.parse().unwrap();
            }
        };
        Self { child, address, _lines: lines }
    }

    /// Runs a server that must not come up. Returns how it ended and what it said.
    pub fn refused(folder: &Path, toml: &str) -> (ExitStatus, String) {
        let mut child = command(folder, toml).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (child.wait().unwrap(), said)
    }

    /// SIGKILL: no goodbye.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub fn admin(&self) -> Client {
        self.client().basic("admin", ADMIN_PASSWORD)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The value of an Authorization header for the first administrator.
pub fn authorization() -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("admin:{ADMIN_PASSWORD}"));
    format!("Basic {encoded}")
}

fn command(folder: &Path, toml: &str) -> Command {
    let config = folder.join("config.toml");
    let text =
        format!("version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"data/orgbox.db\"\n{toml}");
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
    command.arg("serve").arg("--config").arg(config).current_dir(folder);
    command.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}
