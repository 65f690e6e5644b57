//! Passwords that are guessed side by side: what checking them takes is the system's again afterwards.

use std::thread;

use super::{connections::memory_bytes, process};

/// Guesses side by side; each takes 19 MiB while it is checked, on a thread of its own.
const GUESSES: usize = 24;
/// What may stay: less than the memory of three.
const KEPT_BYTES_MAX: u64 = 48 << 20;

#[test]
fn guesses_leave_no_memory_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), "");
    server.admin().get("/api/v1/orgs").expect(200);
    let before = memory_bytes(&server);
    thread::scope(|scope| {
        for number in 0..GUESSES {
            let client = server.client().basic("admin", &format!("wrong {number}"));
            scope.spawn(move || {
                let status = client.get("/orgbox/v1/whoami").status;
                assert!([401, 429, 503].contains(&status), "{status}");
            });
        }
    });
    let kept = memory_bytes(&server).saturating_sub(before);
    assert!(kept < KEPT_BYTES_MAX, "{} MiB", kept >> 20);
}
