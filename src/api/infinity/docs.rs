//! What the OpenAPI document says of this dialect.

use serde_json::{Value, json};

use super::{
    formats::{COLUMNS_MAX, Row},
    listing::{FILTERS_MAX, Fields, LIMIT_MAX, SORTS_MAX},
    wire::{
        BRANDING_FIELDS, BrandingRow, IgrpRow, ORGANIZATION_FIELDS, OrganizationRow, PlacementRow, ProfileRow, TypeRow,
    },
};
use crate::{
    api::openapi::{
        About,
        operation::{
            FORM, JSON, Operation, Schema, closed, id, line, line_or_empty, list, matching, one_of, op, open_object,
            text, whole_of,
        },
    },
    model::{Kind, filter::Operand, organization::TITLE_MAX_CHARS},
};

/// The dialect as a whole.
pub fn about() -> About {
    About {
        title: "Infinity",
        source: include_str!("mod.rs"),
        schemes: vec![
            ("infinityBasic", json!({ "type": "http", "scheme": "basic", "description": "Login and password." })),
            (
                "infinityApiKey",
                json!({
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The word ApiKey, a space and an API key.",
                }),
            ),
        ],
        security: vec![vec!["infinityBasic"], vec!["infinityApiKey"]],
        error: "InfinityError",
        schemas: schemas(),
        path_parameters: vec![("id", id("The organisation, or the installation group."))],
    }
}

/// `GET /organisations`
pub fn list_organizations() -> Operation {
    organizations(op("List organisations").says("Those that the caller sees."))
}

/// `POST /organisations`
pub fn create_organization() -> Operation {
    changed(op("Create an organisation").says("Below one parent or several."), "InfinityNewOrganisation")
        .answers(201, "It is made.", "InfinityMade")
        .refuses([Kind::LimitReached])
}

/// `GET /organisations/{id}`
pub fn view_organization() -> Operation {
    rows::<OrganizationRow<'_>>(op("Read an organisation"), "InfinityOrganisation")
}

/// `POST /organisations/{id}`
pub fn update_organization() -> Operation {
    changed(op("Change an organisation").says("At least one of both parameters."), "InfinityOrganisationPatch")
        .answers_empty(204, "It is changed.")
        .refuses([Kind::Managed])
}

/// `DELETE /organisations/{id}`
pub fn delete_organization() -> Operation {
    changed(op("Delete an organisation"), "InfinityDeletion")
        .says("Everything below it goes as well where `deleteSubOrgs` is 1; what has another parent is only unlinked.")
        .answers_empty(204, "It is gone.")
        .refuses([Kind::Refused, Kind::Held])
}

/// `GET /organisations/{id}/branding`
pub fn list_brandings() -> Operation {
    let operation = op("List the branding options of an organisation").says("Its own and those from above it.");
    rows::<BrandingRow<'_>>(listed(operation, BRANDING_FIELDS), "InfinityBranding")
}

/// `GET /organisations/{id}/parents`
pub fn list_parents() -> Operation {
    organizations(op("List the parents of an organisation").says("The direct ones that the caller sees."))
}

/// `PUT /organisations/{id}/parents`
pub fn set_parents() -> Operation {
    links(op("Set the parents of an organisation").says("These and no others."))
}

/// `POST /organisations/{id}/parents`
pub fn add_parents() -> Operation {
    links(op("Add parents to an organisation").says("These as well."))
}

/// `DELETE /organisations/{id}/parents`
pub fn remove_parents() -> Operation {
    links(op("Remove parents of an organisation").says("These no longer. The last one stays."))
}

/// `GET /organisations/{id}/children`
pub fn list_children() -> Operation {
    organizations(op("List the children of an organisation").says("The direct ones that the caller sees."))
}

/// `GET /igrps`
pub fn list_igrps() -> Operation {
    rows::<IgrpRow<'_>>(op("List installation groups"), "InfinityIgrp")
}

/// `GET /igrps/{id}/organisationTypes`
pub fn list_types() -> Operation {
    let operation = op("List the types of an installation group").says("In the group's own order.");
    rows::<TypeRow<'_>>(operation, "InfinityOrganisationType")
}

/// `GET /igrps/{id}/organisations`
pub fn list_placements() -> Operation {
    let operation = op("List what organisations are within an installation group").says("Those that the caller sees.");
    rows::<PlacementRow<'_>>(operation, "InfinityPlacement")
}

/// `GET /profile`
pub fn view_profile() -> Operation {
    rows::<ProfileRow>(op("The caller itself"), "InfinityProfile").refuses([Kind::NotFound])
}

fn organizations(operation: Operation) -> Operation {
    let operation = listed(operation, ORGANIZATION_FIELDS)
        .query("rootOrgId", "Only this organisation and what is below it.", id("An organisation."))
        .refuses([Kind::NotFound]);
    rows::<OrganizationRow<'_>>(operation, "InfinityOrganisation")
}

fn links(operation: Operation) -> Operation {
    changed(operation.says("All or nothing; no cycles."), "InfinityParents")
        .answers_empty(204, "It is done.")
        .refuses([Kind::Refused, Kind::Held])
}

