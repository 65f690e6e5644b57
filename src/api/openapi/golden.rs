//! Examples: the golden files that the tests play against the box, embedded as they are.
//!
//! The format is told in `tests/it/support/golden.rs`. What a test captures or compares by pattern (`{{id=}}`, `{{uuid}}`)
//! is shown as a plausible value.

use std::collections::BTreeMap;

use serde_json::Value;

macro_rules! golden {
    ($($dialect:literal: $($name:literal),+;)+) => {
        &[$($((
            $dialect,
            concat!($name, ".http"),
            include_str!(concat!("../../../tests/golden/", $dialect, "/", $name, ".http")),
        ),)+)+]
    };
}

/// Every golden file: its dialect, its name, its text, what explains most first. A test holds this complete.
pub const FILES: &[(&str, &str, &str)] = golden! {
    "infinity": "organisations";
    "native": "site", "organizations", "hierarchy", "members", "users", "keys", "audit", "changes",
        "backups", "cameras", "catalog", "holds", "overrides", "previews", "status", "usage", "certificate", "upstream",
        "carrying", "transfer";
    "surfsight": "organizations", "errors";
    "watcher": "sessions", "organizations", "members", "users", "domains";
    "wotkit": "organizations", "members", "users", "errors";
};

/// The example of every id of a request.
pub(super) const REQUEST_ID: &str = "6f1c2f5e-8d0b-4c43-9a3e-2b7d5c1e9a40";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const TOKEN: &str = "q3Vb0JwXk2mYt8Zr1sLdPfHc7GnA4eUiT5oB6yRxWvK";
const CURSOR: &str = "WzJd";
const MOMENT: &str = "2026-03-14T09:26:53Z";
/// Characters of a session's token.
const SESSION_CHARS: usize = 27;

/// One request and the answer it gets.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The dialect spoken.
    pub dialect: &'static str,
    /// The comment before it.
    pub comment: String,
    /// The method.
    pub method: String,
    /// The path, without the query string and a trailing slash.
    pub path: String,
    /// The request's `content-type`; empty where it has none.
    pub content_type: String,
    /// The request's body.
    pub request: String,
    /// The status of the answer.
    pub status: u16,
    /// The lines of the answer's body.
    pub answer: String,
}

