//! What the OpenAPI document says of this dialect.

use serde_json::{Value, json};

use super::organizations::LIMIT_MAX;
use crate::{
    api::openapi::{
        About,
        operation::{
            Operation, closed, closed_but, flag, http_url, id, line, line_or_empty, list, matching, op, open_object,
            or_null, prose, text, whole,
        },
    },
    model::{
        Kind,
        organization::{DESCRIPTION_MAX_CHARS, TITLE_MAX_CHARS},
        text::NAME_MAX_CHARS,
    },
};

/// The dialect as a whole.
pub fn about() -> About {
    About {
        title: "Sense Tecnic WoTKit",
        source: include_str!("mod.rs"),
        schemes: vec![(
            "wotkitBasic",
            json!({
                "type": "http",
                "scheme": "basic",
                "description": "User name and password, or both halves of an API key: 16 hexadecimal digits each.",
            }),
        )],
        security: vec![vec!["wotkitBasic"]],
        error: "WotkitError",
        schemas: answers().into_iter().chain(bodies()).collect(),
        path_parameters: vec![
            ("name", name_or_id("The organization's name or, where none has that name, its id.")),
            ("user", name_or_id("The user's name or, where none has that name, its id.")),
        ],
    }
}

/// `GET /orgs`
pub fn list_organizations() -> Operation {
    paged(op("List organizations").says("Newest first. Public."))
        .credentials_optional()
        .query("text", "What name, longName or description must hold, in any case.", text(""))
        .answers(200, "The organizations.", list("WotkitOrg"))
}

/// `POST /orgs`
pub fn create_organization() -> Operation {
    op("Create an organization")
        .says("Administrators only. The creator owns it.")
        .json("WotkitNewOrg")
        .answers(201, "It is made.", "WotkitOrg")
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Invalid, Kind::Taken, Kind::LimitReached])
}

/// `GET /orgs/{name}`
pub fn view_organization() -> Operation {
    op("Read an organization").says("Public.").credentials_optional().answers(200, "The organization.", "WotkitOrg")
}

/// `PUT /orgs/{name}`
pub fn update_organization() -> Operation {
    done(
        op("Change an organization")
            .says("Administrators only. Only what is present changes; null clears. Name and id may stand there as they are.")
            .json_optional("WotkitOrgPatch")
            .refuses([Kind::Invalid, Kind::Held, Kind::Managed]),
    )
}

/// `DELETE /orgs/{name}`
pub fn delete_organization() -> Operation {
    done(op("Delete an organization").says("Administrators only. Its memberships go with it.").refuses([Kind::Held]))
}

/// `GET /orgs/{name}/members`
pub fn list_members() -> Operation {
    op("List the members of an organization").says("Administrators only. By user name.").answers(
        200,
        "The members.",
        list("WotkitMember"),
    )
}

/// `POST /orgs/{name}/members`
pub fn add_members() -> Operation {
    op("Add members to an organization")
        .says("Administrators only. Unknown users and present members are passed over.")
        .json("WotkitUsernames")
        .answers_empty(204, "They are members.")
        .refuses([Kind::Invalid, Kind::LimitReached])
}

/// `DELETE /orgs/{name}/members`
pub fn remove_members() -> Operation {
    op("Remove members from an organization")
        .says("Administrators only. Carries a body. Unknown users and those who are no members are passed over.")
        .json("WotkitUsernames")
        .answers_empty(204, "They are no members.")
}

/// `GET /users`
pub fn list_users() -> Operation {
    paged(op("List users").says("Administrators only. Newest first."))
        .query("text", "What the user name, the name or the e-mail address must hold, in any case.", text(""))
        .query("reverse", "1 for the oldest first.", json!({ "enum": ["", "0", "1", "true", "false"] }))
        .answers(200, "The users.", list("WotkitUser"))
}

/// `POST /users`
pub fn create_user() -> Operation {
    op("Create a user")
        .says("Administrators only. The user belongs to no organization.")
        .json("WotkitNewUser")
        .answers(201, "It is made.", "WotkitUser")
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Invalid, Kind::Taken])
}

/// `GET /users/{user}`
pub fn view_user() -> Operation {
    op("Read a user").says("Administrators only.").answers(200, "The user.", "WotkitUser")
}

/// `PUT /users/{user}`
pub fn update_user() -> Operation {
    op("Change a user")
        .says("Administrators only. Only what is present changes; the user name stays.")
        .json_optional("WotkitUserPatch")
        .answers_empty(204, "It is changed.")
        .refuses([Kind::Invalid, Kind::Taken])
}

/// `DELETE /users/{user}`
pub fn delete_user() -> Operation {
    op("Delete a user")
        .says("Administrators only. Its memberships end, and what it owned has no owner any more.")
        .answers_empty(204, "It is gone.")
        .refuses([Kind::Refused])
}

fn paged(operation: Operation) -> Operation {
    let most = format!("Most rows; {LIMIT_MAX} where absent and at most.");
    let whole = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    operation
        .query("limit", "Most rows.", whole(&most))
        .query("offset", "Rows to pass over.", whole("Rows to pass over."))
        .refuses([Kind::Invalid])
}

