//! Query parameters: those a route knows and no others, and moments in RFC 3339.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::page;
use crate::{
    api::{
        call::Call,
        failure::Failure,
        pairs::{Pairs, digits},
    },
    model::{Error, Field},
};

/// The parameters of a request.
pub struct Query(Pairs);

impl Query {
    /// Reads them. One that is not among `known` is refused by name: a filter that was mistyped would show everything.
    pub fn of(call: &Call, known: &[&str]) -> Result<Self, Failure> {
        let pairs = Pairs::from_query(call.query()).map_err(Call::malformed)?;
        if let Some(name) = pairs.names().find(|name| !known.contains(&name.as_str())) {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Call::malformed(format!("this path knows no parameter {name:?}; it knows {known}")));
        }
        Ok(Self(pairs))
    }

    /// The text of a parameter; an empty one is as none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.last(name).filter(|text| !text.is_empty())
    }

    /// `limit`; see [`page::limit`].
    pub fn limit(&self) -> Result<u64, Failure> {
        page::limit(self.text("limit"))
    }

    /// What `cursor` holds; see [`page::position`].
    pub fn position<P: DeserializeOwned>(&self) -> Result<Option<P>, Failure> {
        page::position(self.text("cursor"))
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        Ok(Some(found.ok_or_else(|| Error::invalid(Field::Wire(name), format!("must be one of {}", known())))?))
    }

    /// A whole number from `min` to `max`.
    pub fn number(&self, name: &'static str, min: u64, max: u64) -> Result<Option<u64>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let found = digits(text).filter(|number| (min..=max).contains(number));
        let wrong = || Error::invalid(Field::Wire(name), format!("must be a whole number from {min} to {max}"));
        Ok(Some(found.ok_or_else(wrong)?))
    }

    /// A moment, in milliseconds since 1970.
    pub fn moment_ms(&self, name: &'static str) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |_| Error::invalid(Field::Wire(name), "must be a moment such as 2026-03-14T09:26:53Z");
        Ok(Some(text.parse::<Timestamp>().map_err(wrong)?.as_millisecond()))
    }
}

/// A moment as it is answered; `None` for one that no calendar has.
pub fn moment(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(|moment| moment.to_string())
}
