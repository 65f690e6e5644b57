//! Native's objects as JSON Schemas: what is answered, closed; and what is read, of which what nobody knows is refused.

use serde_json::{Map, Value, json};

use crate::{
    api::openapi::operation::{
        Schema, closed, closed_but, flag, http_url, id, line, line_or_empty, list, matching, one_of, or_null, prose,
        text, whole, whole_of,
    },
    model::{
        limits::LIMIT_MAX,
        organization::{DESCRIPTION_MAX_CHARS, TITLE_MAX_CHARS},
        overrides::FIELDS,
        retention::{DEVICE_RETENTION_MINUTES_MIN, DURATION_MAX, LIVE_VIDEO_TIMEOUT_SECONDS_MIN, PURGE_DAYS},
        text::NAME_MAX_CHARS,
    },
};

/// What the box itself keeps of an organization; a body may repeat it as it stands.
const READ_ONLY: [&str; 11] = [
    "id",
    "version",
    "partner_id",
    "camera_count",
    "user_count",
    "mosaic_count",
    "dvr_used_gb",
    "values",
    "hold",
    "name",
    "parents",
];

/// Every schema by name.
pub fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![("NativeProblem", problem()), ("NativeSite", site()), ("NativeCaller", caller())];
    all.extend(organizations());
    all.extend(members_and_users());
    all.extend(keys());
    all.extend(trail());
    all
}

fn organizations() -> Vec<(&'static str, Value)> {
    let mut detail = organization();
    detail["properties"]["values"] = values();
    if let Some(required) = detail["required"].as_array_mut() {
        required.push("values".into());
    }
    let way = closed(
        "One way in which the user reaches it.",
        [
            ("organization", closed("Where it begins.", [("id", id("")), ("name", text("")), ("title", text(""))])),
            ("as", one_of("As what.", &["owner", "member", "administrator"])),
            ("rights", rights_answered()),
            ("steps", list(closed("One step down.", [("id", id("")), ("name", text(""))]))),
        ],
    );
    let mut new = organization_input();
    new["properties"]["name"] = or_null(matching("Unique; stands in paths.", NAME_PATTERN, NAME_MAX_CHARS));
    new["properties"]["parents"] = or_null(parents());
    new["required"] = json!(["title"]);
    let mut patch = organization_input();
    for name in READ_ONLY {
        patch["properties"][name] = json!({ "description": "As it stands." });
    }
    let mut above = closed("The parents.", [("parents", parents())]);
    above["description"] = "What an organization is to hang below.".into();
    vec![
        ("NativeOrganization", organization()),
        ("NativeOrganizationDetail", detail),
        ("NativeSourced", sourced()),
        ("NativeNewOrganization", new),
        ("NativeOrganizationPatch", patch),
        ("NativeParents", above),
        ("NativePath", closed("Whether and why.", [("reaches", flag("Whether.")), ("because", list(way))])),
    ]
}

