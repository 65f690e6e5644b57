//! TLS as a client meets it, and the certificate as an operator does.

mod files;
mod own;
mod proxies;
mod robust;
mod text;

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use sha2::{Digest, Sha256};

use crate::support::server::PATIENCE;

type Stream = StreamOwned<ClientConnection, TcpStream>;

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A certificate with its key, as somebody else than the box makes them.
struct Issued {
    certificate: String,
    key: String,
}

impl Issued {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    /// Writes both into a folder; returns where they are.
    fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (certificate, key) = (folder.join("fullchain.pem"), folder.join("privkey.pem"));
        std::fs::write(&certificate, &self.certificate).unwrap();
        std::fs::write(&key, &self.key).unwrap();
        (certificate, key)
    }

    fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap())
    }
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// `[server.tls]` with certificate and key from these files, and a plain address beside it.
fn of_files((certificate, key): &(PathBuf, PathBuf)) -> String {
    format!(
        "[server.tls]\nmode = \"files\"\ncertificate_file = {certificate:?}\nkey_file = {key:?}\n\
         plain_listen = [\"127.0.0.1:0\"]\n"
    )
}

/// A handshake in which the box must show one of these certificates, in PEM, and be `localhost` by it.
fn shake(address: SocketAddr, trusted: &[&str]) -> io::Result<Stream> {
    shake_in(&[&TLS13, &TLS12], address, trusted)
}

fn shake_in(
    versions: &[&'static SupportedProtocolVersion],
    address: SocketAddr,
    trusted: &[&str],
) -> io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    for pem in trusted {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_protocol_versions(versions).unwrap().with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, connect(address));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The fingerprint of the certificate that was shown.
fn shown(stream: &Stream) -> [u8; 32] {
    fingerprint(&stream.conn.peer_certificates().unwrap()[0])
}

/// Asks whether the box is alive and reads the whole answer.
fn assert_answers(stream: &mut (impl Read + Write)) {
    stream.write_all(HEALTH).unwrap();
    stream.flush().unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"status\":\"alive\"}") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}
