//! What the OpenAPI document says of this dialect's calls; the schemas stand in `schemas`.

use serde_json::{Value, json};

use super::{schemas, wire::DOMAIN_ID};
use crate::{
    api::openapi::{
        About,
        operation::{FORM, JSON, Operation, Schema, id, list, op, text},
    },
    model::Kind,
};

/// The dialect as a whole.
pub fn about() -> About {
    let header = |name: &str, description: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": description });
    About {
        title: "Flussonic Watcher",
        source: include_str!("mod.rs"),
        schemes: vec![
            ("watcherSession", header("x-vsaas-session", "The session of POST /auth/login.")),
            (
                "watcherBearer",
                json!({ "type": "http", "scheme": "bearer", "description": "The session, as a bearer token." }),
            ),
            (
                "watcherKey",
                header(
                    "x-vsaas-api-key",
                    "The system key, alone or narrowed by x-vsaas-user; or a user's key with it.",
                ),
            ),
            ("watcherUser", header("x-vsaas-user", "The login of the user to be.")),
        ],
        security: vec![
            vec!["watcherSession"],
            vec!["watcherBearer"],
            vec!["watcherKey"],
            vec!["watcherKey", "watcherUser"],
        ],
        error: "WatcherError",
        schemas: schemas::all(),
        path_parameters: vec![
            ("id", id("The organization or the user.")),
            ("user_id", id("The member.")),
            ("domain_id", json!({ "type": "integer", "const": DOMAIN_ID, "description": "The one domain." })),
        ],
    }
}

/// `POST /auth/login`
pub fn login() -> Operation {
    body(op("Sign in").says("Opens a session. The oldest of too many ends."), "WatcherLogin", "WatcherLoginForm")
        .signs_in()
        .answers(200, "Who is signed in, and the session.", "WatcherSession")
        .refuses([Kind::Invalid])
}

/// `GET /auth/whoami`
pub fn whoami() -> Operation {
    op("Who is signed in").answers(200, "The keys of a login.", "WatcherSession")
}

/// `POST /auth/logout`
pub fn logout() -> Operation {
    op("Sign out").says("Ends the session that was sent; a key stays.").answers(200, "It is ended.", "WatcherDone")
}

/// `GET /domains`
pub fn list_domains() -> Operation {
    op("List domains").says("There is one: the box itself.").answers(200, "The domain.", list("WatcherDomain"))
}

/// `GET /domains/{domain_id}`
pub fn view_domain() -> Operation {
    op("Read a domain").answers(200, "The domain.", "WatcherDomain")
}

/// `GET /users`
pub fn list_users() -> Operation {
    paged(op("List users").says("By login, those that the caller sees."))
        .query("search", "What login, name or e-mail address must hold, in any case.", text(""))
        .answers(200, "The users.", list("WatcherUser"))
}

/// `POST /users`
pub fn create_user() -> Operation {
    body(op("Create a user"), "WatcherNewUser", "WatcherNewUserForm")
        .says("Administrators only. The user is a member of `organization_id`, or else of the default organization.")
        .answers(200, "It is made.", "WatcherUser")
        .refuses([Kind::Invalid, Kind::Taken, Kind::LimitReached, Kind::NotFound])
}

/// `GET /users/{id}`
pub fn view_user() -> Operation {
    op("Read a user").answers(200, "The user.", "WatcherUser")
}

/// `PUT /users/{id}`
pub fn update_user() -> Operation {
    patch(op("Change a user"), "WatcherUserPatch", "WatcherUserPatchForm")
        .says("What is mentioned changes; `organization_id` adds a membership. Whoever is no administrator changes itself.")
        .answers(200, "It is changed.", "WatcherUser")
        .refuses([Kind::Invalid, Kind::Taken, Kind::LimitReached, Kind::Refused])
}

/// `DELETE /users/{id}`
pub fn delete_user() -> Operation {
    op("Delete a user").says("Administrators only.").answers(200, "It is gone.", "WatcherDone").refuses([Kind::Refused])
}

