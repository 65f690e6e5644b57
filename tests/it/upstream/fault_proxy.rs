//! A TCP proxy between the real sender and a real receiver that spoils what passes: it loses answers, resets, stalls,
//! truncates and answers by itself. Its choices come from a seed. It also watches: what is sent again must be the same.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use orgbox::clock::Clock;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: there and back.
    Pass,
    /// It is delivered, and the connection is closed in place of an answer.
    LoseReply,
    /// The connection is reset, after the delivery or before.
    Reset { delivered: bool },
    /// Nothing comes until the sender gives up.
    Stall { delivered: bool },
    /// It is delivered, and half the answer comes back.
    Truncate,
    /// A web page with status 200.
    Html,
    /// A redirect.
    Redirect,
    /// This status, after the delivery or before.
    Status { status: u16, after: RetryAfter, delivered: bool },
    /// A refusal by a server whose clock is an hour ahead.
    OtherClock,
}

/// The forms of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    None,
    Seconds(i64),
    Date(i64),
    /// None, and a body that calls the box behind.
    Behind,
}

/// Decides the fate of a request by its body.
pub type Rule = Box<dyn FnMut(&str) -> Option<Fault> + Send>;

/// What the proxy has seen, and what was wrong with it.
#[derive(Default)]
pub struct Seen {
    /// How often each fault was dealt.
    pub dealt: BTreeMap<String, usize>,
    pub requests: usize,
    /// Batches that came more than once.
    pub retried: HashSet<String>,
    /// Ids of events that were delivered.
    pub delivered_events: HashSet<String>,
    pub epochs: HashSet<String>,
    /// Everything that must not be.
    pub problems: Vec<String>,
    /// Batch id to what must never change of it.
    batches: HashMap<String, [u8; 32]>,
    delivered_batches: HashSet<String>,
    /// Event id to the hash of its content.
    contents: HashMap<String, [u8; 32]>,
    /// Epoch and subject to the number and version last delivered.
    order: HashMap<(String, String), (String, i64)>,
}

/// A random number generator whose every number follows from its seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// The proxy; ends when dropped.
pub struct FaultProxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    clock: Clock,
    stopping: AtomicBool,
    seen: Mutex<Seen>,
    plan: Mutex<Plan>,
}

struct Plan {
    dice: Dice,
    /// Of a hundred requests so many are spoiled.
    percent: usize,
    /// Dealt before chance decides, so that each comes at least once.
    deck: Vec<Fault>,
    rule: Option<Rule>,
}

/// A request as it came.
struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl FaultProxy {
    /// A proxy that spoils so many of a hundred requests.
    pub fn start(target: SocketAddr, clock: &Clock, seed: u64, percent: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut dice = Dice(seed);
        let mut deck = if percent == 0 { Vec::new() } else { every_fault() };
        for place in (1..deck.len()).rev() {
            deck.swap(place, dice.below(place + 1));
        }
        let shared = Arc::new(Shared {
            target,
            clock: clock.clone(),
            stopping: AtomicBool::new(false),
            seen: Mutex::default(),
            plan: Mutex::new(Plan { dice, percent, deck, rule: None }),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.stopping.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, shared) = (stream.unwrap(), Arc::clone(&serving));
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    /// From now on this rule decides, and where it says nothing, all is well.
    pub fn rule(&self, rule: impl FnMut(&str) -> Option<Fault> + Send + 'static) {
        let mut plan = self.shared.plan.lock().unwrap();
        plan.percent = 0;
        plan.deck.clear();
        plan.rule = Some(Box::new(rule));
    }

    /// From now on all is well.
    pub fn behave(&self) {
        self.rule(|_| None);
    }

    /// What was seen so far.
    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.shared.seen.lock().unwrap())
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect(self.address));
    }
}

/// Every fault, and every status of the verdict table; those that ask for patience with each form of it.
pub fn every_fault() -> Vec<Fault> {
    let mut faults = vec![Fault::LoseReply, Fault::Truncate, Fault::Html, Fault::Redirect, Fault::OtherClock];
    for delivered in [false, true] {
        faults.extend([Fault::Reset { delivered }, Fault::Stall { delivered }]);
        for status in [408, 425, 429, 500, 502, 503, 504] {
            for after in [RetryAfter::None, RetryAfter::Seconds(90), RetryAfter::Date(240)] {
                faults.push(Fault::Status { status, after, delivered });
            }
        }
    }
    for status in
        [301, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 413, 415, 418, 422, 451, 501, 505, 511]
    {
        faults.push(Fault::Status { status, after: RetryAfter::None, delivered: false });
    }
    faults
}

