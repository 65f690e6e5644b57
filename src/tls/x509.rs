//! Reads off a certificate what an operator wants to know of it: its names and its time. It decides nothing, and no trust
//! hangs on it: what clients check, they check themselves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::{Timestamp, civil::DateTime, tz::Offset};

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// Names that are told; a certificate of a provider may hold hundreds.
const NAMES_MAX: usize = 100;

/// What is told of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Host names and addresses, at most 100.
    pub names: Vec<String>,
    /// When it begins, in milliseconds since 1970.
    pub not_before_ms: i64,
    /// When it ends, in milliseconds since 1970.
    pub not_after_ms: i64,
}

/// The facts of a certificate in DER; `None` where it is none.
pub fn read(der: &[u8]) -> Option<Facts> {
    let mut signed = Der(Der(der).of(SEQUENCE)?);
    let mut fields = Der(signed.of(SEQUENCE)?);
    fields.maybe(VERSION);
    fields.of(INTEGER)?;
    fields.of(SEQUENCE)?;
    fields.of(SEQUENCE)?;
    let mut validity = Der(fields.of(SEQUENCE)?);
    let (not_before_ms, not_after_ms) = (moment(&mut validity)?, moment(&mut validity)?);
    fields.of(SEQUENCE)?;
    fields.of(SEQUENCE)?;
    let mut names = Vec::new();
    while let Some((tag, content)) = fields.next() {
        if tag == EXTENSIONS {
            names = alternative_names(content)?;
        }
    }
    Some(Facts { names, not_before_ms, not_after_ms })
}

fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut extensions = Der(Der(extensions).of(SEQUENCE)?);
    while let Some((SEQUENCE, extension)) = extensions.next() {
        let mut extension = Der(extension);
        if extension.of(OBJECT_ID)? != SUBJECT_ALT_NAME {
            continue;
        }
        let (mut tag, mut content) = extension.next()?;
        // Whether it is critical stands between.
        if tag != OCTET_STRING {
            (tag, content) = extension.next()?;
        }
        let mut held =
            Der(Some(content).filter(|_| tag == OCTET_STRING).and_then(|content| Der(content).of(SEQUENCE))?);
        while let Some((tag, content)) = held.next() {
            if names.len() < NAMES_MAX {
                names.extend(name(tag, content));
            }
        }
    }
    Some(names)
}

/// A host name or an address as text; other kinds of names are left out.
fn name(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        DNS_NAME => {
            let visible = !content.is_empty() && content.iter().all(u8::is_ascii_graphic);
            visible.then(|| String::from_utf8_lossy(content).into_owned())
        }
        IP_ADDRESS => {
            let four = <[u8; 4]>::try_from(content).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
            let sixteen = || <[u8; 16]>::try_from(content).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)));
            Some(four.or_else(|_| sixteen()).ok()?.to_string())
        }
        _ => None,
    }
}

/// A moment in either of its two spellings, to the second and in UTC.
fn moment(der: &mut Der<'_>) -> Option<i64> {
    let (tag, text) = der.next()?;
    let digits = text.strip_suffix(b"Z")?;
    let two = |at: usize| {
        let pair = digits.get(at..at + 2)?;
        pair.iter().all(u8::is_ascii_digit).then(|| (pair[0] - b'0') * 10 + (pair[1] - b'0'))
    };
    let (year, rest) = match (tag, digits.len()) {
        // Of the two digits of a year 50 and more are of the last century.
        (UTC_TIME, 12) => (i16::from(two(0)?) + if two(0)? < 50 { 2000 } else { 1900 }, 2),
        (GENERALIZED_TIME, 14) => (i16::from(two(0)?) * 100 + i16::from(two(2)?), 4),
        _ => return None,
    };
    let part = |number: usize| Some(two(rest + 2 * number)?.cast_signed());
    let civil = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    // The end of the year 9999, which stands for "never", is a day past what a timestamp holds.
    Some(Offset::UTC.to_timestamp(civil).unwrap_or(Timestamp::MAX).as_millisecond())
}

/// What is left of a list of values in DER.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next value, if it has this tag.
    fn of(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// Passes over the next value, if it has this tag.
    fn maybe(&mut self, tag: u8) {
        if self.0.first() == Some(&tag) {
            self.next();
        }
    }
}
