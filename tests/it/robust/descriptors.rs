//! Few files may be open, or none any more.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use super::{
    disk::run,
    process,
    until::{breathe, until},
};
use crate::support::{Server, server::PATIENCE};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n";

#[test]
fn with_few_files_there_are_fewer_connections_and_the_rest_wait() {
    let folder = tempfile::tempdir().unwrap();
    let plain = process::command(folder.path(), "");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 320 && exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(folder.path());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    let server = Server::start(&mut command);
    let sentence = "[limits] max_connections is 16384, but only 320 files may be open (LimitNOFILE=, ulimit -n): \
                    64 connections are taken at once, more wait";
    assert!(server.log().contains(sentence), "{}", server.log());
    let status = server.admin().get("/orgbox/v1/status").expect(200).json();
    assert!(status["attention"][0]["says"].as_str().unwrap().starts_with("fewer files may be open"), "{status}");

    let mut streams: Vec<_> = (0..300).map(|_| ask(&server)).collect();
    // Those that wait get their turn as the others go.
    for mut stream in streams.drain(..) {
        assert!(answered(&mut stream));
    }
    server.admin().get("/api/v1/orgs").expect(200);
    assert!(!server.log().contains("accept"), "{}", server.log());
}

#[test]
fn without_a_file_left_the_box_waits_quietly_and_takes_connections_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), "");
    let mut before = ask(&server);
    assert!(answered(&mut before));
    let limit = |files: &str| run(Command::new("prlimit").args(["--pid", &server.pid().to_string(), files]));
    if !limit("--nofile=8:20000") {
        return println!("skipped: needs prlimit and the right to use it");
    }
    let mut kept_waiting = ask(&server);
    until("the log says that no connection can be taken", || server.log().contains("accepting connection"));
    // Whoever is connected is served all the same.
    for _ in 0..200 {
        before.write_all(HEALTH).unwrap();
        assert!(answered(&mut before));
        breathe();
    }
    let lines = server.log().lines().count();
    assert!(lines < 30, "{lines} lines: {}", server.log());
    assert!(limit("--nofile=20000:20000"));
    assert!(answered(&mut kept_waiting));
    server.admin().get("/api/v1/orgs").expect(200);
    server.client().get("/readyz").expect(200);
}

fn ask(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(HEALTH).unwrap();
    stream
}

fn answered(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    answer[..length].starts_with(b"HTTP/1.1 200")
}
