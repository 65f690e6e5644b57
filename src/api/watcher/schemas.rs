//! Watcher's objects as JSON Schemas: what `wire` writes, and what `input` reads, in all the ways it reads it.

use serde_json::{Value, json};

use super::wire::DOMAIN_ID;
use crate::{
    api::openapi::operation::{
        Schema, closed, flag, id, line, line_or_empty, list, matching, open_object, or_null, prose, text, whole,
    },
    model::organization::TITLE_MAX_CHARS,
};

/// Every schema by name.
pub fn all() -> Vec<(&'static str, Value)> {
    let mut all = answers();
    all.extend(organization_answers());
    for Input { json, form, schema } in inputs() {
        all.push((form, as_form(&schema)));
        all.push((json, schema));
    }
    all
}

/// The form of a body: as in JSON, but every value is a text.
fn as_form(schema: &Value) -> Value {
    let mut form = schema.clone();
    for property in form["properties"].as_object_mut().into_iter().flat_map(|properties| properties.values_mut()) {
        let text = property["anyOf"].as_array().and_then(|ways| ways.iter().find(|way| way["type"] == "string"));
        if let Some(mut text) = text.cloned() {
            if property["description"].is_string() {
                text["description"] = property["description"].clone();
            }
            *property = text;
        }
    }
    form
}

/// What a call reads, under the names of its two forms.
struct Input {
    json: &'static str,
    form: &'static str,
    schema: Value,
}

fn answers() -> Vec<(&'static str, Value)> {
    let codes =
        ["ValidationError", "BadRequest", "Forbidden", "WrongApikey", "ApikeyExpired", "NotFound", "ApplicationError"];
    vec![
        (
            "WatcherError",
            closed(
                "A failure.",
                [
                    ("success", json!({ "const": false })),
                    ("error_code", json!({ "enum": codes, "description": "The class of the failure." })),
                    ("error_message", text("What clients look for.")),
                ],
            ),
        ),
        ("WatcherDone", closed("It is done.", [("success", json!({ "const": true }))])),
        (
            "WatcherDomain",
            closed(
                "The one domain: the box itself.",
                [("id", json!({ "const": DOMAIN_ID })), ("title", text("The title of the box."))],
            ),
        ),
        (
            "WatcherOwner",
            closed("Who owns an organization.", [("id", id("The user's id.")), ("login", text("Its login."))]),
        ),
        ("WatcherUser", user()),
        ("WatcherSession", session()),
    ]
}

fn organization_answers() -> Vec<(&'static str, Value)> {
    vec![
        ("WatcherOrganization", organization()),
        (
            "WatcherOrganizationMade",
            closed(
                "An organization that was just made.",
                [
                    ("id", id("Its id.")),
                    ("domain", "WatcherDomain".schema()),
                    ("user_limit", whole("Most users.")),
                    ("dvr_limit", whole("Most gigabytes of recordings.")),
                    ("camera_limit", whole("Most cameras.")),
                    ("owner", or_null("WatcherOwner")),
                    ("title", text("Its title.")),
                ],
            ),
        ),
        (
            "WatcherFolder",
            closed(
                "The one folder of an organization.",
                [
                    ("id", id("The organization's id.")),
                    ("parent_id", json!({ "type": "null" })),
                    ("title", text("The organization's title.")),
                    ("organization_id", id("The organization's id.")),
                    ("camera_count", whole("Its cameras.")),
                ],
            ),
        ),
        (
            "WatcherMember",
            closed(
                "A member of an organization.",
                [
                    ("user_id", id("The user.")),
                    ("login", text("Its login.")),
                    ("name", text("Its name.")),
                    ("can_edit_organization_users", flag("Whether it may edit members.")),
                    ("can_edit_organization_cameras", flag("Whether it may edit cameras.")),
                    ("can_view_organization_stats", flag("Whether it may see statistics.")),
                ],
            ),
        ),
    ]
}

fn organization() -> Value {
    closed(
        "An organization as the caller sees it.",
        [
            ("mosaic_count", whole("Its mosaics, as the video management system reported.")),
            ("id", id("Its id.")),
            ("domain", "WatcherDomain".schema()),
            ("user_count", whole("Its members.")),
            ("user_limit", whole("Most users.")),
            ("dvr_limit", whole("Most gigabytes of recordings.")),
            ("can_view_stats", flag("Whether the caller may see its statistics.")),
            ("camera_count", whole("Its cameras.")),
            ("can_edit_users", flag("Whether the caller may edit its members; never where nobody owns it.")),
            ("camera_limit", whole("Most cameras.")),
            ("owner", or_null("WatcherOwner")),
            ("can_edit_cameras", flag("Whether the caller may edit its cameras; never where nobody owns it.")),
            ("is_member", flag("Whether the caller is a member, its owner or an administrator.")),
            ("is_default", flag("Whether it is the default organization.")),
            ("title", text("Its title.")),
        ],
    )
}

fn user() -> Value {
    closed(
        "A user. The password never comes out.",
        [
            ("id", id("Its id.")),
            ("login", text("Its login.")),
            ("name", text("Its name.")),
            ("enabled", flag("Whether it may sign in.")),
            ("is_admin", flag("Whether it is an administrator.")),
            ("organizations", list(id("What it owns or is a member of."))),
            ("notification_email", text("Its e-mail address, or empty.")),
            ("phone", text("Its telephone number, or empty.")),
            ("note", text("A note, or empty.")),
            ("locale", text("Its language, or empty.")),
            ("external_id", text("Its id in another system, or empty.")),
            ("max_sessions", or_null(whole("Most sessions at once."))),
        ],
    )
}

