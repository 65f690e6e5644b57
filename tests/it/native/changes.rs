//! The change feed over HTTP: who waits is woken, nothing is missed or told twice, and nobody is waited for.

use std::{
    io::{BufRead, BufReader, Read, Write as _},
    net::TcpStream,
    sync::mpsc::channel,
    thread::ScopedJoinHandle,
    time::Duration,
};

use orgbox::{
    api::feed::FOLLOWERS_MAX,
    clock::Clock,
    model::{
        OrgId, UserId,
        actor::Who,
        organization::{NewOrganization, OrganizationPatch},
        user::{Role, UserPatch},
    },
    ops::{organization, user},
    store::{Options, Store, Write, outbox},
};
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::robust::process::authorization;
use crate::support::{Client, TestBox, coverage, test_box::NOON_MS};

const PASSWORD: &str = "a long password";

#[test]
fn a_waiting_poll_is_answered_by_the_next_commit() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let neighbour = Store::open(&test_box.database(), Clock::manual(NOON_MS), Options::default()).unwrap();
    let mut at = position(&admin.get("/orgbox/v1/changes?after=now"));
    for round in 0..12 {
        let title = format!("Round {round}");
        std::thread::scope(|scope| {
            let (admin, from) = (admin.clone(), at.clone());
            let poll = move || admin.get(&format!("/orgbox/v1/changes?after={from}&wait=60")).expect(200).json();
            let waiting: ScopedJoinHandle<'_, Value> = scope.spawn(poll);
            wait_for_followers(&test_box, 1);
            let store = if round % 4 == 3 { &neighbour } else { test_box.running().store() };
            create(store, &title);
            let told = waiting.join().unwrap();
            // Without being woken it would wait for a minute and tell nothing.
            assert_eq!(told["events"][0]["data"]["state"]["title"], title);
            assert_eq!(told["events"].as_array().unwrap().len(), 1);
            at = told["next"].as_str().unwrap().to_owned();
        });
    }
}

#[test]
fn a_stream_tells_of_each_commit_before_it_shows_that_it_is_alive() {
    let test_box = TestBox::start();
    let mut stream = Stream::open(&test_box.admin(), "?after=now", None);
    assert!(stream.begin().starts_with("id: "));
    for round in 0..3 {
        create(test_box.running().store(), &format!("Round {round}"));
        let (id, event) = stream.next().unwrap();
        assert_eq!(event["data"]["state"]["title"], format!("Round {round}"));
        assert_eq!(id.split_once(':').unwrap().1, event["sequence"].as_str().unwrap().trim_start_matches('0'));
        assert_eq!(id.split_once(':').unwrap().0, event["obxepoch"]);
    }
    assert_eq!(stream.comments, 0, "an event had to wait for the keep-alive");
}

#[test]
fn whoever_comes_again_misses_nothing_and_hears_nothing_twice() {
    const WRITES: usize = 150;
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let mut heard: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        let store = test_box.running().store();
        scope.spawn(move || {
            for number in 0..WRITES {
                create(store, &format!("Org {number}"));
            }
        });
        let mut last: Option<String> = None;
        let mut patience = 1;
        let is_last = |event: &Value| event["data"]["state"]["title"] == format!("Org {}", WRITES - 1);
        'all: loop {
            // The query says what it said at first, as a browser's does.
            let mut stream = Stream::open(&admin, "", last.as_deref());
            stream.begin();
            for _ in 0..patience {
                let (id, event) = stream.next().unwrap();
                heard.push(id.clone());
                last = Some(id);
                if is_last(&event) {
                    break 'all;
                }
            }
            patience = patience % 23 + 3;
        }
    });
    let all = "SELECT substr(e, 1, 8) || '-' || substr(e, 9, 4) || '-' || substr(e, 13, 4) || '-' || substr(e, 17, 4) || \
               '-' || substr(e, 21) || ':' || seq FROM (SELECT lower(hex(epoch_uuid)) AS e, seq FROM outbox) ORDER BY seq";
    assert_eq!(heard, test_box.query(all));
    assert!(heard.len() > WRITES);

    let mut polled: Vec<String> = Vec::new();
    let mut query = "limit=7".to_owned();
    loop {
        let page = admin.get(&format!("/orgbox/v1/changes?{query}")).expect(200).json();
        let events = page["events"].as_array().unwrap();
        assert!(events.len() <= 7);
        if events.is_empty() {
            break;
        }
        let sequence = |event: &Value| event["sequence"].as_str().unwrap().trim_start_matches('0').to_owned();
        polled.extend(events.iter().map(|event| format!("{}:{}", page["epoch"].as_str().unwrap(), sequence(event))));
        query = format!("limit=7&after={}", page["next"].as_str().unwrap());
    }
    assert_eq!(polled, heard);
}

