//! One POST to the billing system, with every wait bounded: the only place that names the network library.
//!
//! No redirect is followed, no proxy is taken from the environment, nothing but the configured URL is ever asked.

use std::{io, time::Duration};

use rustls::CertificateError;
use ureq::{
    Agent, Error, Proxy,
    tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem},
};

use super::reply::{BODY_BYTES_MAX, Failure, Outcome, Reply, http_date_ms};

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Longest wait for the name, and for the connection together with TLS.
    pub connect: Duration,
    /// Longest silence while the answer is read.
    pub read: Duration,
    /// Longest request, from the name to the answer's last byte.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), read: Duration::from_secs(20), whole: Duration::from_secs(60) }
    }
}

/// How the billing system is reached.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// PEM of the authorities to trust in place of the public ones.
    pub ca_pem: Option<Vec<u8>>,
    /// PEM of the certificate (with its chain) and the key that this box shows.
    pub client_pem: Option<(Vec<u8>, Vec<u8>)>,
    /// `http://` or `https://` URL of a proxy.
    pub proxy: Option<String>,
}

/// A request as it goes out.
pub struct Request<'a> {
    /// Where to.
    pub url: &'a str,
    /// Name and value of each header.
    pub headers: &'a [(&'static str, String)],
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// Posts and waits for the answer. A trait so that a test can stand in for the network.
pub trait Post: Send {
    /// Sends one request.
    fn post(&mut self, request: &Request<'_>) -> Outcome;
}

/// The real network.
pub struct Client(Agent);

impl Client {
    /// Prepares connections. The refusal says which file is at fault and never repeats what it holds.
    pub fn new(route: &Route) -> Result<Self, &'static str> {
        Self::with_timeouts(route, Timeouts::default())
    }

    /// The same with other waits, for a test whose network stalls.
    pub fn with_timeouts(route: &Route, timeouts: Timeouts) -> Result<Self, &'static str> {
        let mut tls = TlsConfig::builder();
        if let Some(pem) = &route.ca_pem {
            tls = tls.root_certs(RootCerts::new_with_certs(
                &certificates(pem).ok_or("ca_file holds no certificate in PEM")?,
            ));
        }
        if let Some((chain, key)) = &route.client_pem {
            let chain = certificates(chain).ok_or("client_cert_file holds no certificate in PEM")?;
            let key = PrivateKey::from_pem(key).map_err(|_| "client_key_file holds no key in PEM")?;
            tls = tls.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
        }
        let proxy = route.proxy.as_deref().map(Proxy::new).transpose();
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .proxy(proxy.map_err(|_| "proxy is no URL of a proxy")?)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("orgbox/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(1)
            .timeout_resolve(Some(timeouts.connect))
            .timeout_connect(Some(timeouts.connect))
            .timeout_per_read(Some(timeouts.read))
            .timeout_global(Some(timeouts.whole))
            .build();
        Ok(Self(config.new_agent()))
    }
}

impl Client {
    /// Asks for nothing but the head of a URL, without any credential, and is content with whatever is answered: the way
    /// there, a proxy and both certificates are in order.
    pub fn greet(&self, url: &str) -> Result<(), Failure> {
        self.0.head(url).call().map(drop).map_err(|error| failure(&error))
    }
}

impl Post for Client {
    fn post(&mut self, request: &Request<'_>) -> Outcome {
        let Request { url, headers, body } = *request;
        let mut call = self.0.post(url);
        for (name, value) in headers {
            call = call.header(*name, value);
        }
        match call.send(body).map_err(|error| failure(&error)).and_then(read) {
            Ok(reply) => Outcome::Replied(reply),
            Err(failure) => Outcome::Failed(failure),
        }
    }
}

/// An answer that breaks off in the middle is none. One that is too long is read as far as it may be.
fn read(answer: ureq::http::Response<ureq::Body>) -> Result<Reply, Failure> {
    let (head, mut body) = answer.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let mut bytes = Vec::new();
    let read = io::Read::read_to_end(&mut io::Read::take(body.as_reader(), BODY_BYTES_MAX), &mut bytes);
    read.map_err(|error| io_failure(&error))?;
    Ok(Reply {
        status: head.status.as_u16(),
        content_type: header("content-type").unwrap_or_default().to_owned(),
        retry_after: header("retry-after").map(str::to_owned),
        date_ms: header("date").and_then(http_date_ms),
        body: bytes,
    })
}

fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let found: Result<Vec<_>, _> = parse_pem(pem).collect();
    let only = |item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<_> = found.ok()?.into_iter().filter_map(only).collect();
    (!certificates.is_empty()).then_some(certificates)
}

fn failure(error: &Error) -> Failure {
    tracing::debug!(%error, "a request upstream failed");
    match error {
        Error::HostNotFound | Error::BadUri(_) => Failure::Dns,
        Error::ConnectionFailed => Failure::Connect,
        Error::Timeout(_) | Error::BodyStalled => Failure::Timeout,
        // Of a proxy's refusal there is only ureq's sentence with the status. One that itself reaches nobody is no matter of
        // a credential.
        Error::ConnectProxyFailed(told) if !told.contains(" responded 4") => Failure::Connect,
        Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => Failure::Proxy,
        Error::Rustls(error) => tls_failure(error),
        Error::Tls(_) | Error::Pem(_) | Error::TlsRequired | Error::RequireHttpsOnly(_) => Failure::Certificate,
        Error::Io(error) => io_failure(error),
        _ => Failure::Reset,
    }
}

fn io_failure(error: &io::Error) -> Failure {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls_failure(tls);
    }
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return failure(inner);
    }
    // The standard library has a kind for everything but this.
    if error.to_string().starts_with("failed to lookup address information") {
        return Failure::Dns;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => Failure::Connect,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::Timeout,
        _ => Failure::Reset,
    }
}

fn tls_failure(error: &rustls::Error) -> Failure {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::Expired
            | CertificateError::ExpiredContext { .. },
        ) => Failure::CertificateTime,
        rustls::Error::InvalidCertificate(_)
        | rustls::Error::NoCertificatesPresented
        | rustls::Error::UnsupportedNameType
        | rustls::Error::AlertReceived(_) => Failure::Certificate,
        _ => Failure::Reset,
    }
}
