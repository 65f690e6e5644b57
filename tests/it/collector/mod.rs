//! The reference receiver over real HTTP, against a box that does by hand what the protocol says. It shares no code with
//! the box's own sender, nor with the collector: chain and digest are worked out here once more.

mod chain;
mod command;
mod credentials;
mod digest;
mod garbage;
mod kill;
mod numbers;
mod pages;
mod sender;
mod state;

use std::{collections::BTreeMap, path::PathBuf};

use orgbox::{
    clock::Clock,
    collector::{self, Kind, Options, Running, SiteView},
    upstream::sign::SigningKey,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::support::{Answer, Client, test_box::NOON_MS};

const MEDIA_TYPE: &str = "application/cloudevents-batch+json";

/// A collector that runs until it is dropped.
struct Collector {
    running: Option<Running>,
    clock: Clock,
    token: Option<&'static str>,
    signing_key: Option<SigningKey>,
    directory: tempfile::TempDir,
}

/// A box, as its collector sees it.
#[derive(Clone)]
struct Site {
    uuid: Uuid,
    epoch: Uuid,
    /// The number last given.
    seq: i64,
    chain: [u8; 32],
    /// Random ids are not what is tested here: they are counted.
    ids: u128,
    live: BTreeMap<String, String>,
}

/// A batch as it goes over the network.
#[derive(Clone)]
struct Letter {
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Collector {
    /// Without credentials.
    fn start() -> Self {
        Self::with(None, None)
    }

    fn with(token: Option<&'static str>, signing_key: Option<SigningKey>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOON_MS);
        let mut collector = Self { running: None, clock, token, signing_key, directory };
        collector.restart();
        collector
    }

    fn database(&self) -> PathBuf {
        self.directory.path().join("data").join("collector.db")
    }

    /// Stops it in good order, if it runs, and starts it on the same file.
    fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: self.database(),
            clock: self.clock.clone(),
            token: self.token.map(str::to_owned),
            signing_key: self.signing_key.clone(),
            observer: None,
        };
        self.running = Some(collector::start(options).unwrap());
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn client(&self) -> Client {
        Client::new(self.running().address)
    }

    fn post(&self, letter: &Letter) -> Answer {
        letter.post(&self.client())
    }

    /// What is shown of a site.
    fn site(&self, site: &Site) -> Value {
        let sites = self.client().get("/sites").expect(200).json();
        let items = sites["items"].as_array().unwrap();
        items.iter().find(|view| view["site"] == site.uuid.to_string()).unwrap_or(&Value::Null).clone()
    }

    fn view(&self, site: &Site) -> SiteView {
        self.running().site(site.uuid).unwrap().unwrap()
    }

    /// Subject and state of everything of a kind.
    fn states(&self, site: &Site, kind: Kind) -> Vec<(String, String)> {
        let found = self.running().subjects(site.uuid, kind).unwrap();
        found.into_iter().map(|view| (view.subject, view.state)).collect()
    }

    /// The codes of the alarms that are shown.
    fn alarms(&self, site: &Site) -> Vec<String> {
        let site = self.site(site);
        let alarms = site["alarms"].as_array().unwrap().iter();
        alarms.map(|alarm| alarm["code"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl Site {
    /// A box that has sent nothing yet.
    fn new(number: u128) -> Self {
        let mut site = Self {
            uuid: Uuid::from_u128(number),
            epoch: Uuid::nil(),
            seq: 0,
            chain: [0; 32],
            ids: number << 64,
            live: BTreeMap::new(),
        };
        site.open(1);
        site
    }

    /// A box whose first epoch is open and complete, with nothing in it.
    fn started(collector: &Collector, number: u128) -> Self {
        let mut site = Self::new(number);
        let events = vec![site.epoch_event(None, "first start"), site.complete_event()];
        site.send(collector, &events).expect(200);
        site
    }

    /// Goes over to another epoch of its own; numbers begin again.
    fn open(&mut self, number: u128) {
        self.epoch = Uuid::from_u128(self.uuid.as_u128() << 32 | number);
        self.seq = 0;
        self.chain = Sha256::digest(self.epoch.as_bytes()).into();
        self.live.clear();
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn event(&mut self, kind: &str, subject: &str, version: Option<i64>, data: &Value) -> Value {
        self.seq += 1;
        let mut event = json!({
            "specversion": "1.0",
            "id": self.id().to_string(),
            "source": format!("urn:uuid:{}", self.uuid),
            "type": format!("io.orgbox.{kind}.v1"),
            "subject": subject,
            "time": "2026-03-14T09:26:53Z",
            "datacontenttype": "application/json",
            "sequence": format!("{:020}", self.seq),
            "partitionkey": subject,
            "obxepoch": self.epoch.to_string(),
            "obxfrom": format!("{:020}", self.seq),
            "data": data,
        });
        if let Some(version) = version {
            event["obxver"] = version.to_string().into();
        }
        event
    }

    /// An event with the whole state of a subject; `what` is `created`, `updated` or `snapshot`.
    fn state(&mut self, what: &str, subject: &str, version: i64, state: &Value) -> Value {
        self.live.insert(subject.to_owned(), state.to_string());
        let kind = format!("{}.{what}", subject.split('/').next().unwrap());
        self.event(&kind, subject, Some(version), &json!({ "op": what, "state": state }))
    }

    fn updated(&mut self, subject: &str, version: i64, title: &str) -> Value {
        self.state("updated", subject, version, &json!({ "title": title }))
    }

    fn deleted(&mut self, subject: &str, version: i64) -> Value {
        self.live.remove(subject);
        let kind = format!("{}.deleted", subject.split('/').next().unwrap());
        self.event(&kind, subject, Some(version), &json!({ "op": "delete", "state": null }))
    }

    fn epoch_event(&mut self, old: Option<Uuid>, reason: &str) -> Value {
        let subject = format!("site/{}", self.uuid);
        let data = json!({ "old_epoch": old.map(|old| old.to_string()), "reason": reason });
        self.event("site.epoch", &subject, None, &data)
    }

    fn complete_event(&mut self) -> Value {
        let data = json!({ "complete": true, "counts": self.counts() });
        self.event("site.snapshot", &format!("site/{}", self.uuid), None, &data)
    }

    /// What this box holds, as it says it itself.
    fn heartbeat(&mut self) -> Value {
        let data = json!({
            "last_seq": self.seq, "counts": self.counts(), "digest": self.digest(), "parked": 0, "chain": hex(&self.chain),
        });
        self.event("site.heartbeat", &format!("site/{}", self.uuid), None, &data)
    }

    fn counts(&self) -> Value {
        let count = |kind: &str| self.live.keys().filter(|subject| subject.starts_with(kind)).count();
        json!({
            "organization": count("organization/"), "member": count("member/"), "camera": count("camera/"),
            "user": count("user/"),
        })
    }

    fn digest(&self) -> String {
        let mut sums = [0_u64; 16];
        for (subject, state) in &self.live {
            let hash = Sha256::digest([subject.as_bytes(), b"\0", state.as_bytes()].concat());
            let bucket = usize::from(Sha256::digest(subject)[0]) / 16;
            sums[bucket] = sums[bucket].wrapping_add(u64::from_be_bytes(hash[..8].try_into().unwrap()));
        }
        sums.iter().map(|sum| format!("{sum:016x}")).collect()
    }

    /// These events as a batch that goes on from the chain as it stands; it covers the numbers from that of the first event
    /// to that of the last.
    fn letter(&mut self, events: &[Value]) -> Letter {
        let number = |event: &Value, name: &str| event[name].as_str().unwrap().parse::<i64>().unwrap();
        let first = events.first().map_or(1, |event| number(event, "obxfrom"));
        let last = events.last().map_or(1, |event| number(event, "sequence"));
        let body = serde_json::to_vec(events).unwrap();
        self.raw_letter((first, last), body)
    }

    fn raw_letter(&mut self, (first, last): (i64, i64), body: Vec<u8>) -> Letter {
        let id = self.id();
        let headers = vec![
            ("idempotency-key", format!("\"{id}\"")),
            ("webhook-id", id.to_string()),
            ("orgbox-site", self.uuid.to_string()),
            ("orgbox-epoch", self.epoch.to_string()),
            ("orgbox-seq", format!("{first}-{last}")),
            ("orgbox-chain", hex(&self.chain)),
        ];
        Letter { headers, body }
    }

    /// Sends these events and links the chain where they are acknowledged.
    fn send(&mut self, collector: &Collector, events: &[Value]) -> Answer {
        let letter = self.letter(events);
        let answer = collector.post(&letter);
        if answer.status == 200 {
            self.link(&letter);
        }
        answer
    }

    fn link(&mut self, letter: &Letter) {
        let body = Sha256::digest(&letter.body);
        self.chain = Sha256::digest([&self.chain[..], &body].concat()).into();
    }
}

impl Letter {
    fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut letter = self.without(name);
        letter.headers.push((name, value.into()));
        letter
    }

    fn without(&self, name: &str) -> Self {
        let mut letter = self.clone();
        letter.headers.retain(|(known, _)| *known != name);
        letter
    }

    /// Signed over this body as if at this moment.
    fn signed(&self, key: &SigningKey, seconds: i64) -> Self {
        let id = self.headers.iter().find(|(name, _)| *name == "webhook-id").unwrap().1.clone();
        self.with("webhook-timestamp", seconds.to_string())
            .with("webhook-signature", key.sign(&id, seconds, &self.body))
    }

    fn post(&self, client: &Client) -> Answer {
        let client = self.headers.iter().fold(client.clone(), |client, (name, value)| client.with(name, value));
        client.send("POST", "/events", Some(MEDIA_TYPE), &self.body)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The code of a problem document.
fn code(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    answer.json()["code"].as_str().unwrap().to_owned()
}
