//! A folder in which the real binary runs, sending to a receiver on the system's clock.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
};

use orgbox::{
    clock::Clock,
    collector::{Refusal, Seen},
};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use uuid::Uuid;

use super::rig::{TOKEN, Upstream, secret};
use crate::support::{
    Client,
    server::{PATIENCE, Server},
    test_box::ADMIN_PASSWORD,
};

/// A receiver whose every batch can be waited for.
pub struct Billing {
    pub upstream: Upstream,
    batches: Mutex<Receiver<Option<Refusal>>>,
}

impl Billing {
    pub fn start() -> Self {
        let (sender, batches) = channel();
        let tell = move |seen: &Seen| sender.send(seen.outcome.clone().err()).unwrap_or_default();
        Self { upstream: Upstream::observed(&Clock::system(), tell), batches: Mutex::new(batches) }
    }

    /// Waits for batches until it is so.
    #[track_caller]
    pub fn until(&self, what: &str, so: impl Fn(&Upstream) -> bool) {
        while !so(&self.upstream) {
            assert!(self.batches.lock().unwrap().recv_timeout(PATIENCE).is_ok(), "in vain: {what}");
        }
    }

    /// Waits until a batch was refused like this.
    #[track_caller]
    pub fn until_refused(&self, refusal: &Refusal) {
        loop {
            let told = self.batches.lock().unwrap().recv_timeout(PATIENCE);
            if told.unwrap_or_else(|_| panic!("in vain: {refusal}")).as_ref() == Some(refusal) {
                return;
            }
        }
    }

    /// Waits until the state that is shown is what stands in this database, of which nobody changes anything just now.
    #[track_caller]
    pub fn until_equal(&self, place: &Place) {
        let wanted = super::rig::held(&place.database());
        self.until("the same state", |upstream| upstream.shown(place.site()) == wanted);
    }

    /// Epochs of the only site.
    pub fn epochs(&self) -> usize {
        let sites = self.upstream.running().sites().unwrap();
        assert_eq!(sites.len(), 1);
        sites[0].epochs.len()
    }
}

/// The folder.
pub struct Place(tempfile::TempDir);

impl Place {
    /// With a configuration that sends to this receiver.
    pub fn new(billing: &Billing) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.configure(billing);
        place
    }

    /// As a copy of another, every file.
    pub fn copy_of(other: &Place) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        other.copy_into(place.path());
        place
    }

    fn configure(&self, billing: &Billing) {
        fs::write(self.path().join("token"), TOKEN).unwrap();
        fs::write(self.path().join("signing"), secret()).unwrap();
        let text = format!(
            "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"data/orgbox.db\"\n[upstream]\n\
             url = \"http://{}/events\"\nstart_jitter_seconds = 0\ntoken_file = \"token\"\nstrict_ack = true\n\
             signing_secret_file = \"signing\"\nbackoff_base_ms = 10\nbackoff_cap_ms = 100\n",
            billing.upstream.address()
        );
        fs::write(self.path().join("config.toml"), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path().join("data/orgbox.db")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(["serve", "--config", "config.toml"]).current_dir(self.path());
        command.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD).env_remove("CREDENTIALS_DIRECTORY").stdin(Stdio::null());
        command
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(arguments).args(["--config", "config.toml"]).current_dir(self.path());
        let ran = command.env_remove("CREDENTIALS_DIRECTORY").stdin(Stdio::null()).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    pub fn serve(&self) -> Server {
        Server::start(&mut self.command())
    }

    /// A key that works without hashing a password, also after a restart.
    pub fn key(&self, server: &Server) -> String {
        let told = server.admin().json("POST", "/orgbox/v1/keys", &json!({ "name": "load" })).expect(201).json();
        told["key"].as_str().unwrap().to_owned()
    }

    /// The database of a box that does not run.
    pub fn sqlite(&self) -> Connection {
        // Read only: whoever closes a database last writes its log back, and that is for the box to do.
        Connection::open_with_flags(self.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    pub fn site(&self) -> Uuid {
        let bytes: [u8; 16] = self.sqlite().query_row("SELECT site_uuid FROM site", [], |row| row.get(0)).unwrap();
        Uuid::from_bytes(bytes)
    }

    /// Why the box sends nothing until somebody decides.
    pub fn quarantine(&self) -> Option<String> {
        self.sqlite().query_row("SELECT quarantine FROM upstream", [], |row| row.get(0)).unwrap()
    }

    /// Copies everything as it is into another folder.
    pub fn copy_into(&self, folder: &Path) {
        fs::create_dir_all(folder.join("data")).unwrap();
        for part in ["", "data"] {
            for entry in fs::read_dir(self.path().join(part)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    fs::copy(entry.path(), folder.join(part).join(entry.file_name())).unwrap();
                }
            }
        }
    }

    /// Puts everything back that stands in a copy, into the same files; what came later is gone.
    pub fn roll_back(&self, copy: &Path) {
        for entry in fs::read_dir(self.path().join("data")).unwrap() {
            let entry = entry.unwrap();
            if !copy.join("data").join(entry.file_name()).exists() {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        for entry in fs::read_dir(copy.join("data")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), self.path().join("data").join(entry.file_name())).unwrap();
        }
    }
}

/// Makes an organization.
pub fn create(client: &Client, title: &str) -> i64 {
    let made = client.json("POST", "/orgbox/v1/organizations", &json!({ "title": title })).expect(201).json();
    made["id"].as_i64().unwrap()
}

pub fn rename(client: &Client, id: i64, title: &str) {
    client.json("PATCH", &format!("/orgbox/v1/organizations/{id}"), &json!({ "title": title })).expect(200);
}
