//! `filter[]`, `sort[]`, `limit` and `offset` of any list of this dialect.

use super::input::array;
use crate::{
    api::pairs::{Pairs, digits},
    model::{
        Field,
        error::Problems,
        filter::{Condition, FilterField, Operand, SortKey},
    },
};

/// Greatest `limit` [vendor].
pub const LIMIT_MAX: u64 = 50_000;
/// Most filters in one request [ours].
pub const FILTERS_MAX: usize = 32;
/// Most sort keys in one request [ours].
pub const SORTS_MAX: usize = 16;

/// What a list can be filtered and sorted by: the wire's name and the model's field.
pub type Fields = [(&'static str, FilterField)];

/// What a request asks of a list.
#[derive(Debug, Default)]
pub struct Listing {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Applied one after the other; empty is by id.
    pub sort: Vec<SortKey>,
    /// Greatest number of rows; `None` is all.
    pub limit: Option<u64>,
    /// Rows to pass over.
    pub offset: u64,
}

impl Listing {
    /// Reads the parameters.
    pub fn parse(query: &Pairs, fields: &Fields, problems: &mut Problems) -> Self {
        let filters = texts(query, "filter", "filter[]", FILTERS_MAX, problems);
        let sorts = texts(query, "sort", "sort[]", SORTS_MAX, problems);
        let mut listing = Self::default();
        for text in filters {
            match condition(text, fields) {
                Ok(condition) => listing.conditions.push(condition),
                Err(message) => problems.add(Field::Wire("filter[]"), message),
            }
        }
        for text in sorts {
            match sort_key(text, fields) {
                Ok(key) => listing.sort.push(key),
                Err(message) => problems.add(Field::Wire("sort[]"), message),
            }
        }
        listing.limit = query.last("limit").and_then(|text| {
            let limit = digits(text).filter(|limit| (1..=LIMIT_MAX).contains(limit));
            problems.require(limit.is_some(), Field::Wire("limit"), "must be a whole number from 1 to 50000");
            limit
        });
        if let Some(text) = query.last("offset") {
            let offset = digits(text);
            problems.require(offset.is_some(), Field::Wire("offset"), "must be a whole number of at least 0");
            listing.offset = offset.unwrap_or_default();
        }
        listing
    }
}

fn texts<'a>(
    query: &'a Pairs,
    name: &str,
    shown: &'static str,
    max: usize,
    problems: &mut Problems,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let given = array(query, name);
    if given.len() > max {
        problems.add(Field::Wire(shown), format!("must be given at most {max} times"));
    }
    given.into_iter().take(max).map(|(_, text)| text)
}

/// `field-operand-value-comparison`: only the first three dashes part it.
fn condition(text: &str, fields: &Fields) -> Result<Condition, String> {
    let mut parts = text.splitn(4, '-');
    let (Some(name), Some(operand), Some("value"), Some(comparison)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(format!("must be written field-operand-value-comparison, not {text:?}"));
    };
    let field = field(name, fields)?;
    let operand = Operand::parse(operand)
        .ok_or_else(|| format!("must have an operand out of {}, not {operand:?}", Operand::NAMES.join(", ")))?;
    Condition::new(field, operand, comparison).map_err(|phrase| format!("{text:?} is wrong: {phrase}"))
}

fn sort_key(text: &str, fields: &Fields) -> Result<SortKey, String> {
    let Some((name, direction @ ("asc" | "desc"))) = text.rsplit_once('-') else {
        return Err(format!("must be written field-asc or field-desc, not {text:?}"));
    };
    Ok(SortKey { field: field(name, fields)?, descending: direction == "desc" })
}

fn field(name: &str, fields: &Fields) -> Result<FilterField, String> {
    let found = fields.iter().find(|(known, _)| *known == name);
    found.map(|(_, field)| *field).ok_or_else(|| {
        let known: Vec<&str> = fields.iter().map(|(known, _)| *known).collect();
        format!("must name a field out of {}, not {name:?}", known.join(", "))
    })
}
