//! What the sender and the bare client post to.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use orgbox::{
    clock::Clock,
    collector::{self, Options},
    upstream::sign::SigningKey,
};

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The reference receiver: checks, keeps and commits every batch.
    Collector,
    /// Reads a request to its end and answers 204.
    Plain,
}

/// An empty receiver that runs.
pub struct Receiver {
    pub address: SocketAddr,
    collector: Option<(collector::Running, tempfile::TempDir)>,
}

impl Receiver {
    pub fn start(kind: Kind) -> Self {
        match kind {
            Kind::Collector => {
                let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
                let options = Options {
                    listen: "127.0.0.1:0".parse().unwrap(),
                    database: folder.path().join("collector.db"),
                    clock: Clock::system(),
                    token: None,
                    signing_key: Some(SigningKey::parse(SECRET).unwrap()),
                    observer: None,
                };
                let running = collector::start(options).unwrap();
                Self { address: running.address, collector: Some((running, folder)) }
            }
            Kind::Plain => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let address = listener.local_addr().unwrap();
                std::thread::spawn(move || listener.incoming().flatten().for_each(answer_all));
                Self { address, collector: None }
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some((running, _folder)) = self.collector.take() {
            running.stop();
        }
    }
}

/// Serves one connection after the other: the client has one.
fn answer_all(stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut answers = stream.try_clone().unwrap();
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).unwrap();
        if answers.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
            return;
        }
    }
}
