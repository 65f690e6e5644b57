//! Why a batch or a question is refused: a status, a stable code, a sentence. It must not know HTTP's library.

/// A refusal. None of the sentences may hold words by which a sender takes a batch for delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bearer token is missing or wrong.
    #[error("the bearer token is missing or wrong")]
    Token,
    /// Asked under a strange name where there is no token.
    #[error("without --token-file only this machine is answered, under its address or as localhost")]
    Host,
    /// The signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    Signature,
    /// Signed by a clock that is too far from this one.
    #[error("signed at a time that is more than five minutes from this clock's; see the header Date")]
    Timestamp,
    /// Another media type or encoding.
    #[error("{0}")]
    MediaType(&'static str),
    /// The body is too large, as sent or unpacked, or has too many events.
    #[error("{0}")]
    TooLarge(&'static str),
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// The batch or the question cannot be read.
    #[error("{0}")]
    Malformed(String),
    /// The id of a batch came with another body.
    #[error("one id with two contents: the id of this batch came with another body before")]
    BatchConflict,
    /// The id of an event came with another content.
    #[error("one id with two contents: the id of event {0} came with another content before")]
    EventConflict(String),
    /// The box does not go on from where this epoch ended here.
    #[error("the box is behind: its chain is not the one that this epoch has here")]
    Behind,
    /// A superseded epoch sends again.
    #[error("another box, or an older state of it, uses the name of this site: its epoch was superseded")]
    DuplicateSite,
    /// No such path, or nothing under this name.
    #[error("there is nothing here")]
    NotFound,
    /// The path answers other methods only; these.
    #[error("this path answers {0} only")]
    Method(&'static str),
    /// The database failed; the log says how.
    #[error("the collector cannot keep anything at the moment; nothing was acknowledged")]
    Storage,
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Token | Refusal::Signature | Refusal::Timestamp => 401,
            Refusal::Host => 403,
            Refusal::MediaType(_) => 415,
            Refusal::TooLarge(_) => 413,
            Refusal::BodyTimeout => 408,
            Refusal::Malformed(_) | Refusal::BatchConflict | Refusal::EventConflict(_) => 400,
            Refusal::Behind | Refusal::DuplicateSite => 409,
            Refusal::NotFound => 404,
            Refusal::Method(_) => 405,
            Refusal::Storage => 503,
        }
    }

    /// The stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Token => "bad_token",
            Refusal::Host => "bad_host",
            Refusal::Signature => "bad_signature",
            Refusal::Timestamp => "bad_timestamp",
            Refusal::MediaType(_) => "media_type",
            Refusal::TooLarge(_) => "too_large",
            Refusal::BodyTimeout => "body_timeout",
            Refusal::Malformed(_) => "malformed",
            Refusal::BatchConflict => "batch_conflict",
            Refusal::EventConflict(_) => "event_conflict",
            Refusal::Behind => "behind",
            Refusal::DuplicateSite => "duplicate_site",
            Refusal::NotFound => "not_found",
            Refusal::Method(_) => "method_not_allowed",
            Refusal::Storage => "storage",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_is_refused_does_not_sound_delivered() {
        let id = "e1".to_owned();
        for refusal in [Refusal::BatchConflict, Refusal::EventConflict(id), Refusal::Behind] {
            let said = format!("{} {refusal}", refusal.code());
            for word in ["exist", "duplicate"] {
                assert!(!said.contains(word), "{said}");
            }
        }
    }
}
