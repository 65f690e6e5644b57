//! A certificate and its key, from PEM to what a handshake needs. It must not know where they are kept.

use std::sync::Arc;

use rustls::{
    Error, InconsistentKeys, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::ResolvesServerCert,
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use sha2::{Digest, Sha256};

use super::{state::Certificate, x509};

/// Certificates of one chain; more leads to no authority that a client knows.
const CHAIN_MAX: usize = 16;

/// A certificate with its key, fit for handshakes.
pub(super) struct Pair {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) certificate: Arc<Certificate>,
}

/// What a server takes to speak TLS 1.2 and 1.3, with whatever certificate the resolver has at each handshake. Clients that
/// come back may resume by ticket; its keys are of this process and change every few hours.
pub(super) fn acceptor(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, Error> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?;
    let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
    config.ticketer = ring::Ticketer::new()?;
    Ok(config)
}

impl Pair {
    /// Reads both. The refusal says which is at fault and repeats nothing of what they hold.
    pub(super) fn read(certificate_pem: &[u8], key_pem: &[u8]) -> Result<Self, String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate_pem).collect();
        let chain = chain.map_err(|_| "the certificate is no valid PEM".to_owned())?;
        let Some(first) = chain.first() else {
            return Err("the certificate file holds no certificate in PEM".to_owned());
        };
        if chain.len() > CHAIN_MAX {
            return Err(format!("the certificate file holds {} certificates, more than {CHAIN_MAX}", chain.len()));
        }
        let facts = x509::read(first).ok_or("the first certificate cannot be read")?;
        let certificate = Certificate {
            fingerprint: Sha256::digest(first).into(),
            names: facts.names,
            not_before_ms: facts.not_before_ms,
            not_after_ms: facts.not_after_ms,
            pem: chain.iter().map(|certificate| pem(certificate)).collect(),
        };
        let key = PrivateKeyDer::from_pem_slice(key_pem);
        let key = key.map_err(|_| "the key file holds no key in PEM (one with a passphrase cannot be used)")?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                "the key does not belong to the first certificate".to_owned()
            }
            Error::InvalidCertificate(_) => {
                "the first certificate cannot be used; it must be of X.509 version 3".to_owned()
            }
            _ => "the key is of no kind that can be used (RSA, ECDSA P-256, P-384 or P-521, Ed25519)".to_owned(),
        })?;
        Ok(Self { key: Arc::new(key), certificate: Arc::new(certificate) })
    }
}

fn pem(certificate: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(certificate);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