impl Exchange {
    /// The JSON values of the answer: one, or one a line; `None` where it is no JSON.
    pub fn answers(&self) -> Option<Vec<Value>> {
        if let Ok(value) = serde_json::from_str(&self.answer) {
            return Some(vec![value]);
        }
        self.answer.lines().map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// Every exchange of every file, with values in the place of patterns.
pub fn exchanges() -> Vec<Exchange> {
    FILES.iter().flat_map(|(dialect, _, text)| parse(dialect, text)).collect()
}

/// The parts of an exchange, of which one is being read.
#[derive(Default, PartialEq)]
enum Part {
    #[default]
    Comment,
    RequestHead,
    RequestBody,
    AnswerHead,
    AnswerBody,
}

fn parse(dialect: &'static str, text: &str) -> Vec<Exchange> {
    let mut values = Values::default();
    let mut exchanges = Vec::new();
    let mut present = Exchange { dialect, ..Exchange::default() };
    let mut part = Part::Comment;
    for line in text.lines() {
        let (sign, rest) = line.split_at_checked(1).unwrap_or(("", ""));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let starts = matches!(sign, "#" | ">") && matches!(part, Part::AnswerHead | Part::AnswerBody);
        if starts || sign.is_empty() {
            finish(&mut present, &mut exchanges, dialect);
            part = Part::Comment;
        }
        match (sign, &part) {
            ("#", _) => push_line(&mut present.comment, rest, " "),
            (">", Part::Comment) => {
                let (method, target) = rest.split_once(' ').unwrap_or((rest, ""));
                let path = target.split('?').next().unwrap_or_default().trim_end_matches('/');
                (present.method, present.path) = (method.to_owned(), values.fill(path));
                part = Part::RequestHead;
            }
            (">", Part::RequestHead) if rest.is_empty() => part = Part::RequestBody,
            (">", Part::RequestHead) => {
                if let Some(("content-type", kind)) = rest.split_once(": ") {
                    present.content_type = kind.to_owned();
                }
            }
            (">", _) => push_line(&mut present.request, &values.fill(rest), "\n"),
            ("<", Part::AnswerHead) if rest.is_empty() => part = Part::AnswerBody,
            ("<", Part::AnswerHead) => {}
            ("<", Part::AnswerBody) => push_line(&mut present.answer, &values.show(rest), "\n"),
            ("<", _) => {
                present.status = rest.trim().parse().unwrap_or_default();
                part = Part::AnswerHead;
            }
            _ => {}
        }
    }
    finish(&mut present, &mut exchanges, dialect);
    exchanges
}

/// Puts a whole exchange away; a comment that belongs to none is dropped.
fn finish(present: &mut Exchange, exchanges: &mut Vec<Exchange>, dialect: &'static str) {
    let done = std::mem::replace(present, Exchange { dialect, ..Exchange::default() });
    if done.status > 0 {
        exchanges.push(done);
    }
}

fn push_line(text: &mut String, line: &str, joint: &str) {
    if !text.is_empty() {
        text.push_str(joint);
    }
    text.push_str(line);
}

/// What stands for the names of one file: the same value for the same name, a greater number for each further one.
#[derive(Default)]
struct Values(BTreeMap<String, String>);

impl Values {
    /// A line of a request: each pattern is the bare value.
    fn fill(&mut self, line: &str) -> String {
        self.replace(line, false)
    }

    /// A line of a JSON answer: a text that is one pattern is the value as JSON writes it.
    fn show(&mut self, line: &str) -> String {
        self.replace(line, true)
    }

    fn replace(&mut self, line: &str, as_json: bool) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, pattern, after)) = pattern(rest) {
            let value = match anything(before, pattern) {
                Some(value) => value.to_owned(),
                None => self.value(pattern.trim_end_matches('=')),
            };
            let quoted = as_json && before.ends_with('"') && after.starts_with('"');
            let is_bare = value == "{}" || value == "[]" || value.bytes().all(|byte| byte.is_ascii_digit());
            if quoted && is_bare {
                out.push_str(&before[..before.len() - 1]);
                out.push_str(&value);
                rest = &after[1..];
            } else {
                out.push_str(before);
                out.push_str(&value);
                rest = after;
            }
        }
        out + rest
    }

    fn value(&mut self, name: &str) -> String {
        match name {
            "uuid" => REQUEST_ID.to_owned(),
            "hex64" => DIGEST.to_owned(),
            "token27" => TOKEN[..SESSION_CHARS].to_owned(),
            "token43" => TOKEN.to_owned(),
            "text" | "any" => "text".to_owned(),
            "number" => "7".to_owned(),
            "epoch" | "batch" | "event" | "other_event" => REQUEST_ID.to_owned(),
            "next" | "last" | "cursor" => CURSOR.to_owned(),
            "key" => "obk_4f2a9c0d7b1e63580c5d2e8f91a7b364".to_owned(),
            name if name.contains("session") || name == "viewer" => TOKEN[..SESSION_CHARS].to_owned(),
            name if name.contains("token") => TOKEN.to_owned(),
            name if name.contains("secret") => DIGEST.to_owned(),
            name => {
                let next = (self.0.len() + 2).to_string();
                self.0.entry(name.to_owned()).or_insert(next).clone()
            }
        }
    }
}

/// What `{{any}}` stands for under the key before it, where that is no text.
fn anything(before: &str, pattern: &str) -> Option<&'static str> {
    let key = before.strip_suffix("\": \"")?.rsplit('"').next().filter(|_| pattern == "any")?;
    match key {
        "data" | "state" | "before" | "after" => Some("{}"),
        "at" | "created" | "expires" | "last_used" | "time" => Some(MOMENT),
        "id" | "rows" | "last_seq" | "version" | "warning_count" => Some("7"),
        "warnings" | "expiring" | "names" => Some("[]"),
        "hash" => Some(DIGEST),
        _ => None,
    }
}

/// What stands before, in and after the first pair of double braces. JSON has such pairs too, but no name within.
fn pattern(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(start) = text[from..].find("{{").map(|place| place + from) {
        let end = text[start..].find("}}").map(|place| place + start)?;
        let name = &text[start + 2..end];
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_=".contains(&byte)) {
            return Some((&text[..start], name, &text[end + 2..]));
        }
        from = start + 2;
    }
    None
}
