//! Why a verb did not do its work, in the terms of a command line: an exit code, and a sentence that names flags.

use serde_json::Value;

use super::client::Flags;
use crate::{
    app::StartError,
    model::{self, Field, Kind, error::Fault},
};

/// The exit code and what to tell.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) code: u8,
    /// A sentence; it follows the program's name.
    pub(super) message: String,
}

impl Failed {
    /// Refused: exit code 1.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    /// A file that was named could not be read: 77 where that was not permitted, else 1.
    pub(super) fn unreadable(what: &str, error: &std::io::Error) -> Self {
        let code = if error.kind() == std::io::ErrorKind::PermissionDenied { 77 } else { 1 };
        Self { code, message: format!("{what} cannot be read: {error}") }
    }

    /// Cannot be done now: exit code 69.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self { code: 69, message: message.into() }
    }
}

/// A refusal of the box.
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) code: String,
    detail: String,
    errors: Vec<(String, String)>,
    request_id: String,
}

impl Problem {
    /// A problem document.
    pub(super) fn new(status: u16, document: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = document["errors"].as_array().into_iter().flatten();
        Self {
            status,
            code: text(&document["code"]),
            detail: text(&document["detail"]),
            errors: errors.map(|error| (text(&error["field"]), text(&error["message"]))).collect(),
            request_id: text(&document["request_id"]),
        }
    }

    /// The refusal in the words of the verb, whose arguments have these names.
    pub(super) fn told(self, flags: Flags) -> Failed {
        let Self { status, code, detail, errors, request_id } = self;
        let flag = |field: &str| {
            flags
                .iter()
                .find(|(known, _)| *known == field)
                .map_or_else(|| field.to_owned(), |(_, flag)| (*flag).to_owned())
        };
        match status {
            422 if !errors.is_empty() => {
                let named = errors.iter().map(|(field, message)| format!("{} {message}", flag(field)));
                Failed::refused(named.collect::<Vec<_>>().join("; "))
            }
            412 => Failed::refused("somebody has changed it meanwhile, and nothing was done; look at it again"),
            503 | 507 => Failed::unavailable(match FAULTS.into_iter().find(|fault| fault.name() == code) {
                Some(fault) => format!("{detail} ({code}); nothing was changed. {}", fault.remedy()),
                None => detail,
            }),
            500.. => Failed::unavailable(format!("{detail} {request_id}")),
            _ if code == "no_route" || code == "method_not_allowed" => Failed::unavailable(
                "the running server does not know this yet: restart it to have it as new as this command",
            ),
            _ => Failed::refused(detail),
        }
    }
}

const FAULTS: [Fault; 7] =
    [Fault::DiskFull, Fault::WalFull, Fault::IoError, Fault::Corrupt, Fault::ReadOnly, Fault::Locked, Fault::Stopping];

impl From<model::Error> for Failed {
    fn from(error: model::Error) -> Self {
        match error.kind {
            Kind::Invalid => {
                let named = |problem: &model::error::Problem| match problem.field {
                    Field::Password => format!("the password {}", problem.message),
                    field => format!("{} {}", field.core_name(), problem.message),
                };
                Self::refused(error.problems.iter().map(named).collect::<Vec<_>>().join("; "))
            }
            Kind::Forbidden
            | Kind::NotFound
            | Kind::Taken
            | Kind::LimitReached
            | Kind::Refused
            | Kind::Outdated
            | Kind::Managed
            | Kind::Held => Self::refused(error.message),
            Kind::Busy => Self { code: 69, message: error.message },
            Kind::Unavailable(fault) => {
                let message = format!("{} ({}); nothing was changed. {}", error.message, fault.name(), fault.remedy());
                Self { code: 69, message }
            }
            Kind::Internal => Self { code: 69, message: "internal error; the lines above say which".to_owned() },
        }
    }
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        let code = error.exit_code();
        match error {
            StartError::Rule(error) => Self { code, ..error.into() },
            error => Self { code, message: error.to_string() },
        }
    }
}
