//! `[upstream]`: what goes together, and secrets that are read again.

use orgbox::config::SecretPlaces;

use super::{Folder, assert_holds};

const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
const PEM: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

fn table(lines: &str) -> Folder {
    Folder::with(&format!("[upstream]\n{lines}\n"))
}

#[test]
fn a_url_is_https_or_stays_on_the_machine() {
    for url in [
        "https://billing.example.net/events",
        "https://[2001:db8::1]:8443/a?b=c",
        "http://127.0.0.1:9090/events",
        "http://localhost/",
        "http://[::1]:9090",
        "",
    ] {
        assert_eq!(table(&format!("url = \"{url}\"")).load().upstream.url, url);
    }
    for url in ["http://billing.example.net/", "http://127.0.0.1.example.net/", "http://10.0.0.1"] {
        let problem = table(&format!("url = \"{url}\"")).problem();
        assert_holds(&problem, "config.toml:3:1: `upstream.url` must begin with https:// unless it names this machine");
        assert_eq!(table(&format!("url = \"{url}\"\nallow_plain_http = true")).load().upstream.url, url);
    }
    for url in [
        "billing.example.net",
        "ftp://billing.example.net/",
        "https://",
        "https://user:secret@billing.example.net/",
        "https://billing.example.net:0/",
        "https://billing.example.net:http/",
        "https://billing.example.net/#part",
        "https://billing example.net/",
        "https://[::1/",
    ] {
        let problem = table(&format!("url = \"{url}\"")).problem();
        assert_holds(&problem, "`upstream.url` must be a URL like");
    }
}

#[test]
fn waits_and_certificates_go_together() {
    let problem = table("backoff_cap_ms = 500").problem();
    assert_holds(
        &problem,
        "config.toml:3:1: `upstream.backoff_cap_ms` must not be less than `upstream.backoff_base_ms`",
    );
    assert_eq!(table("backoff_cap_ms = 500\nbackoff_base_ms = 500").load().upstream.backoff_cap_ms, 500);
    let folder = table("client_cert_file = \"a.pem\"");
    folder.write("a.pem", PEM);
    assert_holds(&folder.problem(), "`upstream.client_cert_file` needs `upstream.client_key_file` beside it");
    let folder = table("client_key_file = \"a.pem\"");
    folder.write("a.pem", PEM);
    assert_holds(&folder.problem(), "`upstream.client_key_file` needs `upstream.client_cert_file` beside it");
}

#[test]
fn each_secret_has_its_form() {
    for (key, content, refusal) in [
        ("token_file", "two words", "must hold one token of 1 to 4000 visible ASCII characters"),
        ("signing_secret_file", "0123456789012345678901234567890", "must begin with whsec_ and nothing else"),
        ("signing_secret_file", "whsec_AAAA", "must hold 24 to 64 bytes in base64"),
        ("ca_file", "not a certificate", "must hold PEM"),
    ] {
        let folder = table(&format!("{key} = \"secret\""));
        folder.write("secret", content);
        let problem = folder.problem();
        assert_holds(&problem, refusal);
        assert_holds(&problem, &format!("the file that `upstream.{key}` names"));
        assert!(!problem.contains(content), "{problem}");
    }
}

#[test]
fn a_secret_is_read_again_from_where_it_was() {
    let folder = table("token_file = \"token\"\nsigning_secret_file = \"signing\"");
    folder.write("token", "first").write("signing", format!("{SIGNING}\n"));
    let config = folder.load();
    let places = &config.source.secrets;
    let read = |places: &SecretPlaces, name: &str| {
        places.read(name).map(|secret| secret.map(|secret| secret.expose().to_owned()))
    };
    assert_eq!(read(places, "upstream.token_file"), Ok(Some("first".to_owned())));
    assert_eq!(read(places, "upstream.signing_secret_file"), Ok(Some(SIGNING.to_owned())));
    assert_eq!(read(places, "upstream.ca_file"), Ok(None));
    folder.write("token", "second");
    assert_eq!(read(places, "upstream.token_file"), Ok(Some("second".to_owned())));
    folder.write("token", "");
    assert_eq!(read(places, "upstream.token_file"), Err("the file of `upstream.token_file` is empty".to_owned()));
}
