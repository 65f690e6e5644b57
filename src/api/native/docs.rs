//! What the OpenAPI document says of this dialect's calls; the schemas stand in `schemas`.

use serde_json::json;

use super::{
    backups_docs, certificate, estate_schemas, overrides_docs,
    page::{LIMIT_DEFAULT, LIMIT_MAX},
    schemas, transfer_docs, upstream_docs,
};
use crate::{
    api::openapi::{
        About,
        operation::{JSON, Operation, Schema, id, matching, one_of, op, text, whole_of},
    },
    model::Kind,
    ops::feed::EVENTS_MAX,
};

/// The dialect as a whole.
pub fn about() -> About {
    About {
        title: "orgbox",
        source: include_str!("mod.rs"),
        schemes: vec![
            ("nativeBasic", json!({ "type": "http", "scheme": "basic", "description": "Login and password." })),
            (
                "nativeKey",
                json!({
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: obk_ and 32 hexadecimal digits.",
                }),
            ),
        ],
        security: vec![vec!["nativeBasic"], vec!["nativeKey"]],
        error: "NativeProblem",
        schemas: [
            schemas::all(),
            estate_schemas::all(),
            overrides_docs::schemas(),
            certificate::schemas(),
            backups_docs::schemas(),
            upstream_docs::schemas(),
            transfer_docs::schemas(),
        ]
        .concat(),
        path_parameters: vec![
            ("org", segment("The organization's id or, where none has that id, its name.")),
            ("user", segment("The user's login or, where none has that login, its id.")),
            ("login", segment("The user's login.")),
            ("event", schemas::uuid("The id of an event that was set aside.")),
            ("id", id("The key, the camera, the branding or the group.")),
        ],
    }
}

/// `GET /site`
pub fn view_site() -> Operation {
    op("Read the box itself").answers(200, "The box.", "NativeSite")
}

/// `GET /whoami`
pub fn whoami() -> Operation {
    op("Who asks").says("The role is what the key that was used leaves of the user's.").answers(
        200,
        "The caller.",
        "NativeCaller",
    )
}

/// `GET /organizations`
pub fn list_organizations() -> Operation {
    organizations(op("List organizations").says("Those that the caller sees."))
        .query("search", "What name, title or description must hold, in any case.", text(""))
        .query("name", "Only the one of this name.", text(""))
        .query("below", "Only this organization and what is below it.", text(""))
        .query("parent", "Only what hangs right below this organization.", text(""))
        .query("sort", "By id where absent.", one_of("By what.", &["id", "title"]))
        .refuses([Kind::NotFound])
}

/// `POST /organizations`
pub fn create_organization() -> Operation {
    created(op("Create an organization").says("Below the default organization where no parents are named."))
        .json("NativeNewOrganization")
        .answers(201, "It is made.", "NativeOrganizationDetail")
        .with_version()
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Taken, Kind::LimitReached, Kind::Refused])
}

/// `GET /organizations/{org}`
pub fn view_organization() -> Operation {
    op("Read an organization")
        .says("`values` tells where each value comes from.")
        .answers(200, "The organization.", "NativeOrganizationDetail")
        .with_version()
}

/// `PATCH /organizations/{org}`
pub fn update_organization() -> Operation {
    op("Change an organization")
        .says("A JSON Merge Patch; what is read-only may stand there as it is.")
        .conditional()
        .merge_patch("NativeOrganizationPatch")
        .answers(200, "It is changed.", "NativeOrganizationDetail")
        .with_version()
        .refuses([Kind::Taken, Kind::LimitReached, Kind::Refused, Kind::Held, Kind::Managed])
}

/// `DELETE /organizations/{org}`
pub fn delete_organization() -> Operation {
    let choices = one_of("What becomes of those.", &["refuse", "reattach", "cascade"]);
    op("Delete an organization")
        .says("Its members, its cameras and the keys that are for it go with it.")
        .query("children", "What becomes of those below it; refuse where absent.", choices)
        .conditional()
        .answers_empty(204, "It is gone.")
        .refuses([Kind::Refused, Kind::Held])
}

