//! What the OpenAPI document says of exports and imports.

use serde_json::{Value, json};

use crate::{
    api::openapi::operation::{Operation, closed, flag, list, one_of, op, or_null, text, whole_from},
    model::{Kind, transfer::LINES_MAX},
};

/// `GET /export`
pub fn export() -> Operation {
    op("Export organizations and all that hangs on them")
        .says("Super administrators only. Everything but secrets, from one snapshot, in an order that stays the same.")
        .says("Lines of JSON hold everything; a table holds organizations or members, and its cells no formulas.")
        .query("format", "ndjson where absent.", one_of("How it is written.", &["ndjson", "csv"]))
        .query("kind", "Of a table what it holds.", one_of("What it holds.", &["organizations", "members"]))
        .answers_in(200, "The export.", vec![("application/x-ndjson", text("")), ("text/csv", text(""))])
        .refuses([Kind::Invalid, Kind::Refused])
}

/// `POST /import`
pub fn import() -> Operation {
    let any = || json!({ "type": "string" });
    op("Import a file as an export writes it")
        .says("Super administrators only. All of it or nothing, and it deletes nothing. What is so already stays untouched.")
        .says("Organizations and cameras are found by id on the box that the file comes from and by name elsewhere.")
        .query("dry_run", "Whether to tell what would change, and change nothing.", one_of("", &["true", "false"]))
        .bodies(true, vec![("application/x-ndjson", any()), ("text/csv", any())])
        .answers(200, "What it did or would do, or the mistakes of a file that is only tried.", "NativeImport")
        .refuses([Kind::Invalid, Kind::Refused])
}

/// The objects of this file's operations.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let kinds = ["igrp", "user", "organization", "branding", "member", "camera", "hold"];
    let tally = closed(
        "What comes of the lines of one kind.",
        [
            ("kind", one_of("The kind.", &kinds)),
            ("created", whole_from("Made.", 0)),
            ("changed", whole_from("There already, and changed.", 0)),
            ("unchanged", whole_from("There already, and just so.", 0)),
        ],
    );
    let mistake = closed(
        "What is wrong with a line.",
        [
            ("line", json!({ "type": "integer", "minimum": 1, "description": format!("At most about {LINES_MAX}.") })),
            ("field", or_null(text("The field; null where it is the line."))),
            ("message", text("Follows the field's name.")),
        ],
    );
    let told = closed(
        "What an import did or would do.",
        [
            ("applied", flag("Whether it is done.")),
            ("tallies", list(tally)),
            ("mistakes", list(mistake)),
            ("preview", or_null("NativePreview")),
        ],
    );
    vec![("NativeImport", told)]
}