#[test]
fn a_position_that_is_not_there_any_more_says_how_to_go_on() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let at = position(&admin.get("/orgbox/v1/changes"));
    let (epoch, newest) = at.split_once(':').unwrap();
    let ahead = format!("{epoch}:{}", newest.parse::<i64>().unwrap() + 1);
    let gone = |position: &str, why: &str| {
        for client in [&admin, &admin.with("accept", "text/event-stream")] {
            let answer = client.get(&format!("/orgbox/v1/changes?wait=60&after={position}")).expect(410).json();
            assert_eq!(answer["code"], "position_gone");
            assert!(answer["detail"].as_str().unwrap().contains(why), "{answer}");
            let next = answer["next"].as_str().unwrap();
            admin.get(&format!("/orgbox/v1/changes?after={next}")).expect(200);
        }
    };
    gone(&ahead, "ahead of the newest");

    let connection = rusqlite::Connection::open(test_box.database()).unwrap();
    admin.get(&format!("/orgbox/v1/changes?after={epoch}:0")).expect(200);
    connection.execute("DELETE FROM outbox WHERE seq = 1", []).unwrap();
    connection.execute("UPDATE site SET pruned_seq = 1", []).unwrap();
    gone(&format!("{epoch}:0"), "not kept any more");
    let kept = admin.get(&format!("/orgbox/v1/changes?after={epoch}:1")).expect(200).json();
    assert_eq!(kept["events"][0]["sequence"], "00000000000000000002");
    assert_eq!(kept, admin.get("/orgbox/v1/changes").expect(200).json());
    connection.execute("DELETE FROM outbox", []).unwrap();
    connection.execute("UPDATE site SET pruned_seq = last_seq", []).unwrap();
    gone(&format!("{epoch}:1"), "not kept any more");
    assert_eq!(position(&admin.get("/orgbox/v1/changes")), at);

    let mut stream = Stream::open(&admin, "?after=now", None);
    stream.begin();
    connection.execute("UPDATE site SET epoch_uuid = zeroblob(16)", []).unwrap();
    gone(&at, "another epoch");
    create(test_box.running().store(), "In the new epoch");
    assert!(stream.next().is_none(), "a stream ends with its epoch");
    let now = position(&admin.get("/orgbox/v1/changes?after=now"));
    assert!(now.starts_with("00000000-0000-0000-0000-000000000000:"), "{now}");
}

#[test]
fn what_later_events_have_replaced_is_declared_and_nothing_is_gone() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let at = position(&admin.get("/orgbox/v1/changes?after=now"));
    let id = create(test_box.running().store(), "First");
    create(test_box.running().store(), "Other");
    let renamed = test_box.running().store().write(move |write| {
        let title = Some("Second".to_owned());
        organization::update(write, &Who::system(), id, OrganizationPatch { title, ..OrganizationPatch::default() })
    });
    renamed.unwrap();
    let newest = position(&admin.get("/orgbox/v1/changes?after=now"));
    test_box.running().store().write(|write| outbox::compact(write, 0).map(drop)).unwrap();
    let told = admin.get(&format!("/orgbox/v1/changes?after={at}")).expect(200).json();
    let events = told["events"].as_array().unwrap();
    let numbers = |name: &str| events.iter().map(|event| event[name].as_str().map(str::to_owned)).collect::<Vec<_>>();
    let (_, seq) = at.split_once(':').unwrap();
    let seq: i64 = seq.parse().unwrap();
    let number = |more: i64| Some(format!("{:020}", seq + more));
    assert_eq!(numbers("sequence"), [number(2), number(3)], "{told}");
    assert_eq!(numbers("obxfrom"), [number(1), None], "{told}");
    assert_eq!(told["next"], newest.as_str());
    let mut stream = Stream::open(&admin, &format!("?after={at}"), None);
    stream.begin();
    assert_eq!(stream.next().unwrap().1["obxfrom"].as_str().map(str::to_owned), number(1));
}