impl Fault {
    /// True where the sender cuts the batch anew: no receiver says so of a batch that it has taken.
    fn refuses(&self) -> bool {
        matches!(self, Fault::Status { status: 400 | 413 | 422, .. })
    }

    /// Until when it asks for silence. A date has whole seconds.
    fn not_before_ms(&self, now_ms: i64) -> i64 {
        match self {
            Fault::Status { after: RetryAfter::Seconds(seconds) | RetryAfter::Date(seconds), .. } => {
                now_ms + seconds * 1000 - 1000
            }
            _ => 0,
        }
    }
}

impl Plan {
    fn deal(&mut self, body: &str, taken: bool) -> Fault {
        if let Some(rule) = &mut self.rule {
            return rule(body).unwrap_or(Fault::Pass);
        }
        if self.dice.below(100) >= self.percent {
            return Fault::Pass;
        }
        let fault = self.deck.pop().unwrap_or_else(|| {
            let all = every_fault();
            all[self.dice.below(all.len())].clone()
        });
        if taken && fault.refuses() {
            self.deck.insert(0, fault);
            return Fault::Pass;
        }
        fault
    }
}

impl Shared {
    /// Answers one request after the other until the connection ends.
    fn serve(&self, mut client: TcpStream) {
        client.set_nodelay(true).unwrap();
        // Until when `Retry-After` asked for silence. Of this connection: on another one the answer may have come too late.
        let mut not_before_ms = 0;
        while let Some(request) = read_request(&mut client) {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let id = request.header("webhook-id");
            let taken = self.seen.lock().unwrap().delivered_batches.contains(&id);
            let fault = self.plan.lock().unwrap().deal(&body, taken);
            let now_ms = self.clock.now_ms();
            let mut seen = self.seen.lock().unwrap();
            seen.note(&request, &body, &fault);
            if now_ms < not_before_ms {
                seen.problems.push(format!("tried {} ms before Retry-After allowed it", not_before_ms - now_ms));
            }
            drop(seen);
            not_before_ms = fault.not_before_ms(now_ms);
            if !self.spoil(&mut client, &request, &body, &fault) {
                return;
            }
        }
    }

    /// True where the connection goes on.
    fn spoil(&self, client: &mut TcpStream, request: &Request, body: &str, fault: &Fault) -> bool {
        let delivers = match fault {
            Fault::Pass | Fault::LoseReply | Fault::Truncate => true,
            Fault::Reset { delivered } | Fault::Stall { delivered } | Fault::Status { delivered, .. } => *delivered,
            Fault::Html | Fault::Redirect | Fault::OtherClock => false,
        };
        let answer = if delivers { self.deliver(request, body) } else { Vec::new() };
        if let Fault::Reset { .. } = fault {
            // The last byte was only looked at: closing with something unread is what resets a connection.
            return false;
        }
        client.read_exact(&mut [0]).unwrap();
        match fault {
            Fault::Pass => client.write_all(&answer).is_ok(),
            Fault::LoseReply | Fault::Reset { .. } => false,
            Fault::Truncate => {
                client.write_all(&answer[..answer.len() - 10]).unwrap();
                false
            }
            Fault::Stall { .. } => {
                // Until the sender closes: it waits no longer than it must.
                while client.read(&mut [0; 64]).is_ok_and(|bytes| bytes > 0) {}
                false
            }
            Fault::Html => self.reply(client, 200, "content-type: text/html\r\n", "<!doctype html><p>Please sign in"),
            Fault::Redirect => self.reply(client, 302, "location: http://127.0.0.1:9/elsewhere\r\n", ""),
            Fault::OtherClock => {
                self.reply_at(client, 403, self.clock.now_ms() + 3_600_000, "", "by my clock you are late")
            }
            Fault::Status { status, after, .. } => {
                let header = match after {
                    RetryAfter::None | RetryAfter::Behind => String::new(),
                    RetryAfter::Seconds(seconds) => format!("retry-after: {seconds}\r\n"),
                    RetryAfter::Date(seconds) => {
                        format!("retry-after: {}\r\n", http_date(self.clock.now_ms() + seconds * 1000))
                    }
                };
                let body =
                    if *after == RetryAfter::Behind { "{\"code\":\"behind\"}" } else { "{\"error\":\"so it is\"}" };
                self.reply(client, *status, &header, body)
            }
        }
    }

