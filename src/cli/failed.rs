//! Why a verb did not do its work, in the terms of a command line: an exit code, and a sentence that names flags.

use crate::{
    app::StartError,
    model::{self, Field, Kind},
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

    /// The error, in better words where it says that something is not there.
    pub(super) fn or_missing(error: model::Error, sentence: impl FnOnce() -> String) -> Self {
        if error.kind == Kind::NotFound { Self::refused(sentence()) } else { error.into() }
    }
}

impl From<model::Error> for Failed {
    fn from(error: model::Error) -> Self {
        match error.kind {
            Kind::Invalid => {
                let problems =
                    error.problems.iter().map(|problem| format!("{} {}", flag(problem.field), problem.message));
                Self::refused(problems.collect::<Vec<_>>().join("; "))
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

/// What a field is called on the command line.
fn flag(field: Field) -> &'static str {
    match field {
        Field::Login => "LOGIN",
        Field::Name | Field::FullName => "--name",
        Field::Email => "--email",
        Field::Role => "--role",
        Field::Password => "the password",
        Field::CameraKind => "--type",
        Field::Camera => "NAME",
        Field::Wire("expires") => "--expires",
        other => other.core_name(),
    }
}
