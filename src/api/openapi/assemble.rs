//! From the tables of routes to one document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    About, Face,
    failures::{self, Rendered},
    golden::{self, Exchange},
    operation::{Answer, Body, Credentials, FORM, JSON, Operation},
};
use crate::api::dialect::Endpoint;

/// Most examples of one body.
const EXAMPLES_MAX: usize = 4;

const DESCRIPTION: &str = "\
Organizations, members, limits and camera retention of an on-premises video box. One core model is served in several \
dialects: each has its own paths, names, statuses and error shape, all speak of the same organizations. \
Every path answers with and without a trailing slash; where there is a GET there is a HEAD. Every answer has the header \
`X-Request-Id`, under which the log has the request.";

/// Parts of the document while it grows.
#[derive(Default)]
struct Parts {
    tags: Vec<Value>,
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
    responses: Map<String, Value>,
    schemes: Map<String, Value>,
}

/// The document of these dialects.
pub(super) fn document(faces: &[Face]) -> Value {
    let exchanges = golden::exchanges();
    let mut parts = Parts::default();
    for face in faces {
        add(face, &exchanges, &mut parts);
    }
    let Parts { tags, paths, schemas, responses, schemes } = parts;
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "orgbox",
            "summary": env!("CARGO_PKG_DESCRIPTION"),
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/", "description": "This box" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "headers": {
                "RequestId": {
                    "description": "The id under which the log has the request.",
                    "required": true,
                    "schema": { "type": "string", "format": "uuid" },
                },
                "RetryAfter": {
                    "description": "Seconds after which trying again makes sense; there where waiting helps.",
                    "schema": { "type": "integer", "minimum": 1 },
                },
                "WwwAuthenticate": {
                    "description": "The scheme that is asked for.",
                    "schema": { "type": "string" },
                },
            },
            "securitySchemes": schemes,
        },
    })
}

fn add(face: &Face, exchanges: &[Exchange], parts: &mut Parts) {
    let about = (face.about)();
    let name = face.dialect.name;
    parts.tags.push(json!({ "name": name, "description": head(about.source), "x-title": about.title }));
    for (schema, value) in &about.schemas {
        parts.schemas.insert((*schema).to_owned(), value.clone());
    }
    for (scheme, value) in &about.schemes {
        parts.schemes.insert((*scheme).to_owned(), value.clone());
    }
    let mut failed: BTreeMap<u16, Vec<Rendered>> = BTreeMap::new();
    for endpoint in (face.endpoints)() {
        let Some(operation) = endpoint.operation() else { continue };
        let mut statuses = BTreeSet::new();
        for failure in failures::of(&operation, endpoint.path) {
            let rendered = failures::render(face.dialect, &failure);
            statuses.insert(rendered.status);
            let known = failed.entry(rendered.status).or_default();
            if known.iter().all(|known| known.name != rendered.name) {
                known.push(rendered);
            }
        }
        let path = format!("{}{}", face.prefixes[0], endpoint.path);
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let examples = examples(face, &endpoint, exchanges);
        let shown = shown(face, &about, &endpoint, operation, &statuses, &examples);
        let item = parts.paths.entry(path).or_insert_with(|| json!({}));
        item[method] = shown;
    }
    for (status, rendered) in failed {
        parts.responses.insert(format!("{name}.{status}"), refusal(about.error, &rendered));
    }
}

/// One operation as the document has it.
fn shown(
    face: &Face,
    about: &About,
    endpoint: &Endpoint,
    operation: Operation,
    refusals: &BTreeSet<u16>,
    examples: &[&Exchange],
) -> Value {
    let Operation { summary, description, credentials, parameters, body, answers, refusals: _, reads_query: _ } =
        operation;
    let name = face.dialect.name;
    let aliases: Vec<String> = face.prefixes[1..].iter().map(|prefix| format!("{prefix}{}", endpoint.path)).collect();
    let mut paragraphs: Vec<String> = description.into_iter().map(str::to_owned).collect();
    if !aliases.is_empty() {
        paragraphs.push(format!("Also served at `{}`.", aliases.join("`, `")));
    }
    let mut shown = json!({
        "tags": [name],
        "operationId": operation_id(name, endpoint),
        "summary": summary,
        "description": paragraphs.join("\n\n"),
        "security": security(about, credentials),
    });
    let mut all = path_parameters(about, endpoint.path);
    all.extend(parameters);
    if !all.is_empty() {
        shown["parameters"] = all.into();
    }
    if let Some(body) = body {
        shown["requestBody"] = request_body(body, examples);
    }
    let mut responses = Map::new();
    for answer in answers {
        responses.insert(answer.status.to_string(), success(answer, examples));
    }
    for status in refusals {
        let reference = json!({ "$ref": format!("#/components/responses/{name}.{status}") });
        responses.entry(status.to_string()).or_insert(reference);
    }
    shown["responses"] = responses.into();
    if !aliases.is_empty() {
        shown["x-aliases"] = aliases.into();
    }
    shown
}

fn operation_id(dialect: &str, endpoint: &Endpoint) -> String {
    let words = endpoint.path.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{dialect}_{}_{}", endpoint.method.as_str().to_ascii_lowercase(), words.join("_"))
}