/// `GET /organizations/{org}/parents`
pub fn list_parents() -> Operation {
    organizations(op("List the parents of an organization"))
}

/// `PUT /organizations/{org}/parents`
pub fn set_parents() -> Operation {
    op("Set the parents of an organization")
        .says("These and no others; no cycles.")
        .conditional()
        .json("NativeParents")
        .answers(200, "It hangs below these.", "NativeOrganizationDetail")
        .with_version()
        .refuses([Kind::Refused, Kind::Held])
}

/// `GET /organizations/{org}/children`
pub fn list_children() -> Operation {
    organizations(op("List the children of an organization"))
}

/// `GET /organizations/{org}/ancestors`
pub fn list_ancestors() -> Operation {
    organizations(op("List everything above an organization"))
}

/// `GET /organizations/{org}/subtree`
pub fn list_subtree() -> Operation {
    organizations(op("List an organization and everything below it"))
}

/// `GET /organizations/{org}/path`
pub fn path() -> Operation {
    op("Why a user reaches an organization")
        .query("user", "The user's login; the caller where absent.", text(""))
        .answers(200, "Whether, and every way.", "NativePath")
        .refuses([Kind::Invalid])
}

/// `GET /organizations/{org}/members`
pub fn list_members() -> Operation {
    op("List the members of an organization")
        .says("In the order of their users' ids.")
        .answers_page("The members.", "NativeMember", LIMIT_DEFAULT, LIMIT_MAX)
        .with_version()
}

/// `PUT /organizations/{org}/members/{login}`
pub fn put_member() -> Operation {
    op("Make a user a member, or change what it may do")
        .says("Rights that are not mentioned stay; a new member has none of them.")
        .conditional()
        .json_optional("NativeRights")
        .answers(200, "It is changed.", "NativeMember")
        .with_version()
        .answers(201, "It is a member.", "NativeMember")
        .with_version()
        .refuses([Kind::LimitReached, Kind::Refused])
}

/// `DELETE /organizations/{org}/members/{login}`
pub fn remove_member() -> Operation {
    op("Remove a member").conditional().answers_empty(204, "It is no member.")
}

/// `GET /users`
pub fn list_users() -> Operation {
    op("List users")
        .says("Those that the caller sees, by id.")
        .query("search", "What login, name or e-mail address must hold, in any case.", text(""))
        .answers_page("The users.", "NativeUser", LIMIT_DEFAULT, LIMIT_MAX)
}

/// `POST /users`
pub fn create_user() -> Operation {
    created(op("Create a user").says("Administrators only."))
        .json("NativeNewUser")
        .answers(201, "It is made.", "NativeUser")
        .with_version()
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Taken, Kind::LimitReached])
}

/// `GET /users/{user}`
pub fn view_user() -> Operation {
    op("Read a user").answers(200, "The user.", "NativeUser").with_version()
}

/// `PATCH /users/{user}`
pub fn update_user() -> Operation {
    op("Change a user")
        .says("A JSON Merge Patch; what is read-only may stand there as it is.")
        .conditional()
        .merge_patch("NativeUserPatch")
        .answers(200, "It is changed.", "NativeUser")
        .with_version()
        .refuses([Kind::Taken, Kind::Refused])
}

/// `DELETE /users/{user}`
pub fn delete_user() -> Operation {
    op("Delete a user")
        .says("Its memberships and keys end, and what it owned has no owner any more.")
        .conditional()
        .answers_empty(204, "It is gone.")
        .refuses([Kind::Refused])
}

/// `GET /keys`
pub fn list_keys() -> Operation {
    op("List API keys").says("Administrators see all, others their own.").answers_page(
        "The keys, without their secrets.",
        "NativeKey",
        LIMIT_DEFAULT,
        LIMIT_MAX,
    )
}

/// `POST /keys`
pub fn create_key() -> Operation {
    created(op("Create an API key").says("`key` is shown this once; a repetition has null in its place."))
        .json("NativeNewKey")
        .answers(201, "It is made.", "NativeKeyMade")
        .with_version()
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::LimitReached, Kind::Refused])
}