fn session() -> Value {
    closed(
        "Who is signed in.",
        [
            ("session", or_null(text("The session; null where a key was sent."))),
            ("id", or_null(id("The user; null for the system key."))),
            ("login", text("Its login.")),
            ("is_admin", flag("Whether it is an administrator.")),
            ("is_logged_in", json!({ "const": true })),
            ("organizations", list(id("What it owns or is a member of."))),
            ("domain_id", json!({ "const": DOMAIN_ID })),
            ("can_edit_organizations", flag("Whether it may make and delete organizations.")),
            ("can_view_organizations", flag("Whether it sees any organization.")),
            ("locale", text("Its language, or empty.")),
            ("notification_email", text("Its e-mail address, or empty.")),
        ],
    )
}

fn inputs() -> Vec<Input> {
    let credential = |description: &str| json!({ "description": description, "anyOf": [{ "type": "string" }, { "type": "number" }] });
    let sign_in = open_object(
        "Who signs in.",
        ["login", "password"],
        [
            ("login", credential("The login; one of digits comes as a number too.")),
            ("password", credential("The password.")),
        ],
    );
    let mut member = rights("Who becomes a member, and what it may do.");
    member["properties"]["user_id"] = whole_or_text("The user.", 1, "^[1-9][0-9]{0,8}$");
    member["required"] = json!(["user_id"]);
    vec![
        Input { json: "WatcherLogin", form: "WatcherLoginForm", schema: sign_in },
        Input {
            json: "WatcherNewOrganization",
            form: "WatcherNewOrganizationForm",
            schema: organization_input(["title"]),
        },
        Input {
            json: "WatcherOrganizationPatch",
            form: "WatcherOrganizationPatchForm",
            schema: organization_input([]),
        },
        Input { json: "WatcherNewMember", form: "WatcherNewMemberForm", schema: member },
        Input { json: "WatcherRights", form: "WatcherRightsForm", schema: rights("What a member may do.") },
        Input { json: "WatcherNewUser", form: "WatcherNewUserForm", schema: user_input(["login"]) },
        Input { json: "WatcherUserPatch", form: "WatcherUserPatchForm", schema: user_input([]) },
    ]
}

fn rights(description: &str) -> Value {
    open_object(
        description,
        [],
        [
            ("can_edit_organization_users", truth("Whether it may edit members.")),
            ("can_edit_organization_cameras", truth("Whether it may edit cameras.")),
            ("can_view_organization_stats", truth("Whether it may see statistics.")),
        ],
    )
}

fn organization_input<const N: usize>(required: [&str; N]) -> Value {
    open_object(
        "What an organization is to be.",
        required,
        [
            ("title", line("Its title; several may have the same.", TITLE_MAX_CHARS)),
            ("owner_id", number("The user who owns it; null is nobody.", 1)),
            ("camera_limit", number("Most cameras; 0 and null are the default of 1000.", 0)),
            ("user_limit", number("Most users; null is the default of 1000.", 0)),
            ("dvr_limit", number("Most gigabytes of recordings; null is the default of 100.", 0)),
        ],
    )
}

fn user_input<const N: usize>(required: [&str; N]) -> Value {
    let login =
        r"^[^\s:\u0000-\u001f\u007f-\u009f](?:[^:\u0000-\u001f\u007f-\u009f]*[^\s:\u0000-\u001f\u007f-\u009f])?$";
    let email = r"^(?:[^\s\u0000-\u001f\u007f-\u009f]*@[^\s\u0000-\u001f\u007f-\u009f]*)?$";
    let mut organization = number("The organization it is to be a member of.", 1);
    organization["description"] = "The organization it is to be a member of as well.".into();
    open_object(
        "What a user is to be.",
        required,
        [
            ("login", matching("Its login; unique.", login, 100)),
            ("password", or_null(text("8 to 1024 bytes of UTF-8; an empty one is none."))),
            ("name", or_null(line_or_empty("Its name.", 255))),
            ("enabled", truth("Whether it may sign in.")),
            ("is_admin", truth("Whether it is an administrator.")),
            ("organization_id", organization),
            ("notification_email", or_null(matching("Its e-mail address.", email, 255))),
            (
                "phone",
                json!({ "anyOf": [line_or_empty("Its telephone number.", 255), { "type": ["number", "null"] }] }),
            ),
            ("note", or_null(prose("A note.", 4000))),
            ("locale", or_null(line_or_empty("Its language.", 255))),
            (
                "external_id",
                json!({ "anyOf": [line_or_empty("Its id elsewhere.", 255), { "type": ["number", "null"] }] }),
            ),
            ("max_sessions", number("Most sessions at once, up to 10000; null is the box's bound.", 1)),
        ],
    )
}

/// A whole number as `Input::number` reads it: as a number or a text; an empty text is not given, null clears.
fn number(description: &str, least: i64) -> Value {
    let mut schema =
        whole_or_text(description, least, if least > 0 { "^(?:[1-9][0-9]{0,8})?$" } else { "^[0-9]{0,9}$" });
    if let Some(ways) = schema["anyOf"].as_array_mut() {
        ways.push(json!({ "type": "null" }));
    }
    schema
}

fn whole_or_text(description: &str, least: i64, pattern: &str) -> Value {
    json!({
        "description": description,
        "anyOf": [
            { "type": "integer", "minimum": least, "maximum": i32::MAX },
            { "type": "string", "pattern": pattern },
        ],
    })
}

/// A truth as `Input::truth` reads it: as such, as 0 or 1, or as a text; null and an empty text are not given.
fn truth(description: &str) -> Value {
    json!({
        "description": description,
        "anyOf": [
            { "type": ["boolean", "null"] },
            { "enum": [0, 1] },
            { "type": "string", "enum": ["", "0", "1", "true", "false", "yes", "no", "on", "off"] },
        ],
    })
}
