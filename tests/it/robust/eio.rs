//! The disk answers with errors for a while. The calls of a real box to its database's files are failed from outside, by
//! strace, and left alone again.

use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::{kill::assert_sound, process, until::until};
use crate::support::{Answer, Client, Server};

/// Calls that fail until it is dropped.
struct Failing(Child);

impl Failing {
    /// `None` where nobody may do this.
    fn new(server: &Server, calls: &str, file: &str) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-p", &server.pid().to_string(), "-P", file]);
        strace.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error=EIO")]);
        match strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(child) => Some(Self(child)),
            Err(_) => {
                println!("skipped: needs strace");
                None
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        // Asked to end, it lets go of what it traces first.
        drop(Command::new("kill").arg(self.0.id().to_string()).status());
        drop(self.0.wait());
    }
}

#[test]
fn a_disk_that_cannot_write_or_sync_stops_writes_and_nothing_else_until_it_can() {
    for calls in ["fsync,fdatasync", "pwrite64"] {
        let folder = tempfile::tempdir().unwrap();
        let server = process::start(folder.path(), "");
        let admin = server.admin();
        let mut made = vec!["before".to_owned()];
        create(&admin, "before").expect(201);
        let wal = folder.path().join("data/orgbox.db-wal");
        let Some(mut failing) = Failing::new(&server, calls, wal.to_str().unwrap()) else { return };
        let mut number = 0;
        until("writing fails", || {
            number += 1;
            let name = format!("{calls}-{number}").replace([',', '_'], "-");
            let answer = create(&admin, &name);
            if answer.status == 201 {
                made.push(name);
            }
            answer.status == 503 || failing.has_ended()
        });
        if failing.has_ended() {
            return println!("skipped: strace may not trace here");
        }
        let refused = create(&admin, "refused").expect(503);
        assert!(!refused.text.contains("EIO") && !refused.text.contains("disk I/O"), "{}", refused.text);
        assert_eq!(server.client().get("/readyz").expect(503).json()["reasons"][0]["name"], "io_error");
        admin.get("/api/v1/orgs/before").expect(200);
        drop(failing);
        until("it is ready again", || server.client().get("/readyz").status == 200);
        create(&admin, "afterwards").expect(201);
        made.push("afterwards".to_owned());
        for name in &made {
            admin.get(&format!("/api/v1/orgs/{name}")).expect(200);
        }
        server.kill();
        assert_sound(folder.path());
        let server = process::start(folder.path(), "");
        for name in &made {
            server.admin().get(&format!("/api/v1/orgs/{name}")).expect(200);
        }
    }
}

fn create(admin: &Client, name: &str) -> Answer {
    let body = json!({ "name": name, "longName": "Errors", "description": "x".repeat(4000) });
    admin.json("POST", "/api/v1/orgs", &body)
}
