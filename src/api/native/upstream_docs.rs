//! What the OpenAPI document says of sending to the billing system.

use serde_json::{Value, json};

use super::{
    page::{LIMIT_DEFAULT, LIMIT_MAX},
    schemas::{moment, uuid},
};
use crate::{
    api::openapi::operation::{Operation, closed, flag, one_of, op, or_null, text, whole},
    model::Kind,
};

/// `GET /upstream`
pub fn view() -> Operation {
    status(op("How sending to the billing system stands"))
}

/// `GET /upstream/parked`
pub fn parked() -> Operation {
    op("List the events that billing does not take")
        .says("One for each subject; what came later of it waits behind it and is counted in `followers`.")
        .answers_page("In the order in which they were recorded.", "NativeParked", LIMIT_DEFAULT, LIMIT_MAX)
}

/// `POST /upstream/retry`
pub fn retry_all() -> Operation {
    op("Tell everything again that was set aside").answers(
        200,
        "How many subjects that were.",
        closed("", [("retried", whole(""))]),
    )
}

/// `POST /upstream/parked/{event}/retry`
pub fn retry() -> Operation {
    op("Tell the subject of a parked event again, as it is now").answers_empty(204, "It is told.")
}

/// `POST /upstream/parked/{event}/drop`
pub fn drop() -> Operation {
    op("Give up a parked event")
        .says(
            "And what came later of its subject. Billing never hears of them; the audit trail keeps them. The subject itself is \
             told again with its next change, and with the next full state.",
        )
        .json(closed("Why.", [("reason", text("For those who look at it later."))]))
        .answers_empty(204, "It is given up.")
        .refuses([Kind::Invalid])
}

/// `POST /upstream/resume`
pub fn resume() -> Operation {
    status(
        op("End a quarantine")
            .says("What the database says is true: a new epoch's full state replaces what billing has."),
    )
    .refuses([Kind::Refused])
}

/// `POST /upstream/new-site`
pub fn new_site() -> Operation {
    status(op("Make a box that was copied from another one a site of its own"))
}

/// `POST /upstream/resync`
pub fn resync() -> Operation {
    status(op("Tell everything anew").says("In a new epoch.")).refuses([Kind::Refused])
}

/// `POST /upstream/try`
pub fn try_now() -> Operation {
    status(op("Make the next try at once").says("With the credentials as they are now."))
}

/// `POST /upstream/export`
pub fn prepare() -> Operation {
    op("Prepare a file for a site without any link")
        .says("The one that no receipt has come for, where there is one.")
        .answers(200, "It can be copied.", "NativeExport")
        .refuses([Kind::Refused])
}

/// `GET /upstream/export`
pub fn export() -> Operation {
    op("Copy the prepared file")
        .says("A head, one CloudEvent a line, and a signature. The same to the letter until its receipt is here.")
        .answers_in(200, "The file.", vec![("application/x-ndjson", json!({ "type": "string" }))])
        .refuses([Kind::NotFound, Kind::Refused])
}

/// `POST /upstream/ack`
pub fn acknowledge() -> Operation {
    op("Settle the prepared file by its receipt")
        .json(closed("The receipt.", [("receipt", text("The text of the file that the receiver gave."))]))
        .answers(200, "It is settled.", "NativeSettled")
        .refuses([Kind::Invalid, Kind::Refused])
}

fn status(operation: Operation) -> Operation {
    operation.answers(200, "How it stands.", "NativeUpstream")
}

/// The objects of this file's operations.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let export = closed(
        "A file that can be copied.",
        [
            ("batch", uuid("Names the file's batch.")),
            ("first_seq", whole("The lowest number that it covers.")),
            ("last_seq", whole("The highest.")),
            ("events", whole("How many it holds.")),
            ("more_waits", flag("Whether more waits, for the next file.")),
        ],
    );
    let settled = closed(
        "What a receipt came to.",
        [
            ("delivered", whole("Events that are delivered by it.")),
            ("rejected", whole("Events that the receiver did not take.")),
            ("already", flag("Whether it was taken before; then nothing was done.")),
        ],
    );
    vec![
        ("NativeUpstream", upstream()),
        ("NativeParked", parked_event()),
        ("NativeExport", export),
        ("NativeSettled", settled),
    ]
}

const STATES: [&str; 13] = [
    "off",
    "exporting",
    "at_rest",
    "starting",
    "up",
    "retrying",
    "wrong_place",
    "credential_refused",
    "configuration_refused",
    "clock",
    "refusing",
    "fault",
    "quarantined",
];

fn upstream() -> Value {
    let queue = closed(
        "What waits.",
        [
            ("events", or_null(whole("How many."))),
            ("bytes", whole("Of their data.")),
            ("oldest", or_null(moment())),
            ("oldest_seconds", or_null(whole("How long ago that is."))),
        ],
    );
    closed(
        "How sending to the billing system stands.",
        [
            ("state", one_of("What the link is doing.", &STATES)),
            ("words", text("What that means.")),
            ("since", moment()),
            ("why", or_null(text("Why."))),
            ("remedy", or_null(text("What to do, where there is something to do."))),
            ("failures", whole("Tries in a row that failed.")),
            ("sending", flag("Whether a request is under way.")),
            ("next_try", or_null(moment())),
            ("last_success", or_null(moment())),
            ("queue", queue),
            ("parked", whole("Subjects of which events were set aside.")),
            ("site", uuid("Names the box towards billing.")),
            ("epoch", or_null(uuid("The epoch that is open there."))),
            ("acked_seq", whole("Up to this event everything is dealt with.")),
            ("last_seq", whole("The newest event.")),
            ("telling_everything", flag("Whether the full state is being told.")),
            ("epoch_due", or_null(text("Why an operator has an epoch opened, where that is still to be done."))),
            ("clock_offset_ms", or_null(whole("The receiver's clock minus this box's."))),
        ],
    )
}

fn parked_event() -> Value {
    closed(
        "An event that billing does not take.",
        [
            ("event", uuid("Its id.")),
            ("type", text("What happened.")),
            ("subject", text("To what.")),
            ("version", whole("Of the subject.")),
            ("position", text("Its place in the change feed.")),
            ("time", or_null(moment())),
            ("parked", or_null(moment())),
            ("reason", text("What the receiver said.")),
            ("followers", whole("Later events of the subject that wait behind it.")),
            ("data", json!({ "type": "object", "description": "As it would be sent." })),
        ],
    )
}
