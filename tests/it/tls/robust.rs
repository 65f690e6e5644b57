//! Peers of TLS that are slow, silent, greedy or talk nonsense.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc::channel,
    time::Duration,
};

use super::{Issued, assert_answers, connect, of_files, shake};
use crate::{robust::process, support::Server};

fn start(folder: &tempfile::TempDir, limits: &str) -> (Server, SocketAddr, Issued) {
    let pair = Issued::new();
    let files = pair.write(folder.path());
    let server = process::start(folder.path(), &format!("{}[limits]\n{limits}", of_files(&files)));
    let address = server.tls_address.unwrap();
    (server, address, pair)
}

/// Sends and reads until the server closes the connection, which it must.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address);
    drop(stream.write_all(bytes));
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{}", bytes.escape_ascii());
    }
    answer
}

#[test]
fn nonsense_and_silence_are_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address, pair) = start(&folder, "header_timeout_seconds = 1\n");
    let nonsense: [&[u8]; 6] = [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x16\x03\x01\xff\xff",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x00\xff\x13garbage\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n",
    ];
    for bytes in nonsense {
        let answer = exchange(address, bytes);
        assert!(!answer.starts_with(b"HTTP"), "{}", bytes.escape_ascii());
    }
    // Past the handshake the bounds of HTTP hold.
    let mut slow = shake(address, &[&pair.certificate]).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: b").unwrap();
    slow.flush().unwrap();
    let mut answer = Vec::new();
    drop(slow.read_to_end(&mut answer));
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{}", answer.escape_ascii());
    assert_alive(&server, address, &pair);
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
}

#[test]
fn peers_who_connect_and_say_nothing_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address, pair) = start(&folder, "header_timeout_seconds = 60\n");
    // More than the framework lets two workers shake hands at once.
    let silent: Vec<TcpStream> = (0..700).map(|_| connect(address)).collect();
    assert_alive(&server, address, &pair);
    drop(silent);
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address, pair) = start(&folder, "send_timeout_seconds = 1\n");
    let mut stream = shake(address, &[&pair.certificate]).unwrap();
    // More than the buffers between the two take.
    stream.write_all(&b"GET /openapi.json HTTP/1.1\r\nHost: box\r\n\r\n".repeat(100)).unwrap();
    stream.flush().unwrap();
    let (_never, pause) = channel::<()>();
    let given_up = (0..400).any(|_| {
        // Nobody sends: this only keeps the attempts apart.
        assert!(pause.recv_timeout(Duration::from_millis(50)).is_err());
        stream.write_all(b"\r\n").and_then(|()| stream.flush()).is_err()
    });
    assert!(given_up, "the server still waits");
    assert_alive(&server, address, &pair);
}

/// With some patience, yet less than silent peers are given.
fn assert_alive(server: &Server, address: SocketAddr, pair: &Issued) {
    for _ in 0..16 {
        let mut stream = shake(address, &[&pair.certificate]).unwrap();
        stream.sock.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_answers(&mut stream);
        let mut plain = connect(server.address);
        plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_answers(&mut plain);
    }
}
