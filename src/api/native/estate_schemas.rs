//! Cameras, holds, brandings, installation groups, usage, previews and the status as JSON Schemas.

use serde_json::{Value, json};

use super::schemas::{field_problem, moment, name_or_id, optional, uuid};
use crate::{
    api::openapi::operation::{
        Schema, closed, closed_but, flag, id, line, list, matching, one_of, or_null, text, whole, whole_from, whole_of,
    },
    model::{
        Fault, Field,
        branding::{CHOSEN_ID_MAX, OWNERS_MAX},
        hold::REASON_MAX_CHARS,
        igrp::TYPES_MAX,
        limits::LIMIT_MAX,
    },
    ops::usage::REPORTS_MAX,
};

const CAMERA_TYPE: &str = "1 front, 2 rear, 50 to 999 auxiliary.";
const COLOR: &str = "^#[0-9A-Fa-f]{6}$";

/// Every schema by name.
pub fn all() -> Vec<(&'static str, Value)> {
    let mut all = cameras();
    all.extend(holds());
    all.extend(usage());
    all.extend(brandings());
    all.extend(igrps());
    all.extend(previews());
    all.push(("NativeStatus", status()));
    all
}

fn cameras() -> Vec<(&'static str, Value)> {
    let decides = [Field::PurgeDays, Field::PurgeDaysFront, Field::PurgeDaysRear, Field::PurgeDaysAuxiliary];
    let source = closed_but(
        "Where it comes from; file and line where a file says it.",
        ["file", "line"],
        [
            ("field", one_of("The field that decides.", &decides.map(Field::core_name))),
            ("source", one_of("Where that has its value from.", &["default", "stored", "file", "legal_hold"])),
            ("file", text("Which file.")),
            ("line", whole_of("Its line.", 1, i64::from(u32::MAX))),
        ],
    );
    let camera = closed(
        "A camera.",
        [
            ("id", id("Its id.")),
            ("organization_id", id("Whose it is.")),
            ("organization", text("The name of that organization.")),
            ("name", text("Its name.")),
            ("type", camera_type()),
            ("partner_id", or_null(id("Who made it."))),
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
            ("type", camera_type()),
            ("purge_days", whole("Days.")),
            ("hold", flag("Whether a legal hold is over it.")),
        ],
    );
    let retention = closed(
        "How long footage is kept.",
        [
            ("epoch", uuid("Names this life of the database.")),
            ("last_seq", whole("As of this event.")),
            ("cameras", list(kept)),
        ],
    );
    let patch = optional(
        "What is to be changed of a camera.",
        [("organization_id", whole("Where it moves to.")), ("name", line("Its name.", 255)), ("type", camera_type())],
    );
    let mut new = patch.clone();
    new["description"] = "A camera to be registered.".into();
    new["properties"]["organization_id"] = whole("Whose it is to be.");
    new["properties"]["partner_id"] = or_null(whole("The user whose device it is."));
    new["required"] = json!(["organization_id", "name", "type"]);
    vec![
        ("NativeCamera", camera),
        ("NativeRetention", retention),
        ("NativeNewCamera", new),
        ("NativeCameraPatch", patch),
    ]
}

fn camera_type() -> Value {
    let among = json!([{ "minimum": 1, "maximum": 2 }, { "minimum": 50, "maximum": 999 }]);
    json!({ "type": "integer", "description": CAMERA_TYPE, "anyOf": among })
}

fn holds() -> Vec<(&'static str, Value)> {
    const REASON: &str = concat!(
        r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f]",
        r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
    );
    let hold = closed(
        "A legal hold; one of the two ids is null.",
        [
            ("organization_id", or_null(id("The organization that it was set on."))),
            ("camera_id", or_null(id("The camera that it was set on."))),
            ("reason", text("Why.")),
            ("author", text("Who set it.")),
            ("since", or_null(moment())),
        ],
    );
    let mut input = optional("A legal hold.", [("reason", matching("Why; not blank.", REASON, REASON_MAX_CHARS))]);
    input["required"] = json!(["reason"]);
    vec![("NativeHold", hold), ("NativeHoldInput", input)]
}