#[test]
fn only_so_many_follow_at_once() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let streams: Vec<Stream> = (0..FOLLOWERS_MAX)
        .map(|_| {
            let mut stream = Stream::open(&admin, "?after=now", None);
            stream.begin();
            stream
        })
        .collect();
    for refused in
        [admin.get("/orgbox/v1/changes?wait=1"), admin.with("accept", "text/event-stream").get("/orgbox/v1/changes")]
    {
        assert_eq!((refused.status, refused.json()["code"].as_str().unwrap()), (503, "busy"));
        assert_eq!(refused.header("retry-after"), "1");
    }
    // Asking without waiting takes no place, and neither does asking for the head alone.
    admin.get("/orgbox/v1/changes").expect(200);
    admin.send("HEAD", "/orgbox/v1/changes?after=now&wait=60", None, b"").expect(200);
    drop(streams);
    let freed = (0..2000).any(|number| {
        create(test_box.running().store(), &format!("Org {number}"));
        admin.get("/orgbox/v1/changes?wait=1").status == 200
    });
    assert!(freed, "streams whose clients have gone away keep their places");
    for wrong in ["wait=61", "wait=-1", "limit=0", "limit=501", "after=", "after=1", "after=now:1"] {
        let status = admin.get(&format!("/orgbox/v1/changes?{wrong}")).status;
        assert_eq!(status, if wrong == "after=" { 200 } else { 422 }, "{wrong}");
    }
    admin.get("/orgbox/v1/changes?wait=1&until=now").expect(400);
    admin.with("accept", "text/event-stream").with("last-event-id", "7").get("/orgbox/v1/changes").expect(422);
}

#[test]
fn a_server_that_stops_ends_streams_and_waits_in_good_order() {
    let mut test_box = TestBox::start();
    let admin = test_box.admin();
    let mut streams: Vec<Stream> = (0..5)
        .map(|_| {
            let mut stream = Stream::open(&admin, "?after=now", None);
            stream.begin();
            stream
        })
        .collect();
    let client = admin.clone();
    let waiting = std::thread::spawn(move || client.get("/orgbox/v1/changes?after=now&wait=60").expect(200).json());
    wait_for_followers(&test_box, 6);
    test_box.restart();
    for stream in &mut streams {
        // One that was cut off instead would panic here, on a body that ends before its last chunk.
        assert!(stream.next().is_none());
        assert_eq!(stream.comments, 0);
    }
    assert_eq!(waiting.join().unwrap()["events"], serde_json::json!([]));
    test_box.admin().get("/orgbox/v1/changes").expect(200);
}

#[test]
fn a_stream_ends_with_the_rights_of_whoever_opened_it() {
    let test_box = TestBox::start();
    let ann: UserId = coverage::person(&test_box, "ann", Role::Admin, PASSWORD);
    let client = test_box.client().basic("ann", PASSWORD);
    let mut stream = Stream::open(&client, "?after=now", None);
    stream.begin();
    create(test_box.running().store(), "Still hers to see");
    assert!(stream.next().is_some());
    let demote = move |write: &Write<'_>| {
        let patch = UserPatch { role: Some(Role::User), ..UserPatch::default() };
        user::update(write, &Who::system(), ann, patch)
    };
    test_box.running().store().write(demote).unwrap();
    assert!(stream.next().is_none());
    client.get("/orgbox/v1/changes").expect(403);
    client.with("accept", "text/event-stream").get("/orgbox/v1/changes").expect(403);
    test_box.client().with("accept", "text/event-stream").get("/orgbox/v1/changes").expect(401);
}

