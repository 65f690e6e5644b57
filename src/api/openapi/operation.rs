//! What an endpoint says of itself: the vocabulary in which the tables of routes are documented.
//!
//! Method, path, path parameters, security and the shape of failures come from the table and from the dialect; an
//! [`Operation`] adds only what they cannot know. It knows no dialect.

use serde_json::{Value, json};

use crate::model::Kind;

/// JSON bodies.
pub const JSON: &str = "application/json";
/// Form-encoded bodies.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// One documented endpoint.
pub struct Operation {
    pub(super) summary: &'static str,
    pub(super) description: Vec<&'static str>,
    pub(super) credentials: Credentials,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) refusals: Vec<Kind>,
    pub(super) reads_query: bool,
}

/// Whether a call needs credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credentials {
    Needed,
    /// Without any it answers as well; wrong ones are refused.
    Optional,
    /// They are what the body brings.
    InBody,
    None,
}

pub(super) struct Body {
    pub required: bool,
    pub schemas: Vec<(&'static str, Value)>,
}

pub(super) struct Answer {
    pub status: u16,
    pub description: &'static str,
    pub schemas: Vec<(&'static str, Value)>,
    pub headers: Vec<(&'static str, Value)>,
}

/// A schema: written out, or by the name of one of the dialect's.
pub trait Schema {
    /// As it stands in the document.
    fn schema(self) -> Value;
}

impl Schema for Value {
    fn schema(self) -> Value {
        self
    }
}

impl Schema for &str {
    fn schema(self) -> Value {
        json!({ "$ref": format!("#/components/schemas/{self}") })
    }
}

/// An operation that needs credentials, has no parameters beside those in its path, and reads no body.
pub fn op(summary: &'static str) -> Operation {
    Operation {
        summary,
        description: Vec::new(),
        credentials: Credentials::Needed,
        parameters: Vec::new(),
        body: None,
        answers: Vec::new(),
        refusals: Vec::new(),
        reads_query: false,
    }
}

impl Operation {
    /// A paragraph of its description.
    pub fn says(mut self, paragraph: &'static str) -> Self {
        self.description.push(paragraph);
        self
    }

    /// Credentials are not needed; wrong ones are refused all the same.
    pub fn credentials_optional(self) -> Self {
        Self { credentials: Credentials::Optional, ..self }
    }

    /// The body brings login and password.
    pub fn signs_in(self) -> Self {
        Self { credentials: Credentials::InBody, ..self }
    }

    /// Credentials are not looked at.
    pub fn open(self) -> Self {
        Self { credentials: Credentials::None, ..self }
    }

    /// A query parameter that may be absent.
    pub fn query(self, name: &'static str, description: &'static str, schema: impl Schema) -> Self {
        self.parameter("query", name, description, schema.schema())
    }

    /// A request header that may be absent.
    pub fn header(self, name: &'static str, description: &'static str, schema: impl Schema) -> Self {
        self.parameter("header", name, description, schema.schema())
    }

    /// A request header that must be there.
    pub fn header_needed(self, name: &'static str, description: &'static str, schema: impl Schema) -> Self {
        let mut operation = self.parameter("header", name, description, schema.schema());
        if let Some(parameter) = operation.parameters.last_mut() {
            parameter["required"] = true.into();
        }
        operation
    }

    /// A JSON body that must be there.
    pub fn json(self, schema: impl Schema) -> Self {
        self.bodies(true, vec![(JSON, schema.schema())])
    }

    /// A JSON body; an empty one says nothing and is fine.
    pub fn json_optional(self, schema: impl Schema) -> Self {
        self.bodies(false, vec![(JSON, schema.schema())])
    }

    /// A JSON Merge Patch, which comes as plain JSON too; an empty one changes nothing.
    pub fn merge_patch(self, schema: impl Schema) -> Self {
        let schema = schema.schema();
        self.bodies(false, vec![("application/merge-patch+json", schema.clone()), (JSON, schema)])
    }

    /// A body in any of these media types.
    pub fn bodies(self, required: bool, schemas: Vec<(&'static str, Value)>) -> Self {
        Self { body: Some(Body { required, schemas }), ..self }
    }

    /// An answer with a JSON body.
    pub fn answers(self, status: u16, description: &'static str, schema: impl Schema) -> Self {
        self.answers_in(status, description, vec![(JSON, schema.schema())])
    }

    /// An answer in any of these media types.
    pub fn answers_in(mut self, status: u16, description: &'static str, schemas: Vec<(&'static str, Value)>) -> Self {
        self.answers.push(Answer { status, description, schemas, headers: Vec::new() });
        self
    }

    /// An answer without a body.
    pub fn answers_empty(self, status: u16, description: &'static str) -> Self {
        self.answers_in(status, description, Vec::new())
    }

    /// A header that the answer named last always has.
    pub fn with_header(mut self, name: &'static str, description: &'static str, schema: impl Schema) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            let header = json!({ "description": description, "required": true, "schema": schema.schema() });
            answer.headers.push((name, header));
        }
        self
    }

