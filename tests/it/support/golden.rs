//! Golden files: documented requests and the answers they must get.
//!
//! A file under `tests/golden/` holds exchanges. `#` starts a comment; `> METHOD PATH` starts a request, further `>` lines
//! are headers, then after a lone `>` the body; `< STATUS` starts the answer, further `<` lines are headers that must be
//! there, then after a lone `<` the body. JSON bodies are compared value by value with the order of keys, each line on its
//! own where there are several; other bodies to the letter. No body means an empty one.
//!
//! `{{name}}` in a request is a value handed in or captured earlier. In an answer a whole string or number may be
//! `{{any}}`, `{{uuid}}`, `{{hex64}}`, `{{token27}}`, `{{token43}}`, or `{{name=}}`, which captures it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Answer, Client};

#[derive(Debug, Default, Clone)]
struct Part {
    head: String,
    headers: Vec<(String, String)>,
    body: Vec<String>,
    in_body: bool,
}

/// Plays a file against a box. `variables` are the names its requests use.
pub fn play(client: &Client, file: &str, variables: &[(&str, &str)]) {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (request, answer) in exchanges(&text) {
        let sent = send(client, &request, &variables);
        let place = format!("{file}: {}", request.head);
        compare(&place, &answer, &sent, &mut variables);
    }
}

/// `METHOD PATH` of every request in every file of a dialect, without query strings and as written.
pub fn requests(dialect: &str) -> Vec<String> {
    let folder = format!("{}/tests/golden/{dialect}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts.flat_map(|text| exchanges(&text).into_iter().map(|(request, _)| request.head).collect::<Vec<_>>()).collect()
}

fn exchanges(text: &str) -> Vec<(Part, Part)> {
    let mut exchanges: Vec<(Part, Part)> = Vec::new();
    for line in text.lines() {
        let (sign, rest) = line.split_at_checked(1).unwrap_or(("#", ""));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match sign {
            ">" => {
                let starts = exchanges.last().is_none_or(|(_, answer)| !answer.head.is_empty());
                if starts {
                    exchanges.push(Default::default());
                }
                let (request, _) = exchanges.last_mut().unwrap();
                request.add(rest);
            }
            "<" => exchanges.last_mut().expect("an answer follows a request").1.add(rest),
            "#" => {}
            _ => panic!("a line starts with >, < or #: {line:?}"),
        }
    }
    exchanges
}

impl Part {
    fn add(&mut self, line: &str) {
        if self.in_body {
            self.body.push(line.to_owned());
        } else if self.head.is_empty() {
            self.head = line.to_owned();
        } else if line.is_empty() {
            self.in_body = true;
        } else {
            let (name, value) = line.split_once(':').expect("a header has a colon");
            self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

fn send(client: &Client, request: &Part, variables: &BTreeMap<String, String>) -> Answer {
    let fill = |text: &str| {
        variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
    };
    let mut client = client.clone();
    let mut content_type = None;
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case("content-type") {
            content_type = Some(value.as_str());
        } else if let Some((login, password)) = value.strip_prefix("Basic ").and_then(|pair| pair.split_once(':')) {
            // Written in clear for the reader: `authorization: Basic login:password`.
            client = client.basic(&fill(login), &fill(password));
        } else {
            client = client.with(name, &fill(value));
        }
    }
    let (method, path) = request.head.split_once(' ').expect("a request is METHOD PATH");
    client.send(method, &fill(path), content_type, fill(&request.body.join("\n")).as_bytes())
}

fn compare(place: &str, wanted: &Part, got: &Answer, variables: &mut BTreeMap<String, String>) {
    assert_eq!(wanted.head, got.status.to_string(), "{place}: status, with {}", got.text);
    for (name, value) in &wanted.headers {
        assert_eq!(value, got.header(name), "{place}: header {name}");
    }
    let joined = wanted.body.join("\n");
    if let Ok(value) = serde_json::from_str::<Value>(&joined) {
        same(place, &value, &got.json(), variables);
        return;
    }
    let lines: Option<Vec<Value>> = wanted.body.iter().map(|line| serde_json::from_str(line).ok()).collect();
    match lines {
        Some(lines) if !lines.is_empty() => {
            let got_lines: Vec<Value> = got
                .text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error} in {line}")))
                .collect();
            same(place, &Value::from(lines), &Value::from(got_lines), variables);
        }
        _ => assert_eq!(joined.trim_end(), got.text.trim_end(), "{place}: body"),
    }
}

fn same(place: &str, wanted: &Value, got: &Value, variables: &mut BTreeMap<String, String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(wanted), keys(got), "{place}: keys and their order");
            for (key, value) in wanted {
                same(&format!("{place} .{key}"), value, &got[key], variables);
            }
        }
        (Value::Array(wanted), Value::Array(got)) => {
            assert_eq!(wanted.len(), got.len(), "{place}: length of {got:?}");
            for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                same(&format!("{place} [{index}]"), wanted, got, variables);
            }
        }
        (Value::String(pattern), got) if pattern.starts_with("{{") => matches(place, pattern, got, variables),
        _ => assert_eq!(wanted, got, "{place}"),
    }
}

fn matches(place: &str, pattern: &str, got: &Value, variables: &mut BTreeMap<String, String>) {
    let name = pattern.trim_start_matches("{{").trim_end_matches("}}");
    let text = got.as_str().map_or_else(|| got.to_string(), str::to_owned);
    let is = |length: usize, fits: fn(char) -> bool| text.len() == length && text.chars().all(fits);
    let base64url = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let fits = match name {
        "any" => true,
        "number" => got.is_number(),
        "text" => got.is_string(),
        "uuid" => uuid::Uuid::parse_str(&text).is_ok(),
        "hex64" => is(64, |character| character.is_ascii_hexdigit()),
        "token27" => is(27, base64url),
        "token43" => is(43, base64url),
        name => match name.strip_suffix('=') {
            Some(name) => {
                variables.insert(name.to_owned(), text.clone());
                true
            }
            None => variables.get(name).is_some_and(|value| *value == text),
        },
    };
    assert!(fits, "{place}: {got} is no {pattern}");
}
