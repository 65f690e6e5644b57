//! What the OpenAPI document says of the watched files.

use serde_json::{Value, json};

use super::schemas::moment;
use crate::{
    api::openapi::operation::{Operation, closed, closed_but, flag, list, one_of, op, or_null, text, whole},
    model::Kind,
};

/// `GET /overrides`
pub fn show() -> Operation {
    op("How the watched files stand, and every table in force").answers(200, "All of it.", "NativeOverrides")
}

/// `POST /overrides/plan`
pub fn plan() -> Operation {
    op("What files would change")
        .says(
            "Without `files` the files of the box as they stand. Nothing is changed; mistakes are part of the answer.",
        )
        .json_optional(json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "files": {
                    "type": "array", "minItems": 1, "maxItems": 257,
                    "items": {
                        "type": "object", "additionalProperties": false, "required": ["name", "text"],
                        "properties": { "name": { "type": "string" }, "text": { "type": "string" } },
                    },
                },
            },
        }))
        .answers(200, "What would change.", "NativePlan")
        .refuses([Kind::Invalid])
}

/// `POST /overrides/clear`
pub fn clear() -> Operation {
    op("Let go of what files manage, and read the files that are there anew").answers(
        200,
        "The organizations that changed, by name.",
        closed("", [("changed", list(text("")))]),
    )
}

/// `POST /overrides/reload`
pub fn reload() -> Operation {
    op("Have the files read soon, changed or not").answers(202, "How they stand so far.", "NativeWatched")
}

/// The objects of this file's operations.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let line = closed("", [("field", text("")), ("value", value()), ("line", whole(""))]);
    let table = closed(
        "A table in force.",
        [
            ("selector", text("A name, `NAME/**` or `*`.")),
            ("file", text("")),
            ("line", whole("")),
            ("create", flag("Whether it makes the organization.")),
            ("parents", list(text(""))),
            ("expires", or_null(moment())),
            ("settings", list(line)),
        ],
    );
    let in_force =
        vec![("entries", whole("Settings in force, and organizations to be made.")), ("tables", list(table))];
    vec![("NativeWatched", told(Vec::new())), ("NativeOverrides", told(in_force)), ("NativePlan", planning())]
}

fn told(more: Vec<(&'static str, Value)>) -> Value {
    let ending = closed("", [("selector", text("")), ("place", text("")), ("expires", moment())]);
    let mut object = closed(
        "How the watched files stand.",
        [
            (
                "standing",
                one_of("What the last look found.", &["no_file", "in_force", "rejected", "missing", "held", "waiting"]),
            ),
            ("since", or_null(moment())),
            ("remedy", text("What to do, where there is something to do.")),
            ("read", or_null(moment())),
            ("problem_count", whole("")),
            ("problems", list(text("`FILE:LINE:COLUMN: what is wrong and what is allowed`."))),
            ("digest", or_null(text("SHA-256 of the files in force."))),
            ("last_good_since", or_null(moment())),
            ("warning_count", whole("")),
            ("warnings", list(text(""))),
            ("expiring", list(ending)),
            ("takes_effect_at_restart", list(text("A key."))),
            ("watching", flag("Whether the system tells of changes; else files are looked at now and then.")),
            ("polling_because", or_null(text(""))),
        ],
    );
    for (name, schema) in more {
        object["properties"][name] = schema;
        if let Some(required) = object["required"].as_array_mut() {
            required.push(name.into());
        }
    }
    object
}

fn planning() -> Value {
    let destroys = closed(
        "Footage that would be kept shorter.",
        [
            ("cameras_of", one_of("", &["front", "rear", "auxiliary"])),
            ("cameras", whole("")),
            ("from_days", whole("")),
            ("to_days", whole("")),
        ],
    );
    let change = closed(
        "",
        [
            ("field", text("")),
            ("old", or_null(value())),
            ("old_source", origin()),
            ("new", or_null(value())),
            ("new_source", origin()),
            ("below_use", or_null(whole("How much there is of what is limited, where that is more than the limit."))),
        ],
    );
    let organization = closed(
        "",
        [
            ("id", or_null(whole("Null where it would be made."))),
            ("name", text("")),
            ("changes", list(change)),
            ("destroys", list(destroys)),
            ("legal_hold", flag("A legal hold keeps its retention as it is.")),
        ],
    );
    let shrinking = closed("Entries now and then.", [("from", whole("")), ("to", whole(""))]);
    closed(
        "What files would change.",
        [
            ("problem_count", whole("")),
            ("problems", list(text(""))),
            ("changes", flag("Whether anything would change.")),
            ("held", or_null(shrinking)),
            ("organizations", list(organization)),
            ("warning_count", whole("")),
            ("warnings", list(text(""))),
        ],
    )
}

fn value() -> Value {
    json!({ "type": ["string", "integer", "boolean"] })
}

fn origin() -> Value {
    closed_but(
        "Where a value comes from.",
        ["file", "line"],
        [("source", one_of("", &["default", "stored", "file", "legal_hold"])), ("file", text("")), ("line", whole(""))],
    )
}
