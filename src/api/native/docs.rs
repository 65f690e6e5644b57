//! What the OpenAPI document says of this dialect.

use serde_json::{Value, json};

use crate::api::openapi::{
    About,
    operation::{Operation, closed, closed_but, list, op, text, whole},
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
                json!({ "type": "http", "scheme": "bearer", "description": "An API key: obk_ and 32 hexadecimal digits." }),
            ),
        ],
        security: vec![vec!["nativeBasic"], vec!["nativeKey"]],
        error: "NativeProblem",
        schemas: schemas(),
        path_parameters: Vec::new(),
    }
}

/// `GET /site`
pub fn view_site() -> Operation {
    op("Read the box itself").answers(200, "The box.", "NativeSite")
}

fn schemas() -> Vec<(&'static str, Value)> {
    vec![("NativeProblem", problem()), ("NativeSite", site())]
}

fn problem() -> Value {
    let field = closed(
        "A field at fault.",
        [("field", text("Its name.")), ("message", text("What is wrong with it; follows the name."))],
    );
    closed_but(
        "A problem document (RFC 9457).",
        ["errors"],
        [
            ("type", text("The code as a URN.")),
            ("title", text("The status in words.")),
            ("status", whole("The status once more.")),
            ("detail", text("A sentence for people.")),
            ("code", text("Stable, for programs.")),
            ("errors", list(field)),
            ("request_id", uuid("Names the request in the log.")),
        ],
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

fn uuid(description: &str) -> Value {
    json!({ "type": "string", "format": "uuid", "description": description })
}
