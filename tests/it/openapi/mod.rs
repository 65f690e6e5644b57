//! The OpenAPI document: all that is mounted stands in it, and all that it says holds for the golden exchanges.

mod schemathesis;
mod served;

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use orgbox::api::{
    openapi::{self, Exchange},
    server,
};
use serde_json::{Value, json};

#[test]
fn every_mounted_route_is_documented_and_nothing_else() {
    let mut mounted = BTreeSet::new();
    let mut undocumented = Vec::new();
    for face in server::faces() {
        for endpoint in (face.endpoints)() {
            let route = format!("{} {}{}", endpoint.method, face.prefixes[0], endpoint.path);
            if endpoint.operation().is_none() {
                undocumented.push(route.clone());
            }
            assert!(mounted.insert(route), "mounted once");
        }
    }
    assert!(undocumented.is_empty(), "say what these do, with .doc(…) in the table of routes: {undocumented:#?}");
    let document = openapi::document();
    let mut shown = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        shown.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(mounted, shown);
    for (_, method, path) in server::listing() {
        assert!(shown.contains(&format!("{method} {path}")), "{method} {path}");
    }
}

#[test]
fn every_golden_file_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut there = Vec::new();
    for dialect in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        for file in fs::read_dir(dialect.path()).unwrap().map(|entry| entry.unwrap()) {
            let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
            there.push((name(&dialect), name(&file), fs::read_to_string(file.path()).unwrap()));
        }
    }
    there.sort();
    let embedded =
        openapi::FILES.iter().map(|(dialect, name, text)| ((*dialect).into(), (*name).into(), (*text).into()));
    let mut embedded: Vec<(String, String, String)> = embedded.collect();
    embedded.sort();
    let names = |files: &[(String, String, String)]| {
        files.iter().map(|(dialect, name, _)| format!("{dialect}/{name}")).collect::<Vec<_>>()
    };
    assert_eq!(names(&there), names(&embedded), "list it in src/api/openapi/golden.rs");
    assert!(there == embedded, "the embedded texts are those of the files");
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = openapi::document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 50, "{references:?}");
    for reference in &references {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
    }
    for part in ["schemas", "responses", "headers"] {
        for name in document["components"][part].as_object().unwrap().keys() {
            let reference = format!("#/components/{part}/{name}");
            assert!(references.contains(&reference) || name == "BoxError", "{reference} is not used");
        }
    }
}

#[test]
fn golden_exchanges_fit_what_the_document_says_of_them() {
    let document = openapi::document();
    let mut checked = [0; 2];
    for exchange in openapi::exchanges() {
        let Some(operation) = operation(&document, &exchange) else {
            assert!(matches!(exchange.status, 400 | 404 | 405), "{exchange:?} is no documented operation");
            continue;
        };
        let place = format!("{}: {} {}", exchange.dialect, exchange.method, exchange.path);
        checked[0] += usize::from(check_request(&document, operation, &exchange, &place));
        check_answer(&document, operation, &exchange, &place);
        checked[1] += 1;
    }
    assert!(checked[0] > 25 && checked[1] > 100, "{checked:?}");
}

#[test]
fn every_example_fits_its_schema() {
    let document = openapi::document();
    let mut found = 0;
    let mut places = vec![(String::from("#"), &document)];
    while let Some((place, value)) = places.pop() {
        if let (Some(schema), Some(examples)) = (value.get("schema"), value.get("examples")) {
            let validator = validator(&document, schema);
            for (name, example) in examples.as_object().unwrap() {
                found += 1;
                fits(&validator, &example["value"], &format!("{place}/examples/{name}"));
            }
        }
        match value {
            Value::Object(members) => {
                places.extend(members.iter().map(|(key, value)| (format!("{place}/{key}"), value)));
            }
            Value::Array(items) => places.extend(items.iter().map(|item| (place.clone(), item))),
            _ => {}
        }
    }
    assert!(found > 100, "{found}");
}

/// The operation that an exchange is about, through any prefix of its dialect.
fn operation<'a>(document: &'a Value, exchange: &Exchange) -> Option<&'a Value> {
    let face = server::faces().into_iter().find(|face| face.dialect.name == exchange.dialect).unwrap();
    // A longer prefix first: one of them may be empty.
    let mut prefixes = face.prefixes.to_vec();
    prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
    prefixes.into_iter().filter_map(|prefix| exchange.path.strip_prefix(prefix)).find_map(|path| {
        let mut endpoints = (face.endpoints)();
        // A name in the path before a parameter there.
        endpoints.sort_by_key(|endpoint| endpoint.path.matches('{').count());
        let found = endpoints
            .into_iter()
            .find(|endpoint| endpoint.method.as_str() == exchange.method && matches(endpoint.path, path))?;
        let method = exchange.method.to_lowercase();
        Some(&document["paths"][format!("{}{}", face.prefixes[0], found.path)][method])
    })
}

/// Checks the body of a request that went well, where it is JSON.
fn check_request(document: &Value, operation: &Value, exchange: &Exchange, place: &str) -> bool {
    if exchange.status >= 300 || exchange.request.is_empty() {
        return false;
    }
    let content = &operation["requestBody"]["content"];
    let schema = &content[&exchange.content_type]["schema"];
    if !exchange.content_type.ends_with("json") || exchange.content_type.ends_with("ndjson") {
        assert!(!schema.is_null(), "{place}: a body of {}", exchange.content_type);
        return false;
    }
    if schema.is_null() {
        // Read as well, but documented as a form.
        assert_eq!(exchange.dialect, "infinity", "{place}: a JSON body");
        return false;
    }
    fits(&validator(document, schema), &serde_json::from_str(&exchange.request).unwrap(), &format!("{place}: request"));
    true
}

fn check_answer(document: &Value, operation: &Value, exchange: &Exchange, place: &str) {
    let mut response = &operation["responses"][exchange.status.to_string()];
    assert!(!response.is_null(), "{place}: {} is not documented", exchange.status);
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(&reference[1..]).unwrap();
    }
    if exchange.answer.is_empty() {
        return;
    }
    let Some(values) = exchange.answers() else {
        assert!(response["content"].as_object().unwrap().len() > 1, "{place}: an answer that is no JSON");
        return;
    };
    let content = &response["content"];
    let json = ["application/json", "application/problem+json"].map(|media_type| &content[media_type]["schema"]);
    let Some(schema) = json.into_iter().find(|schema| !schema.is_null()) else {
        assert!(!content["application/x-ndjson"].is_null(), "{place}: {content}");
        return;
    };
    let validator = validator(document, schema);
    for value in values {
        fits(&validator, &value, &format!("{place}: {}", exchange.status));
    }
}

/// A validator for a schema that may name the document's others.
fn validator(document: &Value, schema: &Value) -> Validator {
    let whole = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

#[track_caller]
fn fits(validator: &Validator, value: &Value, place: &str) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{place}: {errors:#?}\n{value:#}");
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.insert(reference.clone());
            }
            members.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

fn matches(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
}
