//! Pages of a list: `limit`, and a `cursor` that names the last row shown, so that a page stays right while rows change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::failure::Failure,
    model::{Error, Field},
};

/// Rows of a page where none are asked for.
pub const LIMIT_DEFAULT: u64 = 100;
/// Most rows of a page.
pub const LIMIT_MAX: u64 = 1000;

/// A page as it is answered.
#[derive(Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is short enough to be one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A page of rows of which one more than `limit` was read, if there was one more. `position` is what a cursor holds:
    /// the values of the last row shown that the order goes by.
    pub fn new<P: Serialize>(mut rows: Vec<T>, limit: u64, position: impl Fn(&T) -> P) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).and_then(|last| serde_json::to_vec(&position(last)).ok());
        Self { next: next.map(|position| URL_SAFE_NO_PAD.encode(position)), items: rows }
    }

    /// A page of what these rows are shown as.
    pub fn map_ref<'a, U>(&'a self, convert: impl FnMut(&'a T) -> U) -> Page<U> {
        Page { items: self.items.iter().map(convert).collect(), next: self.next.clone() }
    }

    /// A page that ends at this position, for lists that are read in steps; `None` is the end of the list.
    pub fn until<P: Serialize>(items: Vec<T>, position: Option<P>) -> Self {
        let next = position.and_then(|position| serde_json::to_vec(&position).ok());
        Self { items, next: next.map(|position| URL_SAFE_NO_PAD.encode(position)) }
    }

    /// The same page with its rows in another shape.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

/// The `limit` of a query: 1 to 1000, 100 where absent.
pub fn limit(text: Option<&str>) -> Result<u64, Failure> {
    let limit = text.map_or(Some(LIMIT_DEFAULT), |text| text.parse().ok());
    let fits = limit.filter(|limit| (1..=LIMIT_MAX).contains(limit));
    Ok(fits.ok_or_else(|| Error::invalid(Field::Wire("limit"), "must be a whole number from 1 to 1000"))?)
}

/// What the `cursor` of a query holds.
pub fn position<P: DeserializeOwned>(text: Option<&str>) -> Result<Option<P>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let position = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let wrong = || Error::invalid(Field::Wire("cursor"), "must be the `next` of an earlier page of the same list");
    Ok(Some(position.ok_or_else(wrong)?))
}
