//! The certificate that the box makes itself.

use std::{fs, os::unix::fs::PermissionsExt};

use orgbox::tls::x509;
use rustls::{
    pki_types::{CertificateDer, pem::PemObject},
    version::{TLS12, TLS13},
};

use super::{assert_answers, shake, shake_in, shown};
use crate::support::{Client, TestBox};

const OWN: &str = "[server.tls]\nmode = \"self-signed\"\nnames = [\"box.example.net\", \"203.0.113.9\"]\n\
                   plain_listen = [\"127.0.0.1:0\"]\n";

fn plain(test_box: &TestBox) -> Client {
    Client::new(test_box.running().plain_addresses[0]).basic("admin", crate::support::test_box::ADMIN_PASSWORD)
}

fn pem(test_box: &TestBox) -> String {
    let told = plain(test_box).get("/orgbox/v1/certificate").expect(200).json();
    told["certificate"]["pem"].as_str().unwrap().to_owned()
}

#[test]
fn it_is_made_at_the_first_start_and_kept() {
    let mut test_box = TestBox::with(OWN);
    let first = pem(&test_box);
    for version in [&TLS12, &TLS13] {
        let mut stream = shake_in(&[version], test_box.running().addresses[0], &[&first]).unwrap();
        assert_answers(&mut stream);
    }
    let file = test_box.database().with_extension("tls.pem");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    test_box.restart();
    assert_eq!(pem(&test_box), first);
    assert!(!first.contains("PRIVATE"), "{first}");

    let der = CertificateDer::from_pem_slice(first.as_bytes()).unwrap();
    let facts = x509::read(&der).unwrap();
    for name in ["box.example.net", "203.0.113.9", "localhost", "127.0.0.1", "::1"] {
        assert!(facts.names.iter().any(|known| known == name), "{name} in {:?}", facts.names);
    }
    // Whatever the clock of the box says: made in 1970 it is not over for those whose clocks are right, and nobody's clock
    // stands before it.
    assert_eq!((facts.not_before_ms, facts.not_after_ms), (1000, 2_524_607_999_000));
}

#[test]
fn a_new_one_is_shown_at_once_and_open_connections_go_on() {
    let test_box = TestBox::with(OWN);
    let before = pem(&test_box);
    let address = test_box.running().addresses[0];
    let mut open = shake(address, &[&before]).unwrap();
    assert_answers(&mut open);
    plain(&test_box).send("POST", "/orgbox/v1/certificate/renew", None, b"").expect(200);
    let after = pem(&test_box);
    assert_ne!(before, after);
    assert!(shake(address, &[&before]).is_err());
    let mut new = shake(address, &[&after]).unwrap();
    assert_ne!(shown(&new), shown(&open));
    assert_answers(&mut new);
    assert_answers(&mut open);
}

#[test]
fn one_that_a_worn_disk_has_lost_is_made_again() {
    let mut test_box = TestBox::with(OWN);
    let before = pem(&test_box);
    let file = test_box.database().with_extension("tls.pem");
    for rest in ["", "-----BEGIN CERTIFICATE-----\nMIIB"] {
        fs::write(&file, rest).unwrap();
        test_box.restart();
        assert_ne!(pem(&test_box), before);
        shake(test_box.running().addresses[0], &[&pem(&test_box)]).unwrap();
    }
}

#[test]
fn without_tls_there_is_none_to_renew() {
    let test_box = TestBox::start();
    let told = test_box.admin().get("/orgbox/v1/certificate").expect(200).json();
    assert_eq!(told["standing"], "off");
    let refused = test_box.admin().send("POST", "/orgbox/v1/certificate/renew", None, b"");
    assert!((400..500).contains(&refused.status) && refused.text.contains("certificate_not_own"), "{}", refused.text);
}