/// `GET /organizations`
pub fn list_organizations() -> Operation {
    paged(
        op("List organizations").says("By title, those that the caller owns or is a member of; an administrator all."),
    )
    .query("search", "What the title must hold, in any case.", text(""))
    .answers(200, "The organizations.", list("WatcherOrganization"))
}

/// `POST /organizations`
pub fn create_organization() -> Operation {
    body(op("Create an organization"), "WatcherNewOrganization", "WatcherNewOrganizationForm")
        .says("Administrators only. Without `owner_id` nobody owns it.")
        .answers(200, "It is made: the short object.", "WatcherOrganizationMade")
        .refuses([Kind::Invalid, Kind::LimitReached])
}

/// `GET /organizations/{id}`
pub fn view_organization() -> Operation {
    op("Read an organization").answers(200, "The organization.", "WatcherOrganization")
}

/// `PUT /organizations/{id}`
pub fn update_organization() -> Operation {
    patch(op("Change an organization"), "WatcherOrganizationPatch", "WatcherOrganizationPatchForm")
        .says("What is mentioned changes. Limits and owner are the administrators' to set.")
        .answers(200, "It is changed: the full object.", "WatcherOrganization")
        .refuses([Kind::Invalid, Kind::LimitReached, Kind::Managed])
}

/// `DELETE /organizations/{id}`
pub fn delete_organization() -> Operation {
    op("Delete an organization")
        .header_needed(
            "force",
            "1, to delete it with its folder.",
            json!({ "type": "string", "enum": ["1", "true", "yes", "on"] }),
        )
        .answers(200, "It is gone.", "WatcherDone")
        .refuses([Kind::Refused, Kind::Held])
}

/// `GET /organizations/{id}/folders`
pub fn list_folders() -> Operation {
    op("List the folders of an organization").says("There is one.").answers(200, "The folder.", list("WatcherFolder"))
}

/// `GET /organizations/{id}/users`
pub fn list_members() -> Operation {
    op("List the members of an organization").says("By login.").answers(200, "The members.", list("WatcherMember"))
}

/// `POST /organizations/{id}/users`
pub fn add_member() -> Operation {
    body(op("Make a user a member"), "WatcherNewMember", "WatcherNewMemberForm")
        .says("Who is a member already gets the rights that are mentioned.")
        .answers(200, "It is a member.", "WatcherMember")
        .refuses([Kind::Invalid, Kind::LimitReached])
}

/// `PUT /organizations/{id}/users/{user_id}`
pub fn update_member() -> Operation {
    patch(op("Change what a member may do"), "WatcherRights", "WatcherRightsForm")
        .says("The rights that are mentioned change.")
        .answers(200, "It is changed.", "WatcherMember")
        .refuses([Kind::Invalid])
}

/// `DELETE /organizations/{id}/users/{user_id}`
pub fn remove_member() -> Operation {
    op("Remove a member").answers(200, "It is no member.", "WatcherDone")
}

/// A body in JSON or as a form, whose values are texts.
fn body(operation: Operation, json: &'static str, form: &'static str) -> Operation {
    operation.bodies(true, vec![(JSON, json.schema()), (FORM, form.schema())])
}

/// A body in which everything may be absent, and which may be absent itself.
fn patch(operation: Operation, json: &'static str, form: &'static str) -> Operation {
    operation.bodies(false, vec![(JSON, json.schema()), (FORM, form.schema())])
}

fn paged(operation: Operation) -> Operation {
    let number = |description: &str| -> Value {
        json!({
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "const": "" }],
            "description": description,
        })
    };
    operation
        .query("limit", "Most rows; all where absent.", number("Most rows."))
        .query("offset", "Rows to pass over.", number("Rows to pass over."))
        .header("X-Page-Limit", "The limit, where the query has none.", text(""))
        .header("X-Page-Offset", "The offset, where the query has none.", text(""))
        .refuses([Kind::Invalid])
}