/// What a change answers; see `organizations::done`.
fn done(operation: Operation) -> Operation {
    operation
        .answers_empty(200, "It is done.")
        .answers_empty(204, "It is done, where the box is set to the statuses of servers before 2015.")
}

fn answers() -> Vec<(&'static str, Value)> {
    vec![
        ("WotkitError", error()),
        (
            "WotkitOrg",
            closed_but(
                "An organization. An optional key that is unset is left out.",
                ["description", "imageUrl"],
                [
                    ("id", id("Its id.")),
                    ("name", text("Its name, which stands in paths.")),
                    ("longName", text("Its name for people.")),
                    ("description", text("What it is.")),
                    ("imageUrl", text("The address of its logo.")),
                ],
            ),
        ),
        (
            "WotkitMember",
            closed(
                "A member of an organization.",
                [
                    ("id", id("The user's id.")),
                    ("username", text("The user's name.")),
                    ("firstname", text("The first word of its name.")),
                    ("lastname", text("The rest of its name.")),
                    ("role", json!({ "enum": ["ADMIN", "MEMBER"], "description": "Whether it may edit members." })),
                ],
            ),
        ),
        (
            "WotkitUser",
            closed_but(
                "A user. An optional key that is unset is left out; a password never comes out.",
                ["email", "timeZone"],
                [
                    ("id", id("Its id.")),
                    ("username", text("The login.")),
                    ("firstname", text("The first word of its name.")),
                    ("lastname", text("The rest of its name.")),
                    ("email", text("The e-mail address.")),
                    ("timeZone", text("A time zone.")),
                    ("enabled", flag("Whether it may sign in.")),
                ],
            ),
        ),
    ]
}

fn bodies() -> Vec<(&'static str, Value)> {
    vec![
        (
            "WotkitNewOrg",
            open_object(
                "An organization to be made.",
                ["name", "longName"],
                [
                    ("name", name()),
                    ("longName", long_name()),
                    ("description", or_null(prose("What it is.", DESCRIPTION_MAX_CHARS))),
                    ("imageUrl", or_null(http_url("The address of its logo; never fetched."))),
                ],
            ),
        ),
        (
            "WotkitOrgPatch",
            open_object(
                "What is to change.",
                [],
                [
                    ("id", json!({ "type": ["integer", "string"], "description": "As it is." })),
                    ("name", json!({ "type": ["integer", "string"], "description": "As it is." })),
                    ("longName", long_name()),
                    ("description", or_null(prose("What it is.", DESCRIPTION_MAX_CHARS))),
                    ("imageUrl", or_null(http_url("The address of its logo; never fetched."))),
                ],
            ),
        ),
        ("WotkitUsernames", json!({ "type": "array", "items": { "type": "string" }, "description": "User names." })),
        ("WotkitNewUser", user(["username"], ("username", username()))),
        (
            "WotkitUserPatch",
            user([], ("username", json!({ "type": ["integer", "string"], "description": "As it is." }))),
        ),
    ]
}

fn error() -> Value {
    let inner = closed(
        "A failure.",
        [
            ("status", whole("The status once more.")),
            ("code", whole("Always 0.")),
            ("message", text("What clients look at.")),
            ("developerMessage", list(text("A detail."))),
            (
                "moreInfo",
                json!({
                    "type": "object",
                    "additionalProperties": { "type": "string" },
                    "description": "What is wrong with each field.",
                }),
            ),
        ],
    );
    closed("A failure.", [("error", inner)])
}

fn user<const N: usize>(required: [&str; N], username: (&str, Value)) -> Value {
    let name = |description: &str| or_null(line_or_empty(description, 255));
    let email = r"^(?:[^\s\u0000-\u001f\u007f-\u009f]*@[^\s\u0000-\u001f\u007f-\u009f]*)?$";
    open_object(
        "What a user is to be.",
        required,
        [
            username,
            ("firstname", name("The first name.")),
            ("lastname", name("The last name.")),
            ("email", or_null(matching("An e-mail address.", email, 255))),
            ("timeZone", name("A time zone.")),
            ("password", text("8 to 1024 bytes of UTF-8.")),
            ("enabled", flag("Whether it may sign in.")),
        ],
    )
}

fn name() -> Value {
    let pattern = r"^[^\s/\u0000-\u001f\u007f-\u009f][^/\u0000-\u001f\u007f-\u009f]*[^\s/\u0000-\u001f\u007f-\u009f]$";
    let mut schema = matching("Unique, case-sensitive; stands in paths.", pattern, NAME_MAX_CHARS);
    schema["minLength"] = 4.into();
    schema
}

fn long_name() -> Value {
    let mut schema = line("Its name for people.", TITLE_MAX_CHARS);
    schema["minLength"] = 4.into();
    schema
}

fn username() -> Value {
    let pattern = r"^[^\s:\u0000-\u001f\u007f-\u009f][^:\u0000-\u001f\u007f-\u009f]*[^\s:\u0000-\u001f\u007f-\u009f]$";
    let mut schema = matching("The login; unique.", pattern, 50);
    schema["minLength"] = 4.into();
    schema
}

fn name_or_id(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}