fn usage() -> Vec<(&'static str, Value)> {
    let usage = optional(
        "What the VMS counted; what is left out stays.",
        [
            ("mosaic_count", whole_of("Its mosaics.", 0, LIMIT_MAX)),
            ("dvr_used_gb", whole_of("Its gigabytes of recordings, rounded up.", 0, LIMIT_MAX)),
        ],
    );
    let mut one = usage.clone();
    one["properties"]["organization"] = name_or_id("Which organization.");
    one["required"] = json!(["organization"]);
    let mut many = optional("What the VMS counted of many organizations.", [("organizations", list(one))]);
    many["properties"]["organizations"]["maxItems"] = REPORTS_MAX.into();
    many["required"] = json!(["organizations"]);
    vec![("NativeUsage", usage), ("NativeUsageOfMany", many)]
}

fn brandings() -> Vec<(&'static str, Value)> {
    const HOST: &str = concat!(
        "^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?",
        r"(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$"
    );
    const FILE: &str =
        r"^[^/\\\u0000-\u001f\u007f-\u009f]*[^/\\.\s\u0000-\u001f\u007f-\u009f][^/\\\u0000-\u001f\u007f-\u009f]*$";
    let branding = closed(
        "A branding.",
        [
            ("id", chosen_id("Its id.")),
            ("name", text("Its name.")),
            ("logo_filename", text("The file of its logo.")),
            ("landing_domain", text("Its domain.")),
            ("primary_color", matching("Its colour.", COLOR, 7)),
            ("organizations", list(id("An organization that it belongs to."))),
            ("managed", flag("Whether the configuration file has it.")),
        ],
    );
    let mut owners = list(whole("The id of an organization."));
    owners["description"] = "The organizations that it belongs to; null is none.".into();
    owners["maxItems"] = OWNERS_MAX.into();
    let patch = optional(
        "What a branding is to be.",
        [
            ("name", line("Its name.", 255)),
            ("logo_filename", matching("The file of its logo, without a folder.", FILE, 255)),
            ("landing_domain", matching("Its domain, a host name.", HOST, 253)),
            ("primary_color", matching("Its colour.", COLOR, 7)),
            ("organizations", or_null(owners)),
        ],
    );
    let mut new = patch.clone();
    new["properties"]["id"] = chosen_id("Its id; the next where absent.");
    new["required"] = json!(["name", "logo_filename", "landing_domain", "primary_color"]);
    vec![("NativeBranding", branding), ("NativeNewBranding", new), ("NativeBrandingPatch", patch)]
}

fn igrps() -> Vec<(&'static str, Value)> {
    let place = || whole_of("Its place among them; 0 where absent.", i64::from(i32::MIN), i64::from(i32::MAX));
    let group = closed(
        "An installation group.",
        [
            ("id", chosen_id("Its id.")),
            ("name", text("Its name.")),
            (
                "types",
                list(closed("A type.", [("code", text("Its code.")), ("name", text("Its name.")), ("order", place())])),
            ),
            ("managed", flag("Whether the configuration file has it.")),
        ],
    );
    let kind = closed_but(
        "A type.",
        ["order"],
        [("code", line("Its code; each once.", 64)), ("name", line("Its name.", 255)), ("order", place())],
    );
    let mut types = list(kind);
    types["description"] = "Every type that it is to have; null is none.".into();
    types["maxItems"] = TYPES_MAX.into();
    let patch =
        optional("What an installation group is to be.", [("name", line("Its name.", 255)), ("types", or_null(types))]);
    let mut new = patch.clone();
    new["properties"]["id"] = chosen_id("Its id; the next where absent.");
    new["required"] = json!(["name"]);
    vec![("NativeIgrp", group), ("NativeNewIgrp", new), ("NativeIgrpPatch", patch)]
}

fn chosen_id(description: &str) -> Value {
    whole_of(description, 1, CHOSEN_ID_MAX)
}

fn previews() -> Vec<(&'static str, Value)> {
    // What is wrong with a patch is part of the preview, so that any object is one.
    let patch = |schema: &str| json!({ "description": "The body of the PATCH.", "anyOf": [schema.schema(), { "type": "object" }] });
    let children = one_of("What becomes of the organizations below it.", &["refuse", "reattach", "cascade"]);
    let previewed = |schema: &str| {
        let either = |name: &str, schema: Value| {
            let mut only = optional(name, [(name, schema)]);
            only["required"] = json!([name]);
            only
        };
        let delete = optional("The delete.", [("children", children.clone())]);
        json!({
            "description": "Either of them.",
            "anyOf": [either("patch", patch(schema)), either("delete", delete)],
        })
    };
    vec![
        ("NativeOrganizationPreviewed", previewed("NativeOrganizationPatch")),
        ("NativeCameraPreviewed", previewed("NativeCameraPatch")),
        ("NativePreview", preview()),
    ]
}

