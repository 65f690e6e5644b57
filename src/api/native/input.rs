//! Reading what native requests carry: path segments and JSON bodies, of which what nobody knows is refused by name.

use serde_json::{Map, Value};

use crate::{
    api::{body::whole, call::Call, pairs::decode_segment},
    model::{Field, Patch, Result, error::Problems},
};

/// A path segment as the client meant it.
pub fn segment(call: &Call, name: &str) -> String {
    decode_segment(call.path(name))
}

/// The members of a JSON body, read by type. What has the wrong type is noted as a problem and reads as absent.
pub struct Body<'a> {
    body: &'a Map<String, Value>,
    known: Vec<&'static str>,
    /// What is wrong so far.
    pub problems: Problems,
}

impl<'a> Body<'a> {
    /// Nothing read yet.
    pub fn of(body: &'a Map<String, Value>) -> Self {
        Self { body, known: Vec::new(), problems: Problems::default() }
    }

    /// A member of any type; `null` is a value here.
    pub fn any(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.body.get(name)
    }

    /// A text.
    pub fn text(&mut self, field: Field) -> Patch<String> {
        self.read(field, "must be a text", |value| value.as_str().map(str::to_owned))
    }

    /// A whole number.
    pub fn number(&mut self, field: Field) -> Patch<i64> {
        self.read(field, "must be a whole number", |value| value.as_number().and_then(whole))
    }

    /// A truth value.
    pub fn flag(&mut self, field: Field) -> Patch<bool> {
        self.read(field, "must be true or false", Value::as_bool)
    }

    /// A member that this function reads. `null` is [`Patch::Clear`].
    pub fn read<T>(&mut self, field: Field, otherwise: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Patch<T> {
        match self.any(field.core_name()) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(value) => {
                let found = read(value);
                self.problems.require(found.is_some(), field, otherwise);
                found.into()
            }
        }
    }

    /// What has no default to be given back: `null` is refused.
    pub fn given<T>(&mut self, field: Field, patch: Patch<T>) -> Option<T> {
        match patch {
            Patch::Keep => None,
            Patch::Set(value) => Some(value),
            Patch::Clear => {
                self.problems.add(field, "must not be null");
                None
            }
        }
    }

    /// What must be there: absence and `null` are refused. What had the wrong type is noted already.
    pub fn required<T: Default>(&mut self, field: Field, patch: Patch<T>) -> T {
        let there = self.body.get(field.core_name()).is_some_and(|value| !value.is_null());
        self.problems.require(there, field, "is required");
        patch.into_set().unwrap_or_default()
    }

    /// Refuses all that was found wrong, and every member that nobody has asked for.
    pub fn finish(mut self) -> Result<()> {
        let strange = self.body.keys().filter(|name| !self.known.contains(&name.as_str()));
        let strange: Vec<&str> = strange.map(String::as_str).collect();
        if !strange.is_empty() {
            let message = format!("has unknown fields: {}", strange.join(", "));
            self.problems.add(Field::Wire("body"), message);
        }
        self.problems.check()
    }
}

/// Notes which of these a body lacks, where each is to be read as it is for a change.
pub fn required(body: &mut Body<'_>, fields: &[Field]) {
    for field in fields {
        body.problems.require(body.body.contains_key(field.core_name()), *field, "is required");
    }
}
