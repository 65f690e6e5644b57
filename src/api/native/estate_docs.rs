//! What the OpenAPI document says of cameras, holds, brandings, installation groups, usage, previews and the status.

use serde_json::{Value, json};

use super::{
    docs::created,
    page::{LIMIT_DEFAULT, LIMIT_MAX},
};
use crate::{
    api::openapi::operation::{
        Operation, closed, closed_but, flag, id, line, list, matching, one_of, op, or_null, text, whole, whole_from,
    },
    model::Kind,
};

/// `GET /status`
pub fn view_status() -> Operation {
    op("Read the state of the box").answers(200, "The state.", "NativeStatus")
}

/// `POST …/preview`
pub fn preview() -> Operation {
    op("Preview a patch or a delete")
        .says("What it would change, delete and purge, or why it would be refused. Nothing is changed.")
        .json("NativePreviewed")
        .answers(200, "What would happen.", "NativePreview")
        .refuses([Kind::Invalid])
}

/// `GET /cameras`
pub fn list_cameras() -> Operation {
    op("List cameras")
        .query("organization", "Only of this organization.", text(""))
        .query("below", "Only of this organization and those below it.", text(""))
        .query("search", "What the name must hold, in any case.", text(""))
        .answers_page("The cameras.", "NativeCamera", LIMIT_DEFAULT, LIMIT_MAX)
        .refuses([Kind::NotFound])
}

/// `POST /cameras`
pub fn create_camera() -> Operation {
    created(op("Register a camera"))
        .json("NativeNewCamera")
        .answers(201, "It is registered.", "NativeCamera")
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::LimitReached, Kind::Taken])
}

/// `GET /cameras/{id}`
pub fn view_camera() -> Operation {
    op("Read a camera").answers(200, "The camera.", "NativeCamera").with_version()
}

/// `PATCH /cameras/{id}`
pub fn update_camera() -> Operation {
    op("Change a camera")
        .conditional()
        .merge_patch("NativeCameraPatch")
        .answers(200, "It is changed.", "NativeCamera")
        .with_version()
        .refuses([Kind::LimitReached, Kind::Held, Kind::Refused])
}

/// `DELETE …`
pub fn remove() -> Operation {
    op("Remove it").conditional().answers_empty(204, "It is gone.").refuses([Kind::Refused, Kind::Held, Kind::Managed])
}

/// `GET /retention`
pub fn view_retention() -> Operation {
    op("How long the footage of every camera is kept").answers(200, "All of them.", "NativeRetention")
}

/// `GET /holds`
pub fn list_holds() -> Operation {
    op("List legal holds").answers_page(
        "Those on organizations, then those on cameras.",
        "NativeHold",
        LIMIT_DEFAULT,
        LIMIT_MAX,
    )
}

/// `GET …/hold`
pub fn view_hold() -> Operation {
    op("Read the legal hold over it").says("Its own, or the nearest above it.").answers(200, "The hold.", "NativeHold")
}

/// `PUT …/hold`
pub fn set_hold() -> Operation {
    op("Set a legal hold on it")
        .json("NativeHoldInput")
        .answers(200, "It is held.", "NativeHold")
        .refuses([Kind::Invalid, Kind::Refused])
}

/// `DELETE …/hold`
pub fn lift_hold() -> Operation {
    op("Lift its legal hold").answers_empty(204, "It is lifted.").refuses([Kind::Refused])
}

/// `PUT /organizations/{org}/usage`
pub fn report_usage() -> Operation {
    op("Report the usage of an organization")
        .json_optional("NativeUsage")
        .answers(200, "The organization.", "NativeOrganizationDetail")
        .refuses([Kind::Invalid])
}

/// `PUT /usage`
pub fn report_all_usage() -> Operation {
    op("Report the usage of many organizations")
        .says("At most 1000 at once, all or none.")
        .json("NativeUsageOfMany")
        .answers_empty(204, "It is kept.")
        .refuses([Kind::Invalid, Kind::NotFound])
}

