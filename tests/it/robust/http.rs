//! Clients that are slow, greedy, many or talk nonsense, over bare TCP.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc::channel,
    time::Duration,
};

use super::process::{self, authorization};
use crate::support::{Server, server::PATIENCE};

const TIGHT: &str = "[limits]\nheader_timeout_seconds = 1\nbody_timeout_seconds = 1\nmax_body_bytes = 2048\n\
                     max_connections = 16\n";
const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n";

#[test]
fn slow_and_greedy_requests_are_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), TIGHT);

    let slow = exchange(server.address, b"GET /healthz HTTP/1.1\r\nHost: b");
    assert!(slow.is_empty() || slow.starts_with("HTTP/1.1 408"), "slow headers: {slow}");

    let head = |length: &str| {
        format!(
            "POST /api/v1/orgs HTTP/1.1\r\nHost: box\r\nAuthorization: {}\r\nContent-Type: application/json\r\n\
             {length}\r\nConnection: close\r\n\r\n",
            authorization()
        )
    };
    let slow = exchange(server.address, format!("{}{{\"name\"", head("Content-Length: 90")).as_bytes());
    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("\"status\":408"), "slow body: {slow}");

    let large = exchange(server.address, format!("{}{}", head("Content-Length: 4096"), "x".repeat(4096)).as_bytes());
    assert!(large.starts_with("HTTP/1.1 413") && large.contains("at most 2048 bytes"), "announced: {large}");

    let chunk = format!("1000\r\n{}\r\n0\r\n\r\n", "x".repeat(4096));
    let large = exchange(server.address, format!("{}{chunk}", head("Transfer-Encoding: chunked")).as_bytes());
    assert!(large.starts_with("HTTP/1.1 413") && large.contains("at most 2048 bytes"), "in chunks: {large}");

    let many: String = (0..200).map(|number| format!("X-Filler-{number}: y\r\n")).collect();
    let large = exchange(server.address, format!("GET /healthz HTTP/1.1\r\nHost: box\r\n{many}\r\n").as_bytes());
    assert!(large.starts_with("HTTP/1.1 4"), "many headers: {large}");

    let long = "y".repeat(400_000);
    let large = exchange(server.address, format!("GET /healthz HTTP/1.1\r\nHost: box\r\nX: {long}\r\n\r\n").as_bytes());
    // The rest of what was sent is not read, so the connection may be reset before the answer is.
    assert!(large.is_empty() || large.starts_with("HTTP/1.1 4"), "long headers: {large}");
    assert_alive(&server);
}

#[test]
fn connections_past_the_bound_wait_and_are_served_later() {
    const ALL: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), TIGHT);
    let (sender, served) = channel();
    let mut releases = Vec::new();
    let clients: Vec<_> = (0..ALL)
        .map(|_| {
            let (sender, address) = (sender.clone(), server.address);
            let (release, released) = channel::<()>();
            releases.push(release);
            std::thread::spawn(move || {
                let mut stream = connect(address);
                stream.write_all(HEALTH).unwrap();
                let status = read_status(&mut stream);
                sender.send(status).unwrap();
                // Held open until the test lets go.
                released.recv().unwrap_err();
            })
        })
        .collect();
    let mut count = 0;
    while served.recv_timeout(Duration::from_millis(if count < 16 { 10_000 } else { 300 })).is_ok() {
        count += 1;
    }
    assert!((16..ALL).contains(&count), "{count} of {ALL} were served at once, 16 may be");
    drop(releases);
    for _ in count..ALL {
        assert_eq!(served.recv_timeout(PATIENCE).unwrap(), "HTTP/1.1 200 OK");
    }
    clients.into_iter().for_each(|client| client.join().unwrap());
}

#[test]
fn nonsense_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), TIGHT);
    let nonsense: [&[u8]; 8] = [
        b"\x00\xff\x13garbage\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /api/v1/orgs HTTP/1.1\r\nHost: b\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/orgs HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n\r\n",
        b"GET /api/v1/orgs/%ff%00..%2f..%2f HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
    ];
    for request in nonsense {
        let answer = exchange(server.address, request);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}: {answer}", request.escape_ascii());
    }
    let pipelined = [HEALTH, HEALTH, b"\x00\xff nonsense nobody asked for\r\n\r\n"].concat();
    let answer = exchange(server.address, &pipelined);
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert_alive(&server);
}

#[test]
fn two_hundred_idle_connections_are_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), "");
    let mut idle: Vec<TcpStream> = (0..200).map(|_| connect(server.address)).collect();
    for stream in &mut idle[..100] {
        stream.write_all(HEALTH).unwrap();
        assert_eq!(read_status(stream), "HTTP/1.1 200 OK");
    }
    for number in 0..20 {
        let body = serde_json::json!({ "name": format!("org-{number}"), "longName": "Idle" });
        server.admin().json("POST", "/api/v1/orgs", &body).expect(201);
    }
    assert_alive(&server);
    for stream in &mut idle[..100] {
        stream.write_all(HEALTH).unwrap();
        assert_eq!(read_status(stream), "HTTP/1.1 200 OK");
    }
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = process::start(folder.path(), "[limits]\nsend_timeout_seconds = 1\n");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let admin = server.admin();
            scope.spawn(move || {
                for number in 0..75 {
                    let name = format!("org-{thread}-{number}");
                    let body = serde_json::json!({ "name": name, "longName": "Long", "description": "d".repeat(4000) });
                    admin.json("POST", "/api/v1/orgs", &body).expect(201);
                }
            });
        }
    });
    let mut stream = connect(server.address);
    // More than the buffers between the two take: 2.4 MB, eight times.
    stream.write_all(&b"GET /api/v1/orgs HTTP/1.1\r\nHost: box\r\n\r\n".repeat(8)).unwrap();
    let (_never, pause) = channel::<()>();
    let given_up = (0..400).any(|_| {
        // Nobody sends: this only keeps the attempts apart.
        assert!(pause.recv_timeout(Duration::from_millis(50)).is_err());
        stream.write_all(b"\r\n").is_err()
    });
    assert!(given_up, "the server still waits");
    assert_alive(&server);
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends and reads until the server closes the connection, which it must.
fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = connect(address);
    // A server that has heard enough may close before all is sent.
    drop(stream.write_all(request));
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert!(error.kind() == ErrorKind::ConnectionReset, "{}: {error}", request.escape_ascii());
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads one answer with a body of known length and returns its first line.
fn read_status(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase().replace("http/", "HTTP/").replace("ok", "OK");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head.lines().next().unwrap().to_owned()
}

fn assert_alive(server: &Server) {
    server.client().get("/healthz").expect(200);
    server.client().get("/readyz").expect(200);
    server.admin().get("/api/v1/orgs").expect(200);
}