fn security(about: &About, credentials: Credentials) -> Value {
    if matches!(credentials, Credentials::None | Credentials::InBody) {
        return json!([]);
    }
    let together = |names: &Vec<&str>| {
        let requirement: Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!([]))).collect();
        Value::from(requirement)
    };
    let mut ways: Vec<Value> = about.security.iter().map(together).collect();
    if credentials == Credentials::Optional {
        ways.push(json!({}));
    }
    ways.into()
}

/// The parameters that stand in braces in the path.
fn path_parameters(about: &About, path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let known = about.path_parameters.iter().find(|(known, _)| *known == name);
        let schema = known.map_or_else(|| json!({ "type": "string" }), |(_, schema)| schema.clone());
        let description = schema["description"].clone();
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
    };
    names.map(parameter).collect()
}

fn request_body(body: Body, examples: &[&Exchange]) -> Value {
    let mut content = Map::new();
    for (media_type, schema) in body.schemas {
        let sent = examples.iter().filter(|exchange| exchange.content_type == media_type);
        let values = sent.filter_map(|exchange| Some((exchange.comment.as_str(), request_value(exchange)?)));
        content.insert(media_type.to_owned(), media(schema, values));
    }
    json!({ "required": body.required, "content": content })
}

fn success(answer: Answer, examples: &[&Exchange]) -> Value {
    let Answer { status, description, schemas, headers } = answer;
    let mut shown = Map::new();
    let mut all = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    for (name, header) in headers {
        all[name] = header;
    }
    let mut content = Map::new();
    for (media_type, schema) in schemas {
        let got = examples.iter().filter(|exchange| exchange.status == status && media_type == JSON);
        let first = got.filter_map(|exchange| {
            let values = exchange.answers()?;
            Some((exchange.comment.as_str(), values.into_iter().next()?))
        });
        content.insert(media_type.to_owned(), media(schema, first));
    }
    shown.insert("description".to_owned(), description.into());
    shown.insert("headers".to_owned(), all);
    if !content.is_empty() {
        shown.insert("content".to_owned(), content.into());
    }
    shown.into()
}

/// A schema with its first few different examples.
fn media<'a>(schema: Value, values: impl Iterator<Item = (&'a str, Value)>) -> Value {
    let mut kept: Vec<(&str, Value)> = Vec::new();
    for (comment, value) in values {
        if kept.len() < EXAMPLES_MAX && kept.iter().all(|(_, known)| *known != value) {
            kept.push((comment, value));
        }
    }
    let mut shown = json!({ "schema": schema });
    for (place, (comment, value)) in kept.into_iter().enumerate() {
        let name = format!("golden{}", place + 1);
        shown["examples"][&name] = json!({ "value": value });
        if !comment.is_empty() {
            shown["examples"][&name]["summary"] = comment.into();
        }
    }
    shown
}

/// Everything that a dialect answers with one status when it refuses.
fn refusal(error: &str, rendered: &[Rendered]) -> Value {
    let sentences: Vec<&str> = rendered.iter().map(|rendered| rendered.when).collect();
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    for name in rendered.iter().flat_map(|rendered| &rendered.headers) {
        headers[*name] = json!({ "$ref": format!("#/components/headers/{}", component(name)) });
    }
    let mut content = Map::new();
    for Rendered { name, when, media_type, body, .. } in rendered {
        let schema = json!({ "schema": { "$ref": format!("#/components/schemas/{error}") } });
        let shown = content.entry(media_type.clone()).or_insert(schema);
        shown["examples"][*name] = json!({ "summary": when, "value": body });
    }
    json!({ "description": sentences.join(" "), "headers": headers, "content": content })
}

/// `Retry-After` → `RetryAfter`
fn component(header: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{first}{}", rest.to_ascii_lowercase())
    };
    header.split('-').map(capital).collect()
}

/// The golden exchanges of an endpoint that went well, through any of its prefixes.
fn examples<'a>(face: &Face, endpoint: &Endpoint, exchanges: &'a [Exchange]) -> Vec<&'a Exchange> {
    let asks = |exchange: &&Exchange| {
        exchange.dialect == face.dialect.name
            && exchange.method == endpoint.method.as_str()
            && (200..300).contains(&exchange.status)
            && face
                .prefixes
                .iter()
                .any(|prefix| exchange.path.strip_prefix(prefix).is_some_and(|path| fits(endpoint.path, path)))
    };
    exchanges.iter().filter(asks).collect()
}

/// Whether a path is one of a route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
}

/// The body of a request as the document shows it: JSON as it is, a form as an object of texts and arrays of texts.
fn request_value(exchange: &Exchange) -> Option<Value> {
    if matches!(exchange.content_type.as_str(), "application/x-ndjson" | "text/csv") {
        return Some(exchange.request.as_str().into());
    }
    if exchange.content_type != FORM {
        return serde_json::from_str(&exchange.request).ok();
    }
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(exchange.request.as_bytes()) {
        if name.ends_with("[]") {
            let items = object.entry(name).or_insert_with(|| json!([]));
            if let Value::Array(items) = items {
                items.push(value.into());
            }
        } else {
            object.insert(name.into_owned(), value.into());
        }
    }
    Some(object.into())
}

/// The head of a source file, without its marks.
fn head(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}