/// `GET /brandings`
pub fn list_brandings() -> Operation {
    op("List brandings").answers(200, "All of them.", whole_page("NativeBranding"))
}

/// `POST /brandings`
pub fn create_branding() -> Operation {
    made(op("Create a branding"), "NativeBrandingInput", "NativeBranding")
}

/// `GET /brandings/{id}`
pub fn view_branding() -> Operation {
    op("Read a branding").answers(200, "The branding.", "NativeBranding")
}

/// `PATCH /brandings/{id}`
pub fn update_branding() -> Operation {
    changed(op("Change a branding"), "NativeBrandingInput", "NativeBranding")
}

/// `GET /igrps`
pub fn list_igrps() -> Operation {
    op("List installation groups").answers(200, "All of them.", whole_page("NativeIgrp"))
}

/// `POST /igrps`
pub fn create_igrp() -> Operation {
    made(op("Create an installation group"), "NativeIgrpInput", "NativeIgrp")
}

/// `GET /igrps/{id}`
pub fn view_igrp() -> Operation {
    op("Read an installation group").answers(200, "The group.", "NativeIgrp")
}

/// `PATCH /igrps/{id}`
pub fn update_igrp() -> Operation {
    changed(op("Change an installation group"), "NativeIgrpInput", "NativeIgrp").says("`types` replaces them all.")
}

fn made(operation: Operation, body: &'static str, answer: &'static str) -> Operation {
    created(operation)
        .json(body)
        .answers(201, "It is made.", answer)
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Taken, Kind::Managed])
}

fn changed(operation: Operation, body: &'static str, answer: &'static str) -> Operation {
    operation.merge_patch(body).answers(200, "It is changed.", answer).refuses([
        Kind::Invalid,
        Kind::Refused,
        Kind::Managed,
    ])
}

fn whole_page(row: &'static str) -> Value {
    closed("All of them.", [("items", list(row)), ("next", json!({ "type": "null" }))])
}

/// Every schema by name.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let hold = closed(
        "A legal hold.",
        [
            ("organization_id", or_null(whole("The organization that it was set on."))),
            ("camera_id", or_null(whole("The camera that it was set on."))),
            ("reason", text("Why.")),
            ("author", text("Who set it.")),
            ("since", or_null(text("Since when."))),
        ],
    );
    let sources = ["default", "stored", "file", "legal_hold"];
    let source = closed_but(
        "Where it comes from.",
        ["file", "line"],
        [
            ("field", text("The field that decides.")),
            ("source", one_of("Where the value of that field comes from.", &sources)),
            ("file", text("The file that says so.")),
            ("line", whole("The line in it.")),
        ],
    );
    let camera = closed(
        "A camera.",
        [
            ("id", id("Its id.")),
            ("organization_id", id("Whose it is.")),
            ("organization", text("The name of that organization.")),
            ("name", text("Its name.")),
            ("type", whole("1 front, 2 rear, 50 to 999 auxiliary.")),
            ("partner_id", or_null(whole("Who made it."))),
            ("purge_days", whole("Days after which its recordings are purged.")),
            ("purge_days_source", source),
            ("hold", or_null("NativeHold")),
            ("version", whole("Rises with every change.")),
        ],
    );
    let kept = closed(
        "How long one camera's footage is kept.",
        [
            ("id", id("The camera.")),
            ("organization_id", id("Whose it is.")),
            ("type", whole("Its type.")),
            ("purge_days", whole("Days.")),
            ("hold", flag("Whether a legal hold is over it.")),
        ],
    );
    let retention = closed(
        "How long footage is kept.",
        [
            ("epoch", text("This life of the database.")),
            ("last_seq", whole("As of this event.")),
            ("cameras", list(kept)),
        ],
    );
    let mut all = vec![("NativeHold", hold), ("NativeCamera", camera), ("NativeRetention", retention)];
    all.extend(catalog());
    all.extend(inputs());
    all.extend(preview_schemas());
    all
}