/// What files can manage, each with where its value comes from.
fn values() -> Value {
    let names = FIELDS.map(|(field, _)| field.core_name());
    let properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), "NativeSourced".schema())).collect();
    json!({
        "type": "object",
        "description": "Where each value comes from that files can manage.",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

fn sourced() -> Value {
    let value =
        |description: &str| json!({ "type": ["string", "integer", "boolean", "null"], "description": description });
    let source = |source: &str| json!({ "const": source, "description": "Where it comes from." });
    let plain =
        |name: &str, description: &str| closed(description, [("value", value("In force.")), ("source", source(name))]);
    let stored = || value("What would be in force otherwise.");
    let file = closed(
        "A file says it.",
        [
            ("value", value("In force.")),
            ("source", source("file")),
            ("file", text("Which file.")),
            ("line", whole_of("Its line.", 1, i64::from(u32::MAX))),
            ("stored", stored()),
        ],
    );
    let held = closed(
        "A legal hold keeps it.",
        [("value", value("In force.")), ("source", source("legal_hold")), ("stored", stored())],
    );
    json!({
        "description": "A value with where it comes from.",
        "anyOf": [plain("default", "Nobody has said anything."), plain("stored", "An API has stored it."), file, held],
    })
}

const NAME_PATTERN: &str =
    r"^[^\s/\u0000-\u001f\u007f-\u009f](?:[^/\u0000-\u001f\u007f-\u009f]*[^\s/\u0000-\u001f\u007f-\u009f])?$";

fn organization() -> Value {
    closed(
        "An organization.",
        [
            ("id", id("Its id.")),
            ("name", text("Its name, which stands in paths.")),
            ("title", text("Its name for people.")),
            ("description", or_null(text("What it is."))),
            ("image_url", or_null(text("The address of its logo."))),
            ("status", whole("200 is active.")),
            ("branding_id", or_null(id("Its branding."))),
            ("owner", or_null(text("The owner's login."))),
            ("owner_id", or_null(id("The owner."))),
            ("partner_id", or_null(id("Who made it."))),
            ("camera_limit", whole("Most cameras.")),
            ("user_limit", whole("Most members.")),
            ("dvr_limit_gb", whole("Most gigabytes of recordings.")),
            ("purge_days", whole("Days after which recordings are purged.")),
            ("purge_days_front", whole("The same, of road-facing cameras.")),
            ("purge_days_rear", whole("The same, of in-cab cameras.")),
            ("purge_days_auxiliary", whole("The same, of auxiliary cameras.")),
            ("device_retention_minutes", whole("Minutes that recordings stay on a device.")),
            ("live_video_timeout_seconds", whole("Seconds after which live video ends.")),
            ("organization_profile_enabled", flag("Whether its profile applies to its devices.")),
            ("exclusive_partner_only", flag("Whether only the partner itself sees its videos.")),
            ("camera_count", whole("Its cameras.")),
            ("user_count", whole("Its members.")),
            ("mosaic_count", whole("Its mosaics, as was reported.")),
            ("dvr_used_gb", whole("Its gigabytes of recordings, as was reported.")),
            ("parents", list(id("An organization that it hangs below."))),
            ("hold", or_null("NativeHold")),
            ("version", whole("Rises with every change.")),
        ],
    )
}

fn organization_input() -> Value {
    let limit = |description: &str| or_null(whole_of(description, 0, LIMIT_MAX));
    let days = |cameras: &str| {
        or_null(whole_of(&format!("Days of recordings of {cameras}."), *PURGE_DAYS.start(), *PURGE_DAYS.end()))
    };
    optional(
        "What an organization is to be; null gives a default back.",
        [
            ("title", line("Its name for people.", TITLE_MAX_CHARS)),
            ("description", or_null(prose("What it is.", DESCRIPTION_MAX_CHARS))),
            ("image_url", or_null(http_url("The address of its logo; never fetched."))),
            ("status", or_null(whole_of("200 is active.", 0, 999))),
            ("branding_id", or_null(whole("One of its branding options."))),
            ("owner", or_null(text("The owner's login."))),
            ("owner_id", or_null(whole("The owner."))),
            ("camera_limit", limit("Most cameras.")),
            ("user_limit", limit("Most members.")),
            ("dvr_limit_gb", limit("Most gigabytes of recordings.")),
            ("purge_days", days("every camera without a more particular number")),
            ("purge_days_front", days("road-facing cameras")),
            ("purge_days_rear", days("in-cab cameras")),
            ("purge_days_auxiliary", days("auxiliary cameras")),
            (
                "device_retention_minutes",
                or_null(whole_of("Minutes on a device.", DEVICE_RETENTION_MINUTES_MIN, DURATION_MAX)),
            ),
            (
                "live_video_timeout_seconds",
                or_null(whole_of("Seconds of live video.", LIVE_VIDEO_TIMEOUT_SECONDS_MIN, DURATION_MAX)),
            ),
            ("organization_profile_enabled", or_null(flag("Whether its profile applies to its devices."))),
            ("exclusive_partner_only", or_null(flag("Whether only the partner itself sees its videos."))),
        ],
    )
}

fn parents() -> Value {
    let mut parents = list(name_or_id("An organization, by name or id."));
    parents["description"] = "Names or ids of organizations.".into();
    parents
}

fn members_and_users() -> Vec<(&'static str, Value)> {
    let mut new = user_input();
    new["properties"]["organization"] = or_null(name_or_id("The organization it is to be a member of."));
    new["required"] = json!(["login"]);
    let mut patch = user_input();
    for name in ["id", "version", "organizations"] {
        patch["properties"][name] = json!({ "description": "As it stands." });
    }
    let member = closed(
        "A member of an organization.",
        [
            ("login", text("Its login.")),
            ("user_id", id("The user.")),
            ("name", text("Its name.")),
            ("can_view_stats", flag("Whether it may see statistics.")),
            ("can_edit_users", flag("Whether it may edit members.")),
            ("can_edit_cameras", flag("Whether it may edit cameras.")),
        ],
    );
    let rights = optional(
        "What a member may do.",
        [
            ("can_view_stats", flag("Whether it may see statistics.")),
            ("can_edit_users", flag("Whether it may edit members.")),
            ("can_edit_cameras", flag("Whether it may edit cameras.")),
        ],
    );
    vec![
        ("NativeMember", member),
        ("NativeRights", rights),
        ("NativeUser", user()),
        ("NativeNewUser", new),
        ("NativeUserPatch", patch),
    ]
}

fn rights_answered() -> Value {
    closed(
        "What it may do there.",
        [("can_view_stats", flag("")), ("can_edit_users", flag("")), ("can_edit_cameras", flag(""))],
    )
}

fn user() -> Value {
    closed_but(
        "A user. The password never comes out; `organizations` stands where one user is shown.",
        ["organizations"],
        [
            ("id", id("Its id.")),
            ("login", text("Its login.")),
            ("role", role()),
            ("enabled", flag("Whether it may sign in.")),
            ("name", text("Its name, or empty.")),
            ("email", text("Its e-mail address, or empty.")),
            ("phone", text("Its telephone number, or empty.")),
            ("note", text("A note, or empty.")),
            ("locale", text("Its language, or empty.")),
            ("time_zone", text("Its time zone, or empty.")),
            ("external_id", text("Its id in another system, or empty.")),
            ("max_sessions", or_null(whole("Most sessions at once."))),
            ("version", whole("Rises with every change.")),
            ("organizations", list(id("What it owns or is a member of, as far as the caller sees it."))),
        ],
    )
}

fn user_input() -> Value {
    let login =
        r"^[^\s:\u0000-\u001f\u007f-\u009f](?:[^:\u0000-\u001f\u007f-\u009f]*[^\s:\u0000-\u001f\u007f-\u009f])?$";
    let email = r"^(?:[^\s\u0000-\u001f\u007f-\u009f]*@[^\s\u0000-\u001f\u007f-\u009f]*)?$";
    optional(
        "What a user is to be.",
        [
            ("login", matching("Its login; unique.", login, 100)),
            ("password", text("8 to 1024 bytes of UTF-8.")),
            ("role", role()),
            ("enabled", flag("Whether it may sign in.")),
            ("name", or_null(line_or_empty("Its name.", 255))),
            ("email", or_null(matching("Its e-mail address.", email, 255))),
            ("phone", or_null(line_or_empty("Its telephone number.", 255))),
            ("note", or_null(prose("A note.", 4000))),
            ("locale", or_null(line_or_empty("Its language.", 255))),
            ("time_zone", or_null(line_or_empty("Its time zone.", 255))),
            ("external_id", or_null(line_or_empty("Its id in another system.", 255))),
            ("max_sessions", or_null(whole_of("Most sessions at once.", 1, 10_000))),
        ],
    )
}

fn role() -> Value {
    one_of("Its role.", &["user", "admin", "super_admin"])
}

fn key_properties() -> [(&'static str, Value); 12] {
    [
        ("id", id("Its id.")),
        ("name", text("Tells people which key it is.")),
        ("user", text("The login of the user whose key it is.")),
        ("user_id", id("That user.")),
        ("public_id", text("Its public half.")),
        ("scope", one_of("What it may; read changes nothing.", &["full", "read"])),
        ("organization_id", or_null(id("Only this organization and what is below it."))),
        ("network", or_null(text("Only from these addresses."))),
        ("created", or_null(moment())),
        ("expires", or_null(moment())),
        ("last_used", or_null(moment())),
        ("version", whole("Always 1.")),
    ]
}

fn keys() -> Vec<(&'static str, Value)> {
    let mut made = closed("A new API key.", key_properties());
    made["properties"]["key"] = or_null(text("In clear; null where the answer is a repetition."));
    made["properties"]["key_withheld"] = flag("Whether the answer is a repetition.");
    if let Some(required) = made["required"].as_array_mut() {
        required.extend(["key".into(), "key_withheld".into()]);
    }
    let mut new = optional(
        "An API key to be made.",
        [
            ("name", line("Tells people which key it is.", 100)),
            ("user", or_null(text("The login of the user whose key it is; the caller where absent."))),
            ("scope", or_null(one_of("What it may; full where absent.", &["full", "read"]))),
            ("organization", or_null(name_or_id("Only this organization and what is below it."))),
            ("network", or_null(text("Only from these addresses, in CIDR form."))),
            ("expires", or_null(moment())),
        ],
    );
    new["required"] = json!(["name"]);
    vec![("NativeKey", closed("An API key.", key_properties())), ("NativeKeyMade", made), ("NativeNewKey", new)]
}

fn trail() -> Vec<(&'static str, Value)> {
    let image = || or_null(json!({ "type": "object" }));
    let row = closed(
        "A row of the audit trail.",
        [
            ("id", whole("Its number.")),
            ("at", or_null(moment())),
            ("actor", text("Who.")),
            ("actor_user_id", or_null(whole("Which user."))),
            ("actor_key", or_null(text("With which API key."))),
            ("address", or_null(text("From where."))),
            ("dialect", text("Through which dialect.")),
            ("request_id", text("In which request.")),
            ("operation", one_of("What was done.", &["create", "update", "delete"])),
            ("subject", text("To what.")),
            ("organization_id", or_null(whole("Of which organization."))),
            ("before", image()),
            ("after", image()),
            ("hash", matching("Over this row and the one before.", "^[0-9a-f]{64}$", 64)),
        ],
    );
    let head = closed("The newest row.", [("id", whole("")), ("hash", text(""))]);
    let broken = closed("A row at which the chain breaks.", [("id", whole("")), ("why", text("A stable name."))]);
    let verified = closed(
        "What a check found.",
        [
            ("ok", flag("Whether the trail is whole.")),
            ("rows", whole("Rows that were checked.")),
            ("head", head),
            ("first_broken", or_null(broken)),
        ],
    );
    let event = json!({
        "type": "object",
        "description": "A CloudEvent 1.0.",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    });
    let changes = closed(
        "What changed.",
        [
            ("events", list(event)),
            ("next", text("The position to go on from.")),
            ("epoch", uuid("Names this life of the database.")),
        ],
    );
    vec![("NativeAuditRow", row), ("NativeVerified", verified), ("NativeChanges", changes)]
}

fn problem() -> Value {
    closed_but(
        "A problem document (RFC 9457).",
        ["errors", "next"],
        [
            ("type", text("The code as a URN.")),
            ("title", text("The status in words.")),
            ("status", whole("The status once more.")),
            ("detail", text("A sentence for people.")),
            ("code", text("Stable, for programs.")),
            ("errors", list(line_problem())),
            ("request_id", uuid("Names the request in the log.")),
            ("next", text("Where to go on in the change feed.")),
        ],
    )
}

/// A field at fault; in a file that was sent, with the line.
fn line_problem() -> Value {
    closed_but(
        "A field at fault.",
        ["line"],
        [
            ("line", whole("In a file that was sent: the line.")),
            ("field", or_null(text("Its name; null where it is the line."))),
            ("message", text("What is wrong with it; follows the name.")),
        ],
    )
}

/// A field at fault.
pub(super) fn field_problem() -> Value {
    closed(
        "A field at fault.",
        [("field", text("Its name.")), ("message", text("What is wrong with it; follows the name."))],
    )
}

fn site() -> Value {
    closed(
        "The box.",
        [
            ("title", text("Its title.")),
            ("version", text("The version of orgbox.")),
            ("site", uuid("Names the box; stays the same as long as its database lives.")),
            ("epoch", uuid("Names this life of the database; a restored backup has another.")),
            ("last_seq", whole("The number of the newest event.")),
        ],
    )
}

fn caller() -> Value {
    let key = closed(
        "The key that was used.",
        [("id", id("")), ("name", text("")), ("scope", text("")), ("organization_id", or_null(id("")))],
    );
    closed(
        "Who asks.",
        [
            ("login", text("Its login, or what stands for one.")),
            ("user_id", or_null(id("The user."))),
            ("role", role()),
            ("organizations", list(id("What it owns or is a member of."))),
            ("key", or_null(key)),
        ],
    )
}

/// A body of which everything may be absent and nothing else may be there.
pub(super) fn optional<const N: usize>(description: &str, properties: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> =
        properties.into_iter().map(|(name, schema)| (name.to_owned(), schema.schema())).collect();
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A name or an id.
pub(super) fn name_or_id(description: &str) -> Value {
    json!({ "description": description, "anyOf": [{ "type": "string" }, { "type": "integer" }] })
}

/// A moment.
pub(super) fn moment() -> Value {
    json!({ "type": "string", "format": "date-time", "description": "A moment (RFC 3339)." })
}

/// A UUID.
pub(super) fn uuid(description: &str) -> Value {
    json!({ "type": "string", "format": "uuid", "description": description })
}