fn preview() -> Value {
    let rows = |row: Value| {
        closed("The first thousand.", [("items", list(row)), ("total", whole_from("How many in all.", 0))])
    };
    let value = |description: &str| json!({ "description": description });
    let change = closed(
        "A field that would differ.",
        [
            ("subject", text("Of what: `organization/42`.")),
            ("field", text("Its name.")),
            ("from", value("As it is.")),
            ("to", value("As it would be.")),
        ],
    );
    let kinds = ["organization", "member", "camera", "user", "key", "branding", "igrp"];
    let deleted = closed(
        "What would be gone.",
        [
            ("kind", one_of("What it is.", &kinds)),
            ("id", text("Its id; of a member those of organization and user: `42-7`.")),
            ("name", text("Its name.")),
        ],
    );
    let footage = closed(
        "Footage of a camera: what is older than to_days could be purged at once.",
        [
            ("camera", id("The camera.")),
            ("name", text("Its name.")),
            ("organization_id", id("Whose it is.")),
            ("from_days", whole("Days that it is kept.")),
            ("to_days", whole("Days that it would be kept.")),
        ],
    );
    let refused = closed(
        "Why it would be refused.",
        [
            ("code", text("Stable, for programs.")),
            ("detail", text("A sentence for people.")),
            ("errors", list(field_problem())),
        ],
    );
    closed(
        "What would happen; nothing else where it would be refused.",
        [
            ("changes", rows(change)),
            ("deleted", rows(deleted)),
            ("footage", rows(footage)),
            ("refused", or_null(refused)),
        ],
    )
}

/// Something that is wrong.
fn fault() -> Value {
    let faults = [
        Fault::DiskFull,
        Fault::WalFull,
        Fault::IoError,
        Fault::Corrupt,
        Fault::ReadOnly,
        Fault::Locked,
        Fault::Stopping,
    ];
    closed(
        "What is wrong.",
        [
            ("name", one_of("Its stable name.", &faults.map(Fault::name))),
            ("since", moment()),
            ("remedy", text("What an operator does about it.")),
        ],
    )
}

fn status() -> Value {
    let attention = closed(
        "What somebody should see to, though the box works.",
        [
            ("part", text("The section that knows more.")),
            ("says", text("What is the matter.")),
            ("remedy", text("What an operator does about it.")),
        ],
    );
    let count = |description: &str| whole_from(description, 0);
    let the_box = closed(
        "The box.",
        [
            ("title", text("Its title.")),
            ("version", text("The version of orgbox.")),
            ("pid", count("The number of its process.")),
            ("site", uuid("Names the box.")),
            ("started_at", moment()),
            ("uptime_seconds", count("Since then.")),
        ],
    );
    let database = closed(
        "The database.",
        [
            ("path", text("Its file.")),
            ("database_bytes", count("The size of the file.")),
            ("wal_bytes", count("The size of its log.")),
            ("ballast_bytes", count("Room that is given up once the disk is full.")),
            ("disk_bytes", or_null(count("The size of its file system."))),
            ("disk_free_bytes", or_null(count("What is left of it."))),
            ("schema", count("The version of its schema.")),
            ("sqlite", text("The version of SQLite.")),
        ],
    );
    let counts = closed(
        "How much there is.",
        [
            ("organizations", count("Organizations.")),
            ("users", count("Users.")),
            ("members", count("Members.")),
            ("cameras", count("Cameras.")),
            ("api_keys", count("API keys.")),
        ],
    );
    closed(
        "The state of the box.",
        [
            ("ready", flag("Whether it can read and write.")),
            ("faults", list(fault())),
            ("attention", list(attention)),
            ("box", the_box),
            ("database", database),
            ("counts", counts),
            ("backup", super::backups_docs::section()),
            ("overrides", "NativeWatched".schema()),
            ("tls", "NativeTls".schema()),
            ("upstream", "NativeUpstream".schema()),
        ],
    )
}