fn catalog() -> Vec<(&'static str, Value)> {
    let branding = closed(
        "A branding.",
        [
            ("id", id("Its id.")),
            ("name", text("Its name.")),
            ("logo_filename", text("The file of its logo.")),
            ("landing_domain", text("Its domain.")),
            ("primary_color", matching("Its colour.", "^#[0-9A-Fa-f]{6}$", 7)),
            ("organizations", list(whole("Whose own it is."))),
            ("managed", flag("Whether the configuration file has it.")),
        ],
    );
    let kind =
        closed("A type.", [("code", text("Its code.")), ("name", text("Its name.")), ("order", whole("Its place."))]);
    let igrp = closed(
        "An installation group.",
        [
            ("id", id("Its id.")),
            ("name", text("Its name.")),
            ("types", list(kind)),
            ("managed", flag("Whether the configuration file has it.")),
        ],
    );
    vec![("NativeBranding", branding), ("NativeIgrp", igrp)]
}

fn inputs() -> Vec<(&'static str, Value)> {
    let open = |description: &str, required: &[&str], properties: Value| {
        json!({
            "type": "object", "description": description, "required": required, "properties": properties,
            "additionalProperties": false,
        })
    };
    let usage =
        json!({ "mosaic_count": whole_from("Its mosaics.", 0), "dvr_used_gb": whole_from("Its gigabytes.", 0) });
    let mut of_many = usage.clone();
    of_many["organization"] = json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] });
    let many = json!({ "organizations": { "type": "array", "maxItems": 1000, "items": open("One.", &["organization"], of_many) } });
    let camera = json!({
        "organization_id": whole("Whose it is."),
        "name": text("Its name."),
        "type": whole("1 front, 2 rear, 50 to 999 auxiliary."),
        "partner_id": or_null(whole("Who makes it.")),
    });
    let anything = json!({ "type": "object", "description": "As for the PATCH or for a plain object.", "additionalProperties": true });
    vec![
        ("NativeNewCamera", open("A camera.", &["organization_id", "name", "type"], camera)),
        ("NativeCameraPatch", anything.clone()),
        ("NativeBrandingInput", anything.clone()),
        ("NativeIgrpInput", anything.clone()),
        ("NativeHoldInput", open("Why.", &["reason"], json!({ "reason": line("Why.", 1000) }))),
        ("NativeUsage", open("What the VMS counted.", &[], usage)),
        ("NativeUsageOfMany", open("What the VMS counted.", &["organizations"], many)),
        ("NativePreviewed", anything),
    ]
}

fn preview_schemas() -> Vec<(&'static str, Value)> {
    let rows = |row: Value| closed("The first thousand.", [("items", list(row)), ("total", whole("How many."))]);
    let change = closed(
        "A change.",
        [("subject", text("Of what.")), ("field", text("Of which field.")), ("from", json!({})), ("to", json!({}))],
    );
    let deleted =
        closed("What goes.", [("kind", text("Its kind.")), ("id", text("Its id.")), ("name", text("Its name."))]);
    let footage = closed(
        "What is older than to_days could be purged at once.",
        [
            ("camera", whole("The camera.")),
            ("name", text("Its name.")),
            ("organization_id", whole("Whose it is.")),
            ("from_days", whole("Days before.")),
            ("to_days", whole("Days after.")),
        ],
    );
    let preview = closed(
        "What would happen.",
        [
            ("changes", rows(change)),
            ("deleted", rows(deleted)),
            ("footage", rows(footage)),
            ("refused", or_null(json!({ "type": "object", "required": ["code", "detail"] }))),
        ],
    );
    let status = json!({ "type": "object", "description": "The state of the box.", "required": ["faults", "box", "database", "counts"] });
    vec![("NativePreview", preview), ("NativeStatus", status)]
}
