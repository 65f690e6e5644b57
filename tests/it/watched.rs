//! The watched configuration files, as editors, deployment tools and accidents change them: the real server, real files.

mod broken;
mod hears;
mod look;
mod saves;
mod verbs;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    time::Duration,
};

use tempfile::TempDir;

use crate::support::{Server, test_box::ADMIN_PASSWORD};

/// Requests made until something comes true; each takes its time, so this is patience enough.
const TRIES: usize = 4000;

/// What every main file says.
const SETTINGS: &str = "[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"../data/orgbox.db\"\n";

/// A folder with the configuration in `etc/` and the database in `data/`.
struct Folder(TempDir);

impl Folder {
    /// Without an override.
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("config.toml", main(""));
        folder
    }

    /// A path below `etc/`.
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("etc").join(name)
    }

    /// Writes a file below `etc/` in place: truncated, then written.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_with("config.toml", arguments)
    }

    /// On another main file below `etc/`.
    fn command_with(&self, file: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(arguments).arg("--config").arg(self.path(file)).current_dir(self.0.path());
        for name in ["ORGBOX_LOG", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM"] {
            command.env_remove(name);
        }
        command.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD);
        command
    }

    fn serve(&self) -> Server {
        Server::start(&mut self.command(&["serve"]))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

/// A whole main file.
fn main(tables: &str) -> String {
    format!("version = 1\n{SETTINGS}{tables}")
}

/// A table that gives the default organization this title.
fn titled(title: &str) -> String {
    format!("[organizations.default]\ntitle = \"{title}\"\n")
}

/// A drop-in of that table.
fn drop_in(title: &str) -> String {
    format!("version = 1\n{}", titled(title))
}

/// The default organization's title in force.
fn title(server: &Server) -> String {
    server.client().get("/api/v1/orgs/default").expect(200).json()["longName"].as_str().unwrap().to_owned()
}

/// What `/readyz` tells of the files.
fn told(server: &Server) -> serde_json::Value {
    server.client().get("/readyz?verbose").expect(200).json()["configuration"].clone()
}

fn until_titled(server: &Server, wanted: &str) {
    until(&format!("the title is {wanted}: {}", told(server)), || title(server) == wanted);
}

fn until_standing(server: &Server, wanted: &str) {
    until(&format!("it is {wanted}"), || told(server)["standing"] == wanted);
}

/// Asks until it is so.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..TRIES {
        if so() {
            return;
        }
        breathe();
    }
    panic!("in vain: {what}");
}

/// Keeps tries from being over in no time: waits a moment on a channel through which nothing ever comes.
fn breathe() {
    let (_open, wait) = std::sync::mpsc::channel::<()>();
    wait.recv_timeout(Duration::from_millis(5)).unwrap_err();
}
