//! Bodies: a JSON object read field by field, with every problem told at once and what nobody knows refused by name.

use serde_json::{Map, Value};

use crate::{
    api::{body, call::Call, failure::Failure},
    model::{Field, Patch, error::Problems},
};

/// An object that is being read. Each field is taken once; [`Fields::check`] refuses what is left.
pub struct Fields {
    object: Map<String, Value>,
    problems: Problems,
    known: Vec<&'static str>,
}

impl Fields {
    /// The body of a request; an empty one is an empty object.
    pub async fn of(call: &Call) -> Result<Self, Failure> {
        Ok(Self::new(body::json_object(call).await?))
    }

    /// An object in hand.
    pub fn new(object: Map<String, Value>) -> Self {
        Self { object, problems: Problems::default(), known: Vec::new() }
    }

    /// A value as it is; `None` where it is absent.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.object.remove(name)
    }

    /// A text that may be absent but not `null`.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong(name, "must be a text"),
        }
    }

    /// A text that must be there.
    pub fn required_text(&mut self, name: &'static str) -> String {
        self.require(name);
        self.text(name).unwrap_or_default()
    }

    /// A whole number that may be absent but not `null`.
    pub fn number(&mut self, name: &'static str) -> Option<i64> {
        match self.take(name)? {
            Value::Number(number) if body::whole(&number).is_some() => body::whole(&number),
            _ => self.wrong(name, "must be a whole number"),
        }
    }

    /// A whole number that must be there.
    pub fn required_number(&mut self, name: &'static str) -> i64 {
        self.require(name);
        self.number(name).unwrap_or_default()
    }

    /// A whole number where `null` means none.
    pub fn number_or_null(&mut self, name: &'static str) -> Patch<i64> {
        if self.object.get(name) == Some(&Value::Null) {
            self.take(name);
            return Patch::Clear;
        }
        self.number(name).into()
    }

    /// A list that may be absent but not `null`.
    pub fn list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(items) => Some(items),
            _ => self.wrong(name, "must be a list"),
        }
    }

    /// An object that may be absent but not `null`.
    pub fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(object) => Some(object),
            _ => self.wrong(name, "must be an object"),
        }
    }

    /// Notes what is wrong with a field.
    pub fn wrong<T>(&mut self, name: &'static str, message: &str) -> Option<T> {
        self.problems.add(Field::Wire(name), message);
        None
    }

    /// Ok where every field was known and well-formed.
    pub fn check(self) -> Result<(), Failure> {
        if let Some(unknown) = self.object.keys().next() {
            let known = self.known.join(", ");
            return Err(Call::malformed(format!("unknown field `{unknown}`; known here: {known}")));
        }
        Ok(self.problems.check()?)
    }

    fn require(&mut self, name: &'static str) {
        if !self.object.contains_key(name) {
            self.problems.add(Field::Wire(name), "is required");
        }
    }
}
