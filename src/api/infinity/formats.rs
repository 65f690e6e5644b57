//! The output formats of this dialect and `display[]`: which columns of a row stand in the answer, and how.
//!
//! Rows are written straight into one buffer. Nothing here knows what a row stands for.

use std::borrow::Cow;

use actix_web::HttpResponse;

use super::{input::array, markup};
use crate::{
    api::pairs::Pairs,
    model::{Error, Field, Result, error::Problems},
};

/// Content type of both JSON forms and of errors.
pub const JSON: &str = "application/json; charset=utf-8";

/// Most columns that one request may name.
pub const COLUMNS_MAX: usize = 32;

/// One thing that is listed or read.
pub trait Row {
    /// Its keys in the order in which they are answered.
    const FIELDS: &'static [&'static str];
    /// Element names of one and of many in XML.
    const ELEMENTS: (&'static str, &'static str);

    /// The value at a place of [`Row::FIELDS`].
    fn cell(&self, field: usize) -> Cell<'_>;
}

/// One value; the empty text where it is unset.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// A whole number.
    Number(i64),
    /// Anything else.
    Text(&'a str),
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// An object a line, neither array nor envelope.
    JsonLines,
    JsonArray,
    Csv,
    Xml,
    Xhtml,
    Debug,
}

impl Format {
    const NAMES: [(&'static str, Format); 6] = [
        ("json", Format::JsonLines),
        ("jsonarray", Format::JsonArray),
        ("csv", Format::Csv),
        ("xml", Format::Xml),
        ("xhtml", Format::Xhtml),
        ("debug", Format::Debug),
    ];
}

/// One column of an answer.
struct Column {
    field: usize,
    title: Cow<'static, str>,
}

/// Format and columns that a request asks for.
pub struct Shape {
    format: Format,
    columns: Vec<Column>,
}

impl Shape {
    /// Reads `format` and `display[]`.
    pub fn parse<R: Row>(query: &Pairs, problems: &mut Problems) -> Self {
        let format = match query.last("format") {
            None => Some(Format::JsonLines),
            Some(wanted) => Format::NAMES.iter().find(|(name, _)| *name == wanted).map(|(_, format)| *format),
        };
        if format.is_none() {
            let known = Format::NAMES.map(|(name, _)| name).join(", ");
            problems.add(Field::Wire("format"), format!("must be one of {known}"));
        }
        let format = format.unwrap_or(Format::JsonLines);
        let wanted = array(query, "display");
        if wanted.is_empty() && matches!(format, Format::Csv | Format::Xhtml) {
            problems.add(
                Field::Wire("display[]"),
                format!(
                    "is required with format=csv and format=xhtml; name the columns out of {}",
                    R::FIELDS.join(", ")
                ),
            );
        }
        if wanted.len() > COLUMNS_MAX {
            problems.add(Field::Wire("display[]"), format!("must be given at most {COLUMNS_MAX} times"));
        }
        let mut columns: Vec<Column> = Vec::new();
        for (_, text) in wanted.into_iter().take(COLUMNS_MAX) {
            match column::<R>(text) {
                Ok(column) if columns.iter().any(|known| known.title == column.title) => {
                    let message = format!("names {} twice; give one of them an alias, as in field-alias", column.title);
                    problems.add(Field::Wire("display[]"), message);
                }
                Ok(column) => columns.push(column),
                Err(message) => problems.add(Field::Wire("display[]"), message),
            }
        }
        if columns.is_empty() {
            columns = R::FIELDS
                .iter()
                .enumerate()
                .map(|(field, title)| Column { field, title: Cow::Borrowed(title) })
                .collect();
        }
        Self { format, columns }
    }

    /// Writes the rows.
    pub fn render<R: Row>(&self, rows: impl Iterator<Item = R>) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(rows.size_hint().0 * 256 + 256);
        match self.format {
            Format::JsonLines => {
                for row in rows {
                    self.json_object(&mut out, &row)?;
                    out.push(b'\n');
                }
            }
            Format::JsonArray => {
                out.push(b'[');
                for (place, row) in rows.enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    self.json_object(&mut out, &row)?;
                }
                out.push(b']');
            }
            Format::Csv => out = self.csv(rows).map_err(unwritten)?,
            Format::Xml => markup::xml(&mut out, R::ELEMENTS, &self.titles(), self.table(rows)),
            Format::Xhtml => markup::xhtml(&mut out, R::ELEMENTS.1, &self.titles(), self.table(rows)),
            Format::Debug => self.debug(&mut out, rows),
        }
        Ok(out)
    }

    /// The answer around what [`Shape::render`] wrote.
    pub fn answer(&self, body: Vec<u8>) -> HttpResponse {
        let content_type = match self.format {
            Format::JsonLines | Format::JsonArray => JSON,
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xml => "application/xml; charset=utf-8",
            Format::Xhtml => "application/xhtml+xml; charset=utf-8",
            Format::Debug => "text/plain; charset=utf-8",
        };
        HttpResponse::Ok().content_type(content_type).body(body)
    }

    fn json_object(&self, out: &mut Vec<u8>, row: &impl Row) -> Result<()> {
        for (place, column) in self.columns.iter().enumerate() {
            out.push(if place == 0 { b'{' } else { b',' });
            serde_json::to_writer(&mut *out, &*column.title).map_err(unwritten)?;
            out.push(b':');
            match row.cell(column.field) {
                // Numbers are strings too: clients of this API read every scalar as one [vendor].
                Cell::Number(number) => {
                    out.push(b'"');
                    serde_json::to_writer(&mut *out, &number).map_err(unwritten)?;
                    out.push(b'"');
                }
                Cell::Text(text) => serde_json::to_writer(&mut *out, text).map_err(unwritten)?,
            }
        }
        out.push(b'}');
        Ok(())
    }

    fn csv<R: Row>(&self, rows: impl Iterator<Item = R>) -> std::result::Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.titles())?;
        for cells in self.table(rows) {
            writer.write_record(cells)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    fn debug<R: Row>(&self, out: &mut Vec<u8>, rows: impl Iterator<Item = R>) {
        for (place, cells) in self.table(rows).enumerate() {
            if place > 0 {
                out.push(b'\n');
            }
            for (column, cell) in self.columns.iter().zip(cells) {
                out.extend_from_slice(format!("{}: {cell}\n", column.title).as_bytes());
            }
        }
    }

    fn titles(&self) -> Vec<&str> {
        self.columns.iter().map(|column| &*column.title).collect()
    }

    /// The cells as texts, for the formats that are read by people and spreadsheets.
    fn table<R: Row>(&self, rows: impl Iterator<Item = R>) -> impl Iterator<Item = Vec<String>> {
        rows.map(|row| {
            let text = |column: &Column| match row.cell(column.field) {
                Cell::Number(number) => number.to_string(),
                Cell::Text(text) => text.to_owned(),
            };
            self.columns.iter().map(text).collect()
        })
    }
}

/// `field` or `field-alias`; the alias may hold dashes.
fn column<R: Row>(text: &str) -> std::result::Result<Column, String> {
    let (name, title) = text.split_once('-').unwrap_or((text, text));
    let field = R::FIELDS.iter().position(|known| *known == name);
    let field = field.ok_or_else(|| format!("must name fields out of {}, not {name:?}", R::FIELDS.join(", ")))?;
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err(format!("must have a printable alias after the dash in {name}-, or no dash"));
    }
    Ok(Column { field, title: Cow::Owned(title.to_owned()) })
}

/// Memory takes all that is written to it, so this is a fault of the program.
fn unwritten(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "an answer could not be written");
    Error::internal()
}
