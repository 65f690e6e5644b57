//! What the OpenAPI document says of backups.

use serde_json::{Value, json};

use super::schemas::{moment, uuid};
use crate::{
    api::openapi::operation::{Operation, closed, list as array, one_of, op, or_null, text, whole_from},
    model::{Fault, Kind},
};

/// `GET /backups`
pub fn list() -> Operation {
    op("List the backups that are kept").says("The newest first, on one page. Super administrators only.").answers(
        200,
        "The backups.",
        page(),
    )
}

/// `POST /backups`
pub fn create() -> Operation {
    op("Make a backup")
        .says("Of the database as it stands, while it is used. Answered when it is written and checked.")
        .json_optional(nothing())
        .answers(201, "It is made.", "NativeBackup")
        .refuses([Kind::Invalid, Kind::Refused])
}

/// `POST /backups/prune`
pub fn prune() -> Operation {
    op("Remove the backups that are too many")
        .says("By the keys `keep` and `max_mib` of the configuration. The newest stays.")
        .json_optional(nothing())
        .answers(200, "The names of those removed.", closed("", [("removed", array(text("A name.")))]))
        .refuses([Kind::Invalid, Kind::Refused])
}

/// The section of the status.
pub fn section() -> Value {
    let count = |description: &str| whole_from(description, 0);
    let last = closed(
        "The newest backup.",
        [
            ("name", text("Its file.")),
            ("taken_at", moment()),
            ("age_seconds", count("Since then.")),
            ("bytes", count("Its size.")),
        ],
    );
    let names = [
        "backup_under_way",
        "backup_no_room",
        "backup_unsound",
        "backup_failed",
        Fault::DiskFull.name(),
        Fault::IoError.name(),
        Fault::Corrupt.name(),
        Fault::ReadOnly.name(),
        Fault::Locked.name(),
        Fault::Stopping.name(),
    ];
    let failure = closed(
        "Why the last try failed.",
        [("at", moment()), ("name", one_of("A stable name.", &names)), ("remedy", text("What to do about it."))],
    );
    closed(
        "How backing up stands.",
        [
            ("folder", text("Where backups are kept.")),
            ("daily_at", or_null(text("The time of day, `HH:MM`; null where none is made by itself."))),
            ("next_at", or_null(moment())),
            ("kept", count("How many there are.")),
            ("kept_bytes", count("What they take.")),
            ("last", or_null(last)),
            ("failure", or_null(failure)),
        ],
    )
}

/// The objects of this file's operations.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let rows = json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } });
    let backup = closed(
        "A backup. What only its manifest tells is null where there is none.",
        [
            ("name", text("Its file.")),
            ("taken_at", moment()),
            ("bytes", whole_from("Its size.", 0)),
            ("sha256", or_null(text("Of the file."))),
            ("orgbox", or_null(text("The version that made it."))),
            ("schema", or_null(whole_from("The version of its schema.", 0))),
            ("site", or_null(uuid("Names the box."))),
            ("epoch", or_null(uuid("Names the run of sequence numbers."))),
            ("last_seq", or_null(whole_from("The number last given to an event.", 0))),
            ("changed_at", or_null(moment())),
            ("rows", or_null(rows)),
        ],
    );
    vec![("NativeBackup", backup)]
}

fn page() -> Value {
    closed("", [("items", array("NativeBackup")), ("next", json!({ "type": "null" }))])
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false, "maxProperties": 0 })
}