    /// A page of rows: `{"items": […], "next": …}`, asked for by `limit` and `cursor`.
    pub fn answers_page(self, description: &'static str, row: impl Schema, limit_default: u64, limit_max: u64) -> Self {
        let limit = format!("Most rows; {limit_default} where absent.");
        let page = closed(
            "A page.",
            [("items", list(row)), ("next", or_null(text("The cursor of the following page; null on the last.")))],
        );
        self.query("limit", "Most rows.", whole_of(&limit, 1, limit_max.cast_signed()))
            .query("cursor", "The next of an earlier page of the same list.", text(""))
            .answers(200, description, page)
            .refuses([Kind::Invalid])
    }

    /// The answer named last has the version of what it shows as its `ETag`.
    pub fn with_version(self) -> Self {
        self.with_header("ETag", "The version, for If-Match.", matching("The version.", "^\"v[0-9]+\"$", 24))
    }

    /// A change that `If-Match` makes conditional on a version.
    pub fn conditional(self) -> Self {
        let version = matching("A version, or * for any.", "^(?:\"v[0-9]{1,18}\"|\\*)$", 24);
        self.header("If-Match", "The version that is to be changed, as its ETag has it.", version)
            .refuses([Kind::Outdated, Kind::Invalid])
    }

    /// A query that is read although no parameter is known, so that one can be refused.
    pub fn may_be_malformed(self) -> Self {
        Self { reads_query: true, ..self }
    }

    /// What the core may refuse here, beside what follows from credentials, path and body.
    pub fn refuses<const N: usize>(mut self, kinds: [Kind; N]) -> Self {
        self.refusals.extend(kinds);
        self
    }

    fn parameter(mut self, place: &str, name: &str, description: &str, schema: Value) -> Self {
        let mut parameter = json!({ "name": name, "in": place, "description": description, "schema": schema });
        if parameter["schema"]["type"] == "array" {
            parameter["style"] = "form".into();
            parameter["explode"] = true.into();
        }
        self.parameters.push(parameter);
        self
    }
}

/// A text.
pub fn text(description: &str) -> Value {
    if description.is_empty() {
        json!({ "type": "string" })
    } else {
        json!({ "type": "string", "description": description })
    }
}

/// A text of one line: not blank, without control characters, at most so many characters.
pub fn line(description: &str, most: usize) -> Value {
    const PATTERN: &str =
        r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
    matching(description, PATTERN, most)
}

/// A text that is empty or a [`line`].
pub fn line_or_empty(description: &str, most: usize) -> Value {
    const PATTERN: &str =
        r"^(?:[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*)?$";
    matching(description, PATTERN, most)
}

/// A text without control characters but tabs and ends of lines, at most so many characters.
pub fn prose(description: &str, most: usize) -> Value {
    matching(description, r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$", most)
}

/// A text that fits a pattern, at most so many characters.
pub fn matching(description: &str, pattern: &str, most: usize) -> Value {
    json!({ "type": "string", "description": description, "maxLength": most, "pattern": pattern })
}

/// A text out of these.
pub fn one_of(description: &str, texts: &[&str]) -> Value {
    json!({ "type": "string", "description": description, "enum": texts })
}

/// A whole number.
pub fn whole(description: &str) -> Value {
    json!({ "type": "integer", "description": description })
}

/// A whole number of at least this.
pub fn whole_from(description: &str, least: i64) -> Value {
    json!({ "type": "integer", "description": description, "minimum": least })
}

/// A whole number within bounds.
pub fn whole_of(description: &str, least: i64, most: i64) -> Value {
    json!({ "type": "integer", "description": description, "minimum": least, "maximum": most })
}

/// True or false.
pub fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

/// An array.
pub fn list(items: impl Schema) -> Value {
    json!({ "type": "array", "items": items.schema() })
}

/// The id of something; its kind is in the description.
pub fn id(description: &str) -> Value {
    whole_of(description, 1, i64::from(u32::MAX))
}

/// An http or https URL, which the box never fetches.
pub fn http_url(description: &str) -> Value {
    matching(description, r"^https?://[^/?#\s\u0000-\u001f\u007f-\u009f][^\s\u0000-\u001f\u007f-\u009f]*$", 2048)
}

/// This, or null.
pub fn or_null(schema: impl Schema) -> Value {
    json!({ "anyOf": [schema.schema(), { "type": "null" }] })
}

/// An object as an answer has it: these keys, all of them, and no others.
pub fn closed<const N: usize>(description: &str, properties: [(&str, Value); N]) -> Value {
    closed_but(description, [], properties)
}

/// An object as an answer has it: these keys and no others, all but the optional ones.
pub fn closed_but<const M: usize, const N: usize>(
    description: &str,
    optional: [&str; M],
    properties: [(&str, Value); N],
) -> Value {
    let required = properties.iter().map(|(name, _)| *name).filter(|name| !optional.contains(name));
    let required: Vec<&str> = required.collect();
    json!({
        "type": "object",
        "description": description,
        "properties": properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()))
            .collect::<serde_json::Map<_, _>>(),
        "required": required,
        "additionalProperties": false,
    })
}

/// An object as a body has it: these keys, of which some must be there; others are passed over.
pub fn open_object<const M: usize, const N: usize>(
    description: &str,
    required: [&str; M],
    properties: [(&str, Value); N],
) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": description,
        "properties": properties.into_iter().map(|(name, schema)| (name.to_owned(), schema))
            .collect::<serde_json::Map<_, _>>(),
    });
    if M > 0 {
        schema["required"] = required.as_slice().into();
    }
    schema
}
