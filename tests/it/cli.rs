//! The command line as an operator and as a script meet it: the real binary in a folder of its own, alone and beside a
//! server. It must not know how a verb does its work.

mod backups;
mod beside;
mod cameras;
mod cert;
mod configuration;
mod demo;
mod destruction;
mod doctor;
mod keys;
mod local_socket;
mod log;
mod manual;
mod organizations;
mod passwords;
mod serve;
mod terminal;
mod transfer;
mod unavailable;
mod upstream;
mod users;

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{
    Server,
    test_box::{ADMIN_PASSWORD, first_column},
};

/// A folder with a `config.toml` that keeps the database in `data/` and lets the system choose the port.
struct Folder(TempDir);

/// A verb that has ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    /// Without a database.
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(
            "config.toml",
            "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"data/orgbox.db\"\n",
        );
        folder
    }

    /// With a database, as a first start has left it.
    fn set_up() -> Self {
        let folder = Self::new();
        folder.serve().stop("TERM");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The binary with these arguments and this folder's configuration, in an environment that says nothing.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(arguments).arg("--config").arg(self.path("config.toml")).current_dir(self.0.path());
        for name in ["ORGBOX_ADMIN_PASSWORD", "ORGBOX_LOG", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.pipe(arguments, "")
    }

    /// With this on standard input.
    fn pipe(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        ran(&mut self.command(arguments), input.as_ref())
    }

    /// Starts a server whose first administrator has [`ADMIN_PASSWORD`].
    fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]).env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD))
    }

    /// Adds a user with a password.
    fn add_user(&self, login: &str, password: &str, more: &[&str]) {
        self.pipe(&[&["user", "add", login], more].concat(), password).ok();
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("data/orgbox.db")).unwrap()
    }

    /// The first column of every row as text.
    fn query(&self, sql: &str) -> Vec<String> {
        first_column(&self.database(), sql)
    }
}

/// Runs a command to its end.
fn ran(command: &mut Command, input: &[u8]) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    // A verb that asks for nothing may have ended before it is written to.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ran {
    /// What it printed, if it did its work without a complaint.
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// What it complained of, if it ended with this code and printed nothing else.
    #[track_caller]
    fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{}", self.err);
        self.err
    }
}

/// The status of a call that needs good credentials where it is given any.
fn status_for(server: &Server, name: &str, password: &str) -> u16 {
    server.client().basic(name, password).get("/api/v1/orgs/default").status
}
