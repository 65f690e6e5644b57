//! Names and values as forms and query strings carry them, brackets included: `limit=1`, `parent[]=2`, `code[19]=x`.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// Most pairs in one request.
const PAIRS_MAX: usize = 10_000;

/// Pairs in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<Pair>);

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name before any bracket.
    pub name: String,
    /// What stands between the brackets: empty for `[]`, `None` without brackets.
    pub key: Option<String>,
    /// The value.
    pub value: String,
}

impl Pairs {
    /// Reads a query string.
    pub fn from_query(query: &str) -> Result<Self, String> {
        let mut pairs = Self::default();
        pairs.add_form(query.as_bytes())?;
        Ok(pairs)
    }

    /// Adds what a form-encoded text holds; brackets may be percent-encoded. Refused where it does not decode to UTF-8.
    pub fn add_form(&mut self, form: &[u8]) -> Result<(), String> {
        if !decodes_to_utf8(form) {
            return Err("the parameters must be UTF-8".to_owned());
        }
        for (name, value) in form_urlencoded::parse(form) {
            self.add(&name, value.into_owned())?;
        }
        Ok(())
    }

    /// Adds the members of a JSON object: arrays and objects become keyed pairs, null is an empty value.
    pub fn add_json(&mut self, body: Value) -> Result<(), String> {
        let Value::Object(object) = body else { return Err("the body must be a JSON object".to_owned()) };
        for (name, value) in object {
            match value {
                Value::Array(items) => {
                    for item in items {
                        self.push(name.clone(), Some(String::new()), scalar(&name, item)?)?;
                    }
                }
                Value::Object(members) => {
                    for (key, item) in members {
                        self.push(name.clone(), Some(key), scalar(&name, item)?)?;
                    }
                }
                value => {
                    let value = scalar(&name, value)?;
                    self.add(&name, value)?;
                }
            }
        }
        Ok(())
    }

    /// Adds one pair whose name may carry brackets.
    pub fn add(&mut self, name: &str, value: String) -> Result<(), String> {
        let bracketed = name.split_once('[').and_then(|(plain, rest)| Some((plain, rest.strip_suffix(']')?)));
        match bracketed {
            Some((plain, key)) => self.push(plain.to_owned(), Some(key.to_owned()), value),
            None => self.push(name.to_owned(), None, value),
        }
    }

    /// These pairs with the names that the others have replaced by the others'.
    pub fn overridden_by(mut self, others: Pairs) -> Self {
        let replaced: HashSet<&str> = others.0.iter().map(|other| other.name.as_str()).collect();
        self.0.retain(|pair| !replaced.contains(pair.name.as_str()));
        self.0.extend(others.0);
        self
    }

    /// The last value of a name without brackets: a scalar given twice is the last one.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|pair| pair.name == name && pair.key.is_none()).map(|pair| pair.value.as_str())
    }

    /// Every name, as often as it was given.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|pair| &pair.name)
    }

    /// Every pair of a name.
    pub fn all<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a Pair> + use<'a, 'b> {
        self.0.iter().filter(move |pair| pair.name == name)
    }

    /// The pairs without brackets as an object of texts; of a name given twice the last.
    pub fn into_texts(self) -> Map<String, Value> {
        let plain = self.0.into_iter().filter(|pair| pair.key.is_none());
        plain.map(|pair| (pair.name, Value::String(pair.value))).collect()
    }

    fn push(&mut self, name: String, key: Option<String>, value: String) -> Result<(), String> {
        if self.0.len() == PAIRS_MAX {
            return Err(format!("a request must have at most {PAIRS_MAX} parameters"));
        }
        self.0.push(Pair { name, key, value });
        Ok(())
    }
}

/// A number in decimal digits and nothing else; one past what can be counted is as good as the greatest.
pub fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A path segment as the client meant it. The framework leaves `%`, `/` and `+` encoded in it.
pub fn decode_segment(text: &str) -> String {
    let decoded = [("%2F", "/"), ("%2f", "/"), ("%2B", "+"), ("%2b", "+"), ("%25", "%")];
    decoded.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A text as one path segment, every reserved character encoded.
pub fn encode_segment(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}

/// Whether a form holds only UTF-8, percent-encoded or not. The parser replaces what is none, which would store a text
/// that nobody sent. What parts names and values is ASCII, so the whole is UTF-8 exactly where all of them are.
fn decodes_to_utf8(form: &[u8]) -> bool {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(form.len());
    let mut rest = form;
    while let Some((first, after)) = rest.split_first() {
        match (first, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

fn scalar(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(u8::from(truth).to_string()),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => Err(format!("{name} is nested too deeply")),
    }
}
