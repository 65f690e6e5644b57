//! What somebody who looks at the box from outside asks of its parts, by the configuration alone: no box need run, and
//! nothing is changed. It must not know what is made of the answers.

use std::time::Duration;

use super::{StartError, settings};
use crate::{
    config::Config,
    tls::state::State,
    upstream::{
        client::{Client, Timeouts},
        handle::Setup,
    },
};

/// What a greeting of the billing system may take, in all and for the connection.
const GREETING: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);

/// How the files of the certificate stand.
#[derive(Debug)]
pub enum Certificate {
    /// The box speaks no TLS.
    Off,
    /// The box makes its own at its next start.
    NotMadeYet,
    /// As this says.
    Found(State),
}

/// Looks at the files of the certificate.
///
/// # Errors
/// The configuration names none, as where systemd hands them over to the service only.
pub fn certificate(config: &Config, now_ms: i64) -> Result<Certificate, StartError> {
    let source = settings::tls(config)?;
    Ok(source
        .map_or(Certificate::Off, |source| source.look(now_ms).map_or(Certificate::NotMadeYet, Certificate::Found)))
}

/// Asks the billing system for a head over TLS, by the proxy and with the certificates of the configuration, and without
/// any credential. `None` where there is neither TLS nor a proxy on the way, and so nothing to be found out.
///
/// # Errors
/// Why there was no answer, as a phrase. Any answer will do.
pub fn greet_billing(config: &Config) -> Option<Result<(), &'static str>> {
    let Setup::Send(target) = settings::upstream(config) else { return None };
    let url = &target.settings.url;
    if target.route.proxy.is_none() && !url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")) {
        return None;
    }
    let timeouts = Timeouts { connect: CONNECT, read: GREETING, whole: GREETING };
    let client = Client::with_timeouts(&target.route, timeouts);
    Some(client.and_then(|client| client.greet(url).map_err(|failure| failure.words())))
}