/// A list that is filtered, sorted and paged by these fields.
fn listed(operation: Operation, fields: &Fields) -> Operation {
    let names = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("|");
    let operands = Operand::NAMES.join("|");
    let filter = json!({ "type": "string", "pattern": format!("^(?:{names})-(?:{operands})-value-") });
    let sort = json!({ "type": "string", "pattern": format!("^(?:{names})-(?:asc|desc)$") });
    operation
        .query("filter[]", "field-operand-value-comparison; all must hold.", several(filter, FILTERS_MAX))
        .query("sort[]", "field-asc or field-desc, one after the other; by id where absent.", several(sort, SORTS_MAX))
        .query("limit", "Most rows; all where absent.", whole_of("Most rows.", 1, LIMIT_MAX.cast_signed()))
        .query("offset", "Rows to pass over.", json!({ "type": "integer", "minimum": 0 }))
}

/// What is answered in rows: format and columns are the client's to choose.
fn rows<R: Row>(operation: Operation, schema: &'static str) -> Operation {
    let column = format!("^(?:{})(?:-[^\\u0000-\\u001f\\u007f-\\u009f]+)?$", R::FIELDS.join("|"));
    let row = json!({
        "description": "One object a line, or one array where format is jsonarray.",
        "anyOf": [schema.schema(), list(schema)],
    });
    operation
        .says("Answers one JSON object a line, without an array around them; `format=jsonarray` makes it one array.")
        .query(
            "format",
            "How rows are written; csv and xhtml need display[].",
            json!({ "enum": ["json", "jsonarray", "csv", "xml", "xhtml", "debug"] }),
        )
        .query(
            "display[]",
            "Columns in order, each field or field-alias; all where absent.",
            json!({ "type": "array", "items": { "type": "string", "pattern": column }, "uniqueItems": true, "maxItems": COLUMNS_MAX }),
        )
        .answers_in(
            200,
            "The rows.",
            vec![
                (JSON, row),
                ("text/csv", text("")),
                ("application/xml", text("")),
                ("application/xhtml+xml", text("")),
                ("text/plain", text("")),
            ],
        )
        .refuses([Kind::Invalid])
}

/// A change, whose parameters stand in the body or in the query.
fn changed(operation: Operation, schema: &'static str) -> Operation {
    operation
        .says("Every parameter may stand in the query too, or in a JSON object; the body wins.")
        .bodies(false, vec![(FORM, schema.schema())])
        .refuses([Kind::Invalid])
}

fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("InfinityError", json!({ "type": "string", "description": "A failure: one bare sentence." })),
        ("InfinityMade", closed("What was made.", [("orgId", text("Its id."))])),
        ("InfinityOrganisation", row::<OrganizationRow<'_>>("An organisation with the branding it has chosen.")),
        ("InfinityBranding", row::<BrandingRow<'_>>("A branding option.")),
        ("InfinityIgrp", row::<IgrpRow<'_>>("An installation group.")),
        ("InfinityOrganisationType", row::<TypeRow<'_>>("A type that organisations can have in a group.")),
        ("InfinityPlacement", row::<PlacementRow<'_>>("What an organisation is within a group.")),
        ("InfinityProfile", row::<ProfileRow>("The caller.")),
        ("InfinityNewOrganisation", new_organization()),
        ("InfinityOrganisationPatch", open_object("What is to change.", [], [name(), branding()])),
        ("InfinityParents", with_parents(open_object("Parents of an organisation.", [], []))),
        (
            "InfinityDeletion",
            open_object(
                "How to delete.",
                [],
                [("deleteSubOrgs", one_of("Whether all below it goes as well; 0 where absent.", &["0", "1"]))],
            ),
        ),
    ]
}

fn new_organization() -> Value {
    let mut schema =
        with_parents(open_object("An organisation to be made.", ["orgName", "brandingId"], [name(), branding()]));
    schema["patternProperties"] = json!({
        r"^orgTypeCodes\[[1-9][0-9]{0,8}\]$": text("Its type in the installation group of this id."),
        r"^orgRefs\[[1-9][0-9]{0,8}\]$": line_or_empty("Its reference in the installation group of this id.", 255),
    });
    schema
}

fn name() -> (&'static str, Value) {
    ("orgName", line("Its name.", TITLE_MAX_CHARS))
}

fn branding() -> (&'static str, Value) {
    ("brandingId", digits("One of the branding options."))
}

/// One parent, or several as an array in PHP's style.
fn with_parents(mut schema: Value) -> Value {
    schema["properties"]["parentOrgSpec"] = digits("The organisation it is to hang below.");
    schema["properties"]["parentOrgSpec[]"] = json!({
        "type": "array",
        "minItems": 1,
        "items": digits("An organisation it is to hang below."),
    });
    schema["anyOf"] = json!([{ "required": ["parentOrgSpec"] }, { "required": ["parentOrgSpec[]"] }]);
    schema
}

/// An id in digits.
fn digits(description: &str) -> Value {
    matching(description, "^[1-9][0-9]{0,8}$", 9)
}

fn several(items: Value, most: usize) -> Value {
    json!({ "type": "array", "items": items, "maxItems": most })
}

/// A row: every scalar is a string. `display[]` leaves columns out and gives them other names.
fn row<R: Row>(description: &str) -> Value {
    let properties: serde_json::Map<_, _> =
        R::FIELDS.iter().map(|field| ((*field).to_owned(), json!({ "type": "string" }))).collect();
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": { "type": "string" },
    })
}
