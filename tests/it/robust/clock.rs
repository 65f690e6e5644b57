//! The clock is wrong, or jumps. Its time is made up from outside, by libfaketime.

use std::{
    fs,
    path::{Path, PathBuf},
};

use orgbox::clock::Clock;
use serde_json::{Value, json};

use super::process;
use crate::support::{Client, Server, test_box::ADMIN_PASSWORD, test_box::first_column};

/// A box whose clock the test sets.
struct Clocked {
    folder: tempfile::TempDir,
    library: PathBuf,
}

impl Clocked {
    /// `None` where there is no libfaketime.
    fn new() -> Option<Self> {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
        let library = folders.iter().map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
        let Some(library) = library.into_iter().find(|library| library.exists()) else {
            println!("skipped: needs libfaketime");
            return None;
        };
        Some(Self { folder: tempfile::tempdir().unwrap(), library })
    }

    /// Sets the clock: `+2h` from the true time, or `@1970-01-01 00:01:00` from now on.
    fn set(&self, time: &str) {
        let (new, file) = (self.folder.path().join("time.new"), self.folder.path().join("time"));
        fs::write(&new, format!("{time}\n")).unwrap();
        fs::rename(new, file).unwrap();
    }

    fn start(&self, toml: &str) -> Server {
        let mut command = process::command(self.folder.path(), toml);
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", self.folder.path().join("time"));
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Server::start(&mut command)
    }

    /// When each event happened, the oldest first, in milliseconds since 1970.
    fn events(&self) -> Vec<i64> {
        let connection = rusqlite::Connection::open(self.folder.path().join("data/orgbox.db")).unwrap();
        let times = first_column(&connection, "SELECT at_ms FROM outbox ORDER BY seq");
        times.iter().map(|time| time.parse().unwrap()).collect()
    }
}

#[test]
fn a_clock_in_1970_is_told_of_and_the_newest_moment_stands_in_for_it() {
    let Some(clocked) = Clocked::new() else { return };
    clocked.set("+0");
    let server = clocked.start("");
    let admin = server.admin();
    assert_eq!(remarks(&admin), json!([]));
    let soon = in_an_hour();
    let key = key(&admin, &soon.to_string());
    with_key(&server, &key).get("/orgbox/v1/site").expect(200);
    clocked.set("+2h");
    with_key(&server, &key).get("/orgbox/v1/site").expect(401);
    create(&admin, "in-two-hours");
    let before = clocked.events();
    server.stop("TERM");

    clocked.set("@1970-01-01 00:01:00");
    let server = clocked.start("");
    let admin = server.admin();
    let remarks = remarks(&admin);
    assert!(remarks[0]["says"].as_str().unwrap().starts_with("the clock shows"), "{remarks}");
    assert!(remarks[0]["remedy"].as_str().unwrap().starts_with("Set the clock"), "{remarks}");
    assert!(server.log().contains("the clock is wrong"), "{}", server.log());
    // What has expired stays so, and what happens now happens after what was.
    with_key(&server, &key).get("/orgbox/v1/site").expect(401);
    create(&admin, "in-1970");
    let events = clocked.events();
    assert!(events.len() > before.len() && events.last() >= before.last(), "{events:?}");
    // Somebody who signs in meanwhile stays so once the clock is set.
    let session = session(&server);
    clocked.set("+2h");
    session.get("/vsaas/api/v2/auth/whoami").expect(200);
    assert_eq!(self::remarks(&admin), json!([]));
    create(&admin, "set-again");
}

#[test]
fn a_first_start_in_1970_makes_a_box_that_works() {
    let Some(clocked) = Clocked::new() else { return };
    clocked.set("@1970-01-01 00:01:00");
    let server = clocked.start("");
    assert!(remarks(&server.admin())[0]["says"].as_str().unwrap().starts_with("the clock shows"));
    create(&server.admin(), "in-1970");
    // The year that this program was made in, not 1970.
    assert!(clocked.events().iter().all(|at_ms| *at_ms >= 1_767_225_600_000), "{:?}", clocked.events());
    session(&server).get("/vsaas/api/v2/auth/whoami").expect(200);
    server.client().get("/readyz").expect(200);
}

#[test]
fn a_clock_that_jumps_either_way_ends_no_session_and_locks_nobody_out() {
    let Some(clocked) = Clocked::new() else { return };
    clocked.set("+0");
    let server = clocked.start("");
    let (admin, session) = (server.admin(), session(&server));
    let wrong = || server.client().basic("nobody", "a wrong password").get("/orgbox/v1/site");
    let throttled = (0..20).any(|_| wrong().status == 429);
    assert!(throttled);
    for (number, jump) in ["-3600", "+30d", "-30d", "+10y", "+0"].iter().enumerate() {
        clocked.set(jump);
        create(&admin, &format!("jump-{number}"));
        session.get("/vsaas/api/v2/auth/whoami").expect(200);
        // Neither let off by a jump forwards nor made to wait for it by one backwards.
        let refused = wrong();
        assert!([401, 429].contains(&refused.status), "{}", refused.text);
        if refused.status == 429 {
            let wait: u64 = refused.header("retry-after").parse().unwrap();
            assert!(wait <= 61, "{jump}: {wait}");
        }
        server.client().get("/readyz").expect(200);
        let status = admin.get("/orgbox/v1/status").expect(200).json();
        assert!(status["box"]["uptime_seconds"].as_i64().unwrap() >= 0, "{status}");
    }
    server.stop("TERM");
    let server = clocked.start("");
    server.admin().get("/api/v1/orgs/jump-4").expect(200);
}

#[test]
fn an_override_ends_when_the_clock_says_so_and_not_again() {
    let Some(clocked) = Clocked::new() else { return };
    clocked.set("+0");
    let soon = in_an_hour();
    let table = format!("[organizations.\"default\"]\ncamera_limit = 7\nexpires = {soon}\n");
    let server = clocked.start(&table);
    let limit = |server: &Server| {
        let shown = server.admin().get("/orgbox/v1/organizations/default").expect(200).json();
        shown["camera_limit"].clone()
    };
    assert_eq!(limit(&server), 7);
    server.stop("TERM");
    clocked.set("+2h");
    let server = clocked.start(&table);
    super::until::until("it has ended", || limit(&server) != 7);
    create(&server.admin(), "afterwards");
    server.stop("TERM");
    // In 1970 it would be in force again.
    clocked.set("@1970-01-01 00:01:00");
    let server = clocked.start(&table);
    assert_ne!(limit(&server), 7);
}

/// An hour after the true time.
fn in_an_hour() -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(Clock::system().now_ms() + 3_600_000).unwrap()
}

fn remarks(admin: &Client) -> Value {
    admin.get("/orgbox/v1/status").expect(200).json()["attention"].clone()
}

fn create(admin: &Client, name: &str) {
    admin.json("POST", "/api/v1/orgs", &json!({ "name": name, "longName": "Clock" })).expect(201);
}

fn key(admin: &Client, expires: &str) -> String {
    let new = json!({ "name": "soon over", "scope": "read", "expires": expires });
    let made = admin.json("POST", "/orgbox/v1/keys", &new).expect(201).json();
    made["key"].as_str().unwrap().to_owned()
}

fn with_key(server: &Server, key: &str) -> Client {
    server.client().with("authorization", &format!("Bearer {key}"))
}

fn session(server: &Server) -> Client {
    let sign_in = json!({ "login": "admin", "password": ADMIN_PASSWORD });
    let session = server.client().json("POST", "/vsaas/api/v2/auth/login", &sign_in).expect(200).json();
    server.client().with("x-vsaas-session", session["session"].as_str().unwrap())
}
