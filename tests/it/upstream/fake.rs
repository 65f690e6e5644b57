//! An HTTP/1.1 server of the test's own, for systems that take what is pushed: hands whole requests to a handler, answers
//! what that says, or hangs up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16, String),
    /// Ends the connection without an answer.
    HangUp,
}

pub type Handler = Box<dyn FnMut(&Heard) -> Answer + Send>;

pub struct Server {
    pub address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl Server {
    pub fn start(handler: impl FnMut(&Heard) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let handler: Arc<Mutex<Handler>> = Arc::new(Mutex::new(Box::new(handler)));
        let until = Arc::clone(&ended);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::SeqCst) {
                    return;
                }
                let handler = Arc::clone(&handler);
                std::thread::spawn(move || serve(stream.unwrap(), &handler));
            }
        });
        Self { address, ended }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The listener looks up once more.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, handler: &Mutex<Handler>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(heard) = receive(&mut reader) {
        let answer = (handler.lock().unwrap())(&heard);
        let Answer::Status(status, body) = answer else { return };
        let head =
            format!("HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        // A sender that has hung up wants no answer.
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

/// The next request; `None` where the connection ends.
fn receive(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut line = || -> Option<String> {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut heard = Heard { method, path, headers, body: Vec::new() };
    let length: usize = heard.header("content-length").unwrap().parse().unwrap();
    heard.body = vec![0; length];
    reader.read_exact(&mut heard.body).ok()?;
    Some(heard)
}
