//! What the OpenAPI document says of cameras, holds, brandings, installation groups, usage, previews and the status.

use serde_json::{Value, json};

use super::{
    docs::created,
    page::{LIMIT_DEFAULT, LIMIT_MAX},
};
use crate::{
    api::openapi::operation::{Operation, closed, list, op, text},
    model::Kind,
};

/// `GET /status`
pub fn view_status() -> Operation {
    op("Read the state of the box").answers(200, "The state.", "NativeStatus")
}

/// `POST /organizations/{org}/preview`
pub fn preview_organization() -> Operation {
    preview("NativeOrganizationPreviewed")
}

/// `POST /cameras/{id}/preview`
pub fn preview_camera() -> Operation {
    preview("NativeCameraPreviewed")
}

fn preview(body: &'static str) -> Operation {
    op("Preview a patch or a delete")
        .says("What it would change, delete and purge, or why it would be refused. Nothing is changed.")
        .json(body)
        .answers(200, "What would happen.", "NativePreview")
        .refuses([Kind::Invalid])
}

/// `GET /cameras`
pub fn list_cameras() -> Operation {
    op("List cameras")
        .query("organization", "Only of this organization.", text(""))
        .query("below", "Only of this organization and those below it.", text(""))
        .query("search", "What the name must hold, in any case.", text(""))
        .answers_page("The cameras.", "NativeCamera", LIMIT_DEFAULT, LIMIT_MAX)
        .refuses([Kind::NotFound])
}

/// `POST /cameras`
pub fn create_camera() -> Operation {
    created(op("Register a camera"))
        .json("NativeNewCamera")
        .answers(201, "It is registered.", "NativeCamera")
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::NotFound, Kind::LimitReached, Kind::Refused])
}

/// `GET /cameras/{id}`
pub fn view_camera() -> Operation {
    op("Read a camera").answers(200, "The camera.", "NativeCamera").with_version()
}

/// `PATCH /cameras/{id}`
pub fn update_camera() -> Operation {
    op("Change a camera")
        .conditional()
        .merge_patch("NativeCameraPatch")
        .answers(200, "It is changed.", "NativeCamera")
        .with_version()
        .refuses([Kind::LimitReached, Kind::Held, Kind::Refused])
}

/// `DELETE /cameras/{id}`
pub fn remove_camera() -> Operation {
    op("Remove a camera").conditional().answers_empty(204, "It is gone.").refuses([Kind::Held])
}

/// `GET /retention`
pub fn view_retention() -> Operation {
    op("How long the footage of every camera is kept")
        .says("All that the caller sees. Asking often costs little with `If-None-Match`.")
        .header("If-None-Match", "The ETag of an earlier answer.", text(""))
        .answers(200, "All of them.", "NativeRetention")
        .with_header("ETag", "What the answer stands for.", text(""))
        .answers_empty(304, "Nothing has changed since.")
        .with_header("ETag", "What the earlier answer stands for.", text(""))
}

/// `GET /holds`
pub fn list_holds() -> Operation {
    op("List legal holds").answers_page(
        "Those on organizations, then those on cameras.",
        "NativeHold",
        LIMIT_DEFAULT,
        LIMIT_MAX,
    )
}

/// `GET …/hold`
pub fn view_hold() -> Operation {
    op("Read the legal hold over it").says("Its own, or the nearest above it.").answers(200, "The hold.", "NativeHold")
}

/// `PUT …/hold`
pub fn set_hold() -> Operation {
    op("Set a legal hold on it")
        .json("NativeHoldInput")
        .answers(200, "It is held.", "NativeHold")
        .refuses([Kind::Invalid, Kind::Refused])
}

/// `DELETE …/hold`
pub fn lift_hold() -> Operation {
    op("Lift its legal hold").answers_empty(204, "It is lifted.").refuses([Kind::Refused])
}

/// `PUT /organizations/{org}/usage`
pub fn report_usage() -> Operation {
    op("Report the usage of an organization")
        .json_optional("NativeUsage")
        .answers(200, "The organization.", "NativeOrganizationDetail")
        .refuses([Kind::Invalid])
}

/// `PUT /usage`
pub fn report_all_usage() -> Operation {
    op("Report the usage of many organizations")
        .says("At most 1000 at once, all or none.")
        .json("NativeUsageOfMany")
        .answers_empty(204, "It is kept.")
        .refuses([Kind::Invalid, Kind::NotFound])
}

/// `GET /brandings`
pub fn list_brandings() -> Operation {
    op("List brandings").answers(200, "All of them.", whole_page("NativeBranding"))
}

/// `POST /brandings`
pub fn create_branding() -> Operation {
    made(op("Create a branding"), "NativeNewBranding", "NativeBranding")
}

/// `GET /brandings/{id}`
pub fn view_branding() -> Operation {
    op("Read a branding").answers(200, "The branding.", "NativeBranding")
}

/// `PATCH /brandings/{id}`
pub fn update_branding() -> Operation {
    changed(op("Change a branding"), "NativeBrandingPatch", "NativeBranding")
}

/// `GET /igrps`
pub fn list_igrps() -> Operation {
    op("List installation groups").answers(200, "All of them.", whole_page("NativeIgrp"))
}

/// `POST /igrps`
pub fn create_igrp() -> Operation {
    made(op("Create an installation group"), "NativeNewIgrp", "NativeIgrp")
}

/// `GET /igrps/{id}`
pub fn view_igrp() -> Operation {
    op("Read an installation group").answers(200, "The group.", "NativeIgrp")
}

/// `PATCH /igrps/{id}`
pub fn update_igrp() -> Operation {
    changed(op("Change an installation group"), "NativeIgrpPatch", "NativeIgrp").says("`types` replaces them all.")
}

/// `DELETE /brandings/{id}`
pub fn remove_branding() -> Operation {
    gone(op("Remove a branding").says("Refused while organizations use it."))
}

/// `DELETE /igrps/{id}`
pub fn remove_igrp() -> Operation {
    gone(op("Remove an installation group").says("Refused while organizations are placed in it."))
}

fn gone(operation: Operation) -> Operation {
    operation.answers_empty(204, "It is gone.").refuses([Kind::Refused, Kind::Managed])
}

fn made(operation: Operation, body: &'static str, answer: &'static str) -> Operation {
    created(operation)
        .json(body)
        .answers(201, "It is made.", answer)
        .with_header("Location", "Its address.", text(""))
        .refuses([Kind::Taken, Kind::Managed])
}

fn changed(operation: Operation, body: &'static str, answer: &'static str) -> Operation {
    operation.merge_patch(body).answers(200, "It is changed.", answer).refuses([
        Kind::Invalid,
        Kind::Refused,
        Kind::Managed,
    ])
}

fn whole_page(row: &'static str) -> Value {
    closed("All of them.", [("items", list(row)), ("next", json!({ "type": "null" }))])
}
