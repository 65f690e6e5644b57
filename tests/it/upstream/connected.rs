//! The box as it is served, with a billing system configured: what any dialect, the command line or a file changes arrives.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{Receiver, channel},
};

use orgbox::{
    clock::Clock,
    collector::{self, Kind, Options},
    upstream::sign::SigningKey,
};
use serde_json::{Value, json};

use crate::support::{
    server::{PATIENCE, Server},
    test_box::ADMIN_PASSWORD,
};

const TOKEN: &str = "a-token-of-the-billing-system";
const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

/// A collector that asks for token and signature and tells of every batch.
struct Billing {
    running: Option<collector::Running>,
    batches: Receiver<()>,
    _folder: tempfile::TempDir,
}

impl Billing {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, batches) = channel();
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: folder.path().join("collector.db"),
            clock: Clock::system(),
            token: Some(TOKEN.to_owned()),
            signing_key: Some(SigningKey::parse(SIGNING).unwrap()),
            observer: Some(Box::new(move |_| sender.send(()).unwrap_or_default())),
        };
        Self { running: Some(collector::start(options).unwrap()), batches, _folder: folder }
    }

    fn running(&self) -> &collector::Running {
        self.running.as_ref().unwrap()
    }

    fn url(&self) -> String {
        format!("http://{}/events", self.running().address)
    }

    /// The states of a kind.
    fn states(&self, kind: Kind) -> Vec<Value> {
        let sites = self.running().sites().unwrap();
        let Some(site) = sites.first() else { return Vec::new() };
        let subjects = self.running().subjects(site.uuid.parse().unwrap(), kind).unwrap();
        subjects.iter().map(|subject| serde_json::from_str(&subject.state).unwrap()).collect()
    }

    /// Waits for batches until it is so.
    fn until(&self, what: &str, so: impl Fn(&Self) -> bool) {
        while !so(self) {
            self.batches.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("in vain: {what}"));
        }
    }

    fn until_titled(&self, title: &str) {
        self.until(title, |billing| billing.states(Kind::Organization).iter().any(|state| state["title"] == title));
    }
}

impl Drop for Billing {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("token", TOKEN);
        folder.write("signing", SIGNING);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The configuration with these lines in `[upstream]` and these tables behind it.
    fn configure(&self, upstream: &str, tables: &str) {
        let text = format!(
            "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[upstream]\nstart_jitter_seconds = 0\n\
             token_file = \"token\"\nsigning_secret_file = \"signing\"\nbackoff_base_ms = 10\n{upstream}\n{tables}"
        );
        // As one step, so that no half of it is ever read.
        self.write("next", &text);
        fs::rename(self.path("next"), self.path("config.toml")).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgbox"));
        command.args(arguments).arg("--config").arg(self.path("config.toml")).current_dir(self.0.path());
        for name in ["ORGBOX_LOG", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM"] {
            command.env_remove(name);
        }
        command.env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD);
        command
    }

    fn serve(&self) -> Server {
        Server::start(&mut self.command(&["serve"]))
    }
}

fn url(url: &str) -> String {
    format!("url = \"{url}\"")
}

#[test]
fn what_any_door_changes_arrives() {
    let (billing, folder) = (Billing::start(), Folder::new());
    folder.configure(&url(&billing.url()), "");
    let server = folder.serve();
    let admin = server.admin();
    admin.json("POST", "/orgbox/v1/organizations", &json!({ "title": "native" })).expect(201);
    billing.until_titled("native");
    admin.json("POST", "/api/v1/orgs", &json!({ "name": "wotkit", "longName": "wotkit" })).expect(201);
    billing.until_titled("wotkit");
    admin.form("POST", "/config/v2/organisations/2", "orgName=infinity").expect(204);
    billing.until_titled("infinity");
    assert!(folder.command(&["org", "set", "1", "title=command line"]).output().unwrap().status.success());
    billing.until_titled("command line");
    folder.configure(&url(&billing.url()), "[organizations.\"*\"]\npurge_days = 77\n");
    billing.until("the file's purge time", |billing| {
        billing.states(Kind::Organization).iter().all(|state| state["purge_days"] == 77)
    });
    let counts = [Kind::Organization, Kind::User, Kind::Member].map(|kind| billing.states(kind).len());
    assert_eq!(counts, [3, 1, 0]);
    server.stop("TERM");
    assert!(folder.path("orgbox.hwm").exists());
}

#[test]
fn another_address_is_in_force_without_a_restart() {
    let (first, second, folder) = (Billing::start(), Billing::start(), Folder::new());
    folder.configure("", "");
    let server = folder.serve();
    folder.configure(&url(&first.url()), "");
    first.until("the administrator", |billing| billing.states(Kind::User).len() == 1);
    folder.configure(&url(&second.url()), "");
    second.until("the administrator", |billing| billing.states(Kind::User).len() == 1);
    assert!(server.log().contains("upstream"), "{}", server.log());
    server.stop("TERM");
}

#[test]
fn a_token_that_was_refused_is_read_again() {
    let (billing, folder) = (Billing::start(), Folder::new());
    folder.write("token", "an-older-token");
    folder.configure(&url(&billing.url()), "");
    let server = folder.serve();
    until_logged(&server, "credential_refused");
    folder.write("token", TOKEN);
    server.signal("HUP");
    billing.until("the administrator", |billing| billing.states(Kind::User).len() == 1);
    let log = server.log();
    assert!(!log.contains(TOKEN) && !log.contains("an-older-token") && !log.contains(SIGNING), "{log}");
    server.stop("TERM");
}

#[test]
fn a_stop_does_not_wait_for_a_billing_system_that_never_answers() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    folder.configure(&url(&format!("http://{}/", silent.local_addr().unwrap())), "");
    let server = folder.serve();
    let (_connection, _) = silent.accept().unwrap();
    assert!(server.stop("TERM").success());
}

#[test]
fn a_request_that_is_under_way_is_no_next_try_in_the_past() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    folder.configure(&url(&format!("http://{}/", silent.local_addr().unwrap())), "");
    let server = folder.serve();
    let (_connection, _) = silent.accept().unwrap();
    let told = server.admin().get("/orgbox/v1/upstream").expect(200).json();
    assert_eq!((&told["next_try"], &told["sending"]), (&Value::Null, &json!(true)), "{told}");
    let shown = folder.command(&["upstream", "status"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("now: a request is under way"), "{shown}");
    server.stop("TERM");
}

/// The log has no end to wait at: asks for something else until the word is in it.
fn until_logged(server: &Server, word: &str) {
    for _ in 0..10_000 {
        if server.log().contains(word) {
            return;
        }
        server.client().get("/healthz").expect(200);
    }
    panic!("in vain: {word} in {}", server.log());
}

#[test]
fn a_certificate_file_of_nothing_is_told_by_name() {
    let folder = Folder::new();
    folder.write("ca.pem", "-----BEGIN OTHER-----\nAA==\n-----END OTHER-----\n");
    folder.configure("url = \"https://127.0.0.1:1/\"\nca_file = \"ca.pem\"", "");
    let server = folder.serve();
    until_logged(&server, "ca_file holds no certificate in PEM");
    server.stop("TERM");
    assert!(Path::new(&folder.path("orgbox.db")).exists());
}
