//! What came back from the billing system, or why nothing did: plain values, made by the client, read by the verdict.

use jiff::fmt::rfc2822::DateTimeParser;

/// Longest answer that is read, in bytes; the rest is left unread.
pub const BODY_BYTES_MAX: u64 = 1 << 20;

/// The outcome of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer arrived whole.
    Replied(Reply),
    /// None did.
    Failed(Failure),
}

/// An answer, as far as anything depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Content-Type` as sent; empty where there is none.
    pub content_type: String,
    /// `Retry-After` as sent: seconds or a date.
    pub retry_after: Option<String>,
    /// `Date` in milliseconds since 1970, where it can be read.
    pub date_ms: Option<i64>,
    /// The body, at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The name could not be resolved.
    Dns,
    /// Nobody answered at the address.
    Connect,
    /// The connection broke off; whether the batch arrived is not known.
    Reset,
    /// Time ran out; whether the batch arrived is not known.
    Timeout,
    /// The certificate is not valid yet, or not any more, by this box's clock.
    CertificateTime,
    /// The certificate is not to be trusted for another reason.
    Certificate,
    /// The proxy refused.
    Proxy,
}

impl Failure {
    /// A phrase for status and log.
    pub fn words(self) -> &'static str {
        match self {
            Failure::Dns => "the host name cannot be resolved",
            Failure::Connect => "nobody answers at the address",
            Failure::Reset => "the connection broke off",
            Failure::Timeout => "no answer came in time",
            Failure::CertificateTime => "by this box's clock the certificate is not valid now",
            Failure::Certificate => {
                "the certificate is not trusted: the server's by this box, or this box's by the server"
            }
            Failure::Proxy => "the proxy does not let the request through",
        }
    }
}

impl Reply {
    /// Milliseconds that `Retry-After` asks to wait; a date is seen from the answer's own `Date`, or else from `now_ms`.
    pub fn retry_after_ms(&self, now_ms: i64) -> Option<i64> {
        let text = self.retry_after.as_deref()?.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(i64::from(seconds) * 1000);
        }
        Some(http_date_ms(text)? - self.date_ms.unwrap_or(now_ms))
    }

    /// True where the body is a web page, whatever the header says: a captive portal or the wrong address.
    pub fn is_html(&self) -> bool {
        let announced = self.content_type.trim().to_ascii_lowercase();
        let head: String = String::from_utf8_lossy(&self.body[..self.body.len().min(256)]).trim_start().to_lowercase();
        let page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|mark| head.starts_with(mark));
        page || announced.starts_with("text/html") || announced.starts_with("application/xhtml")
    }
}

/// A date in an HTTP header [RFC 9110], in milliseconds since 1970.
pub fn http_date_ms(text: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text).ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let asked = |text: &str| Reply { retry_after: Some(text.to_owned()), ..Reply::default() };
        assert_eq!(asked("120").retry_after_ms(0), Some(120_000));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT").retry_after_ms(784_111_777_000 - 5000), Some(5000));
        assert_eq!(asked("soon").retry_after_ms(0), None);
        let dated =
            Reply { date_ms: http_date_ms("Sun, 06 Nov 1994 08:49:07 GMT"), ..asked("Sun, 06 Nov 1994 08:49:37 GMT") };
        assert_eq!(dated.retry_after_ms(0), Some(30_000), "the server's own clock, not that of a box in 1970");
    }

    #[test]
    fn a_page_is_one_whatever_it_is_called() {
        let page =
            |kind: &str, body: &str| Reply { content_type: kind.to_owned(), body: body.into(), ..Reply::default() };
        assert!(page("text/html; charset=utf-8", "").is_html());
        assert!(page("application/json", "\n <!DOCTYPE HTML><p>sign in").is_html());
        assert!(!page("application/json", "{}").is_html());
        assert!(!page("", "").is_html());
    }
}
