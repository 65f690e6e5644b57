//! `/certificate`: what the box shows in TLS handshakes.

use actix_web::http::StatusCode;
use serde_json::Value;

use super::{auth, schemas::moment};
use crate::{
    api::{
        call::Call,
        certificate::{self, Told},
        failure::Outcome,
        openapi::operation::{Operation, closed, closed_but, list, one_of, op, or_null, text, whole},
    },
    model::Kind,
};

/// `GET /certificate`, for administrators.
pub async fn view(call: Call) -> Outcome {
    auth::administrator(&call).await?;
    told(&call)
}

/// `POST /certificate/renew`, for super administrators: a new key and a new certificate of the box's own.
pub async fn renew(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    certificate::renew(&call, &actor).await?;
    told(&call)
}

fn told(call: &Call) -> Outcome {
    let shared = call.shared();
    call.json(StatusCode::OK, &Told::with_pem(&shared.tls.state(), shared.clock.now_ms()))
}

/// What the document says of [`view`].
pub fn about_view() -> Operation {
    op("Read the certificate that the box shows in TLS handshakes").answers(200, "How it stands.", "NativeTls")
}

/// What the document says of [`renew`].
pub fn about_renew() -> Operation {
    op("Make a new certificate of the box's own")
        .says(
            "With a new key. The next handshake takes it, open connections go on. Refused where the certificate comes \
             from files, or where the box speaks no TLS.",
        )
        .answers(200, "How it stands now.", "NativeTls")
        .refuses([Kind::Refused])
}

/// The objects of these operations.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let certificate = closed_but(
        "What is shown; none: handshakes are refused.",
        ["pem"],
        [
            (
                "fingerprint_sha256",
                text("SHA-256 of the certificate, 32 pairs of hexadecimal digits with `:` between."),
            ),
            ("names", list(text("A host name or an address that it is for."))),
            ("not_before", moment()),
            ("not_after", moment()),
            ("days_left", whole("Until it ends; negative since it has.")),
            ("validity", one_of("`ends_soon` is within 30 days.", &["valid", "ends_soon", "ended", "not_yet_valid"])),
            ("pem", text("The certificate and those that lead to its authority; not within the status.")),
        ],
    );
    let tls = closed(
        "How the certificate stands.",
        [
            (
                "standing",
                one_of(
                    "`refused`: its files cannot be used, and the last good one is shown, if there was one.",
                    &["off", "in_force", "refused"],
                ),
            ),
            ("source", one_of("Who makes it; empty where TLS is off.", &["", "files", "self-signed"])),
            ("since", or_null(moment())),
            ("problem", or_null(text("What is wrong with the files."))),
            ("remedy", text("What to do, where there is something to do.")),
            ("certificate", or_null(certificate)),
        ],
    );
    vec![("NativeTls", tls)]
}