    /// Gives a request to the receiver and returns its answer.
    fn deliver(&self, request: &Request, body: &str) -> Vec<u8> {
        let mut target = TcpStream::connect(self.target).unwrap();
        target.set_nodelay(true).unwrap();
        target.write_all(&request.head).unwrap();
        target.write_all(&request.body).unwrap();
        let head = read_head(&mut target).expect("the receiver answers");
        let mut answer = head.clone();
        let length = answer.len();
        answer.resize(length + content_length(&head), 0);
        target.read_exact(&mut answer[length..]).unwrap();
        drop(target.shutdown(Shutdown::Both));
        if answer.starts_with(b"HTTP/1.1 200") {
            self.seen.lock().unwrap().delivered(request, body);
        }
        answer
    }

    fn reply(&self, client: &mut TcpStream, status: u16, headers: &str, body: &str) -> bool {
        self.reply_at(client, status, self.clock.now_ms(), headers, body)
    }

    fn reply_at(&self, client: &mut TcpStream, status: u16, date_ms: i64, headers: &str, body: &str) -> bool {
        let (date, length) = (http_date(date_ms), body.len());
        let text = format!("HTTP/1.1 {status} So\r\ndate: {date}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        client.write_all(text.as_bytes()).is_ok()
    }
}

impl Seen {
    /// Looks at a request, delivered or not.
    fn note(&mut self, request: &Request, body: &str, fault: &Fault) {
        self.requests += 1;
        *self.dealt.entry(format!("{fault:?}")).or_default() += 1;
        let id = request.header("webhook-id");
        // All of it but the moment of signing.
        let told = ["orgbox-site", "orgbox-epoch", "orgbox-seq", "orgbox-chain", "idempotency-key"];
        let hash =
            told.iter().fold(Sha256::new(), |hash, name| hash.chain_update(request.header(name)).chain_update(b";"));
        let hash: [u8; 32] = hash.chain_update(&request.body).finalize().into();
        match self.batches.insert(id.clone(), hash) {
            Some(before) if before != hash => self.problems.push(format!("batch {id} was sent again and changed")),
            Some(_) => drop(self.retried.insert(id)),
            None => {}
        }
        for event in events(body) {
            let mut content = event.clone();
            // Says what of the queue went before it, which is a matter of how the batch was cut.
            content.as_object_mut().unwrap().remove("obxfrom");
            let hash: [u8; 32] = Sha256::digest(content.to_string()).into();
            let id = text(&event, "id");
            if self.contents.insert(id.clone(), hash).is_some_and(|before| before != hash) {
                self.problems.push(format!("event {id} was sent with two contents"));
            }
        }
    }

    /// The receiver has taken it.
    fn delivered(&mut self, request: &Request, body: &str) {
        if !self.delivered_batches.insert(request.header("webhook-id")) {
            return;
        }
        for event in events(body) {
            if !self.delivered_events.insert(text(&event, "id")) {
                continue;
            }
            let (epoch, subject, sequence) =
                (text(&event, "obxepoch"), text(&event, "subject"), text(&event, "sequence"));
            self.epochs.insert(epoch.clone());
            let version: i64 = text(&event, "obxver").parse().unwrap();
            let last = self.order.insert((epoch, subject.clone()), (sequence.clone(), version));
            if last.is_some_and(|last| last.0 >= sequence || last.1 > version) {
                self.problems.push(format!("{subject} out of order at {sequence}"));
            }
        }
    }
}

fn events(body: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(body).unwrap().as_array().unwrap().clone()
}

fn text(event: &Value, name: &str) -> String {
    event[name].as_str().unwrap_or_else(|| panic!("no {name} in {event}")).to_owned()
}

impl Request {
    fn header(&self, name: &str) -> String {
        header(&self.head, name).unwrap_or_default()
    }
}

/// Reads a request but for its last byte, which is only looked at. `None` where the connection ended before it began.
fn read_request(client: &mut TcpStream) -> Option<Request> {
    let head = read_head(client)?;
    let mut body = vec![0; content_length(&head)];
    let last = body.len().checked_sub(1).expect("every request has a body");
    client.read_exact(&mut body[..last]).ok()?;
    if client.peek(&mut body[last..]).ok()? == 0 {
        return None;
    }
    Some(Request { head, body })
}

/// Byte by byte, so that nothing behind it is taken.
fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(head)
}

fn content_length(head: &[u8]) -> usize {
    header(head, "content-length").expect("the length is said").parse().unwrap()
}

fn header(head: &[u8], name: &str) -> Option<String> {
    let head = std::str::from_utf8(head).unwrap();
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn http_date(ms: i64) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::from_millisecond(ms).unwrap()).unwrap()
}
