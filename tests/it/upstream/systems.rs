//! Billing systems as their public interfaces describe them: each checks to the letter what it takes, and answers what it
//! has already as that system does.
//!
//! OpenMeter: `POST /api/v1/events`, CloudEvents in a batch, the media type compared as a string, 204, also for what it has.
//! Lago: `POST /api/v1/events/batch`, at most 100 events, all or none; 422 names those at fault by index.
//! A receiver of Standard Webhooks: one event a request, known again by `webhook-id`; says that it exists with 409.

use std::collections::{BTreeMap, HashSet};

use orgbox::upstream::sign::SigningKey;
use serde_json::{Map, Value, json};

use super::fake::{Answer, Heard};

pub const TOKEN: &str = "a token";
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One absolute value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub subject: String,
    pub name: String,
    pub second: i64,
    pub value: i64,
}

/// What a system has taken, and what it had to complain of.
#[derive(Default)]
pub struct Books {
    pub told: Vec<Told>,
    pub complaints: Vec<String>,
    pub requests: usize,
    pub duplicates: usize,
    ids: HashSet<String>,
    /// Of a receiver of webhooks: the newest version and state of every subject.
    pub states: BTreeMap<String, (i64, Value)>,
}

impl Books {
    /// The value with the latest time of each subject and name.
    pub fn latest(&self) -> BTreeMap<(String, String), i64> {
        let mut latest: BTreeMap<(String, String), &Told> = BTreeMap::new();
        for told in &self.told {
            let key = (told.subject.clone(), told.name.clone());
            if latest.get(&key).is_none_or(|held| held.second <= told.second) {
                latest.insert(key, told);
            }
        }
        latest.into_iter().map(|(key, told)| (key, told.value)).collect()
    }

    /// Those that share subject, name and second with another.
    pub fn sharing(&self) -> Vec<&Told> {
        let mut seen = HashSet::new();
        self.told.iter().filter(|told| !seen.insert((&told.subject, &told.name, told.second))).collect()
    }

    /// Answers as OpenMeter does.
    pub fn openmeter(&mut self, heard: &Heard) -> Answer {
        self.requests += 1;
        let batch = match checked(heard, "/api/v1/events", "application/cloudevents-batch+json").and_then(meters) {
            Ok(batch) => batch,
            Err(complaint) => return self.refuse(400, complaint),
        };
        for (id, told) in batch {
            if self.ids.insert(id) { self.told.push(told) } else { self.duplicates += 1 }
        }
        Answer::Status(204, String::new())
    }

    /// Answers as Lago does; events of `unknown` metrics are invalid.
    pub fn lago(&mut self, heard: &Heard, unknown: &dyn Fn(&Told) -> bool) -> Answer {
        self.requests += 1;
        let batch = match checked(heard, "/api/v1/events/batch", "application/json").and_then(transactions) {
            Ok(batch) => batch,
            Err(complaint) => return self.refuse(422, complaint),
        };
        let mut details = Map::new();
        for (index, (id, told)) in batch.iter().enumerate() {
            if self.ids.contains(id) {
                self.duplicates += 1;
                details.insert(index.to_string(), json!({ "transaction_id": ["value_already_exist"] }));
            } else if unknown(told) {
                details.insert(index.to_string(), json!({ "code": ["value_is_invalid"] }));
            }
        }
        if !details.is_empty() {
            let body = json!({ "status": 422, "error": "Unprocessable Entity", "code": "validation_errors", "error_details": details });
            return Answer::Status(422, body.to_string());
        }
        for (id, told) in batch {
            self.ids.insert(id);
            self.told.push(told);
        }
        Answer::Status(200, json!({ "events": [] }).to_string())
    }

    /// Answers as a careful receiver of Standard Webhooks does.
    pub fn webhook(&mut self, heard: &Heard) -> Answer {
        self.requests += 1;
        let payload = match checked(heard, "/hooks", "application/json").and_then(payload) {
            Ok(payload) => payload,
            Err(complaint) => return self.refuse(400, complaint),
        };
        let id = heard.header("webhook-id").unwrap().to_owned();
        let timestamp: i64 = heard.header("webhook-timestamp").unwrap().parse().unwrap();
        let signature = heard.header("webhook-signature").unwrap_or_default();
        if !SigningKey::parse(SECRET).unwrap().verify(&id, timestamp, &heard.body, signature) {
            return self.refuse(401, "the signature is wrong".to_owned());
        }
        if !self.ids.insert(id) {
            self.duplicates += 1;
            return Answer::Status(409, json!({ "error": "event exists" }).to_string());
        }
        let data = &payload["data"];
        let (subject, version) = (data["subject"].as_str().unwrap(), data["version"].as_i64().unwrap());
        if self.states.get(subject).is_none_or(|(held, _)| *held < version) {
            self.states.insert(subject.to_owned(), (version, data["event"]["state"].clone()));
        }
        Answer::Status(200, String::new())
    }

