//! JSON objects that are written field by field, so that each field's own text is found again without reading the whole.

use std::ops::Range;

use serde::{Serialize, ser::Error as _};

/// An object as it is being written.
pub(super) struct Writing {
    bytes: Vec<u8>,
    fields: Vec<(&'static str, Range<usize>)>,
}

/// An object that is written.
pub(super) struct Object {
    text: String,
    fields: Vec<(&'static str, Range<usize>)>,
}

impl Writing {
    /// Begins, with room for about so many bytes.
    pub fn begin(bytes: usize) -> Self {
        let mut writing = Self { bytes: Vec::with_capacity(bytes), fields: Vec::with_capacity(32) };
        writing.bytes.push(b'{');
        writing
    }

    /// Writes a field. Its name has nothing in it that JSON escapes.
    pub fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> serde_json::Result<()> {
        let start = self.name(name);
        serde_json::to_writer(&mut self.bytes, value)?;
        self.fields.push((name, start..self.bytes.len()));
        Ok(())
    }

    /// Writes a field whose value is JSON already.
    pub fn json(&mut self, name: &'static str, text: &str) {
        let start = self.name(name);
        self.bytes.extend_from_slice(text.as_bytes());
        self.fields.push((name, start..self.bytes.len()));
    }

    /// Ends the object.
    pub fn end(mut self) -> serde_json::Result<Object> {
        self.bytes.push(b'}');
        let text = String::from_utf8(self.bytes).map_err(serde_json::Error::custom)?;
        Ok(Object { text, fields: self.fields })
    }

    fn name(&mut self, name: &str) -> usize {
        if !self.fields.is_empty() {
            self.bytes.push(b',');
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        self.bytes.len()
    }
}

impl Object {
    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of it.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Name and text of each field, in order.
    fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, place)| (*name, &self.text[place.clone()]))
    }
}

/// A field of which two objects hold different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    /// Its name.
    pub field: &'static str,
    /// The JSON text before.
    pub from: &'a str,
    /// The JSON text after.
    pub to: &'a str,
}

/// In what two objects of the same fields, written in the same order, differ.
pub(super) fn differences<'a>(before: &'a Object, after: &'a Object) -> Vec<Difference<'a>> {
    let pairs = before.fields().zip(after.fields()).map(|((_, from), (field, to))| Difference { field, from, to });
    pairs.filter(|difference| difference.from != difference.to).collect()
}

#[cfg(test)]
mod tests {
    use super::{Difference, Object, Writing, differences};

    fn object(title: &str, parents: &[i64]) -> serde_json::Result<Object> {
        let mut writing = Writing::begin(0);
        writing.field("id", &7)?;
        writing.field("title", title)?;
        writing.field("parents", parents)?;
        writing.json("hold", "null");
        writing.end()
    }

    #[test]
    fn an_object_is_json_whatever_is_in_it() -> serde_json::Result<()> {
        let title = "a \"b\" \\ \u{1} ü,}";
        let value: serde_json::Value = serde_json::from_str(object(title, &[1, 2])?.text())?;
        assert_eq!(value, serde_json::json!({ "id": 7, "title": title, "parents": [1, 2], "hold": null }));
        assert_eq!(Writing::begin(0).end()?.text(), "{}");
        Ok(())
    }

    #[test]
    fn what_differs_is_told_with_both_texts() -> serde_json::Result<()> {
        let (before, after) = (object("a", &[1])?, object("b\"", &[1])?);
        let title = Difference { field: "title", from: "\"a\"", to: "\"b\\\"\"" };
        assert_eq!(differences(&before, &after), [title]);
        assert_eq!(differences(&before, &before), []);
        Ok(())
    }
}
