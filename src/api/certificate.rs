//! The certificate at the HTTP edge: how it stands, as JSON, for every place that shows it, and how a new one is asked for.
//! It must not know who may ask.

use jiff::Timestamp;
use serde::Serialize;

use super::{call::Call, failure::Failure};
use crate::{
    model::{
        Error, Kind,
        actor::{Actor, may_change},
    },
    tls::{
        Refusal,
        state::{Certificate, State},
    },
};

/// A [`State`] on the wire. Moments are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of State")]
pub struct Told {
    pub standing: &'static str,
    pub source: &'static str,
    pub since: Option<String>,
    pub problem: Option<String>,
    pub remedy: &'static str,
    pub certificate: Option<Shown>,
}

/// A [`Certificate`] on the wire.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of Certificate")]
pub struct Shown {
    pub fingerprint_sha256: String,
    pub names: Vec<String>,
    pub not_before: String,
    pub not_after: String,
    pub days_left: i64,
    /// `valid`, `ends_soon` (within 30 days), `ended`, `not_yet_valid`.
    pub validity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
}

impl Told {
    /// As it is in this moment.
    pub fn of(state: &State, now_ms: i64) -> Self {
        let remedy = state.remedy(now_ms);
        let State { standing, source, since_ms, problem, certificate } = state;
        Self {
            standing: standing.name(),
            source,
            since: (*since_ms != 0).then(|| moment(*since_ms)),
            problem: problem.clone(),
            remedy,
            certificate: certificate.as_deref().map(|certificate| Shown::of(certificate, now_ms)),
        }
    }

    /// With the certificate itself.
    pub fn with_pem(state: &State, now_ms: i64) -> Self {
        let mut told = Self::of(state, now_ms);
        if let (Some(shown), Some(certificate)) = (&mut told.certificate, &state.certificate) {
            shown.pem = Some(certificate.pem.clone());
        }
        told
    }
}

impl Shown {
    fn of(certificate: &Certificate, now_ms: i64) -> Self {
        Self {
            fingerprint_sha256: certificate.fingerprint_text(),
            names: certificate.names.clone(),
            not_before: moment(certificate.not_before_ms),
            not_after: moment(certificate.not_after_ms),
            days_left: certificate.days_left(now_ms),
            validity: certificate.validity(now_ms).name(),
            pem: None,
        }
    }
}

/// Makes a new certificate in the name of an actor, whose key must be one that may change something. It is shown from the
/// answer on. No change passes the writer, so the log and not the audit trail says who asked.
pub async fn renew(call: &Call, actor: &Actor) -> Result<(), Failure> {
    let _grant = may_change(actor)?;
    let tls = call.shared().tls.clone();
    let renewed = call.bridge().aside(move || tls.renew()).await?;
    // What the disk says is in the log, and is nothing for a client.
    let renewed = renewed.map_err(|refusal| match refusal {
        Refusal::NotOurs(why) => Error::new(Kind::Refused, "certificate_not_own", why),
        Refusal::Failed(_) => Error::internal(),
    })?;
    let fingerprint = renewed.fingerprint_text();
    tracing::info!(request_id = %call.request_id(), user = actor.name, fingerprint, "the certificate was renewed");
    Ok(())
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| moment.to_string())
}