/// `GET /keys/{id}`
pub fn view_key() -> Operation {
    op("Read an API key").answers(200, "The key, without its secret.", "NativeKey").with_version()
}

/// `DELETE /keys/{id}`
pub fn end_key() -> Operation {
    op("End an API key").conditional().answers_empty(204, "It is refused from now on.")
}

/// `GET /audit`
pub fn list_audit() -> Operation {
    filtered(op("Read the audit trail"))
        .says("Administrators only. A page with a `next` may be shorter than its limit, even empty.")
        .query("order", "Newest first where absent.", one_of("Which first.", &["newest", "oldest"]))
        .answers_page("The rows.", "NativeAuditRow", LIMIT_DEFAULT, LIMIT_MAX)
}

/// `GET /audit/export`
pub fn export_audit() -> Operation {
    filtered(op("Export the audit trail"))
        .says("Administrators only. Every row, as it is read.")
        .query("order", "Oldest first where absent.", one_of("Which first.", &["newest", "oldest"]))
        .query("format", "ndjson where absent.", one_of("How rows are written.", &["ndjson", "csv"]))
        .answers_in(200, "The rows.", vec![("application/x-ndjson", text("")), ("text/csv", text(""))])
        .refuses([Kind::Invalid])
}

/// `GET /audit/verify`
pub fn verify_audit() -> Operation {
    op("Check the chain of the audit trail")
        .says("Administrators only.")
        .answers(200, "Whether it is whole, or the first row at which it is not.", "NativeVerified")
        .may_be_malformed()
}

/// `GET /changes`
pub fn follow_changes() -> Operation {
    op("Follow what changes")
        .says("Administrators only. Without `after` from the oldest event that is kept, with `after=now` from now on.")
        .says("With `Accept: text/event-stream` a stream of events that goes on, from `Last-Event-ID` where given.")
        .query("after", "A position as `next` has it, or now.", text(""))
        .query("wait", "Seconds to wait for the first event; 0 where absent.", whole_of("Seconds.", 0, 60))
        .query("limit", "Most events; 100 where absent.", whole_of("Most events.", 1, EVENTS_MAX as i64))
        .answers_in(200, "The events.", vec![(JSON, "NativeChanges".schema()), ("text/event-stream", text(""))])
        .answers_in(
            410,
            "The position's events are not there any more; read the full state, then go on after `next`.",
            vec![("application/problem+json", "NativeProblem".schema())],
        )
        .refuses([Kind::Invalid])
}

fn organizations(operation: Operation) -> Operation {
    operation.answers_page("The organizations.", "NativeOrganization", LIMIT_DEFAULT, LIMIT_MAX)
}

/// What is made once for each `Idempotency-Key`.
pub fn created(operation: Operation) -> Operation {
    let key = matching("1 to 255 printable ASCII characters.", "^[!-~](?:[ -~]*[!-~])?$", 255);
    operation
        .header("Idempotency-Key", "Makes a repetition answer what the first request did.", key)
        .refuses([Kind::Invalid, Kind::Refused])
}

fn filtered(operation: Operation) -> Operation {
    // An empty parameter is as none.
    let moment = || json!({ "anyOf": [{ "type": "string", "format": "date-time" }, { "const": "" }] });
    let operations = one_of("What was done.", &["create", "update", "delete"]);
    operation
        .query("actor", "Only of this actor.", text(""))
        .query("user", "Only of this user.", json!({ "type": "integer", "minimum": 1 }))
        .query("key", "Only with this API key.", text(""))
        .query("operation", "Only these.", operations)
        .query("subject", "Only of this thing.", text(""))
        .query("organization", "Only of this organization.", text(""))
        .query("dialect", "Only through this dialect.", text(""))
        .query("since", "Only from this moment on.", moment())
        .query("until", "Only before this moment.", moment())
        .refuses([Kind::NotFound])
}

fn segment(description: &str) -> serde_json::Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}
