//! How the certificate stands, for whoever shows it. It must not know how it came about.

use std::sync::Arc;

use crate::model::text::hexadecimal;

/// So long before its end a certificate is warned of.
pub const WARNED_DAYS: i64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How it stands, all at one moment.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What the last look found.
    pub standing: Standing,
    /// Where the certificate comes from: `files`, `self-signed`; empty where TLS is off.
    pub source: &'static str,
    /// Since when it stands so, in milliseconds since 1970.
    pub since_ms: i64,
    /// What is wrong with the files, one sentence; `None`: nothing.
    pub problem: Option<String>,
    /// The certificate that is shown in handshakes; `None`: handshakes are refused.
    pub certificate: Option<Arc<Certificate>>,
}

/// What the last look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// The box speaks no TLS.
    #[default]
    Off,
    /// The certificate of the files is shown.
    InForce,
    /// The files cannot be used; the last good certificate is shown on, if there was one.
    Refused,
}

/// How a certificate's time stands to the clock of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It has time left.
    Valid,
    /// It ends within [`WARNED_DAYS`].
    EndsSoon,
    /// It has ended. It is shown all the same.
    Ended,
    /// It has not begun, or the clock of the box is wrong.
    NotYet,
}

/// What is told of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 over the certificate.
    pub fingerprint: [u8; 32],
    /// The host names and addresses that it is for.
    pub names: Vec<String>,
    /// When it begins, in milliseconds since 1970.
    pub not_before_ms: i64,
    /// When it ends, in milliseconds since 1970.
    pub not_after_ms: i64,
    /// The certificate itself and those that lead to its authority, in PEM. No secret.
    pub pem: String,
}

impl Standing {
    /// The stable name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Off => "off",
            Standing::InForce => "in_force",
            Standing::Refused => "refused",
        }
    }
}

impl Validity {
    /// The stable name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Validity::Valid => "valid",
            Validity::EndsSoon => "ends_soon",
            Validity::Ended => "ended",
            Validity::NotYet => "not_yet_valid",
        }
    }
}

impl State {
    /// What an operator does about it, one sentence; empty where there is nothing to do.
    pub fn remedy(&self, now_ms: i64) -> &'static str {
        let own = self.source == "self-signed";
        let validity = self.certificate.as_ref().map(|certificate| certificate.validity(now_ms));
        match (self.standing, validity) {
            (Standing::Off, _) | (Standing::InForce, None | Some(Validity::Valid)) => "",
            (Standing::Refused, _) if own => "Run `orgbox cert renew` for a new certificate.",
            (Standing::Refused, Some(_)) => {
                "Mend [server.tls] certificate_file and key_file; until then the last good certificate is shown."
            }
            (Standing::Refused, None) => {
                "Mend [server.tls] certificate_file and key_file; until then TLS handshakes are refused."
            }
            (Standing::InForce, Some(Validity::NotYet)) => "Set the clock of the box, or replace the certificate.",
            (Standing::InForce, Some(Validity::EndsSoon | Validity::Ended)) if own => "Run `orgbox cert renew`.",
            (Standing::InForce, Some(Validity::EndsSoon | Validity::Ended)) => {
                "Replace the files that [server.tls] certificate_file and key_file name; they are taken at once."
            }
        }
    }
}

impl Certificate {
    /// How its time stands.
    pub fn validity(&self, now_ms: i64) -> Validity {
        if now_ms < self.not_before_ms {
            Validity::NotYet
        } else if now_ms > self.not_after_ms {
            Validity::Ended
        } else if self.not_after_ms - now_ms < WARNED_DAYS * DAY_MS {
            Validity::EndsSoon
        } else {
            Validity::Valid
        }
    }

    /// Whole days until it ends; negative since it has.
    pub fn days_left(&self, now_ms: i64) -> i64 {
        (self.not_after_ms - now_ms).div_euclid(DAY_MS)
    }

    /// The fingerprint as other programs show it: `AB:CD:…`, 32 pairs.
    pub fn fingerprint_text(&self) -> String {
        let digits = hexadecimal(&self.fingerprint).to_uppercase();
        let pairs = digits.as_bytes().chunks(2).map(String::from_utf8_lossy);
        pairs.collect::<Vec<_>>().join(":")
    }
}