    fn refuse(&mut self, status: u16, complaint: String) -> Answer {
        let body = json!({ "error": complaint }).to_string();
        self.complaints.push(complaint);
        Answer::Status(status, body)
    }
}

/// The body of a request that comes in the right way to the right place.
fn checked(heard: &Heard, path: &str, content_type: &str) -> Result<Value, String> {
    if (heard.method.as_str(), heard.path.as_str()) != ("POST", path) {
        return Err(format!("{} {}", heard.method, heard.path));
    }
    if heard.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return Err("not authorized".to_owned());
    }
    if heard.header("content-type") != Some(content_type) {
        return Err(format!("content-type {:?}", heard.header("content-type")));
    }
    serde_json::from_slice(&heard.body).map_err(|error| error.to_string())
}

/// The fields of an object, which has no others.
fn fields<'a, const N: usize>(value: &'a Value, names: [&str; N]) -> Result<[&'a Value; N], String> {
    let object = value.as_object().ok_or_else(|| format!("no object: {value}"))?;
    if let Some(stray) = object.keys().find(|key| !names.contains(&key.as_str())) {
        return Err(format!("{stray} is not known"));
    }
    if let Some(missing) = names.iter().find(|name| !object.contains_key(**name)) {
        return Err(format!("{missing} is missing"));
    }
    Ok(names.map(|name| &object[name]))
}

fn text(value: &Value) -> Result<String, String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(|| format!("no text: {value}"))
}

fn number(value: &Value) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| format!("no whole number: {value}"))
}

fn meters(body: Value) -> Result<Vec<(String, Told)>, String> {
    let batch = body.as_array().filter(|batch| !batch.is_empty()).ok_or("no batch")?;
    let told = |event| {
        let [specversion, id, source, kind, subject, time, data] =
            fields(event, ["specversion", "id", "source", "type", "subject", "time", "data"])?;
        if specversion != "1.0" {
            return Err(format!("specversion {specversion}"));
        }
        let time: jiff::Timestamp = text(time)?.parse().map_err(|error| format!("time: {error}"))?;
        let [value] = fields(data, ["value"])?;
        let name = text(kind)?.strip_prefix("orgbox.").ok_or("an unknown type")?.to_owned();
        // OpenMeter knows an event again by source and id.
        let key = format!("{} {}", text(source)?, text(id)?);
        Ok((key, Told { subject: text(subject)?, name, second: time.as_second(), value: number(value)? }))
    };
    batch.iter().map(told).collect()
}

fn transactions(body: Value) -> Result<Vec<(String, Told)>, String> {
    let [events] = fields(&body, ["events"])?;
    let batch = events.as_array().filter(|batch| !batch.is_empty()).ok_or("no events")?;
    if batch.len() > 100 {
        return Err("too_many_events".to_owned());
    }
    let told = |event| {
        let [id, subscription, code, timestamp, properties] =
            fields(event, ["transaction_id", "external_subscription_id", "code", "timestamp", "properties"])?;
        let [value] = fields(properties, ["value"])?;
        let name = text(code)?.strip_prefix("orgbox_").ok_or("an unknown metric")?.to_owned();
        let (second, value) = (number(timestamp)?, number(value)?);
        let key = format!("{} {}", text(subscription)?, text(id)?);
        Ok((key, Told { subject: text(subscription)?, name, second, value }))
    };
    batch.iter().map(told).collect()
}

fn payload(body: Value) -> Result<Value, String> {
    let [kind, timestamp, data] = fields(&body, ["type", "timestamp", "data"])?;
    let [subject, version, event] = fields(data, ["subject", "version", "event"])?;
    let dotted = text(kind)?;
    if !dotted.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_') {
        return Err(format!("type {dotted}"));
    }
    text(timestamp)?.parse::<jiff::Timestamp>().map_err(|error| format!("timestamp: {error}"))?;
    text(subject).and(number(version))?;
    if event.is_object() { Ok(body) } else { Err("no event".to_owned()) }
}
