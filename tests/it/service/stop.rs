//! The end: within ten seconds, whatever is open, and without losing what was acknowledged.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::channel,
    time::Duration,
};

use serde_json::json;

use super::Managed;
use crate::support::{Server, server::PATIENCE, test_box::first_column};

/// What every service manager grants.
const GRANTED: Duration = Duration::from_secs(10);
const CLIENTS: usize = 6;

#[test]
fn a_stop_drains_within_ten_seconds() {
    let managed = Managed::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    managed.write(
        "listen = \"127.0.0.1:0\"",
        &format!("[upstream]\nurl = \"{url}\"\nallow_plain_http = true\nstart_jitter_seconds = 0\n"),
    );
    let server = Server::start(&mut managed.command());
    let stream = server.admin().with("accept", "text/event-stream").open("/orgbox/v1/changes?after=now");
    let mut open = vec![TcpStream::connect(server.address).unwrap(), TcpStream::connect(server.address).unwrap()];
    // Headers and no body; half a header.
    open[0].write_all(b"POST /api/v1/orgs HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{").unwrap();
    open[1].write_all(b"GET /healthz HT").unwrap();

    let (sender, made) = channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (admin, sender) = (server.admin(), sender.clone());
            std::thread::spawn(move || {
                for number in 0.. {
                    let name = format!("org-{client}-{number}");
                    let body = json!({ "name": name, "longName": "Load of a client" });
                    let admin = admin.clone();
                    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        admin.json("POST", "/api/v1/orgs", &body).status
                    }));
                    match answer {
                        Ok(201) => sender.send(name).unwrap(),
                        // Turned away, or the connection is gone.
                        _ => return,
                    }
                }
            })
        })
        .collect();
    drop(sender);
    let mut acknowledged: Vec<_> = (0..50).map(|_| made.recv_timeout(PATIENCE).unwrap()).collect();
    // The sender waits for an answer that never comes.
    let (mut asked, _) = silent.accept().unwrap();
    asked.read_exact(&mut [0; 4]).unwrap();

    let status = server.stop_within("TERM", GRANTED);
    assert!(status.success(), "{status}");
    managed.until("STOPPING=1");
    clients.into_iter().for_each(|client| client.join().unwrap());
    acknowledged.extend(made);
    let database = rusqlite::Connection::open(managed.path("orgbox.db")).unwrap();
    let kept = first_column(&database, "SELECT name FROM organizations");
    let lost: Vec<_> = acknowledged.iter().filter(|name| !kept.contains(name)).collect();
    assert!(lost.is_empty(), "{} of {} lost", lost.len(), acknowledged.len());
    drop((stream, open));
}
