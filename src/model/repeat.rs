//! Creates that may be sent twice: the key that names one, and the answer that is given again.

/// Longest key, in bytes.
pub const KEY_MAX_BYTES: usize = 255;
/// How long an answer is given again, in milliseconds: a day.
pub const KEPT_MS: i64 = 24 * 3600 * 1000;

/// What a client names a create by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Chosen by the client: 1 to [`KEY_MAX_BYTES`] printable ASCII characters.
    pub key: String,
    /// SHA-256 of all that makes the request, secrets left out.
    pub request_hash: [u8; 32],
}

/// An answer as it was given and is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers that belong to what was made.
    pub headers: Vec<(String, String)>,
    /// The body as it is kept. Never holds a secret.
    pub body: String,
}

/// True for a key that can be kept.
pub fn is_key(text: &str) -> bool {
    (1..=KEY_MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
