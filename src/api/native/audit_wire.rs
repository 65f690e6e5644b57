//! Rows of the audit trail on the wire: JSON, and CSV that no spreadsheet takes for formulas.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::query::moment;
use crate::{
    api::failure::Failure,
    model::{Error, audit::Entry},
};

/// A row as it is answered: `before` and `after` are objects, the hash is in hexadecimal digits.
#[derive(Serialize)]
pub struct Row<'a> {
    id: i64,
    at: Option<String>,
    actor: &'a str,
    actor_user_id: Option<i64>,
    actor_key: Option<&'a str>,
    address: Option<&'a str>,
    dialect: &'a str,
    request_id: &'a str,
    operation: &'a str,
    subject: &'a str,
    organization_id: Option<i64>,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    hash: String,
}

impl<'a> From<&'a Entry> for Row<'a> {
    fn from(entry: &'a Entry) -> Self {
        let Entry {
            id,
            at_ms,
            actor,
            actor_user_id,
            actor_key,
            address,
            dialect,
            request_id,
            operation,
            subject,
            organization_id,
            before,
            after,
            hash,
        } = entry;
        Self {
            id: *id,
            at: moment(*at_ms),
            actor,
            actor_user_id: actor_user_id.map(|id| id.0),
            actor_key: actor_key.as_deref(),
            address: address.as_deref(),
            dialect,
            request_id,
            operation,
            subject,
            organization_id: organization_id.map(|id| id.0),
            before: before.as_deref().and_then(json),
            after: after.as_deref().and_then(json),
            hash: hex(hash),
        }
    }
}

/// What an export is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON object in each line.
    JsonLines,
    /// A table as RFC 4180 has it, `before` and `after` as JSON.
    Csv,
}

impl Format {
    /// As a query names them.
    pub const NAMES: [(&'static str, Format); 2] = [("ndjson", Format::JsonLines), ("csv", Format::Csv)];

    /// The content type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::JsonLines => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::JsonLines => "ndjson",
            Format::Csv => "csv",
        }
    }

    /// What stands before the first row.
    pub fn head(self) -> std::io::Result<Vec<u8>> {
        let titles = [
            "id",
            "at",
            "actor",
            "actor_user_id",
            "actor_key",
            "address",
            "dialect",
            "request_id",
            "operation",
            "subject",
            "organization_id",
            "before",
            "after",
            "hash",
        ];
        match self {
            Format::JsonLines => Ok(Vec::new()),
            Format::Csv => records([titles.map(Cow::Borrowed)].into_iter()),
        }
    }

    /// Adds rows.
    pub fn rows(self, text: &mut Vec<u8>, entries: &[Entry]) -> std::io::Result<()> {
        match self {
            Format::JsonLines => {
                for entry in entries {
                    serde_json::to_writer(&mut *text, &Row::from(entry))?;
                    text.push(b'\n');
                }
            }
            Format::Csv => text.extend(records(entries.iter().map(cells))?),
        }
        Ok(())
    }
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What cannot be written down is a fault of the program.
pub fn unwritten(error: std::io::Error) -> Failure {
    tracing::error!(%error, "rows of the audit trail could not be written");
    Error::internal().into()
}

fn json(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text).ok()
}

fn cells(entry: &Entry) -> [Cow<'_, str>; 14] {
    let Row {
        id,
        at,
        actor,
        actor_user_id,
        actor_key,
        address,
        dialect,
        request_id,
        operation,
        subject,
        organization_id,
        before,
        after,
        hash,
    } = Row::from(entry);
    let number = |number: Option<i64>| Cow::Owned(number.map(|number| number.to_string()).unwrap_or_default());
    [
        number(Some(id)),
        Cow::Owned(at.unwrap_or_default()),
        guarded(actor),
        number(actor_user_id),
        guarded(actor_key.unwrap_or_default()),
        guarded(address.unwrap_or_default()),
        guarded(dialect),
        guarded(request_id),
        guarded(operation),
        guarded(subject),
        number(organization_id),
        guarded(before.map_or("", RawValue::get)),
        guarded(after.map_or("", RawValue::get)),
        Cow::Owned(hash),
    ]
}

/// A text that a spreadsheet would take for a formula gets a quotation mark in front, which makes it a text there.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn records<'a>(rows: impl Iterator<Item = [Cow<'a, str>; 14]>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for cells in rows {
        writer.write_record(cells.iter().map(|cell| cell.as_bytes()))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
