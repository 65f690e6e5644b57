//! What is read off certificates, whatever they hold.

use orgbox::tls::x509;
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::Issued;

#[test]
fn no_certificate_however_broken_makes_the_reader_panic() {
    let der = CertificateDer::from_pem_slice(Issued::new().certificate.as_bytes()).unwrap();
    let facts = x509::read(&der).unwrap();
    assert_eq!(facts.names, ["localhost"]);
    // What rcgen gives where nothing is said: 1975 and 4096.
    assert_eq!((facts.not_before_ms, facts.not_after_ms), (157_766_400_000, 67_090_118_400_000));
    for length in 0..der.len() {
        assert_eq!(x509::read(&der[..length]), None, "{length}");
    }
    for place in 0..der.len() {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut broken = der.to_vec();
            broken[place] ^= flip;
            drop(x509::read(&broken));
        }
    }
}
