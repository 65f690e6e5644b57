//! Paging of lists: `limit` and `offset` in the query, or `X-Page-Limit` and `X-Page-Offset` as headers.

use crate::{
    api::{
        call::Call,
        failure::Failure,
        pairs::{Pairs, digits},
    },
    model::{Field, error::Problems},
};

/// What a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// A text to be found; never empty.
    pub search: Option<String>,
    /// Greatest number; `None` is all.
    pub limit: Option<u64>,
    /// How many to pass over.
    pub offset: u64,
}

impl Page {
    /// Reads it. The query comes before the headers; what is empty is absent.
    pub fn of(call: &Call) -> Result<Self, Failure> {
        let query = Pairs::from_query(call.query()).map_err(Call::malformed)?;
        let given = |text: &&str| !text.trim().is_empty();
        let mut problems = Problems::default();
        let mut number = |name: &'static str, header: &'static str| {
            let in_query = query.last(name).filter(given).map(|text| (name, text));
            let (name, text) = in_query.or_else(|| Some((header, header_text(call, header).filter(given)?)))?;
            let number = digits(text.trim());
            problems.require(number.is_some(), Field::Wire(name), "must be a whole number of at least 0");
            number
        };
        let (limit, offset) = (number("limit", "X-Page-Limit"), number("offset", "X-Page-Offset"));
        problems.check()?;
        let search = query.last("search").filter(given).map(str::to_owned);
        Ok(Self { search, limit, offset: offset.unwrap_or(0) })
    }
}

/// A header that is no text is one that is no number, not one that is absent.
fn header_text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    Some(call.request().headers().get(name)?.to_str().unwrap_or("no text"))
}
