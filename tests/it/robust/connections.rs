//! Ten thousand who say nothing, and two hundred who say little at a time.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::process;
use crate::support::{Server, server::PATIENCE};

const IDLE: usize = 10_000;
const SLOW: usize = 200;
const PATIENT: &str = "[limits]\nkeep_alive_seconds = 3600\nheader_timeout_seconds = 60\n";
const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n";
/// What one idle connection may cost the box.
const IDLE_BYTES_MAX: u64 = 32 * 1024;

#[test]
fn ten_thousand_idle_and_two_hundred_slow_connections_are_no_hindrance() {
    if !may_open(IDLE as u64 + SLOW as u64 + 1000) {
        return println!("skipped: this process may not open {IDLE} connections (ulimit -Hn)");
    }
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), PATIENT);
    server.admin().get("/api/v1/orgs").expect(200);
    let before = memory_bytes(&server);
    let mut idle: Vec<_> = (0..IDLE).map(|_| connect(&server)).collect();
    // Each has been served once, and is kept for its next request.
    for some in idle.chunks_mut(500) {
        some.iter_mut().for_each(|stream| stream.write_all(HEALTH).unwrap());
        some.iter_mut().for_each(assert_answered);
    }
    let used = memory_bytes(&server).saturating_sub(before);
    println!("{IDLE} idle connections take {} KiB, {} bytes each", used / 1024, used / IDLE as u64);
    assert!(used / (IDLE as u64) < IDLE_BYTES_MAX, "{used} bytes");

    let mut slow: Vec<_> = (0..SLOW).map(|_| connect(&server)).collect();
    for byte in HEALTH {
        slow.iter_mut().for_each(|stream| stream.write_all(&[*byte]).unwrap());
        // Between any two bytes of theirs the box does its work.
        server.client().get("/readyz").expect(200);
    }
    slow.iter_mut().for_each(assert_answered);
    for number in 0..20 {
        let body = serde_json::json!({ "name": format!("org-{number}"), "longName": "Among many" });
        server.admin().json("POST", "/api/v1/orgs", &body).expect(201);
    }
    for stream in idle.iter_mut().step_by(100) {
        stream.write_all(HEALTH).unwrap();
        assert_answered(stream);
    }
    drop(idle);
    drop(slow);
    server.admin().get("/api/v1/orgs/org-19").expect(200);
}

/// Raises what this process may open; false where that is not allowed.
fn may_open(files: u64) -> bool {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    current.is_none_or(|current| current >= files)
        || setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).is_ok()
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn assert_answered(stream: &mut TcpStream) {
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{}", answer[..length].escape_ascii());
}

pub fn memory_bytes(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
