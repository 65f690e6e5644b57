//! Moments: milliseconds since 1970 as RFC 3339 in UTC.

/// The text of a moment, to the second or, where it is not whole, to the millisecond.
pub fn text(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string()
}
