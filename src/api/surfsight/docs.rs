//! What the OpenAPI document says of this dialect.

use serde_json::{Value, json};

use crate::{
    api::openapi::{
        About,
        operation::{
            Operation, closed, closed_but, flag, id, line, list, matching, op, open_object, or_null, text, whole,
            whole_of,
        },
    },
    model::{
        Kind,
        organization::TITLE_MAX_CHARS,
        retention::{DEVICE_RETENTION_MINUTES_MIN, DURATION_MAX, LIVE_VIDEO_TIMEOUT_SECONDS_MIN, PURGE_DAYS},
    },
};

/// The dialect as a whole.
pub fn about() -> About {
    About {
        title: "Surfsight",
        source: include_str!("mod.rs"),
        schemes: vec![(
            "surfsightToken",
            json!({
                "type": "http",
                "scheme": "bearer",
                "description": "The token of POST /authenticate, good for 24 hours; the word Bearer may be left out.",
            }),
        )],
        security: vec![vec!["surfsightToken"]],
        error: "SurfsightError",
        schemas: schemas(),
        path_parameters: vec![("orgId", id("The organization."))],
    }
}

/// `POST /authenticate`
pub fn authenticate() -> Operation {
    op("Sign in")
        .says("Opens a session of 24 hours.")
        .signs_in()
        .json("SurfsightSignIn")
        .answers(200, "The token; for a partner without organizationId.", "SurfsightSignedIn")
        .refuses([Kind::Invalid])
}

/// `GET /organizations`
pub fn list_organizations() -> Operation {
    op("List organizations").says("Everything that the caller sees, oldest first; there are no pages.").answers(
        200,
        "The organizations.",
        data(list("SurfsightListed")),
    )
}

/// `POST /organizations`
pub fn create_organization() -> Operation {
    op("Create an organization")
        .says("Partners only. Answers at the top level, and with 200.")
        .json("SurfsightNewOrganization")
        .answers(200, "It is made.", "SurfsightCreated")
        .refuses([Kind::Invalid, Kind::LimitReached])
}

/// `GET /organizations/{orgId}`
pub fn view_organization() -> Operation {
    op("Read an organization")
        .says("`ssoSecret` is shown to those who may see it.")
        .answers(200, "The organization.", data(json!({ "$ref": "#/components/schemas/SurfsightOrganization" })))
        .refuses([Kind::Invalid])
}

/// `PATCH /organizations/{orgId}`
pub fn update_organization() -> Operation {
    op("Change an organization")
        .says("What is absent stays, what is unknown is passed over. One wrong value, and nothing changes.")
        .says("An unknown organization is 403, as somebody else's is. Purge times above what this box allows are 403.")
        .json_optional("SurfsightPatch")
        .answers(200, "It is changed.", "SurfsightDone")
        .refuses([Kind::Invalid, Kind::Refused, Kind::Held, Kind::Managed])
}

/// `DELETE /organizations/{orgId}`
pub fn delete_organization() -> Operation {
    op("Delete an organization")
        .says("Refused while it has devices.")
        .answers(200, "It is gone.", "SurfsightDone")
        .refuses([Kind::Invalid, Kind::Refused, Kind::Held])
}

fn data(schema: Value) -> Value {
    closed("What a read answers.", [("data", schema)])
}

fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        (
            "SurfsightError",
            closed(
                "A failure.",
                [
                    ("error", text("The class of the failure.")),
                    ("message", text("Words of the class, and the details where there are any.")),
                    ("requestId", uuid()),
                ],
            ),
        ),
        ("SurfsightDone", closed("What a change answers.", [("requestId", uuid())])),
        (
            "SurfsightSignIn",
            open_object(
                "Who signs in.",
                ["email", "password"],
                [
                    ("email", text("The e-mail address, or the login of a user without one.")),
                    ("password", text("The password.")),
                ],
            ),
        ),
        (
            "SurfsightSignedIn",
            closed(
                "A session.",
                [(
                    "data",
                    closed_but(
                        "The session.",
                        ["organizationId"],
                        [
                            ("token", matching("43 characters of base64url.", "^[A-Za-z0-9_-]{43}$", 43)),
                            ("organizationId", id("The organization that the user belongs to first.")),
                        ],
                    ),
                )],
            ),
        ),
        (
            "SurfsightCreated",
            closed("What was made.", [("organizationId", id("Its id.")), ("ssoSecret", sso_secret())]),
        ),
        ("SurfsightListed", organization(false)),
        ("SurfsightOrganization", organization(true)),
        (
            "SurfsightNewOrganization",
            open_object(
                "An organization to be made.",
                ["name"],
                [("name", name()), ("exclusivePartnerOnly", exclusive_partner_only())],
            ),
        ),
        ("SurfsightPatch", patch()),
    ]
}

fn organization(single: bool) -> Value {
    let days = |cameras: &str| whole(&format!("Days after which recordings of {cameras} are purged."));
    let listed = closed(
        "An organization as lists show it.",
        [
            ("id", id("Its id.")),
            ("name", text("Its name.")),
            ("partnerId", or_null(whole("Who made it."))),
            ("exclusivePartnerOnly", exclusive_partner_only()),
            ("purgeDays", days("every camera without a more particular number")),
            ("purgeDaysFrontCamera", days("road-facing cameras")),
            ("purgeDaysRearCamera", days("in-cab cameras")),
            ("purgeDaysAuxiliaryCameras", days("auxiliary cameras")),
            ("isOrganizationProfileEnabled", flag("Whether the organization's profile applies to its devices.")),
            ("liveVideoTimeoutSeconds", whole("Seconds after which live video ends.")),
        ],
    );
    if !single {
        return listed;
    }
    let mut single = closed_but(
        "An organization on its own.",
        ["ssoSecret"],
        [
            ("deviceRetentionMinutes", whole("Minutes that recordings stay on a device.")),
            ("usersCount", whole("Its users.")),
            ("devicesCount", whole("Its devices.")),
            ("ssoSecret", sso_secret()),
        ],
    );
    for part in ["properties", "required"] {
        let mut whole = listed[part].clone();
        match (&mut whole, &single[part]) {
            (Value::Object(whole), Value::Object(more)) => whole.extend(more.clone()),
            (Value::Array(whole), Value::Array(more)) => whole.extend(more.iter().cloned()),
            _ => {}
        }
        single[part] = whole;
    }
    single
}

fn patch() -> Value {
    let days = |cameras: &str| {
        let description = format!("Days after which recordings of {cameras} are purged.");
        whole_of(&description, *PURGE_DAYS.start(), *PURGE_DAYS.end())
    };
    open_object(
        "What is to change.",
        [],
        [
            ("name", name()),
            ("exclusivePartnerOnly", exclusive_partner_only()),
            ("purgeDays", days("every camera without a more particular number")),
            ("purgeDaysFrontCamera", days("road-facing cameras")),
            ("purgeDaysRearCamera", days("in-cab cameras")),
            ("purgeDaysAuxiliaryCameras", days("auxiliary cameras")),
            (
                "deviceRetentionMinutes",
                whole_of("Minutes that recordings stay on a device.", DEVICE_RETENTION_MINUTES_MIN, DURATION_MAX),
            ),
            (
                "liveVideoTimeoutSeconds",
                whole_of("Seconds after which live video ends.", LIVE_VIDEO_TIMEOUT_SECONDS_MIN, DURATION_MAX),
            ),
            ("isOrganizationProfileEnabled", flag("Whether the organization's profile applies to its devices.")),
        ],
    )
}

fn name() -> Value {
    line("Its name; several may have the same.", TITLE_MAX_CHARS)
}

fn exclusive_partner_only() -> Value {
    flag("Whether only the partner itself sees its videos.")
}

fn sso_secret() -> Value {
    matching("The secret for single sign-on.", "^[0-9a-f]{64}$", 64)
}

fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid", "description": "Names the request in the log." })
}