#[test]
fn the_head_of_what_has_no_end_has_no_body_either() {
    let test_box = TestBox::start();
    let mut stream = TcpStream::connect(test_box.running().addresses[0]).unwrap();
    let common = format!("HTTP/1.1\r\nHost: box\r\nAuthorization: {}\r\n", authorization());
    for path in ["/orgbox/v1/audit/export", "/orgbox/v1/changes"] {
        write!(stream, "HEAD {path} {common}Accept: text/event-stream\r\n\r\n").unwrap();
    }
    write!(stream, "GET /healthz {common}Connection: close\r\n\r\n").unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let parts: Vec<&str> = answers.split("\r\n\r\n").collect();
    assert_eq!(parts.len(), 4, "{answers}");
    assert!(parts[..3].iter().all(|part| part.starts_with("HTTP/1.1 200 OK")), "{answers}");
}

#[test]
fn a_stream_that_nobody_reads_is_dropped() {
    let test_box = TestBox::with("[limits]\nsend_timeout_seconds = 1\n");
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&test_box.running().addresses[0].into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let head = "GET /orgbox/v1/changes?after=now HTTP/1.1\r\nHost: box\r\nAccept: text/event-stream\r\n";
    write!(stream, "{head}Authorization: {}\r\n\r\n", authorization()).unwrap();
    wait_for_followers(&test_box, 1);
    // More than the buffers between the two take.
    for _ in 0..20 {
        let crowd = |write: &Write<'_>| {
            (0..100).try_for_each(|_| {
                let description = Some("d".repeat(4000));
                let new = NewOrganization { title: "Long".to_owned(), description, ..NewOrganization::default() };
                organization::create(write, &Who::system(), new).map(drop)
            })
        };
        test_box.running().store().write(crowd).unwrap();
    }
    eventually("the stream is dropped", || test_box.running().feed().followers() == 0);
}

/// A stream of server-sent events as a client reads it.
struct Stream {
    lines: BufReader<Box<dyn Read + Send>>,
    /// Comments that came so far.
    comments: usize,
}

impl Stream {
    fn open(client: &Client, query: &str, last_event_id: Option<&str>) -> Self {
        let client = client.with("accept", "text/event-stream");
        let client = last_event_id.map_or_else(|| client.clone(), |id| client.with("last-event-id", id));
        let body = client.open(&format!("/orgbox/v1/changes{query}"));
        Self { lines: BufReader::new(body), comments: 0 }
    }

    /// Reads what stands before the first event. Returns the line that says where the stream begins.
    fn begin(&mut self) -> String {
        let block = self.block().unwrap();
        assert_eq!((block.len(), block[0].as_str()), (2, "retry: 1000"));
        block[1].clone()
    }

    /// The next event with its id; `None` where the stream ends in good order.
    fn next(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block()?;
            match block.as_slice() {
                [comment] if comment == ":" => self.comments += 1,
                [id, data] => {
                    let id = id.strip_prefix("id: ").unwrap().to_owned();
                    return Some((id, serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap()));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The lines up to the next empty one.
    fn block(&mut self) -> Option<Vec<String>> {
        let mut block = Vec::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                assert!(block.is_empty(), "{block:?}");
                return None;
            }
            match line.trim_end() {
                "" => return Some(block),
                line => block.push(line.to_owned()),
            }
        }
    }
}

/// Returns once so many wait for events.
fn wait_for_followers(test_box: &TestBox, count: usize) {
    eventually("somebody waits", || test_box.running().feed().followers() >= count);
}

/// Looks again and again until it is so.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let (_never, pause) = channel::<()>();
    // Nobody sends: this only keeps the looks apart.
    let came = (0..2000).any(|_| is_so() || pause.recv_timeout(Duration::from_millis(10)).is_ok());
    assert!(came, "{what}");
}

fn create(store: &Store, title: &str) -> OrgId {
    let new = NewOrganization { title: title.to_owned(), ..NewOrganization::default() };
    store.write(move |write| organization::create(write, &Who::system(), new)).unwrap().id
}

fn position(answer: &crate::support::Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["next"].as_str().unwrap().to_owned()
}
